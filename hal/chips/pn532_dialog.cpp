#include "hal/chips/pn532_dialog.hpp"

#include <algorithm>

namespace rollcall::hal::pn532 {
namespace {

// The zero bytes give the chip 1.2 ms at 115 200 baud to start its oscillator.
constexpr std::array<std::uint8_t, 16> wake_up{0x55, 0x55};

constexpr unsigned stale_reads = 8;  // of bytes_a_step, before a command
constexpr unsigned late_reads = 8;   // of bytes_a_step, when the time is over

}  // namespace

void Dialog::begin(Bytes command, Bytes data, Millis within, Millis now, How how) {
  std::array<std::uint8_t, bytes_a_step> stale;
  for (unsigned i = 0; i < stale_reads && port_.read(stale) == stale.size(); ++i) {
  }
  size_ = 0;
  if (how == How::waking) {
    std::ranges::copy(wake_up, out_.begin());
    size_ = wake_up.size();
  }
  size_ += build_frame(command, data, MutableBytes(out_).subspan(size_));
  how_ = how;
  code_ = static_cast<std::uint8_t>(command[0] + 1);
  within_ = within;
  transmitted_ = repeats_asked_ = 0;
  state_ = State::running;
  transmit(now);
}

void Dialog::transmit(Millis now) {
  ++transmitted_;
  acknowledged_ = more_ = false;
  reader_.reset();
  sent_ = 0;
  deadline_ = now + acknowledge_timeout;
  if (how_ == How::once) deadline_ += within_;
  push();
}

void Dialog::push() {
  if (sent_ < size_) sent_ += port_.write(Bytes(out_).subspan(sent_, size_ - sent_));
}

Dialog::State Dialog::poll(Millis now) {
  if (!running()) return state_;
  push();
  // After a long pause of the loop, what came in time counts first.
  const unsigned reads = now < deadline_ ? 1 : late_reads;
  for (unsigned i = 0; i < reads && running(); ++i) read(now);
  if (running() && acknowledged_ && reader_.in_frame() && now - heard_at_ >= byte_gap) ask_again();
  if (running() && now >= deadline_) expire(now);
  return state_;
}

void Dialog::read(Millis now) {
  std::array<std::uint8_t, bytes_a_step> chunk;
  const std::size_t count = port_.read(chunk);
  more_ = count == chunk.size();
  if (count > 0) heard_at_ = now;
  for (std::size_t i = 0; i < count && running(); ++i) take(reader_.put(chunk[i]), now);
}

Millis Dialog::next_poll(Millis now) const {
  if (more_ || sent_ < size_) return now;
  const bool cut = acknowledged_ && reader_.in_frame();
  return cut ? std::min(heard_at_ + byte_gap, deadline_) : deadline_;
}

void Dialog::take(Received received, Millis now) {
  switch (received) {
    case Received::nothing:
      return;
    case Received::ack:
      if (acknowledged_) return;
      acknowledged_ = true;
      deadline_ = now + within_;
      return;
    case Received::nack:
      if (!acknowledged_ && transmitted_ < transmissions) transmit(now);
      return;
    case Received::response:  // its acknowledgement may have been lost
      if (reader_.data()[0] == code_) state_ = State::done;
      return;
    case Received::error:
      state_ = State::refused;
      return;
    case Received::damaged:
      if (acknowledged_) ask_again();
      return;
  }
}

// The chip sends its last frame again.
void Dialog::ask_again() {
  if (repeats_asked_++ == repeat_requests) {
    state_ = State::unreadable;
    return;
  }
  reader_.reset();
  (void)port_.write(nack_frame);
}

void Dialog::expire(Millis now) {
  if (acknowledged_) {
    abort();
    state_ = State::timed_out;
  } else if (how_ != How::once && transmitted_ < transmissions) {
    transmit(now);
  } else {
    abort();
    state_ = State::mute;
  }
}

void Dialog::abort() {
  if (!running()) return;
  state_ = State::idle;
  // Behind a command that the port never took an ACK would only be noise.
  if (sent_ == size_) (void)port_.write(ack_frame);
}

}  // namespace rollcall::hal::pn532
