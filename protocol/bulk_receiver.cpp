#include <algorithm>

#include "protocol/bulk.hpp"

namespace rollcall::protocol {

void BulkReceiver::on_offer(const BulkOffer& offer, BulkSink& sink) {
  if (sink_ != nullptr) {
    sink_->end(BulkResult::cancelled);
    sink_ = nullptr;
  }
  offer_ = offer;
  accept_due.reset();
  end_due.reset();
  ack_due = false;
  known_ = false;
  const auto held = sink.begin(offer);
  if (!held) {
    end_due = BulkEnd{offer.transfer, held.error(), false};
    return;
  }
  sink_ = &sink;
  known_ = true;
  // What is held is hashed again: only so much of it counts as can still be read.
  expected_ = *held <= offer.bytes && hash_held(*held) ? *held : 0;
  if (expected_ == 0) hash_.restart();
  accept_due = BulkAccept{offer.transfer, expected_, bulk_limits::window};
  finish_if_all();
}

bool BulkReceiver::hash_held(std::uint32_t bytes) {
  hash_.restart();
  std::uint8_t chunk[128];
  for (std::uint32_t at = 0; at < bytes;) {
    const std::uint32_t size = std::min<std::uint32_t>(sizeof chunk, bytes - at);
    if (!sink_->held(at, {chunk, size})) return false;
    hash_.add({chunk, size});
    at += size;
  }
  return true;
}

void BulkReceiver::on_end(const BulkEnd& end) {
  if (!active() || end.transfer != offer_.transfer) return;
  BulkSink& sink = *sink_;
  sink_ = nullptr;
  sink.end(end.result == BulkResult::complete ? BulkResult::cancelled : end.result);
}

void BulkReceiver::on_frame(std::uint8_t transfer, std::uint32_t offset, Bytes content) {
  if (!known_ || transfer != offer_.transfer || content.empty()) return;
  ack_due = true;  // also after the end: the peer may not know yet that all has arrived
  if (!active() || offset != expected_) return;
  if (content.size() > offer_.bytes - expected_) {
    finish(BulkResult::refused);
    return;
  }
  if (!sink_->write(offset, content)) {
    finish(BulkResult::storage);
    return;
  }
  hash_.add(content);
  expected_ += static_cast<std::uint32_t>(content.size());
  finish_if_all();
}

void BulkReceiver::finish_if_all() {
  if (expected_ < offer_.bytes) return;
  finish(hash_.finish() == offer_.digest ? BulkResult::complete : BulkResult::digest);
}

void BulkReceiver::finish(BulkResult result) {
  if (!active()) return;
  BulkSink& sink = *sink_;
  sink_ = nullptr;
  end_due = BulkEnd{offer_.transfer, sink.end(result), false};
}

}  // namespace rollcall::protocol
