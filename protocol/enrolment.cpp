// What both ends compute, and the terminal's machine. The host's is in enrolment_host.cpp.
#include "protocol/enrolment.hpp"

#include <algorithm>

namespace rollcall::protocol {
namespace {

constexpr std::uint8_t label[] = {'r', 'o', 'l', 'l', 'c', 'a', 'l', 'l', ' ',
                                  'e', 'n', 'r', 'o', 'l', ' ', 'v', '1'};

}  // namespace

crypto::Digest enrolment_commitment(const crypto::Key& host_public, const crypto::Key& nonce) {
  crypto::Sha256 hash;
  return hash.add(host_public).add(nonce).finish();
}

std::expected<EnrolmentSecrets, crypto::CryptoError> enrolment_secrets(
    const HelloDigests& hellos, const crypto::Digest& commitment,
    const crypto::Key& terminal_public, const crypto::Key& host_public, const crypto::Key& nonce,
    const crypto::Key& own_private, const crypto::Key& other_public) {
  EnrolmentSecrets secrets;
  crypto::Sha256 hash;
  hash.add(label).add(hellos.terminal).add(hellos.host).add(commitment);
  secrets.transcript = hash.add(terminal_public).add(host_public).add(nonce).finish();
  auto shared = crypto::x25519(own_private, other_public);
  if (!shared) return std::unexpected(shared.error());
  std::uint8_t okm[sizeof(crypto::Key) + sizeof(std::uint64_t)];
  crypto::hkdf_sha256(secrets.transcript, *shared, label, okm);
  std::copy_n(okm, secrets.seal_key.size(), secrets.seal_key.begin());
  std::uint64_t number = 0;
  for (const std::uint8_t byte : Bytes(okm).subspan(sizeof(crypto::Key))) {
    number = number << 8 | byte;
  }
  secrets.number = static_cast<std::uint32_t>(number % enrolment_numbers);
  crypto::wipe(*shared);
  crypto::wipe(okm);
  return secrets;
}

crypto::Digest enrolment_proof(const crypto::Key& link_key, const crypto::Digest& transcript) {
  return crypto::hmac_sha256(link_key, transcript);
}

TerminalEnrolment::~TerminalEnrolment() {
  crypto::wipe(private_);
  crypto::wipe(secrets_.seal_key);
  crypto::wipe(grant_.key);
}

void TerminalEnrolment::on_message(Bytes payload) {
  if (state_ == State::ended || state_ == State::done) return;
  const auto op = peek_op(payload);
  if (op && static_cast<Op>(*op) == Op::enrol_commit && state_ == State::waiting) {
    if (const auto commit = decode<EnrolCommit>(payload)) return on_commit(*commit);
  } else if (op && static_cast<Op>(*op) == Op::enrol_open && state_ == State::opening) {
    if (const auto open = decode<EnrolOpen>(payload)) return on_open(*open);
  } else if (op && static_cast<Op>(*op) == Op::enrol_grant && state_ == State::comparing &&
             !granted_) {
    if (const auto grant = decode<EnrolGrant>(payload)) return on_grant(*grant);
  } else if (op && static_cast<Op>(*op) == Op::enrol_end) {
    if (const auto end = decode<EnrolEnd>(payload)) return ended(end->reason);
  }
  end(EnrolEndReason::protocol);
}

void TerminalEnrolment::on_commit(const EnrolCommit& commit) {
  commitment_ = commit.commitment;
  const auto own = crypto::x25519_public(private_);
  if (!own) return end(EnrolEndReason::protocol);
  public_ = *own;
  state_ = State::opening;
  message_due_ = true;
}

void TerminalEnrolment::on_open(const EnrolOpen& open) {
  if (enrolment_commitment(open.public_key, open.nonce) != commitment_) {
    return end(EnrolEndReason::broken_promise);
  }
  const auto secrets = enrolment_secrets(hellos_, commitment_, public_, open.public_key, open.nonce,
                                         private_, open.public_key);
  if (!secrets) return end(EnrolEndReason::protocol);
  secrets_ = *secrets;
  state_ = State::comparing;
}

void TerminalEnrolment::on_grant(const EnrolGrant& sealed) {
  std::uint8_t plain[max_grant];
  const auto size =
      crypto::open(secrets_.seal_key, {}, secrets_.transcript, sealed.sealed.view(), plain);
  const auto grant = decode<Grant>(Bytes(plain, size ? *size : 0));
  crypto::wipe(plain);
  if (!grant) return end(EnrolEndReason::protocol);
  grant_ = *grant;
  granted_ = true;
  grant_if_agreed();
}

void TerminalEnrolment::agree(bool same) {
  if (state_ != State::comparing) return;
  if (!same) return end(EnrolEndReason::different);
  agreed_ = true;
  grant_if_agreed();
}

void TerminalEnrolment::grant_if_agreed() {
  if (agreed_ && granted_) state_ = State::granted;
}

void TerminalEnrolment::kept() {
  if (state_ != State::granted) return;
  state_ = State::done;
  message_due_ = true;
}

void TerminalEnrolment::end(EnrolEndReason why) {
  if (state_ == State::ended || state_ == State::done) return;
  ended(why);
  message_due_ = true;
}

void TerminalEnrolment::ended(EnrolEndReason why) {
  state_ = State::ended;
  why_ = why;
  message_due_ = false;
}

std::size_t TerminalEnrolment::take_message(MutableBytes out) {
  if (!message_due_) return 0;
  message_due_ = false;
  std::expected<std::size_t, CodecError> size = 0;
  if (state_ == State::opening) size = encode(EnrolKey{public_}, out);
  if (state_ == State::done) {
    size = encode(EnrolDone{enrolment_proof(grant_.key, secrets_.transcript)}, out);
  }
  if (state_ == State::ended) size = encode(EnrolEnd{why_}, out);
  return size ? *size : 0;
}

}  // namespace rollcall::protocol
