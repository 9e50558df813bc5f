// Opening, closing, time. What comes in is in link_in.cpp, what goes out in link_out.cpp, HELLO and
// handshake are in link_greeting.cpp.
#include "protocol/link.hpp"

#include <algorithm>

#include "protocol/handler_scope.hpp"

namespace rollcall::protocol {
namespace {

using namespace link_timing;

// `interval` from now on.
constexpr Ticks in(Millis interval, Ticks now) {
  return now + ticks(interval);
}

}  // namespace

Link::Link(Role role, LinkEvents& events, BulkChannel* bulk, const Hello& self)
    : role_(role), events_(events), bulk_(bulk) {
  set_hello(self);
}

void Link::set_hello(const Hello& self) {
  constexpr std::uint16_t low = max_body_serial;
  constexpr std::uint16_t high = max_body;
  next_self_ = self;
  next_self_.max_frame = std::clamp(self.max_frame, low, high);
}

// What a session that ends leaves unfinished.
void Link::abandon() {
  exchange_ = Exchange::idle;
  ++handshake_.ticket_;
  forget_handshake();
  if (bulk_ != nullptr) bulk_->down();
}

void Link::reset_session() {
  abandon();
  decoder_.reset();
  session_.close();
  in_ = {};
  out_ = {};
}

void Link::start(Millis now) {
  reset_session();
  self_ = next_self_;
  decoder_.set_limit(self_.max_frame);
  set_time(now);
  heard();
  // Another number than before, and hardly ever the one of a former life of this end.
  const auto number = static_cast<std::uint8_t>(now.count());
  greeting_ = number != greeting_ ? number : static_cast<std::uint8_t>(number + 1);
  state_ = LinkState::greeting;
  out_.due = due(FrameType::hello);
  timer_at_ = in(hello_interval, now_);
  pump();
}

void Link::close(Millis now) {
  if (state_ == LinkState::closed) return;
  set_time(now);
  go_down(CloseReason::local);
  pump();
}

void Link::transport_lost() {
  if (state_ != LinkState::closed) go_down(CloseReason::transport);
  reset_session();
}

void Link::go_down(CloseReason reason) {
  const bool was_up = state_ == LinkState::up;
  state_ = LinkState::closed;
  abandon();
  out_.in_flight = out_.acknowledged = false;
  // The peer learns why where that helps it: both ranges for `version`, who was refused, an end
  // that may still be heard.
  std::uint32_t owed = 0;
  if (reason == CloseReason::version || reason == CloseReason::refused) owed = due_answer;
  if (reason == CloseReason::local) owed = due(FrameType::ack);
  out_.due &= owed;
  if (was_up && (reason == CloseReason::local || reason == CloseReason::silence ||
                 reason == CloseReason::unacknowledged)) {
    out_.due |= due(FrameType::bye);
  }
  const HandlerScope scope(in_handler_);
  events_.on_down(reason);
}

void Link::heard() {
  heard_at_ = now_;
  timer_at_ = in(ping_interval, now_);
}

void Link::poll(Millis now) {
  set_time(now);
  if (reached(now_, in(unknown_interval, unknown_at_))) unknown_quiet_ = false;
  if (state_ != LinkState::closed) poll_open();
  pump();
}

void Link::poll_open() {
  if (reached(now_, in(silence_limit, heard_at_))) return go_down(CloseReason::silence);
  if (timer_runs() && reached(now_, out_.retransmit_at)) {
    if (out_.transmissions >= max_transmissions) return go_down(CloseReason::unacknowledged);
    out_.due |= due(FrameType::data);
    ++counters_.retransmissions;
    out_.round_trip.back_off();
  }
  if (reached(now_, timer_at_)) {
    timer_at_ = in(state_ == LinkState::up ? ping_interval : hello_interval, now_);
    if (state_ == LinkState::greeting) {
      out_.due |= due(FrameType::hello);
    } else if (state_ == LinkState::up) {
      // A data frame asks for an answer by itself.
      out_.due &= ~due(FrameType::ping);
      if (!out_.in_flight) out_.due |= due(FrameType::ping);
    } else if (role_ == Role::terminal && exchange_ == Exchange::sent) {
      out_.due |= due(FrameType::handshake);
    }
  }
  if (bulk_ != nullptr && state_ == LinkState::up) {
    const HandlerScope scope(in_handler_);
    bulk_->poll(now_);
  }
}

Millis Link::next_deadline() const {
  if (state_ == LinkState::closed) return Millis::max();
  std::int32_t left = distance(now_, in(silence_limit, heard_at_));
  left = std::min(left, distance(now_, timer_at_));
  if (timer_runs()) left = std::min(left, distance(now_, out_.retransmit_at));
  if (bulk_ != nullptr && state_ == LinkState::up) {
    left = std::min(left, bulk_->time_left(now_));
    // While the transport takes none of it, waiting for the line would be waiting for nothing.
    if (bulk_due() && out_.output.empty()) left = std::min(left, distance(now_, line_free_at_));
  }
  return clock_ + Millis(left);
}

}  // namespace rollcall::protocol
