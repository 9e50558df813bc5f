#include "daemon/terminals/enrolment.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include "tests/unit/daemon/scratch_database.hpp"

namespace rollcall::terminals {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

const crypto::Key link_key{42};

struct Peer final : EnrolmentPeer {
  void numbers_agree() override { ++agreed; }
  void attempt_over() override { ++over; }
  int agreed = 0;
  int over = 0;
};

struct Enrolling : ::testing::Test {
  template <class Result>
  Result wait(asio::awaitable<Result> work) {
    auto result = asio::co_spawn(io, std::move(work), asio::use_future);
    while (result.wait_for(0s) != std::future_status::ready) run();
    return result.get();
  }
  void run(std::chrono::milliseconds time = 5ms) {
    io.restart();
    io.run_for(time);
  }
  WindowState state() const { return enrolment.window()->state; }
  bool open(const std::string& serial = "TC-9") {
    return enrolment.open({serial, {"Hall", protocol::TerminalMode::training, {}}, "desk-1"})
        .has_value();
  }
  void until_number() {
    ASSERT_TRUE(open());
    ASSERT_TRUE(enrolment.begin("TC-9", peer));
    enrolment.number_ready(peer, "482913", link_key);
  }
  void until_granted() {
    until_number();
    ASSERT_TRUE(wait(enrolment.submit_number("482913")).value());
  }
  // What the hub does when a handshake succeeds.
  void connect_with_new_key() {
    ASSERT_TRUE(wait(registry.proven("TC-9", link_key, "0.2.0")));
    enrolment.proven("TC-9");
  }
  bool key_is_pending() {
    const registry::Entry* entry = registry.find("TC-9");
    return entry != nullptr && entry->keys[registry::pending_key] == link_key;
  }

  testing::ScratchDatabase scratch;
  config::Site site{"site-1", "org-1", "A site", "Europe/Brussels", {"fr"}};
  store::Writer writer{scratch.path()};
  asio::io_context io;
  registry::Registry registry{writer, site, crypto::Key{9},
                              [] { return events::TimeBlock{1, {}, 1, 1}; }};
  Enrolment enrolment{io.get_executor(), registry, 10min};
  Peer peer;
};

TEST_F(Enrolling, GrantsTheKeyOnlyAfterTheNumberAndIsDoneOnlyWithTheKeyInUse) {
  EXPECT_FALSE(enrolment.window().has_value());
  until_number();
  EXPECT_EQ(state(), WindowState::number_ready);
  EXPECT_EQ(enrolment.window()->number, "") << "not before it was typed";
  EXPECT_EQ(registry.find("TC-9"), nullptr);
  EXPECT_TRUE(wait(enrolment.submit_number("482913")).value());
  EXPECT_EQ(state(), WindowState::granted);
  EXPECT_EQ(enrolment.window()->number, "482913");
  EXPECT_TRUE(key_is_pending());
  EXPECT_EQ(peer.agreed, 1);
  connect_with_new_key();
  EXPECT_EQ(state(), WindowState::done);
  EXPECT_EQ(registry.find("TC-9")->keys[registry::current_key], link_key);
  EXPECT_EQ(peer.over, 0);
}

TEST_F(Enrolling, AWrongNumberEndsTheAttemptForGood) {
  until_number();
  EXPECT_FALSE(wait(enrolment.submit_number("482914")).value());
  EXPECT_EQ(state(), WindowState::number_wrong);
  EXPECT_EQ(peer.over, 1);
  EXPECT_FALSE(wait(enrolment.submit_number("482913")).has_value());
  EXPECT_FALSE(enrolment.begin("TC-9", peer));
  EXPECT_EQ(registry.find("TC-9"), nullptr);
}

TEST_F(Enrolling, OneWindowAndOneAttemptAtATime) {
  ASSERT_TRUE(open());
  EXPECT_FALSE(open("TC-8"));
  Peer second;
  EXPECT_FALSE(enrolment.begin("TC-8", second)) << "the window is for another serial";
  EXPECT_TRUE(enrolment.begin("TC-9", second));
  EXPECT_TRUE(enrolment.begin("TC-9", peer)) << "a newer link before the attempt";
  EXPECT_EQ(second.over, 1);
  enrolment.number_ready(second, "000000", crypto::Key{1});
  EXPECT_EQ(state(), WindowState::waiting_for_terminal) << "another session has no say";
  enrolment.number_ready(peer, "482913", link_key);
  EXPECT_FALSE(enrolment.begin("TC-9", second)) << "the attempt has begun";
}

TEST_F(Enrolling, TellsThatTheTerminalIsNotInItsWindowUntilItIs) {
  ASSERT_TRUE(open());
  enrolment.met("TC-8");
  EXPECT_EQ(state(), WindowState::waiting_for_terminal);
  enrolment.met("TC-9");
  EXPECT_EQ(state(), WindowState::terminal_not_in_window);
  EXPECT_TRUE(enrolment.begin("TC-9", peer));
  EXPECT_EQ(state(), WindowState::waiting_for_terminal);
}

TEST_F(Enrolling, NoNumberIsComparedBeforeThereIsOne) {
  ASSERT_TRUE(open());
  EXPECT_FALSE(wait(enrolment.submit_number("482913")).has_value());
  EXPECT_EQ(state(), WindowState::waiting_for_terminal) << "that was no attempt";
}

TEST_F(Enrolling, AConnectionLostBeforeTheAttemptIsNone) {
  ASSERT_TRUE(open());
  ASSERT_TRUE(enrolment.begin("TC-9", peer));
  enrolment.lost(peer);
  EXPECT_EQ(state(), WindowState::waiting_for_terminal);
  EXPECT_TRUE(enrolment.begin("TC-9", peer));
}

TEST_F(Enrolling, AConnectionLostBeforeTheGrantEndsIt) {
  until_number();
  enrolment.lost(peer);
  EXPECT_EQ(state(), WindowState::failed);
  EXPECT_EQ(enrolment.window()->reason, "the connection to the terminal broke");
  EXPECT_EQ(peer.over, 0) << "it is gone";
}

TEST_F(Enrolling, AConnectionLostAfterTheGrantMayStillEndWell) {
  until_granted();
  enrolment.lost(peer);
  EXPECT_EQ(state(), WindowState::granted);
  connect_with_new_key();
  EXPECT_EQ(state(), WindowState::done);
}

TEST_F(Enrolling, ARefusalAtTheTerminalForgetsTheKey) {
  until_granted();
  enrolment.refused(peer, "the person at the terminal said no");
  EXPECT_EQ(state(), WindowState::failed);
  while (key_is_pending()) run();
  EXPECT_EQ(registry.find("TC-9")->state, registry::State::revoked);
}

TEST_F(Enrolling, ACancelledGrantIsForgotten) {
  until_granted();
  EXPECT_TRUE(wait(enrolment.cancel()));
  while (key_is_pending()) run();
  EXPECT_EQ(peer.over, 1);
  EXPECT_FALSE(wait(enrolment.cancel()));
}

TEST_F(Enrolling, ACancelDuringTheGrantForgetsTheKeyToo) {
  until_number();
  auto typed = asio::co_spawn(io, enrolment.submit_number("482913"), asio::use_future);
  auto cancelled = asio::co_spawn(io, enrolment.cancel(), asio::use_future);
  while (typed.wait_for(0s) != std::future_status::ready) run();
  EXPECT_FALSE(typed.get().has_value());
  EXPECT_TRUE(cancelled.get());
  EXPECT_EQ(state(), WindowState::failed);
  EXPECT_FALSE(key_is_pending());
  EXPECT_EQ(peer.agreed, 0);
}

TEST_F(Enrolling, TheWindowClosesByItself) {
  Enrolment brief{io.get_executor(), registry, 20ms};
  ASSERT_TRUE(brief.open({"TC-9", {"Hall", protocol::TerminalMode::training, {}}, "desk-1"}));
  ASSERT_TRUE(brief.begin("TC-9", peer));
  brief.number_ready(peer, "482913", link_key);
  run(200ms);
  EXPECT_EQ(brief.window()->state, WindowState::expired);
  EXPECT_EQ(brief.window()->time_left, 0ms);
  EXPECT_EQ(peer.over, 1);
  EXPECT_FALSE(wait(brief.submit_number("482913")).has_value());
}

}  // namespace
}  // namespace rollcall::terminals
