// How a link opens, and how it closes: docs/protocol.md, "HELLO" and "Link". Where nothing may have
// been heard of the peer before the end is up, the link is untagged.
#include <gtest/gtest.h>

#include "tests/unit/protocol/link_ends.hpp"

namespace rollcall::protocol::testing {
namespace {

using namespace std::chrono_literals;

TEST_F(LinkTest, BothEndsComeUpAndSeeEachOther) {
  connect();
  EXPECT_EQ(a.ups, 1);
  EXPECT_EQ(b.ups, 1);
  EXPECT_EQ(b.peer_serial, "T-1");
  EXPECT_EQ(a.link.version(), 1);
  EXPECT_EQ(b.link.peer().max_frame, max_body_tcp);
  EXPECT_EQ(a.link.counters().unexpected + b.link.counters().unexpected, 0u);
}

TEST_F(LinkTest, HelloBeginsWithADelimiterThatEndsNoise) {
  a.link.start(now);
  b.link.start(now);
  b.take(now);
  b.link.on_bytes(unhex("41424344"), now);
  settle();
  EXPECT_EQ(b.link.state(), LinkState::up);
}

TEST_F(LinkTest, LostHelloIsRepeated) {
  a.link.start(now);
  b.link.start(now);
  a.take(now);
  b.take(now);
  pass(499ms);
  EXPECT_TRUE(a.take(now).empty());
  pass(1ms);
  settle();
  EXPECT_EQ(a.link.state(), LinkState::up);
  EXPECT_EQ(b.link.state(), LinkState::up);
}

TEST_F(LinkTest, EndIsUpOnlyWhenThePeerHasAnsweredIt) {
  a.admission = b.admission = Admission::enrolment;
  a.link.start(now);
  b.link.start(now);
  b.link.on_bytes(a.take(now), now);
  EXPECT_EQ(b.link.state(), LinkState::greeting);
  a.link.on_bytes(b.take(now), now);
  EXPECT_EQ(a.link.state(), LinkState::up);
  b.link.on_bytes(a.take(now), now);
  EXPECT_EQ(b.link.state(), LinkState::up);
}

TEST_F(LinkTest, EndThatMissedTheAnswerIsAnsweredAgain) {
  a.admission = b.admission = Admission::enrolment;
  a.link.start(now);
  b.link.start(now);
  b.take(now);
  b.link.on_bytes(a.take(now), now);
  b.take(now);  // b's answer is lost
  pass(500ms);
  a.link.on_bytes(b.take(now), now);
  b.link.on_bytes(a.take(now), now);
  ASSERT_EQ(b.link.state(), LinkState::up);
  b.take(now);  // and again
  send(b, "early");
  b.take(now);
  for (int i = 0; i < 3; ++i) {
    pass(500ms);
    settle();
  }
  EXPECT_EQ(a.link.state(), LinkState::up);
  ASSERT_EQ(a.received.size(), 1u);
  EXPECT_EQ(a.downs.size() + b.downs.size(), 0u);
}

TEST_F(LinkTest, RepeatedHellosInFlightDoNotRestartTheLink) {
  a.link.start(now);
  Buffer repeated = a.take(now);
  for (int i = 0; i < 4; ++i) {
    pass(500ms);
    const Buffer more = a.take(now);
    repeated.insert(repeated.end(), more.begin(), more.end());
  }
  b.link.start(now);  // the host was slow: all five arrive together
  b.take(now);
  bool tap_sent = false;
  bool welcome_sent = false;
  const auto talk = [&] {
    tap_sent = tap_sent || send(a, "tap");
    welcome_sent = welcome_sent || send(b, "welcome");
  };
  while (!repeated.empty()) {
    const std::size_t some = std::min<std::size_t>(10, repeated.size());
    b.link.on_bytes(Bytes(repeated).first(some), now);
    repeated.erase(repeated.begin(), repeated.begin() + static_cast<std::ptrdiff_t>(some));
    const Buffer reply = b.take(now);
    a.link.on_bytes(reply, now);
    talk();
  }
  settle();
  talk();
  settle();
  EXPECT_EQ(a.downs.size() + b.downs.size(), 0u);
  EXPECT_EQ(a.received.size(), 1u);
  EXPECT_EQ(b.received.size(), 1u);
}

TEST_F(LinkTest, SmallerFrameLimitHoldsForBoth) {
  End small{Role::terminal, hello_of("B-1", max_body_serial)};
  End large{Role::host, hello_of("", max_body_tcp)};
  small.link.start(now);
  large.link.start(now);
  exchange(small, large, now);
  EXPECT_EQ(small.link.max_payload(), max_body_serial - 24);
  EXPECT_EQ(large.link.max_payload(), max_body_serial - 24);
}

TEST_F(LinkTest, OwnFrameLimitIsBroughtIntoRange) {
  End tiny{Role::terminal, hello_of("B-1", 0)};
  tiny.link.start(now);
  b.link.start(now);
  exchange(tiny, b, now);
  EXPECT_EQ(b.link.peer().max_frame, max_body_serial);
}

TEST_F(LinkTest, OtherHelloIsSaidFromTheNextStartOn) {
  a.link.start(now);
  const Buffer first = take(a);
  a.link.set_hello(hello_of("T-2", max_body_serial));
  pass(500ms);
  EXPECT_EQ(take(a), first) << "its payload is the same bytes each time";
  b.link.start(now);
  settle();
  EXPECT_EQ(b.peer_serial, "T-1");
  ASSERT_TRUE(b.link.send(Buffer(b.link.max_payload()), now));
  settle();
  EXPECT_EQ(a.received.size(), 1u) << "the limit that was agreed still holds";
  a.link.transport_lost();
  b.link.transport_lost();
  connect();
  EXPECT_EQ(b.peer_serial, "T-2");
  EXPECT_EQ(b.link.peer().max_frame, max_body_serial);
}

TEST_F(LinkTest, EndThatCannotEncodeItsHelloSaysNothing) {
  Hello broken = hello_of("T-1");
  broken.firmware.assign(unhex("c3"));
  End mute{Role::terminal, broken};
  mute.link.start(now);
  EXPECT_TRUE(mute.take(now).empty());
  EXPECT_EQ(mute.link.state(), LinkState::greeting);
}

TEST_F(LinkTest, PeerThatNeverGreetsIsGivenUp) {
  a.link.start(now);
  while (a.link.state() == LinkState::greeting) {
    a.take(now);
    now = a.link.next_deadline();
    a.link.poll(now);
  }
  EXPECT_EQ(a.downs, std::vector{CloseReason::silence});
}

TEST_F(LinkTest, ConnectsAgainAfterEveryEnd) {
  for (int i = 0; i < 3; ++i) {
    connect();
    send(a, "tap");
    settle();
    a.link.close(now);
    settle();
  }
  EXPECT_EQ(a.ups, 3);
  EXPECT_EQ(b.received.size(), 3u);
}

TEST_F(LinkTest, RestartedPeerIsNoticedAtItsHello) {
  connect();
  send(a, "tap");
  settle();
  End reborn{Role::terminal, hello_of("T-1")};
  reborn.link.start(now);
  b.link.on_bytes(reborn.take(now), now);
  EXPECT_EQ(b.downs, std::vector{CloseReason::restarted});
  b.link.start(now);
  exchange(reborn, b, now);
  EXPECT_EQ(reborn.link.state(), LinkState::up);
  EXPECT_EQ(b.link.state(), LinkState::up);
}

TEST_F(LinkTest, OtherPeerIsNoticedEvenIfNothingWasHeardYet) {
  connect_in_clear();
  End other{Role::terminal, hello_of("T-2")};
  other.link.start(now);
  b.link.on_bytes(other.take(now), now);
  EXPECT_EQ(b.downs, std::vector{CloseReason::restarted});
}

TEST_F(LinkTest, NewSessionOfThePeerIsNoticedEvenIfNothingWasHeardYet) {
  connect_in_clear();
  a.link.transport_lost();
  a.link.start(now);
  b.link.on_bytes(a.take(now), now);
  EXPECT_EQ(b.downs, std::vector{CloseReason::restarted});
}

// A line may hold back what was said to an earlier session of the same end. If that could open the
// new one, ACKs for the old session's frames would be believed.
TEST_F(LinkTest, AnswerToAnEarlierSessionOpensNothing) {
  a.link.start(now);
  Buffer held = a.take(now);
  b.link.start(now);
  a.link.on_bytes(b.take(now), now);
  const Buffer answer = a.take(now);
  held.insert(held.end(), answer.begin(), answer.end());
  b.link.transport_lost();
  b.link.start(now);
  b.link.on_bytes(held, now);
  EXPECT_EQ(b.link.state(), LinkState::greeting);
  EXPECT_EQ(b.link.counters().unexpected, 1u);
  settle();
  EXPECT_EQ(a.link.state(), LinkState::up);
  EXPECT_EQ(b.link.state(), LinkState::up);
}

TEST_F(LinkTest, HighestCommonVersionIsAgreed) {
  Hello newer = hello_of("T-1");
  newer.protocol_max = 9;
  Hello middle = hello_of("");
  middle.protocol_min = 2;
  middle.protocol_max = 5;
  End x{Role::terminal, newer};
  End y{Role::host, middle};
  x.link.start(now);
  y.link.start(now);
  exchange(x, y, now);
  EXPECT_EQ(x.link.version(), 5);
  EXPECT_EQ(y.link.version(), 5);
}

TEST_F(LinkTest, EndsWithoutCommonVersionBothLearnIt) {
  Hello future = hello_of("");
  future.protocol_min = 2;
  future.protocol_max = 3;
  End host{Role::host, future};
  a.link.start(now);
  host.link.start(now);
  host.take(now);  // lost: the host's answer must still come
  host.link.on_bytes(a.take(now), now);
  EXPECT_EQ(host.downs, std::vector{CloseReason::version});
  a.link.on_bytes(host.take(now), now);
  EXPECT_EQ(a.downs, std::vector{CloseReason::version});
  EXPECT_EQ(a.ups + host.ups, 0);
}

TEST_F(LinkTest, HelloThatMakesNoSenseIsRefused) {
  Hello inverted = hello_of("T-1");
  inverted.protocol_min = 2;
  Hello odd_serial = hello_of("T 1");
  Hello spoofing = hello_of("T-1\n");
  for (const Hello& bad : {inverted, odd_serial, spoofing}) {
    End peer{Role::terminal, bad};
    End host{Role::host, hello_of("")};
    peer.link.start(now);
    host.link.start(now);
    host.link.on_bytes(peer.take(now), now);
    EXPECT_EQ(host.downs, std::vector{CloseReason::bad_hello});
    EXPECT_EQ(host.ups, 0);
  }
  Buffer junk(100);
  junk.resize(write_frame({FrameType::hello, 0, 0, 0}, unhex("8101"), junk));
  a.link.start(now);
  a.link.on_bytes(junk, now);
  EXPECT_EQ(a.downs, std::vector{CloseReason::bad_hello});
}

TEST_F(LinkTest, HelloOfALaterVersionWithMoreFieldsIsUnderstood) {
  a.admission = b.admission = Admission::enrolment;
  nlohmann::json hello = to_json(hello_of("T-9"));
  hello.push_back("a field of later");
  Buffer frame(300);
  b.link.start(now);
  const std::uint8_t number = frames_of(b.take(now)).at(0).header.counter_low;
  const FrameHeader answer{FrameType::hello, frame_flag::ack, number, 1};
  frame.resize(write_frame(answer, nlohmann::json::to_cbor(hello), frame));
  b.link.on_bytes(frame, now);
  EXPECT_EQ(b.link.state(), LinkState::up);
  EXPECT_EQ(b.peer_serial, "T-9");
}

TEST_F(LinkTest, SessionFramesBeforeHelloAreDropped) {
  connect();
  send(a, "tap");
  const Buffer frame = a.take(now);
  End fresh{Role::host, hello_of("")};
  fresh.link.on_bytes(frame, now);
  fresh.link.start(now);
  fresh.link.on_bytes(frame, now);
  EXPECT_TRUE(fresh.received.empty());
  EXPECT_EQ(fresh.link.counters().unexpected, 1u);
}

TEST_F(LinkTest, UnacknowledgedFrameClosesTheLinkInBoundedTime) {
  connect();
  send(a, "tap");
  int frames = 0;
  const Millis start = now;
  while (a.link.state() == LinkState::up) {
    frames += static_cast<int>(frames_of(a.take(now)).size());
    now = a.link.next_deadline();
    a.link.poll(now);
  }
  EXPECT_EQ(frames, link_timing::max_transmissions);
  EXPECT_EQ(a.downs, std::vector{CloseReason::unacknowledged});
  EXPECT_LE(now - start, link_timing::silence_limit);
}

TEST_F(LinkTest, QuietLinkStaysUpByPings) {
  connect();
  for (int i = 0; i < 60; ++i) {
    pass(1000ms);
    settle();
  }
  EXPECT_EQ(a.link.state(), LinkState::up);
  EXPECT_EQ(b.link.state(), LinkState::up);
  EXPECT_LE(a.link.counters().frames_out, 30u);
}

TEST_F(LinkTest, SilenceClosesTheLink) {
  connect();
  while (a.link.state() == LinkState::up) {
    a.take(now);
    now = a.link.next_deadline();
    a.link.poll(now);
  }
  EXPECT_EQ(a.downs, std::vector{CloseReason::silence});
  EXPECT_EQ(now, 1000ms + link_timing::silence_limit);
  EXPECT_EQ(a.link.next_deadline(), Millis::max());
}

TEST_F(LinkTest, GoodbyeClosesBothEnds) {
  connect();
  a.link.close(now);
  EXPECT_EQ(a.downs, std::vector{CloseReason::local});
  settle();
  EXPECT_EQ(b.downs, std::vector{CloseReason::peer_bye});
  EXPECT_TRUE(b.take(now).empty());
  a.link.close(now);
  EXPECT_EQ(a.downs.size(), 1u);
}

TEST_F(LinkTest, MessageThatMadeTheOwnerCloseIsAcknowledgedFirst) {
  connect();
  b.when_message = [&] { b.link.close(now); };
  send(a, "tap");
  settle();
  EXPECT_EQ(a.sent, 1);
  EXPECT_EQ(a.downs, std::vector{CloseReason::peer_bye});
}

TEST_F(LinkTest, MessageBehindAnAckThatMadeTheOwnerCloseIsNotAcknowledged) {
  connect();
  a.when_sent = [&] { a.link.close(now); };
  b.when_message = [&] { send(b, "answer"); };
  send(a, "tap");
  settle();
  EXPECT_TRUE(a.received.empty());
  EXPECT_EQ(b.sent, 0);
  EXPECT_EQ(b.downs, std::vector{CloseReason::peer_bye});
}

TEST_F(LinkTest, LostTransportIsReportedOnceAndNothingIsSent) {
  connect();
  send(a, "tap");
  a.link.transport_lost();
  a.link.transport_lost();
  EXPECT_EQ(a.downs, std::vector{CloseReason::transport});
  EXPECT_TRUE(a.take(now).empty());
  a.link.on_bytes(b.take(now), now);
  a.link.poll(now + 60s);
  EXPECT_TRUE(a.take(now).empty());
}

}  // namespace
}  // namespace rollcall::protocol::testing
