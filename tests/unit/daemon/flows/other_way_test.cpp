#include "daemon/flows/other_way.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include "tests/unit/daemon/flows/fake_kiosk.hpp"

namespace rollcall::flows {
namespace {

namespace asio = boost::asio;
using protocol::Outcome;
using namespace std::chrono_literals;

class FakeTurn final : public attendance::Turn {
 public:
  bool durable = true;
  int rounds = 0;
  asio::awaitable<bool> round() override {
    ++rounds;
    co_return durable;
  }
};

struct OfferOtherWay : ::testing::Test {
  OtherWay run(bool arrived = true) {
    asio::io_context io;
    const screens::Moved moved{"en", arrived, "09:24"};
    auto end = asio::co_spawn(io, offer_other_way(kiosk, turn, moved, 5s), asio::use_future);
    io.run();
    return end.get();
  }
  FakeKiosk kiosk;
  FakeTurn turn;
};

TEST_F(OfferOtherWay, SaysWayAndTimeAndAnswersAnew) {
  kiosk.moves = {"other-way"};
  EXPECT_EQ(run(), OtherWay::turned);
  EXPECT_EQ(kiosk.shown, std::vector<std::string>{"arrived en 09:24"});
  EXPECT_EQ(kiosk.limits, std::vector<std::chrono::milliseconds>{5s});
  EXPECT_EQ(kiosk.answers, std::vector<Outcome>{Outcome::left});
  EXPECT_EQ(turn.rounds, 1) << "and the way is gone: a second press finds nothing";
}

TEST_F(OfferOtherWay, WhoWasTakenToLeaveArrives) {
  kiosk.moves = {"other-way"};
  EXPECT_EQ(run(false), OtherWay::turned);
  EXPECT_EQ(kiosk.shown, std::vector<std::string>{"left en 09:24"});
  EXPECT_EQ(kiosk.answers, std::vector<Outcome>{Outcome::arrived});
}

TEST_F(OfferOtherWay, WhoGoesOnOrSaysNothingLetsItStand) {
  for (const FakeKiosk::Move& move :
       {FakeKiosk::Move("go-on"), FakeKiosk::Move(std::unexpected(Interruption::timeout))}) {
    kiosk.moves = {move};
    EXPECT_EQ(run(), OtherWay::stands);
  }
  EXPECT_EQ(turn.rounds, 0);
  EXPECT_TRUE(kiosk.answers.empty());
}

TEST_F(OfferOtherWay, TheNextPersonHasThePlaceAtOnce) {
  for (const Interruption why :
       {Interruption::another_person, Interruption::link_lost, Interruption::shutdown}) {
    kiosk.moves = {std::unexpected(why)};
    EXPECT_EQ(run(), OtherWay::interrupted);
  }
  EXPECT_EQ(turn.rounds, 0);
  EXPECT_TRUE(kiosk.answers.empty());
}

TEST_F(OfferOtherWay, WhatIsNotDurableIsNotShown) {
  turn.durable = false;
  kiosk.moves = {"other-way"};
  EXPECT_EQ(run(), OtherWay::not_recorded);
  EXPECT_EQ(kiosk.answers, std::vector<Outcome>{Outcome::see_staff});
}

}  // namespace
}  // namespace rollcall::flows
