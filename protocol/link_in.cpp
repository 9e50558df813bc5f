// What comes in: frames to messages, acknowledgements, bulk.
#include "protocol/handler_scope.hpp"
#include "protocol/link.hpp"

namespace rollcall::protocol {
namespace {

// In the order of FrameError.
constexpr std::uint32_t LinkCounters::* counter_of[] = {
    &LinkCounters::too_short, &LinkCounters::too_long,     &LinkCounters::bad_cobs,
    &LinkCounters::bad_crc,   &LinkCounters::unknown_type,
};

}  // namespace

void Link::on_bytes(Bytes in, Millis now) {
  set_time(now);
  while (!in.empty() && state_ != LinkState::closed) {
    const FrameDecoder::Step step = decoder_.push(in);
    in = in.subspan(step.consumed);
    if (!step.complete) continue;
    if (step.result) {
      on_frame(*step.result);
    } else {
      ++(counters_.*counter_of[static_cast<std::uint8_t>(step.result.error())]);
    }
  }
  pump();
}

void Link::on_frame(const Frame& frame) {
  ++counters_.frames_in;
  switch (frame.header.type) {
    case FrameType::hello:
      return on_hello(frame);
    case FrameType::handshake:
      return on_handshake(frame);
    case FrameType::unknown_session:
      return on_unknown_session();
    default:
      return on_session_frame(frame);
  }
}

bool Link::fits_session(const Frame& frame) const {
  const Session::Kind kind = session_.kind();
  if (kind == Session::Kind::closed || frame.payload.size() < session_.tag_size()) return false;
  if (frame.header.type < FrameType::bulk) return frame.header.channel == 0;
  return kind == Session::Kind::sealed && bulk_ != nullptr;
}

void Link::on_session_frame(const Frame& frame) {
  const auto counter = in_.rebuild(frame.header.counter_low);
  if (!counter || !fits_session(frame)) {
    ++counters_.unexpected;
    if (state_ == LinkState::greeting && unknown_session_allowed()) {
      out_.due |= due(FrameType::unknown_session);
    }
    return;
  }
  switch (in_.judge(*counter, frame)) {
    case ReceiveWindow::Fit::misfit:
      ++counters_.unexpected;
      return;
    case ReceiveWindow::Fit::repeated:
      ++counters_.duplicates;
      if (frame.header.type == FrameType::data) out_.due |= due(FrameType::ack);
      return;
    case ReceiveWindow::Fit::next:
      break;
  }

  const bool newest = in_.is_newest(*counter);
  const auto size = session_.open(*counter, frame, newest);
  if (!size) {
    ++counters_.bad_tag;
    return go_down(CloseReason::security);
  }
  // The first frame that opens proves the terminal's key to the host.
  if (state_ == LinkState::handshake) go_up();
  if (state_ != LinkState::up) return;
  heard();
  in_.accept(*counter, frame);
  on_opened(frame, *size, newest);
}

void Link::on_opened(const Frame& frame, std::size_t payload_size, bool newest) {
  const FrameType type = frame.header.type;
  if (type == FrameType::bye) return go_down(CloseReason::peer_bye);
  const bool is_data = type == FrameType::data;
  if (is_data || type == FrameType::ping) out_.due |= due(FrameType::ack);
  if (newest) on_ack(frame.header.flags);  // else its ACK bits are stale
  if (state_ != LinkState::up) {
    // Closed by the owner: this message is not delivered, so not acknowledged.
    if (is_data) out_.due &= ~due(FrameType::ack);
    return;
  }
  const HandlerScope scope(in_handler_);
  const Bytes payload = frame.payload.first(payload_size);
  if (is_data) {
    events_.on_message(payload);
  } else if (type >= FrameType::bulk) {
    bulk_->on_frame(frame.header, payload, now_);
  }
}

void Link::on_ack(std::uint8_t flags) {
  if ((flags & frame_flag::ack) == 0 || !out_.in_flight || out_.transmissions == 0) return;
  const std::uint8_t acknowledged = (flags & frame_flag::ack_sequence) != 0 ? 1 : 0;
  if (acknowledged != out_.sequence) return;
  if (out_.transmissions == 1) out_.round_trip.sample(now_ - out_.sent_at);
  out_.due &= ~due(FrameType::data);
  if (out_.in_output) {
    out_.acknowledged = true;  // what has begun to leave must leave whole
  } else {
    delivered();
  }
}

void Link::delivered() {
  out_.in_flight = out_.acknowledged = false;
  const HandlerScope scope(in_handler_);
  events_.on_sent();
}

}  // namespace rollcall::protocol
