#include "protocol/enrolment.hpp"

namespace rollcall::protocol {

HostEnrolment::HostEnrolment(const HelloDigests& hellos, const crypto::Key& private_key,
                             const crypto::Key& nonce)
    : hellos_(hellos), private_(private_key), nonce_(nonce) {
  if (const auto own = crypto::x25519_public(private_)) {
    public_ = *own;
  } else {
    end(EnrolEndReason::protocol);
  }
}

HostEnrolment::~HostEnrolment() {
  crypto::wipe(private_);
  crypto::wipe(secrets_.seal_key);
  crypto::wipe(grant_.key);
}

void HostEnrolment::on_message(Bytes payload) {
  if (state_ == State::ended || state_ == State::done) return;
  const auto op = peek_op(payload);
  if (op && static_cast<Op>(*op) == Op::enrol_key && state_ == State::committed) {
    if (const auto key = decode<EnrolKey>(payload)) return on_key(*key);
  } else if (op && static_cast<Op>(*op) == Op::enrol_done && state_ == State::granted) {
    if (const auto done = decode<EnrolDone>(payload)) return on_done(*done);
  } else if (op && static_cast<Op>(*op) == Op::enrol_end) {
    if (const auto end = decode<EnrolEnd>(payload)) return ended(end->reason);
  }
  end(EnrolEndReason::protocol);
}

void HostEnrolment::on_key(const EnrolKey& key) {
  const auto secrets = enrolment_secrets(hellos_, enrolment_commitment(public_, nonce_),
                                         key.public_key, public_, nonce_, private_, key.public_key);
  if (!secrets) return end(EnrolEndReason::protocol);
  secrets_ = *secrets;
  state_ = State::comparing;
  message_due_ = true;
}

bool HostEnrolment::typed(std::uint32_t number) {
  if (state_ != State::comparing || right_number_) return false;
  right_number_ = number == secrets_.number;
  if (!right_number_) end(EnrolEndReason::different);
  return right_number_;
}

void HostEnrolment::grant(const Grant& grant) {
  if (state_ != State::comparing || !right_number_) return;
  grant_ = grant;
  state_ = State::granted;
  message_due_ = true;
}

void HostEnrolment::on_done(const EnrolDone& done) {
  if (!crypto::equal(done.proof, enrolment_proof(grant_.key, secrets_.transcript))) {
    return end(EnrolEndReason::protocol);
  }
  state_ = State::done;
}

void HostEnrolment::end(EnrolEndReason why) {
  if (state_ == State::ended || state_ == State::done) return;
  ended(why);
  message_due_ = true;
}

void HostEnrolment::ended(EnrolEndReason why) {
  state_ = State::ended;
  why_ = why;
  message_due_ = false;
}

std::size_t HostEnrolment::take_message(MutableBytes out) {
  if (!message_due_) return 0;
  message_due_ = false;
  std::expected<std::size_t, CodecError> size = 0;
  switch (state_) {
    case State::committed:
      size = encode(EnrolCommit{enrolment_commitment(public_, nonce_)}, out);
      break;
    case State::comparing:
      size = encode(EnrolOpen{public_, nonce_}, out);
      break;
    case State::granted: {
      std::uint8_t plain[max_grant];
      EnrolGrant message;
      const auto bytes = encode(grant_, plain);
      if (!bytes) return 0;
      const auto sealed = crypto::seal(secrets_.seal_key, {}, secrets_.transcript, {plain, *bytes},
                                       message.sealed.data);
      crypto::wipe(plain);
      if (!sealed) return 0;
      message.sealed.size = static_cast<std::uint16_t>(*sealed);
      size = encode(message, out);
      break;
    }
    case State::ended:
      size = encode(EnrolEnd{why_}, out);
      break;
    case State::done:
      break;
  }
  return size ? *size : 0;
}

}  // namespace rollcall::protocol
