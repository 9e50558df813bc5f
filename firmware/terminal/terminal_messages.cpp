// What the host says.
#include "firmware/terminal/terminal.hpp"

namespace rollcall::firmware {

using protocol::Op;

template <class Message>
void Terminal::decode_and_handle(Bytes payload) {
  if (const auto message = protocol::decode<Message>(payload)) {
    handle(*message);
  } else {
    ++counters_.bad_messages;
  }
}

void Terminal::on_message(std::uint8_t channel, Bytes payload) {
  const auto op = protocol::peek_op(payload);
  if (channel != 0 || !op) {
    ++counters_.bad_messages;
    return;
  }
  switch (static_cast<Op>(*op)) {
    case Op::welcome:
      return decode_and_handle<protocol::Welcome>(payload);
    case Op::answer:
      return decode_and_handle<protocol::Answer>(payload);
    case Op::tap_ack:
      return decode_and_handle<protocol::TapAck>(payload);
    case Op::resend_taps:
      return decode_and_handle<protocol::ResendTaps>(payload);
    case Op::open_epoch:
      return decode_and_handle<protocol::OpenEpoch>(payload);
    case Op::screen_begin:
      return decode_and_handle<protocol::ScreenBegin>(payload);
    case Op::screen_data:
      return decode_and_handle<protocol::ScreenData>(payload);
    case Op::screen_show:
      return decode_and_handle<protocol::ScreenShow>(payload);
    case Op::time:
      return decode_and_handle<protocol::Time>(payload);
    default:
      ++counters_.bad_messages;
  }
}

void Terminal::handle(const protocol::Welcome& welcome) {
  if (!recovered_) return;
  if (const auto kept = queue_.set_site_key(welcome.site_key); !kept) {
    if (kept.error() == QueueError::other_site_key) {
      ++counters_.site_key_refused;
      refused_ = true;
    }
    link_.close(now_);
    return;
  }
  clock_.set(welcome.wall_ms, welcome.trust);
  // The host knows numbers that this storage does not: an older image was put back.
  if (welcome.highest_number >= queue_.next_number()) leave_epoch();
  welcomed_ = true;
  prepare_due_ = true;
  upload_.restart();
  if (observer_) observer_->on_link(true, protocol::CloseReason::none);
}

void Terminal::handle(const protocol::Answer& answer) {
  if (answer.outcome < protocol::Outcome::arrived ||
      answer.outcome > protocol::Outcome::not_recorded) {
    ++counters_.bad_messages;
    return;
  }
  if (answer.outcome != protocol::Outcome::not_recorded) {
    queue_.acknowledge(answer.epoch, answer.number, answer.number);
    upload_.acknowledged(answer.epoch, answer.number, answer.number);
  }
  if (!waiting_ || waiting_->tap.number != answer.number || waiting_->tap.epoch != answer.epoch) {
    ++counters_.late_answers;
    if (observer_) observer_->on_late_answer(answer);
    return;
  }
  const Waiting waiting = *waiting_;
  waiting_.reset();
  show(waiting.card, &waiting.tap, shown_for(answer.outcome), waiting.taken_at);
}

void Terminal::handle(const protocol::TapAck& ack) {
  queue_.acknowledge(ack.epoch, ack.first, ack.last);
  upload_.acknowledged(ack.epoch, ack.first, ack.last);
}

void Terminal::handle(const protocol::ResendTaps& resend) {
  upload_.resend(resend.epoch, resend.from);
}

void Terminal::handle(const protocol::OpenEpoch& open) {
  if (open.epoch == queue_.epoch()) leave_epoch();
}

void Terminal::leave_epoch() {
  // An epoch that cannot be opened now is opened with the next unit that can.
  if (!queue_.open_epoch()) prepare_due_ = true;
}

void Terminal::handle(const protocol::ScreenBegin& begin) {
  if (devices_.screens) devices_.screens->begin(begin);
}

void Terminal::handle(const protocol::ScreenData& data) {
  if (devices_.screens) devices_.screens->data(data);
}

void Terminal::handle(const protocol::ScreenShow& show) {
  live_wanted_ = show.screen;
}

void Terminal::handle(const protocol::Time& time) {
  clock_.set(time.wall_ms, time.trust);
}

}  // namespace rollcall::firmware
