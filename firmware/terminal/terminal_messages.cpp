// What the host says: the conversation about taps, screens and time.
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

void Terminal::on_message(Bytes payload) {
  if (enrolling_) return enrolment_.on_message(payload);
  const auto op = protocol::peek_op(payload);
  if (!op) {
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
    case Op::screen:
      return decode_and_handle<protocol::Screen>(payload);
    case Op::screen_show:
      return decode_and_handle<protocol::ScreenShow>(payload);
    case Op::time_reply:
      return decode_and_handle<protocol::TimeReply>(payload);
    case Op::feedback:
      return decode_and_handle<protocol::Feedback>(payload);
    case Op::card_watch:
      return decode_and_handle<protocol::CardWatch>(payload);
    case Op::apdu_request:
      return decode_and_handle<protocol::ApduRequest>(payload);
    case Op::identify:
      return decode_and_handle<protocol::Identify>(payload);
    case Op::stats_request:
      return decode_and_handle<protocol::StatsRequest>(payload);
    case Op::log_request:
      return decode_and_handle<protocol::LogRequest>(payload);
    case Op::update_offer:
      return decode_and_handle<protocol::UpdateOffer>(payload);
    case Op::configure:
      return decode_and_handle<protocol::Configure>(payload);
    case Op::rotate_key:
      return decode_and_handle<protocol::RotateKey>(payload);
    case Op::reboot:
      return decode_and_handle<protocol::Reboot>(payload);
    case Op::bulk_offer:
    case Op::bulk_accept:
    case Op::bulk_end:
      if (!bulk_.on_message(payload, now_)) ++counters_.bad_messages;
      return;
    default:
      ++counters_.bad_messages;
  }
}

void Terminal::handle(const protocol::Welcome& welcome) {
  if (!in_service()) return;
  if (welcome.trust > protocol::ClockTrust::synced) {
    ++counters_.bad_messages;
    return;
  }
  if (welcome.site_key != settings_->site_key) {
    ++counters_.site_key_refused;
    log(Event::host_refused);
    refused_ = true;
    link_.close(now_);
    return;
  }
  clock_.set(welcome.wall_ms, welcome.trust, state_sent_at_);
  if (welcomed_) return;  // the answer to another epoch
  // The host knows numbers that this storage does not: an older image was put back.
  if (welcome.highest_number >= queue_.next_number()) leave_epoch();
  clock_.link_up();
  upload_.restart();
  welcomed_ = true;
  prepare_due_ = true;
  if (devices_.crash) devices_.crash->forget();  // the greeting told it
  log(Event::welcomed, static_cast<std::uint32_t>(queue_.waiting()));
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
  log(Event::epoch_left, static_cast<std::uint32_t>(queue_.waiting()));
  // An epoch that cannot be opened now is opened with the next unit that can.
  if (!queue_.open_epoch()) prepare_due_ = true;
}

void Terminal::handle(const protocol::Screen& screen) {
  if (devices_.screens) devices_.screens->announce(screen);
}

void Terminal::handle(const protocol::ScreenShow& show) {
  live_wanted_ = show.screen;
}

void Terminal::handle(const protocol::TimeReply& reply) {
  if (reply.trust > protocol::ClockTrust::synced) {
    ++counters_.bad_messages;
    return;
  }
  clock_.on_reply(Millis(reply.t1_ms), reply.t2_ms, reply.t3_ms, reply.trust);
}

}  // namespace rollcall::firmware
