// What goes to one terminal beside the messages, one bulk transfer after the other: what somebody
// looks at goes before what is kept for later, and both before a firmware image.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "protocol/bulk.hpp"
#include "protocol/crypto/crypto.hpp"

namespace rollcall::terminals {

using Content = std::shared_ptr<const std::vector<std::uint8_t>>;

struct Transfer {
  enum class Rank : std::uint8_t { live, kept, firmware };

  Rank rank = Rank::live;
  protocol::BulkKind kind = protocol::BulkKind::screen;
  std::uint32_t subject = 0;
  Content content;  // null: nothing is transferred, only `begins` is called
  crypto::Digest digest{};
  std::function<void()> begins;                     // its turn has come; may be null
  std::function<void(std::uint32_t)> sent;          // bytes so far; may be null
  std::function<void(protocol::BulkResult)> ended;  // not when it never began or the link
                                                    // is gone; may be null
};

class Transfers final : private protocol::BulkSource {
 public:
  static constexpr std::size_t max_waiting = 32;  // a firmware image, which is one, not counted

  // `bulk` outlives this.
  explicit Transfers(protocol::BulkChannel& bulk) : bulk_(bulk) {}

  // False when too many wait: the caller closes the session. A screen interrupts a firmware image,
  // which goes on afterwards where the terminal has got to.
  bool put(Transfer transfer);
  // What waits in this rank, and what is under way.
  void drop(Transfer::Rank rank);
  // While somebody uses the panel an image that was interrupted, or has not begun, waits.
  void hold_firmware(bool hold);
  bool firmware_waits() const {
    return hold_firmware_ && !waiting_.empty() && waiting_.back().rank == Transfer::Rank::firmware;
  }
  // The link is gone, and all transfers with it.
  void close();

 private:
  bool read(std::uint32_t offset, MutableBytes out) override;
  void ended(protocol::BulkResult result) override;
  void insert(Transfer transfer);
  void start_next();
  bool sending_firmware() const {
    return under_way_ && under_way_->rank == Transfer::Rank::firmware;
  }

  protocol::BulkChannel& bulk_;
  std::deque<Transfer> waiting_;  // by rank, then in the order they came
  std::optional<Transfer> under_way_;
  bool interrupted_ = false;  // the transfer under way is being cancelled to go on later
  bool hold_firmware_ = false;
};

}  // namespace rollcall::terminals
