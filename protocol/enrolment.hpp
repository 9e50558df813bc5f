// How a terminal and a host without a common key get one, with a person at each end who compares
// six digits (docs/protocol.md, "Enrolment", with the reason why one attempt cannot be ground).
// Pure state machines of both ends: messages, decisions of people and randomness come in, messages
// come out. The owner keeps the time of the window.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>

#include "protocol/crypto/crypto.hpp"
#include "protocol/messages/enrolment.hpp"

namespace rollcall::protocol {

inline constexpr std::chrono::seconds enrolment_window{120};
inline constexpr std::uint32_t enrolment_numbers = 1'000'000;

// SHA-256 of the payloads of both HELLOs (Link::own_hello_digest and peer_hello_digest).
struct HelloDigests {
  crypto::Digest terminal{};
  crypto::Digest host{};
};

// What both ends know once all parts are on the table.
struct EnrolmentSecrets {
  crypto::Digest transcript{};
  crypto::Key seal_key{};
  std::uint32_t number = 0;  // below enrolment_numbers, shown with leading zeros
};

crypto::Digest enrolment_commitment(const crypto::Key& host_public, const crypto::Key& nonce);
// Errors: weak_key, internal.
std::expected<EnrolmentSecrets, crypto::CryptoError> enrolment_secrets(
    const HelloDigests& hellos, const crypto::Digest& commitment,
    const crypto::Key& terminal_public, const crypto::Key& host_public, const crypto::Key& nonce,
    const crypto::Key& own_private, const crypto::Key& other_public);
// HMAC-SHA-256(link key, transcript): the terminal holds the key.
crypto::Digest enrolment_proof(const crypto::Key& link_key, const crypto::Digest& transcript);

// The terminal's attempt. One object is one attempt.
class TerminalEnrolment {
 public:
  enum class State : std::uint8_t {
    waiting,    // for the host's commitment
    opening,    // our key is sent; the host opens its commitment next
    comparing,  // number() is on both sides; a person compares
    granted,    // agreed here and there: grant() is to be kept, then done()
    done,
    ended,  // without success; why()
  };

  // `private_key`: 32 fresh random bytes.
  TerminalEnrolment(const HelloDigests& hellos, const crypto::Key& private_key)
      : hellos_(hellos), private_(private_key) {}
  ~TerminalEnrolment();
  TerminalEnrolment(const TerminalEnrolment&) = delete;
  TerminalEnrolment& operator=(const TerminalEnrolment&) = delete;

  // Takes a message of the host; any other than those of enrolment ends the attempt.
  void on_message(Bytes payload);
  // The person at the terminal says that the numbers are the same, or are not.
  void agree(bool same);
  // Ends the attempt from here: the window closed, no entropy, cancelled, not kept.
  void end(EnrolEndReason why);
  // The grant is durable.
  void kept();

  State state() const { return state_; }
  std::uint32_t number() const { return secrets_.number; }  // from comparing on
  const Grant& grant() const { return grant_; }             // from granted on
  EnrolEndReason why() const { return why_; }

  // The next message to the host, encoded; 0 when none.
  std::size_t take_message(MutableBytes out);

 private:
  void on_commit(const EnrolCommit& commit);
  void on_open(const EnrolOpen& open);
  void on_grant(const EnrolGrant& sealed);
  void grant_if_agreed();
  void ended(EnrolEndReason why);

  HelloDigests hellos_;
  crypto::Key private_;
  crypto::Key public_{};
  crypto::Digest commitment_{};
  EnrolmentSecrets secrets_;
  Grant grant_;
  State state_ = State::waiting;
  EnrolEndReason why_ = EnrolEndReason::cancelled;
  bool agreed_ = false;
  bool granted_ = false;
  bool message_due_ = false;  // of the state
};

// The host's attempt. One object is one attempt.
class HostEnrolment {
 public:
  enum class State : std::uint8_t {
    committed,  // the terminal's key is awaited
    comparing,  // number() is on both sides; a person types what the terminal shows
    granted,    // the grant is sent; the terminal's proof is awaited
    done,       // the terminal holds the key
    ended,      // without success; why()
  };

  // `private_key` and `nonce`: 32 fresh random bytes each.
  HostEnrolment(const HelloDigests& hellos, const crypto::Key& private_key,
                const crypto::Key& nonce);
  ~HostEnrolment();
  HostEnrolment(const HostEnrolment&) = delete;
  HostEnrolment& operator=(const HostEnrolment&) = delete;

  void on_message(Bytes payload);
  // True when these are the digits; otherwise the attempt is over for good. Only while comparing.
  bool typed(std::uint32_t number);
  // After the right digits were typed and the key is durable.
  void grant(const Grant& grant);
  void end(EnrolEndReason why);

  State state() const { return state_; }
  std::uint32_t number() const { return secrets_.number; }  // from comparing on
  EnrolEndReason why() const { return why_; }

  std::size_t take_message(MutableBytes out);

 private:
  void on_key(const EnrolKey& key);
  void on_done(const EnrolDone& done);
  void ended(EnrolEndReason why);

  HelloDigests hellos_;
  crypto::Key private_;
  crypto::Key nonce_;
  crypto::Key public_{};
  EnrolmentSecrets secrets_;
  Grant grant_;
  State state_ = State::committed;
  EnrolEndReason why_ = EnrolEndReason::cancelled;
  bool right_number_ = false;
  bool message_due_ = true;  // of the state
};

}  // namespace rollcall::protocol
