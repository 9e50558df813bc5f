#include "firmware/terminal/enrolment.hpp"

namespace rollcall::firmware {

using protocol::EnrolEndReason;

namespace {

EnrolResult result_of(EnrolEndReason why) {
  switch (why) {
    case EnrolEndReason::cancelled:
      return EnrolResult::cancelled;
    case EnrolEndReason::not_expected:
      return EnrolResult::not_expected;
    case EnrolEndReason::different:
      return EnrolResult::different;
    case EnrolEndReason::broken_promise:
      return EnrolResult::broken_promise;
    case EnrolEndReason::no_entropy:
      return EnrolResult::no_entropy;
    case EnrolEndReason::expired:
      return EnrolResult::expired;
    case EnrolEndReason::storage:
      return EnrolResult::storage;
    case EnrolEndReason::protocol:
      break;
  }
  return EnrolResult::protocol;
}

}  // namespace

void Enrolment::open(Millis now) {
  if (calling()) return;
  window_ends_at_ = now + protocol::enrolment_window;
  agreed_ = false;
  not_kept_.reset();
  result_.reset();
}

void Enrolment::poll(Millis now) {
  if (!window_ends_at_ || now < *window_ends_at_) return;
  if (attempt_) {
    attempt_->end(EnrolEndReason::expired);
    settle();
  } else {
    finish(EnrolResult::expired);
  }
}

void Enrolment::link_up(const protocol::HelloDigests& hellos) {
  if (!window_open()) return;
  crypto::Key fresh{};
  const bool seeded = entropy_.seeded();
  if (seeded) entropy_.fill(fresh);
  attempt_.emplace(hellos, fresh);
  crypto::wipe(fresh);
  if (!seeded) attempt_->end(EnrolEndReason::no_entropy);
  settle();
}

// Once our key is out the attempt has begun, and a window has one: who could begin another one at
// will could try numbers.
void Enrolment::link_down() {
  if (attempt_ && window_open() && attempt_->state() != Attempt::State::waiting) {
    finish(EnrolResult::link_lost);
  }
  closing_ = false;
  attempt_.reset();
}

void Enrolment::on_message(Bytes payload) {
  if (!attempt_) return;
  attempt_->on_message(payload);
  settle();
}

std::size_t Enrolment::take_message(MutableBytes out) {
  return attempt_ ? attempt_->take_message(out) : 0;
}

void Enrolment::delivered() {
  if (!closing_) return;
  closing_ = false;
  attempt_.reset();
}

void Enrolment::agree(bool same) {
  if (!number()) return;
  agreed_ = true;
  attempt_->agree(same);
  settle();
}

void Enrolment::cancel() {
  if (!window_open()) return;
  if (attempt_) {
    attempt_->end(EnrolEndReason::cancelled);
    settle();
  } else {
    finish(EnrolResult::cancelled);
  }
}

std::optional<std::uint32_t> Enrolment::number() const {
  if (!attempt_ || agreed_ || attempt_->state() != Attempt::State::comparing) return std::nullopt;
  return attempt_->number();
}

const protocol::Grant* Enrolment::to_keep() const {
  return attempt_ && attempt_->state() == Attempt::State::granted ? &attempt_->grant() : nullptr;
}

void Enrolment::kept() {
  if (!attempt_) return;
  attempt_->kept();
  settle();
}

void Enrolment::not_kept(EnrolResult why) {
  if (!attempt_) return;
  not_kept_ = why;
  attempt_->end(EnrolEndReason::storage);
  settle();
}

std::optional<EnrolResult> Enrolment::take_result() {
  const auto result = result_;
  result_.reset();
  return result;
}

void Enrolment::settle() {
  if (!window_open() || !attempt_) return;
  if (attempt_->state() == Attempt::State::done) {
    closing_ = true;
    finish(EnrolResult::done);
  } else if (attempt_->state() == Attempt::State::ended) {
    closing_ = true;
    finish(not_kept_.value_or(result_of(attempt_->why())));
  }
}

void Enrolment::finish(EnrolResult result) {
  window_ends_at_.reset();
  result_ = result;
}

}  // namespace rollcall::firmware
