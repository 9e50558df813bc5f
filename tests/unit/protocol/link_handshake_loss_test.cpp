// A handshake whose messages are lost, repeated, replayed, or computed late: docs/protocol.md,
// "Handshake".
#include <gtest/gtest.h>

#include "tests/unit/protocol/link_ends.hpp"

namespace rollcall::protocol::testing {
namespace {

using namespace std::chrono_literals;

TEST_F(LinkHandshake, LostMessageOneIsRepeatedAsTheSameBytes) {
  greet();
  const Buffer first = message_1();
  for (int i = 0; i < 3; ++i) {
    pass(499ms);
    EXPECT_TRUE(take(a).empty());
    pass(1ms);
    EXPECT_EQ(take(a), first);
  }
  a.works = b.works = true;
  give(b, first);
  settle();
  EXPECT_EQ(a.ups, 1);
  EXPECT_EQ(b.ups, 1);
}

TEST_F(LinkHandshake, LostMessageTwoIsAnsweredAgainAsTheSameBytes) {
  greet();
  const Buffer first = message_1();
  give(b, first);
  const Buffer second = message_2();
  for (int i = 0; i < 3; ++i) {
    pass(500ms);
    give(b, take(a));
    EXPECT_FALSE(b.link.take_handshake().has_value()) << "nothing is computed again";
    EXPECT_EQ(take(b), second);
  }
  give(a, second);
  a.work(now);
  give(b, take(a));
  EXPECT_EQ(a.ups, 1);
  EXPECT_EQ(b.ups, 1);
}

TEST_F(LinkHandshake, LostProofIsMadeUpByTheNextFrame) {
  greet();
  give(b, message_1());
  give(a, message_2());
  a.work(now);
  take(a);  // the ACK that proves is lost
  EXPECT_EQ(a.link.state(), LinkState::up);
  EXPECT_EQ(b.link.state(), LinkState::handshake);
  send(a, "state");
  give(b, take(a));
  EXPECT_EQ(b.ups, 1);
  EXPECT_EQ(b.received.size(), 1u);
}

TEST_F(LinkHandshake, LostProofIsMadeUpByThePingOfAQuietTerminal) {
  greet();
  give(b, message_1());
  give(a, message_2());
  a.work(now);
  take(a);
  pass(link_timing::ping_interval);
  settle();
  EXPECT_EQ(b.ups, 1);
}

TEST_F(LinkHandshake, RepeatedMessagesDoNothingMore) {
  greet();
  const Buffer first = message_1();
  give(b, first);
  give(b, first);
  const Buffer second = message_2();
  EXPECT_EQ(frames_of(second).size(), 1u);
  give(a, second);
  give(a, second);
  a.work(now);
  give(b, take(a));
  give(a, second);
  give(b, first);
  settle();
  EXPECT_EQ(a.ups, 1);
  EXPECT_EQ(b.ups, 1);
  EXPECT_EQ(a.downs.size() + b.downs.size(), 0u);
  EXPECT_EQ(a.link.counters().unexpected, 1u);
  EXPECT_EQ(b.link.counters().unexpected, 1u);
}

TEST_F(LinkHandshake, ReplayedMessageOneGetsANewAnswerAndNeverALink) {
  greet();
  const Buffer first = message_1();
  give(b, first);
  const Buffer second = message_2();
  give(a, second);
  a.work(now);
  const Buffer proof = take(a);
  give(b, proof);
  ASSERT_EQ(b.ups, 1);
  b.link.transport_lost();

  // The attacker has recorded all of it, and the greetings are the same byte for byte.
  b.link.start(now);
  const std::uint8_t number = frames_of(take(b)).at(0).header.counter_low;
  give(b, wire_of({FrameType::hello, frame_flag::ack, number, 1}, encoded(hello_of("T-1"))));
  ASSERT_EQ(b.link.state(), LinkState::handshake);
  take(b);
  give(b, first);
  const Buffer answer = message_2();
  ASSERT_EQ(frames_of(answer).size(), 1u);
  EXPECT_NE(answer, second) << "fresh keys for each handshake";
  give(b, proof);
  EXPECT_EQ(b.ups, 1);
  EXPECT_EQ(b.downs.back(), CloseReason::security);
  EXPECT_EQ(b.link.counters().bad_tag, 1u);
}

TEST_F(LinkHandshake, OtherMessageOneBeforeTheProofBeginsAnew) {
  greet();
  const Buffer first = message_1();
  give(b, first);
  const Buffer abandoned = message_2();

  End again(Role::terminal, hello_of("T-1"));  // the same terminal computed with other keys
  again.fresh = FreshKeys(77);
  again.works = false;
  End shadow(Role::host, hello_of(""));
  shadow.works = false;
  again.link.start(now);
  shadow.link.start(now);
  exchange(again, shadow, now);
  again.work(now);
  give(b, again.take(now));
  const Buffer second = message_2();
  EXPECT_NE(second, abandoned);
  again.link.on_bytes(second, now);
  again.work(now);
  give(b, again.take(now));
  EXPECT_EQ(again.ups, 1);
  EXPECT_EQ(b.ups, 1);
}

TEST_F(LinkHandshake, MessageOneThatDoesNotVerifyCloses) {
  greet();
  give(b, forged(message_1(), frame_header_size + 40));
  EXPECT_TRUE(message_2().empty());
  EXPECT_EQ(b.downs, std::vector{CloseReason::handshake});
}

TEST_F(LinkHandshake, MessagesOfTheWrongSizeNumberOrStateAreDropped) {
  greet();
  const Buffer first = message_1();
  give(b, wire_of({FrameType::handshake, 0, 1, 0}, Buffer(47)));
  give(b, wire_of({FrameType::handshake, 0, 1, 0}, Buffer(49)));
  give(b, wire_of({FrameType::handshake, 0, 2, 0}, Buffer(48)));
  EXPECT_EQ(b.link.counters().unexpected, 3u);
  EXPECT_FALSE(b.link.take_handshake().has_value());
  give(a, first);  // its own message, mirrored
  EXPECT_EQ(a.link.counters().unexpected, 1u);
  a.link.close(now);
  a.link.start(now);
  give(a, wire_of({FrameType::handshake, 0, 2, 0}, Buffer(48)));
  EXPECT_EQ(a.link.counters().unexpected, 2u);
  EXPECT_EQ(a.link.state(), LinkState::greeting);
}

TEST_F(LinkHandshake, AnswerThatWasNotAskedForIsIgnored) {
  greet();
  give(a, wire_of({FrameType::handshake, 0, 2, 0}, Buffer(48)));
  EXPECT_EQ(a.link.state(), LinkState::handshake);
  a.works = b.works = true;
  settle();
  EXPECT_EQ(a.ups, 1);
}

TEST_F(LinkHandshake, StepThatComesBackLateIsIgnored) {
  greet();
  auto step = a.link.take_handshake();
  ASSERT_TRUE(step.has_value());
  EXPECT_FALSE(a.link.take_handshake().has_value()) << "one at a time";
  ASSERT_TRUE(step->run(key_of(5)).has_value());
  a.link.transport_lost();
  a.link.handshake_done(*step, now);
  EXPECT_TRUE(take(a).empty());
  b.link.transport_lost();
  start();
  settle();
  a.link.handshake_done(*step, now);
  EXPECT_TRUE(take(a).empty()) << "it belongs to the session before";
  a.works = b.works = true;
  settle();
  EXPECT_EQ(a.ups, 1);
  EXPECT_EQ(b.ups, 1);
  a.link.handshake_done(*step, now);
  EXPECT_EQ(a.link.state(), LinkState::up);
}

TEST_F(LinkHandshake, LateStepMayNotTakeThePlaceOfTheOneUnderWay) {
  greet();
  auto old = a.link.take_handshake();
  ASSERT_TRUE(old->run(key_of(5)).has_value());
  a.link.transport_lost();
  b.link.transport_lost();
  start();
  settle();
  auto current = a.link.take_handshake();
  ASSERT_TRUE(current.has_value());
  a.link.handshake_done(*old, now);
  EXPECT_TRUE(take(a).empty());
  ASSERT_TRUE(current->run(key_of(6)).has_value());
  a.link.handshake_done(*current, now);
  EXPECT_EQ(frames_of(take(a)).size(), 1u);
}

TEST_F(LinkHandshake, StepThatWasNeverRunEndsTheLink) {
  greet();
  const auto step = a.link.take_handshake();
  a.link.handshake_done(*step, now);
  EXPECT_EQ(a.downs, std::vector{CloseReason::handshake});
}

TEST_F(LinkHandshake, PeerThatNeverAnswersIsGivenUp) {
  greet();
  message_1();
  while (a.link.state() == LinkState::handshake) {
    take(a);
    now = a.link.next_deadline();
    a.link.poll(now);
  }
  EXPECT_EQ(a.downs, std::vector{CloseReason::silence});
  EXPECT_EQ(now, 1000ms + link_timing::silence_limit);
}

TEST_F(LinkHandshake, HostThatWaitsForAProofInVainGivesUp) {
  greet();
  give(b, message_1());
  message_2();
  while (b.link.state() == LinkState::handshake) {
    now = b.link.next_deadline();
    b.link.poll(now);
    take(b);
  }
  EXPECT_EQ(b.downs, std::vector{CloseReason::silence});
  EXPECT_EQ(b.ups, 0);
}

TEST_F(LinkHandshake, OwnerMayCloseFromWithinTheGreeting) {
  struct Closing : End {
    using End::End;
    Admission on_greeting(const Hello&, LinkKeys&) override {
      link.close(Millis(1000));
      return Admission::secured;
    }
  };
  Closing host(Role::host, hello_of(""));
  a.link.start(now);
  host.link.start(now);
  exchange(a, host, now);
  EXPECT_EQ(host.downs, std::vector{CloseReason::local});
  EXPECT_EQ(host.ups, 0);
}

}  // namespace
}  // namespace rollcall::protocol::testing
