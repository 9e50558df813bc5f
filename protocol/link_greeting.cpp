// HELLO and handshake (docs/protocol.md, "HELLO" and "Session").
#include <algorithm>

#include "protocol/handler_scope.hpp"
#include "protocol/link.hpp"

namespace rollcall::protocol {
namespace {

bool serial_is_allowed(Bytes serial) {
  return std::ranges::all_of(serial, [](std::uint8_t c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-';
  });
}

bool makes_sense(const Hello& hello) {
  return hello.protocol_min <= hello.protocol_max && hello.max_frame >= max_body_serial &&
         serial_is_allowed(hello.serial.view());
}

constexpr std::uint8_t first_message = 1;
constexpr std::uint8_t second_message = 2;

}  // namespace

void Link::on_hello(const Frame& frame) {
  const bool is_answer = (frame.header.flags & frame_flag::ack) != 0;
  const std::uint8_t theirs = frame.header.counter_low;
  const crypto::Digest digest = crypto::sha256(frame.payload);
  if (state_ == LinkState::up || state_ == LinkState::handshake) {
    if (is_answer) return;  // our HELLO was repeated and answered twice
    if (in_.heard_anything() || theirs != peer_greeting_ || digest != peer_hello_digest_) {
      go_down(CloseReason::restarted);
    } else {
      out_.due |= due_answer;  // it has not heard ours yet
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
  if (!is_answer || !out_.answered || peer_greeting_ != theirs) out_.due |= due_answer;
  peer_greeting_ = theirs;
  peer_hello_digest_ = digest;
  const std::uint8_t version = std::min(self_.protocol_max, hello->protocol_max);
  if (version < std::max(self_.protocol_min, hello->protocol_min)) {
    go_down(CloseReason::version);
    return;
  }
  if (!is_answer) return;

  peer_ = *hello;
  version_ = version;
  frame_limit_ = std::min(self_.max_frame, peer_.max_frame);
  out_.due &= ~due(FrameType::hello);
  heard();
  greeting_answered(frame.payload);
}

void Link::greeting_answered(Bytes peer_payload) {
  std::uint8_t own[max_encoded_size(Hello::fields)];
  const auto size = encode(self_, own);
  const Bytes own_payload(own, size ? *size : 0);
  hello_digest_ = crypto::sha256(own_payload);

  LinkKeys keys;
  Admission admission = Admission::refused;
  {
    const HandlerScope scope(in_handler_);
    admission = events_.on_greeting(peer_, keys);
  }
  if (state_ == LinkState::closed) return;
  if (admission == Admission::refused || (admission == Admission::secured && keys.count == 0)) {
    go_down(CloseReason::refused);
    return;
  }
  state_ = LinkState::handshake;
  if (admission == Admission::enrolment) {
    session_.open_untagged();
    go_up();
    return;
  }
  handshake_.keys_ = keys;
  handshake_.begun_ = role_ == Role::terminal ? noise::begin(own_payload, peer_payload)
                                              : noise::begin(peer_payload, own_payload);
  timer_at_ = now_ + ticks(link_timing::hello_interval);
  if (role_ == Role::terminal) want_handshake(Handshake::Step::greet);
}

void Link::want_handshake(Handshake::Step step) {
  handshake_.step_ = step;
  handshake_.done_ = false;
  exchange_ = Exchange::wanted;
}

std::optional<Handshake> Link::take_handshake() {
  if (exchange_ != Exchange::wanted) return std::nullopt;
  exchange_ = Exchange::taken;
  return handshake_;
}

void Link::handshake_done(const Handshake& step, Millis now) {
  if (exchange_ != Exchange::taken || step.ticket_ != handshake_.ticket_) return;
  set_time(now);
  if (!step.done_) {
    ++counters_.bad_handshake;
    go_down(CloseReason::handshake);
    return;
  }
  handshake_.key_ = step.key_;
  switch (step.step_) {
    case Handshake::Step::greet:
      handshake_.state_ = step.state_;
      handshake_.out_ = step.out_;
      exchange_ = Exchange::sent;
      out_.due |= due(FrameType::handshake);
      timer_at_ = now_ + ticks(link_timing::hello_interval);
      break;
    case Handshake::Step::answer: {
      const noise::TransportKeys keys = step.state_.keys();
      session_.open_sealed(keys.responder, keys.initiator, now_);
      handshake_.out_ = step.out_;
      exchange_ = Exchange::sent;
      out_.due |= due(FrameType::handshake);
      break;
    }
    case Handshake::Step::finish: {
      const noise::TransportKeys keys = step.state_.keys();
      session_.open_sealed(keys.initiator, keys.responder, now_);
      out_.due |= due(FrameType::ack);  // proves our key, if no message does
      go_up();
      break;
    }
  }
  pump();
}

void Link::on_handshake(const Frame& frame) {
  const bool fits = frame.payload.size() == handshake_.in_.size() &&
                    frame.header.channel == (role_ == Role::host ? first_message : second_message);
  if (state_ != LinkState::handshake || !fits) {
    ++counters_.unexpected;
    return;
  }
  if (exchange_ == Exchange::wanted || exchange_ == Exchange::taken) return;  // one at a time
  const bool same = std::ranges::equal(frame.payload, handshake_.in_);
  if (role_ == Role::host && exchange_ == Exchange::sent && same) {
    out_.due |= due(FrameType::handshake);  // our answer was lost
    return;
  }
  // What the terminal has not asked for is no answer.
  if (role_ == Role::terminal && exchange_ != Exchange::sent) return;
  std::ranges::copy(frame.payload, handshake_.in_.begin());
  out_.due &= ~due(FrameType::handshake);
  heard();
  want_handshake(role_ == Role::host ? Handshake::Step::answer : Handshake::Step::finish);
}

void Link::go_up() {
  state_ = LinkState::up;
  exchange_ = Exchange::idle;
  out_.due &= ~due(FrameType::handshake);
  forget_handshake();
  heard();
  line_rate_ = given_line_rate_ != 0 ? given_line_rate_ : line_rate(frame_limit_);
  // On a slow line a message may wait for the ACK of another one, which waits for a BULK frame of
  // the peer: smaller ones keep that within 20 ms at 115 200 baud.
  const std::size_t less = line_rate_ != 0 ? frame_limit_ / 3 : 0;
  if (bulk_ != nullptr && session_.kind() == Session::Kind::sealed) {
    bulk_->up(max_payload() - less);
  }
  const HandlerScope scope(in_handler_);
  events_.on_up(peer_, handshake_.key_);
}

void Link::forget_handshake() {
  handshake_.state_.wipe();
  for (crypto::Key& key : handshake_.keys_.keys) crypto::wipe(key);
  handshake_.keys_.count = 0;
}

void Link::on_unknown_session() {
  if (state_ != LinkState::up || session_.kind() != Session::Kind::sealed) {
    ++counters_.unexpected;
  } else if (unknown_session_allowed()) {
    go_down(CloseReason::restarted);
  }
}

// At most once in unknown_interval, said and heard together.
bool Link::unknown_session_allowed() {
  if (unknown_quiet_) return false;
  unknown_quiet_ = true;
  unknown_at_ = now_;
  return true;
}

void Link::write_hello() {
  std::uint8_t payload[max_encoded_size(Hello::fields)];
  const auto size = encode(self_, payload);
  if (!size) {  // our own firmware text is not UTF-8: the peer hears nothing and gives up
    out_.due &= ~(due(FrameType::hello) | due_answer);
    return;
  }
  FrameHeader header{FrameType::hello, 0, 0, greeting_};
  if ((out_.due & due_answer) != 0) {
    header.flags = frame_flag::ack;
    header.channel = peer_greeting_;
    out_.answered = true;
  }
  out_.due &= ~(due(FrameType::hello) | due_answer);
  write(header, {payload, *size});
}

void Link::write_handshake() {
  out_.due &= ~due(FrameType::handshake);
  write({FrameType::handshake, 0, role_ == Role::terminal ? first_message : second_message, 0},
        handshake_.out_);
}

}  // namespace rollcall::protocol
