// Where a transfer of a terminal's goes: to what takes its kind.
#pragma once

#include "daemon/terminals/log_transfer.hpp"
#include "daemon/terminals/queue_transfers.hpp"

namespace rollcall::terminals {

class Incoming final : public protocol::BulkSink {
 public:
  // Both outlive this.
  Incoming(QueueTransfers& queue, LogTransfer& log) : queue_(queue), log_(log) {}

  std::expected<std::uint32_t, protocol::BulkResult> begin(
      const protocol::BulkOffer& offer) override {
    taker_ = &queue_;
    if (offer.kind == protocol::BulkKind::log) taker_ = &log_;
    return taker_->begin(offer);
  }
  bool held(std::uint32_t offset, MutableBytes out) override { return taker_->held(offset, out); }
  bool write(std::uint32_t offset, Bytes content) override {
    return taker_->write(offset, content);
  }
  protocol::BulkResult end(protocol::BulkResult result) override { return taker_->end(result); }

 private:
  QueueTransfers& queue_;
  LogTransfer& log_;
  protocol::BulkSink* taker_ = nullptr;
};

}  // namespace rollcall::terminals
