// A terminal and a host that enrol each other, with their messages in the test's hands.
#pragma once

#include <gtest/gtest.h>

#include "protocol/enrolment.hpp"
#include "tests/unit/protocol/link_ends.hpp"

namespace rollcall::protocol::testing {

inline const HelloDigests greetings{crypto::sha256(as_bytes("the terminal's HELLO")),
                                    crypto::sha256(as_bytes("the host's HELLO"))};

inline Grant some_grant() {
  Grant grant;
  grant.key = key_of(0x77);
  grant.site_key = key_of(0x99);
  grant.site.assign(as_bytes("site-1"));
  return grant;
}

template <class End>
Buffer message_of(End& end) {
  Buffer out(200);
  out.resize(end.take_message(out));
  return out;
}

struct EnrolmentTest : ::testing::Test {
  // One message of the host to the terminal or back; false when there is none.
  bool to_terminal() {
    const Buffer message = message_of(host);
    if (!message.empty()) terminal.on_message(message);
    return !message.empty();
  }
  bool to_host() {
    const Buffer message = message_of(terminal);
    if (!message.empty()) host.on_message(message);
    return !message.empty();
  }
  void compare() {
    ASSERT_TRUE(to_terminal());
    ASSERT_TRUE(to_host());
    ASSERT_TRUE(to_terminal());
    ASSERT_EQ(terminal.state(), TerminalEnrolment::State::comparing);
    ASSERT_EQ(host.state(), HostEnrolment::State::comparing);
  }
  // The host's person typed what the terminal shows; the grant is on its way.
  Buffer granted() {
    compare();
    EXPECT_TRUE(host.typed(terminal.number()));
    host.grant(some_grant());
    return message_of(host);
  }
  void expect_both_ended(EnrolEndReason why) {
    to_terminal();
    to_host();
    EXPECT_EQ(terminal.state(), TerminalEnrolment::State::ended);
    EXPECT_EQ(host.state(), HostEnrolment::State::ended);
    EXPECT_EQ(terminal.why(), why);
    EXPECT_EQ(host.why(), why);
  }

  FreshKeys fresh{Random().seed()};
  TerminalEnrolment terminal{greetings, fresh.next()};
  HostEnrolment host{greetings, fresh.next(), fresh.next()};
};

}  // namespace rollcall::protocol::testing
