// Where a transfer of the host goes: to the part of the terminal that takes its kind.
#pragma once

#include "firmware/terminal/screens.hpp"
#include "firmware/terminal/update.hpp"
#include "protocol/bulk.hpp"

namespace rollcall::firmware {

class Incoming final : public protocol::BulkSink {
 public:
  // Both outlive this; `screens` may be null.
  Incoming(Screens* screens, Update& update) : screens_(screens), update_(update) {}

  std::expected<std::uint32_t, protocol::BulkResult> begin(
      const protocol::BulkOffer& offer) override {
    taker_ = nullptr;
    if (offer.kind == protocol::BulkKind::screen) taker_ = screens_;
    if (offer.kind == protocol::BulkKind::firmware) taker_ = &update_;
    if (taker_ == nullptr) return std::unexpected(protocol::BulkResult::refused);
    return taker_->begin(offer);
  }
  bool held(std::uint32_t offset, MutableBytes out) override { return taker_->held(offset, out); }
  bool write(std::uint32_t offset, Bytes content) override {
    return taker_->write(offset, content);
  }
  protocol::BulkResult end(protocol::BulkResult result) override { return taker_->end(result); }

 private:
  Screens* screens_;
  Update& update_;
  protocol::BulkSink* taker_ = nullptr;
};

}  // namespace rollcall::firmware
