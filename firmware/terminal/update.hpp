// A firmware image on its way to the other slot (docs/protocol.md, "Update"). Where there is no
// such slot every offer is refused. Signatures are not looked at yet, and nothing starts what is
// staged; after a restart the terminal has forgotten that it is.
#pragma once

#include <cstdint>
#include <optional>

#include "firmware/terminal/storage_writer.hpp"
#include "hal/storage.hpp"
#include "protocol/bulk.hpp"
#include "protocol/messages.hpp"

namespace rollcall::firmware {

class Update final : public protocol::BulkSink {
 public:
  struct Running {
    std::uint8_t slot = 0;
    std::uint32_t security_counter = 0;
  };

  // `staging` (null: no second slot) outlives this. The image begins at its first byte.
  Update(hal::Storage* staging, const Running& running) : staging_(staging), running_(running) {}

  bool possible() const { return staging_ != nullptr; }
  void on_offer(const protocol::UpdateOffer& offer);
  // BulkSink, for transfers of kind `firmware`.
  std::expected<std::uint32_t, protocol::BulkResult> begin(
      const protocol::BulkOffer& offer) override;
  bool held(std::uint32_t offset, MutableBytes out) override { return writer_.read(offset, out); }
  bool write(std::uint32_t offset, Bytes content) override;
  protocol::BulkResult end(protocol::BulkResult result) override;

  protocol::UpdateStage stage() const { return stage_; }
  const protocol::UpdateOffer& offer() const { return offer_; }  // the last one that was wanted
  // What the host is to be told, until told() is called.
  std::optional<protocol::UpdateState> state_due() const;
  void told() { due_ = false; }
  std::uint32_t storage_errors() const { return storage_errors_; }

 private:
  protocol::UpdateProblem judge(const protocol::UpdateOffer& offer) const;
  void say(protocol::UpdateStage stage, protocol::UpdateProblem problem);

  struct Staged {
    std::uint32_t bytes = 0;
    crypto::Digest digest{};
  };

  hal::Storage* staging_;
  Running running_;
  protocol::UpdateStage stage_ = protocol::UpdateStage::idle;
  protocol::UpdateProblem problem_ = protocol::UpdateProblem::none;
  bool due_ = false;
  protocol::UpdateOffer offer_;
  bool held_ = false;             // writer_ holds the beginning of offer_'s image
  std::optional<Staged> staged_;  // what the slot holds whole, since this start
  StorageWriter writer_;
  std::uint32_t storage_errors_ = 0;
};

}  // namespace rollcall::firmware
