#include "protocol/link.hpp"

#include <algorithm>

namespace rollcall::protocol {
namespace {

// While a handler of the owner runs nothing is written, so that what it sends can carry the ACK.
class HandlerScope {
 public:
  explicit HandlerScope(bool& flag) : flag_(flag), before_(flag) { flag_ = true; }
  ~HandlerScope() { flag_ = before_; }
  HandlerScope(const HandlerScope&) = delete;
  HandlerScope& operator=(const HandlerScope&) = delete;

 private:
  bool& flag_;
  bool before_;
};

bool serial_is_allowed(Bytes serial) {
  return std::ranges::all_of(serial, [](std::uint8_t c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-';
  });
}

bool makes_sense(const Hello& hello) {
  return hello.protocol_min <= hello.protocol_max && hello.max_frame >= max_body_serial &&
         serial_is_allowed(hello.serial.view());
}

Hello within_limits(Hello hello) {
  constexpr std::uint16_t low = max_body_serial;
  constexpr std::uint16_t high = max_body;
  hello.max_frame = std::clamp(hello.max_frame, low, high);
  return hello;
}

}  // namespace

Link::Link(Session& session, LinkEvents& events, const Hello& self)
    : session_(session), events_(events), self_(within_limits(self)), decoder_(self_.max_frame) {}

// ---- opening and closing

void Link::reset_session() {
  decoder_.reset();
  in_ = {};
  out_.in_flight = out_.due = out_.in_output = false;
  round_trip_ = new_round_trip();
  next_counter_ = 0;
  next_sequence_ = 0;
  hello_due_ = answer_due_ = answered_ = ack_due_ = ping_due_ = bye_due_ = false;
  output_at_ = output_size_ = 0;
}

void Link::start(Millis now) {
  reset_session();
  now_ = now;
  heard();
  // Another number than before, and hardly ever the one of a former life of this end.
  const auto number = static_cast<std::uint8_t>(now.count());
  greeting_ = number != greeting_ ? number : static_cast<std::uint8_t>(number + 1);
  state_ = LinkState::greeting;
  hello_due_ = true;
  hello_at_ = now + link_timing::hello_interval;
  pump();
}

void Link::close(Millis now) {
  if (state_ == LinkState::closed) return;
  now_ = now;
  go_down(CloseReason::local);
  if (!in_handler_) pump();
}

void Link::transport_lost() {
  if (state_ == LinkState::closed) {
    reset_session();
    return;
  }
  go_down(CloseReason::transport);
  output_at_ = output_size_ = 0;
}

void Link::go_down(CloseReason reason) {
  const bool was_up = state_ == LinkState::up;
  state_ = LinkState::closed;
  out_.in_flight = out_.due = out_.in_output = false;
  ping_due_ = false;
  // The peer learns why where that helps it: both ranges for `version`, an end that may still be
  // heard.
  hello_due_ = false;
  answer_due_ = reason == CloseReason::version;
  ack_due_ = ack_due_ && reason == CloseReason::local;
  bye_due_ = was_up && (reason == CloseReason::local || reason == CloseReason::silence ||
                        reason == CloseReason::unacknowledged);
  const HandlerScope scope(in_handler_);
  events_.on_down(reason);
}

void Link::heard() {
  heard_at_ = now_;
  ping_at_ = now_ + link_timing::ping_interval;
}

// ---- sending

bool Link::can_send() const {
  return state_ == LinkState::up && !out_.in_flight && session_.established();
}

std::size_t Link::max_payload() const {
  if (state_ != LinkState::up) return 0;
  return frame_limit_ - frame_header_size - frame_crc_size - session_.tag_size();
}

bool Link::send(std::uint8_t channel, Bytes payload, Millis now) {
  if (!can_send() || payload.size() > max_payload()) return false;
  now_ = now;
  FrameHeader header{FrameType::data, in_.ack_flags(), channel,
                     static_cast<std::uint8_t>(next_counter_)};
  if (next_sequence_ != 0) header.flags |= frame_flag::sequence;
  const auto size = session_.seal(next_counter_, header_bytes(header), payload, out_.sealed);
  if (!size) return false;

  out_.in_flight = true;
  out_.due = true;
  out_.in_output = false;
  out_.transmissions = 0;
  out_.header = header;
  out_.counter = next_counter_++;
  out_.size = *size;
  next_sequence_ ^= 1u;
  ack_due_ = false;
  if (!in_handler_) pump();
  return true;
}

// ---- time

bool Link::timer_runs() const {
  return out_.in_flight && !out_.due && !out_.in_output;
}

void Link::poll(Millis now) {
  now_ = now;
  if (state_ != LinkState::closed && now_ >= heard_at_ + link_timing::silence_limit) {
    go_down(CloseReason::silence);
  }
  if (state_ == LinkState::greeting && now_ >= hello_at_) {
    hello_due_ = true;
    hello_at_ = now_ + link_timing::hello_interval;
  }
  if (state_ == LinkState::up && timer_runs() && now_ >= out_.retransmit_at) {
    if (out_.transmissions >= link_timing::max_transmissions) {
      go_down(CloseReason::unacknowledged);
    } else {
      out_.due = true;
      ++counters_.retransmissions;
      round_trip_.back_off();
    }
  }
  if (state_ == LinkState::up && now_ >= ping_at_) {
    ping_due_ = !out_.in_flight;  // a data frame asks for an answer by itself
    ping_at_ = now_ + link_timing::ping_interval;
  }
  pump();
}

Millis Link::next_deadline() const {
  if (state_ == LinkState::closed) return Millis::max();
  const Millis silence = heard_at_ + link_timing::silence_limit;
  if (state_ == LinkState::greeting) return std::min(silence, hello_at_);
  const Millis next = std::min(silence, ping_at_);
  return timer_runs() ? std::min(next, out_.retransmit_at) : next;
}

// ---- receiving

void Link::on_bytes(Bytes in, Millis now) {
  now_ = now;
  while (!in.empty() && state_ != LinkState::closed) {
    const FrameDecoder::Step step = decoder_.push(in);
    in = in.subspan(step.consumed);
    if (!step.complete) continue;
    if (step.result) {
      on_frame(*step.result);
    } else {
      count(step.result.error());
    }
  }
  pump();
}

void Link::count(FrameError error) {
  switch (error) {
    case FrameError::too_short:
      ++counters_.too_short;
      break;
    case FrameError::too_long:
      ++counters_.too_long;
      break;
    case FrameError::bad_cobs:
      ++counters_.bad_cobs;
      break;
    case FrameError::bad_crc:
      ++counters_.bad_crc;
      break;
    case FrameError::unknown_type:
      ++counters_.unknown_type;
      break;
  }
}

void Link::on_frame(const Frame& frame) {
  ++counters_.frames_in;
  if (frame.header.type == FrameType::hello) {
    on_hello(frame);
    return;
  }
  const auto counter = in_.rebuild(frame.header.counter_low);
  if (state_ != LinkState::up || frame.payload.size() < session_.tag_size() || !counter) {
    ++counters_.unexpected;
  } else if (frame.header.type == FrameType::data) {
    on_data(frame, *counter);
  } else {
    on_control(frame, *counter);
  }
}

void Link::on_hello(const Frame& frame) {
  const bool is_answer = (frame.header.flags & frame_flag::ack) != 0;
  const std::uint8_t theirs = frame.header.counter_low;
  const std::uint32_t crc = crc32(frame.payload);
  if (state_ == LinkState::up) {
    if (is_answer) return;  // our HELLO was repeated and answered twice
    if (in_.heard_anything() || theirs != peer_greeting_ || crc != peer_hello_crc_) {
      go_down(CloseReason::restarted);
    } else {
      answer_due_ = true;  // it has not heard ours yet
    }
    return;
  }
  if (is_answer && frame.header.channel != greeting_) {
    ++counters_.unexpected;  // it answers a HELLO of an earlier session
    return;
  }
  const auto hello = decode<Hello>(frame.payload);
  if (!hello || !makes_sense(*hello)) {
    ++counters_.unexpected;
    go_down(CloseReason::bad_hello);
    return;
  }
  answer_due_ = answer_due_ || !is_answer || !answered_ || peer_greeting_ != theirs;
  peer_greeting_ = theirs;
  peer_hello_crc_ = crc;
  const std::uint8_t version = std::min(self_.protocol_max, hello->protocol_max);
  if (version < std::max(self_.protocol_min, hello->protocol_min)) {
    go_down(CloseReason::version);
    return;
  }
  if (!is_answer) return;

  peer_ = *hello;
  version_ = version;
  frame_limit_ = std::min(self_.max_frame, peer_.max_frame);
  state_ = LinkState::up;
  hello_due_ = false;
  heard();
  const HandlerScope scope(in_handler_);
  events_.on_up(peer_);
}

void Link::on_data(const Frame& frame, std::uint64_t counter) {
  const std::uint8_t sequence = (frame.header.flags & frame_flag::sequence) != 0 ? 1 : 0;
  switch (in_.judge_data(counter, sequence, frame.crc)) {
    case ReceiveWindow::Data::misfit:
      ++counters_.unexpected;
      return;
    case ReceiveWindow::Data::repeated:
      ++counters_.duplicates;
      ack_due_ = true;
      return;
    case ReceiveWindow::Data::next:
      break;
  }
  const auto size = session_.open(counter, frame.header_bytes, frame.payload, frame.payload);
  if (!size) {
    ++counters_.bad_tag;
    go_down(CloseReason::security);
    return;
  }
  const bool fresh = in_.is_newest(counter);
  in_.accept_data(counter, sequence, frame.crc);
  heard();
  ack_due_ = true;
  if (fresh) on_ack(frame.header.flags);  // else its ACK bits are stale
  if (state_ != LinkState::up) {
    ack_due_ = false;  // closed by the owner: this message is not delivered, so not acknowledged
    return;
  }
  const HandlerScope scope(in_handler_);
  events_.on_message(frame.header.channel, frame.payload.first(*size));
}

void Link::on_control(const Frame& frame, std::uint64_t counter) {
  if (!in_.is_newest(counter)) {
    ++counters_.duplicates;
    return;
  }
  if (!session_.open(counter, frame.header_bytes, frame.payload, frame.payload)) {
    ++counters_.bad_tag;
    go_down(CloseReason::security);
    return;
  }
  in_.accept_control(counter);
  heard();
  if (frame.header.type == FrameType::bye) {
    go_down(CloseReason::peer_bye);
    return;
  }
  if (frame.header.type == FrameType::ping) ack_due_ = true;
  on_ack(frame.header.flags);
}

void Link::on_ack(std::uint8_t flags) {
  if ((flags & frame_flag::ack) == 0 || !out_.in_flight || out_.transmissions == 0) return;
  const bool acknowledged = (flags & frame_flag::ack_sequence) != 0;
  const bool ours = (out_.header.flags & frame_flag::sequence) != 0;
  if (acknowledged != ours) return;
  if (out_.transmissions == 1) round_trip_.sample(now_ - out_.sent_at);
  out_.in_flight = out_.due = out_.in_output = false;
  const HandlerScope scope(in_handler_);
  events_.on_sent();
}

// ---- output

Bytes Link::pending_output() const {
  return {output_ + output_at_, output_size_ - output_at_};
}

void Link::consume(std::size_t bytes) {
  output_at_ = std::min(output_at_ + bytes, output_size_);
  if (output_at_ < output_size_) return;
  if (out_.in_output) {
    out_.in_output = false;
    out_.retransmit_at = now_ + round_trip_.timeout();
  }
  if (!in_handler_) pump();
}

// While a data frame waits for its ACK no newer counter may leave the window behind it: the peer
// could not rebuild its counter any more when it is sent again.
bool Link::control_allowed() const {
  return !out_.in_flight || next_counter_ - out_.counter < counter_window;
}

void Link::pump() {
  if (output_at_ < output_size_) return;
  output_at_ = output_size_ = 0;
  if (hello_due_ || answer_due_) {
    write_hello();
  } else if (out_.due) {
    out_.due = false;
    write_data();
  } else if (ack_due_ && control_allowed()) {
    ack_due_ = false;
    write_control(FrameType::ack);
  } else if (ping_due_ && control_allowed()) {
    ping_due_ = false;
    write_control(FrameType::ping);
  } else if (bye_due_) {
    bye_due_ = false;
    write_control(FrameType::bye);
  }
}

void Link::write_hello() {
  std::uint8_t payload[max_encoded_size(Hello::fields)];
  const auto size = encode(self_, payload);
  if (!size) {  // our own firmware text is not UTF-8: the peer hears nothing and gives up
    hello_due_ = answer_due_ = false;
    return;
  }
  FrameHeader header{FrameType::hello, 0, 0, greeting_};
  if (answer_due_) {
    header.flags = frame_flag::ack;
    header.channel = peer_greeting_;
    answered_ = true;
  }
  hello_due_ = answer_due_ = false;
  const MutableBytes out(output_);
  out[0] = 0;  // ends whatever noise or half frame was on the line
  output_size_ = 1 + write_frame(header, {payload, *size}, out.subspan(1));
  ++counters_.frames_out;
}

void Link::write_data() {
  output_size_ = write_frame(out_.header, {out_.sealed, out_.size}, output_);
  if (out_.transmissions++ == 0) out_.sent_at = now_;
  out_.in_output = true;
  ++counters_.frames_out;
}

void Link::write_control(FrameType type) {
  const FrameHeader header{type, type == FrameType::bye ? std::uint8_t{0} : in_.ack_flags(), 0,
                           static_cast<std::uint8_t>(next_counter_)};
  std::uint8_t sealed[32];
  const auto size = session_.seal(next_counter_, header_bytes(header), {}, sealed);
  if (!size) return;
  ++next_counter_;
  output_size_ = write_frame(header, {sealed, *size}, output_);
  ++counters_.frames_out;
}

}  // namespace rollcall::protocol
