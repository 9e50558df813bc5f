// How a terminal and a host that have no key get one (docs/protocol.md, "Enrolment").
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "protocol/field.hpp"
#include "protocol/messages/ops.hpp"
#include "protocol/types.hpp"

namespace rollcall::protocol {

// Enrolment: the terminal's part, sent after the host has committed itself to its own.
struct EnrolKey {
  std::array<std::uint8_t, 32> public_key{};  // X25519, ephemeral

  static constexpr Op op = Op::enrol_key;
  static const std::array<Field, 1> fields;
};
inline constexpr std::array<Field, 1> EnrolKey::fields = {
    ROLLCALL_FIELD(EnrolKey, public_key, fixed, 32)};

// Enrolment: the terminal holds the key now, and a person at it agreed.
struct EnrolDone {
  std::array<std::uint8_t, 32> proof{};  // HMAC-SHA-256(link key, transcript)

  static constexpr Op op = Op::enrol_done;
  static const std::array<Field, 1> fields;
};
inline constexpr std::array<Field, 1> EnrolDone::fields = {
    ROLLCALL_FIELD(EnrolDone, proof, fixed, 32)};

// Enrolment: the host binds itself to its key before it sees the other.
struct EnrolCommit {
  std::array<std::uint8_t, 32>
      commitment{};  // SHA-256(public key of `enrol_open`, nonce of `enrol_open`)

  static constexpr Op op = Op::enrol_commit;
  static const std::array<Field, 1> fields;
};
inline constexpr std::array<Field, 1> EnrolCommit::fields = {
    ROLLCALL_FIELD(EnrolCommit, commitment, fixed, 32)};

// Enrolment: what the commitment was made of.
struct EnrolOpen {
  std::array<std::uint8_t, 32> public_key{};  // X25519, ephemeral
  std::array<std::uint8_t, 32> nonce{};       // random

  static constexpr Op op = Op::enrol_open;
  static const std::array<Field, 2> fields;
};
inline constexpr std::array<Field, 2> EnrolOpen::fields = {
    ROLLCALL_FIELD(EnrolOpen, public_key, fixed, 32), ROLLCALL_FIELD(EnrolOpen, nonce, fixed, 32)};

// What makes a terminal part of a site. Travels inside `enrol_grant` only.
struct Grant {
  std::array<std::uint8_t, 32> key{};       // link key: the pre-shared key of every later handshake
  std::array<std::uint8_t, 32> site_key{};  // X25519 public key that readings are sealed to
  Bounded<32> site;                         // id of the site

  static constexpr Op op = Op::grant;
  static const std::array<Field, 3> fields;
};
inline constexpr std::array<Field, 3> Grant::fields = {ROLLCALL_FIELD(Grant, key, fixed, 32),
                                                       ROLLCALL_FIELD(Grant, site_key, fixed, 32),
                                                       ROLLCALL_FIELD(Grant, site, text, 32)};

inline constexpr std::size_t max_grant = max_encoded_size(Grant::fields);

// Enrolment: a person at the host agreed. `sealed` is a `grant` that this terminal alone can read.
struct EnrolGrant {
  Bounded<max_grant + seal_tag> sealed;  // as under Enrolment

  static constexpr Op op = Op::enrol_grant;
  static const std::array<Field, 1> fields;
};
inline constexpr std::array<Field, 1> EnrolGrant::fields = {
    ROLLCALL_FIELD(EnrolGrant, sealed, bytes, max_grant + seal_tag)};

// Enrolment ends without success. Either end may say so at any time.
struct EnrolEnd {
  EnrolEndReason reason = EnrolEndReason::cancelled;

  static constexpr Op op = Op::enrol_end;
  static const std::array<Field, 1> fields;
};
inline constexpr std::array<Field, 1> EnrolEnd::fields = {ROLLCALL_FIELD(EnrolEnd, reason, u8, 0)};

}  // namespace rollcall::protocol
