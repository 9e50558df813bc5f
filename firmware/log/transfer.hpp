// The log on its way to the host: rendered while it is sent, from a range of entries that is fixed
// when it begins.
#pragma once

#include <cstdint>
#include <optional>

#include "firmware/log/ring.hpp"
#include "firmware/log/text.hpp"
#include "protocol/bulk.hpp"

namespace rollcall::firmware {

class LogTransfer final : public protocol::BulkSource {
 public:
  // Entries that may come while it is under way; one more, and it cannot be read any more.
  static constexpr std::uint32_t spare = 16;

  struct Content {
    std::uint32_t bytes = 0;  // 0 = the log is empty
    crypto::Digest digest{};
  };
  // The newest entries of `log`, which outlives the transfer.
  Content begin(const LogRing& log);
  bool under_way() const { return log_ != nullptr; }
  // The link is gone.
  void stop() { log_ = nullptr; }

  // BulkSource
  bool read(std::uint32_t offset, MutableBytes out) override;
  void ended(protocol::BulkResult) override { stop(); }

 private:
  void rewind();
  // Renders the entry at entry_; one that a reset interrupted is no line.
  void render();

  const LogRing* log_ = nullptr;
  std::uint32_t first_ = 0;
  std::uint32_t end_ = 0;
  // The line that was rendered last.
  std::uint32_t entry_ = 0;
  std::uint32_t line_offset_ = 0;  // in the content
  std::size_t line_size_ = 0;
  char line_[max_log_line];
};

}  // namespace rollcall::firmware
