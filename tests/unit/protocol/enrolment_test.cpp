// How a terminal gets its key, and every way in which it does not: docs/protocol.md, "Enrolment".
// enrolment_attacker_test.cpp has somebody between the two.
#include <set>

#include "tests/unit/protocol/enrolment_ends.hpp"

namespace rollcall::protocol::testing {
namespace {

using TerminalState = TerminalEnrolment::State;
using HostState = HostEnrolment::State;
using Enrolment = EnrolmentTest;

TEST_F(Enrolment, TerminalGetsItsKeyWhenBothPersonsAgree) {
  const Buffer grant = granted();
  terminal.on_message(grant);
  EXPECT_EQ(terminal.state(), TerminalState::comparing) << "nobody has agreed at the terminal";
  terminal.agree(true);
  ASSERT_EQ(terminal.state(), TerminalState::granted);
  EXPECT_EQ(terminal.grant().key, some_grant().key);
  EXPECT_EQ(terminal.grant().site_key, some_grant().site_key);
  EXPECT_EQ(hex(terminal.grant().site.view()), hex(as_bytes("site-1")));
  EXPECT_TRUE(message_of(terminal).empty()) << "the key is not kept yet";
  terminal.kept();
  EXPECT_TRUE(to_host());
  EXPECT_EQ(terminal.state(), TerminalState::done);
  EXPECT_EQ(host.state(), HostState::done);
}

TEST_F(Enrolment, PersonAtTheTerminalMayAgreeFirst) {
  compare();
  terminal.agree(true);
  EXPECT_EQ(terminal.state(), TerminalState::comparing);
  ASSERT_TRUE(host.typed(host.number()));
  host.grant(some_grant());
  ASSERT_TRUE(to_terminal());
  EXPECT_EQ(terminal.state(), TerminalState::granted);
}

TEST_F(Enrolment, BothShowTheSameDigitsEachTime) {
  std::set<std::uint32_t> seen;
  for (int i = 0; i < 30; ++i) {
    TerminalEnrolment one(greetings, fresh.next());
    HostEnrolment other(greetings, fresh.next(), fresh.next());
    one.on_message(message_of(other));
    other.on_message(message_of(one));
    one.on_message(message_of(other));
    ASSERT_EQ(one.state(), TerminalState::comparing);
    EXPECT_EQ(one.number(), other.number());
    EXPECT_LT(one.number(), enrolment_numbers);
    seen.insert(one.number());
  }
  EXPECT_GT(seen.size(), 27u);
}

// Computed here once more, from the formulas of docs/protocol.md alone.
TEST_F(Enrolment, DigitsAndSealFollowTheSpecification) {
  const crypto::Key terminal_private = fresh.next();
  const crypto::Key host_private = fresh.next();
  const crypto::Key nonce = fresh.next();
  const crypto::Key terminal_public = crypto::x25519_public(terminal_private).value();
  const crypto::Key host_public = crypto::x25519_public(host_private).value();
  Buffer promise(host_public.begin(), host_public.end());
  promise.insert(promise.end(), nonce.begin(), nonce.end());
  const crypto::Digest commitment = crypto::sha256(promise);
  EXPECT_EQ(enrolment_commitment(host_public, nonce), commitment);

  Buffer all = to_buffer(as_bytes("rollcall enrol v1"));
  for (const auto& part :
       {greetings.terminal, greetings.host, commitment, terminal_public, host_public, nonce}) {
    all.insert(all.end(), part.begin(), part.end());
  }
  const crypto::Digest transcript = crypto::sha256(all);
  Buffer okm(40);
  crypto::hkdf_sha256(transcript, crypto::x25519(host_private, terminal_public).value(),
                      as_bytes("rollcall enrol v1"), okm);
  std::uint64_t number = 0;
  for (std::size_t i = 32; i < 40; ++i) number = number * 256 + okm[i];

  const auto at_terminal = enrolment_secrets(greetings, commitment, terminal_public, host_public,
                                             nonce, terminal_private, host_public);
  const auto at_host = enrolment_secrets(greetings, commitment, terminal_public, host_public, nonce,
                                         host_private, terminal_public);
  for (const auto& secrets : {at_terminal, at_host}) {
    ASSERT_TRUE(secrets.has_value());
    EXPECT_EQ(secrets->transcript, transcript);
    EXPECT_EQ(hex(secrets->seal_key), hex(Bytes(okm).first(32)));
    EXPECT_EQ(secrets->number, number % 1'000'000);
  }
  EXPECT_EQ(enrolment_proof(key_of(5), transcript), crypto::hmac_sha256(key_of(5), transcript));
}

TEST_F(Enrolment, WrongNumberEndsTheAttemptForGood) {
  compare();
  EXPECT_FALSE(host.typed((terminal.number() + 1) % enrolment_numbers));
  EXPECT_FALSE(host.typed(terminal.number())) << "there is no second try";
  host.grant(some_grant());
  EXPECT_EQ(host.state(), HostState::ended);
  expect_both_ended(EnrolEndReason::different);
}

TEST_F(Enrolment, NothingIsGrantedBeforeTheDigitsAreTyped) {
  compare();
  host.grant(some_grant());
  EXPECT_EQ(host.state(), HostState::comparing);
  EXPECT_TRUE(message_of(host).empty());
}

TEST_F(Enrolment, DigitsAreTypedOnceAndOnlyWhileComparing) {
  EXPECT_FALSE(host.typed(0));
  EXPECT_EQ(host.state(), HostState::committed);
  compare();
  EXPECT_TRUE(host.typed(terminal.number()));
  EXPECT_FALSE(host.typed(terminal.number()));
  EXPECT_EQ(host.state(), HostState::comparing);
}

TEST_F(Enrolment, PersonAtTheTerminalMaySayThatTheNumbersDiffer) {
  compare();
  terminal.agree(false);
  terminal.agree(true);
  expect_both_ended(EnrolEndReason::different);
}

TEST_F(Enrolment, AgreeingBeforeThereAreNumbersMeansNothing) {
  terminal.agree(true);
  const Buffer grant = granted();
  terminal.on_message(grant);
  EXPECT_EQ(terminal.state(), TerminalState::comparing);
}

TEST_F(Enrolment, BrokenPromiseIsNoticedBeforeAnythingIsShown) {
  ASSERT_TRUE(to_terminal());
  ASSERT_TRUE(to_host());
  auto open = decode<EnrolOpen>(message_of(host)).value();
  open.nonce[0] ^= 1;
  terminal.on_message(encoded(open));
  EXPECT_EQ(terminal.number(), 0u);
  expect_both_ended(EnrolEndReason::broken_promise);
}

TEST_F(Enrolment, PointOfSmallOrderFromTheTerminalEndsIt) {
  ASSERT_TRUE(to_terminal());
  host.on_message(encoded(EnrolKey{}));
  expect_both_ended(EnrolEndReason::protocol);
}

TEST_F(Enrolment, PointOfSmallOrderFromTheHostEndsIt) {
  const crypto::Key zero{};
  terminal.on_message(encoded(EnrolCommit{enrolment_commitment(zero, key_of(1))}));
  ASSERT_FALSE(message_of(terminal).empty());
  terminal.on_message(encoded(EnrolOpen{zero, key_of(1)}));
  EXPECT_EQ(terminal.state(), TerminalState::ended);
  EXPECT_EQ(terminal.why(), EnrolEndReason::protocol);
}

TEST_F(Enrolment, WrongProofEndsIt) {
  terminal.on_message(granted());
  terminal.agree(true);
  terminal.kept();
  auto done = decode<EnrolDone>(message_of(terminal)).value();
  done.proof[31] ^= 1;
  host.on_message(encoded(done));
  EXPECT_EQ(host.state(), HostState::ended);
  EXPECT_EQ(host.why(), EnrolEndReason::protocol);
}

TEST_F(Enrolment, ChangedGrantEndsIt) {
  const Buffer good = granted();
  auto grant = decode<EnrolGrant>(good).value();
  grant.sealed.data[10] ^= 1;
  terminal.on_message(encoded(grant));
  expect_both_ended(EnrolEndReason::protocol);
}

TEST_F(Enrolment, SealedNonsenseEndsIt) {
  compare();
  EnrolGrant empty;
  terminal.on_message(encoded(empty));
  expect_both_ended(EnrolEndReason::protocol);
}

TEST_F(Enrolment, SecondGrantEndsIt) {
  const Buffer grant = granted();
  terminal.on_message(grant);
  terminal.on_message(grant);
  EXPECT_EQ(terminal.state(), TerminalState::ended);
  EXPECT_EQ(terminal.why(), EnrolEndReason::protocol);
}

// Each message in each state where it does not belong.
TEST_F(Enrolment, AnyMessageOutOfOrderEndsTheTerminalsAttempt) {
  const auto commit = message_of(host);
  const Buffer wrong_at[][6] = {
      // waiting
      {encoded(EnrolOpen{}),
       encoded(EnrolGrant{}),
       encoded(EnrolKey{}),
       encoded(EnrolDone{}),
       encoded(Reboot{}),
       {}},
      // opening
      {commit, encoded(EnrolGrant{}), encoded(EnrolKey{}), encoded(EnrolDone{}), encoded(Reboot{}),
       unhex("82")},
  };
  for (const int state : {0, 1}) {
    for (const Buffer& message : wrong_at[state]) {
      TerminalEnrolment fresh_terminal(greetings, fresh.next());
      if (state == 1) fresh_terminal.on_message(commit);
      message_of(fresh_terminal);
      fresh_terminal.on_message(message);
      EXPECT_EQ(fresh_terminal.state(), TerminalState::ended) << state << ' ' << hex(message);
      EXPECT_EQ(fresh_terminal.why(), EnrolEndReason::protocol);
    }
  }
}

TEST_F(Enrolment, AnyMessageOutOfOrderEndsTheHostsAttempt) {
  for (const Buffer& message : {encoded(EnrolDone{}), encoded(EnrolCommit{}), encoded(EnrolOpen{}),
                                encoded(Tap{}), Buffer{}, unhex("820f40")}) {
    HostEnrolment fresh_host(greetings, fresh.next(), fresh.next());
    fresh_host.on_message(message);
    EXPECT_EQ(fresh_host.state(), HostState::ended) << hex(message);
    EXPECT_EQ(fresh_host.why(), EnrolEndReason::protocol);
  }
  compare();
  host.on_message(encoded(EnrolKey{key_of(9)}));  // a second key, to draw the number again
  expect_both_ended(EnrolEndReason::protocol);
}

TEST_F(Enrolment, EachReasonIsToldToTheOtherEnd) {
  for (std::uint8_t reason = 0; reason <= static_cast<std::uint8_t>(EnrolEndReason::storage);
       ++reason) {
    const auto why = static_cast<EnrolEndReason>(reason);
    for (const bool by_host : {false, true}) {
      TerminalEnrolment one(greetings, fresh.next());
      HostEnrolment other(greetings, fresh.next(), fresh.next());
      if (by_host) {
        other.end(why);
        one.on_message(message_of(other));
      } else {
        one.end(why);
        other.on_message(message_of(one));
      }
      EXPECT_EQ(one.why(), why);
      EXPECT_EQ(other.why(), why);
      EXPECT_EQ(one.state(), TerminalState::ended);
      EXPECT_EQ(other.state(), HostState::ended);
      EXPECT_TRUE(message_of(one).empty()) << "an end is not answered";
      EXPECT_TRUE(message_of(other).empty());
    }
  }
}

TEST_F(Enrolment, EndedAttemptStaysEnded) {
  const Buffer commit = message_of(host);
  terminal.end(EnrolEndReason::expired);
  terminal.end(EnrolEndReason::cancelled);
  EXPECT_EQ(terminal.why(), EnrolEndReason::expired);
  message_of(terminal);
  terminal.on_message(commit);
  terminal.agree(true);
  terminal.kept();
  EXPECT_EQ(terminal.state(), TerminalState::ended);
  EXPECT_TRUE(message_of(terminal).empty());
  host.end(EnrolEndReason::not_expected);
  message_of(host);
  host.on_message(encoded(EnrolKey{key_of(9)}));
  EXPECT_FALSE(host.typed(0));
  EXPECT_TRUE(message_of(host).empty());
}

TEST_F(Enrolment, DoneAttemptIsNotUndone) {
  terminal.on_message(granted());
  terminal.agree(true);
  terminal.kept();
  to_host();
  terminal.end(EnrolEndReason::expired);
  host.end(EnrolEndReason::expired);
  host.on_message(encoded(EnrolEnd{EnrolEndReason::cancelled}));
  EXPECT_EQ(terminal.state(), TerminalState::done);
  EXPECT_EQ(host.state(), HostState::done);
}

TEST_F(Enrolment, EachMessageIsSaidOnce) {
  EXPECT_FALSE(message_of(host).empty());
  EXPECT_TRUE(message_of(host).empty());
  EXPECT_TRUE(message_of(terminal).empty());
}

TEST_F(Enrolment, AMessageThatDoesNotFitIsNotSaid) {
  Buffer small(20);
  EXPECT_EQ(host.take_message(small), 0u);
}

TEST_F(Enrolment, EndsThatHeardOtherGreetingsShowOtherNumbers) {
  HelloDigests changed = greetings;
  changed.terminal[0] ^= 1;
  HostEnrolment deceived(changed, fresh.next(), fresh.next());
  terminal.on_message(message_of(deceived));
  deceived.on_message(message_of(terminal));
  terminal.on_message(message_of(deceived));
  ASSERT_EQ(terminal.state(), TerminalState::comparing);
  EXPECT_NE(terminal.number(), deceived.number());
}

}  // namespace
}  // namespace rollcall::protocol::testing
