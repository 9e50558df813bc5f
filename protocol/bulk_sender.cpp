#include <algorithm>
#include <utility>

#include "protocol/bulk.hpp"
#include "protocol/link_timing.hpp"
#include "protocol/little_endian.hpp"

namespace rollcall::protocol {

void BulkSender::start(BulkKind kind, std::uint32_t subject, std::uint32_t bytes,
                       const crypto::Digest& digest, BulkSource& source) {
  if (BulkSource* before = std::exchange(source_, nullptr)) before->ended(BulkResult::cancelled);
  const auto number = static_cast<std::uint8_t>(offer_.transfer + 1);
  offer_ = {number, kind, subject, bytes, digest};
  source_ = &source;
  accepted_ = false;
  acked_ = next_ = sent_ = 0;
  offer_due = true;
}

void BulkSender::offered(Ticks now) {
  offer_due = false;
  timeout_at_ = now + ticks(link_timing::silence_limit);
}

void BulkSender::on_accept(const BulkAccept& accept, std::size_t chunk, Ticks now) {
  if (!busy() || accepted_ || accept.transfer != offer_.transfer) return;
  if (accept.offset > offer_.bytes || accept.window == 0 || chunk == 0) {
    give_up(BulkResult::cancelled);
    return;
  }
  accepted_ = true;
  chunk_ = static_cast<std::uint32_t>(chunk);
  window_bytes_ = chunk_ * std::min(accept.window, bulk_limits::largest_window);
  acked_ = next_ = sent_ = accept.offset;
  probing_ = went_back_ = false;
  timeouts_ = repeated_acks_ = 0;
  timed_end_.reset();
  round_trip_ = RoundTrip(link_timing::retransmit_max);
  wait_on(now);
}

void BulkSender::on_end(const BulkEnd& end) {
  if (!busy() || end.transfer != offer_.transfer) return;
  BulkSource& source = *source_;
  source_ = nullptr;
  offer_due = false;
  source.ended(end.result);
}

void BulkSender::on_ack(std::uint32_t offset, Ticks now) {
  if (!busy() || !accepted_ || offset > sent_ || offset < acked_) return;
  if (offset == acked_) {
    // It got a frame that it did not want next: one before was lost.
    if (under_way() && ++repeated_acks_ >= 2 && !went_back_) {
      went_back_ = true;
      go_back();
    }
    return;
  }
  if (timed_end_ && offset >= *timed_end_) {
    round_trip_.sample(now - timed_at_);
    timed_end_.reset();
  }
  acked_ = offset;
  next_ = std::max(next_, acked_);  // it had more than we thought when we went back
  probing_ = went_back_ = false;
  timeouts_ = repeated_acks_ = 0;
  wait_on(now);
}

// For progress, or for the receiver's last word.
void BulkSender::wait_on(Ticks now) {
  timeout_at_ = now + (all_arrived() ? ticks(link_timing::silence_limit) : round_trip_.timeout());
}

void BulkSender::go_back() {
  next_ = acked_;
  timed_end_.reset();  // what is sent again says nothing about the round trip
}

void BulkSender::poll(Ticks now) {
  if (time_left(now) > 0) return;
  // The receiver owes the answer to an offer, and the end when it has everything.
  const bool waits_for_message = !accepted_ || all_arrived();
  if (waits_for_message || ++timeouts_ >= bulk_limits::max_timeouts) {
    give_up(BulkResult::stalled);
    return;
  }
  round_trip_.back_off();
  probing_ = true;
  go_back();
}

bool BulkSender::frame_due() const {
  if (!busy() || !accepted_ || next_ >= offer_.bytes) return false;
  if (probing_) return !under_way();
  const std::uint32_t size = std::min(chunk_, offer_.bytes - next_);
  return next_ - acked_ + size <= window_bytes_;  // also where the peer asks for half a frame
}

std::size_t BulkSender::make_frame(MutableBytes out, Ticks now) {
  const std::uint32_t size = std::min(chunk_, offer_.bytes - next_);
  store_le32(out.data(), next_);
  if (!source_->read(next_, out.subspan(bulk_limits::offset_size, size))) {
    give_up(BulkResult::storage);
    return 0;
  }
  if (!under_way()) timeout_at_ = now + round_trip_.timeout();
  next_ += size;
  sent_ = std::max(sent_, next_);
  if (!timed_end_ && !probing_ && !went_back_) {
    timed_end_ = next_;
    timed_at_ = now;
  }
  return bulk_limits::offset_size + size;
}

std::int32_t BulkSender::time_left(Ticks now) const {
  const bool waits = busy() && !offer_due && (!accepted_ || under_way() || all_arrived());
  return waits ? distance(now, timeout_at_) : no_deadline;
}

void BulkSender::give_up(BulkResult why) {
  if (!busy()) return;
  if (!offer_due) end_due = BulkEnd{offer_.transfer, why, true};
  offer_due = false;
  BulkSource& source = *source_;
  source_ = nullptr;
  source.ended(why);
}

}  // namespace rollcall::protocol
