#include "daemon/terminals/screen_sender.hpp"

#include <gtest/gtest.h>

namespace rollcall::terminals {
namespace {

using protocol::BulkResult;
using protocol::ScreenSlot;

std::shared_ptr<const screens::Screen> screen_of(std::size_t bytes) {
  return std::make_shared<const screens::Screen>(
      screens::Screen{{8, 4}, std::vector<std::uint8_t>(bytes, 0xab), {}});
}

// A terminal that says about each offer what the test wants.
struct Screens : ::testing::Test {
  // Lets the terminal's end of the transfer under way be `result`; the screen's id, 0 when none.
  std::uint32_t answer(BulkResult result = BulkResult::complete) {
    std::array<std::uint8_t, 256> message{};
    std::uint32_t offered = 0;
    protocol::BulkEnd end{.transfer = 0, .result = result, .by_sender = false};
    while (bulk.message_due()) {
      const std::size_t size = bulk.take_message(message, {});
      if (const auto offer = protocol::decode<protocol::BulkOffer>({message.data(), size})) {
        offered = offer->subject;
        end.transfer = offer->transfer;
      }
    }
    const auto size = protocol::encode(end, message);
    bulk.on_message({message.data(), *size}, {});
    return offered;
  }

  protocol::BulkChannel bulk{nullptr};
  std::vector<std::uint32_t> announced;
  std::vector<std::uint32_t> shown;
  Transfers transfers{bulk};
  ScreenSender sender{transfers,
                      {.announce = [this](const auto& s) { announced.push_back(s.screen); },
                       .show = [this](const auto& s) { shown.push_back(s.screen); }}};
};

TEST_F(Screens, GoOneAfterTheOther) {
  sender.put(1, ScreenSlot::idle, screen_of(2000));
  sender.put(2, ScreenSlot::arrived, screen_of(10));
  EXPECT_EQ(answer(), 1u);
  EXPECT_EQ(answer(), 2u);
  EXPECT_EQ(announced, (std::vector<std::uint32_t>{1, 2}));
  EXPECT_TRUE(shown.empty());
}

TEST_F(Screens, ALiveScreenIsShownOnceItHasArrivedAndOvertakesThoseThatAreKept) {
  sender.put(1, ScreenSlot::idle, screen_of(2000));
  sender.put(2, ScreenSlot::arrived, screen_of(10));
  sender.put(1000, ScreenSlot::live, screen_of(10));
  EXPECT_EQ(answer(), 1u);
  EXPECT_TRUE(shown.empty());
  EXPECT_EQ(answer(), 1000u);
  EXPECT_EQ(shown, (std::vector<std::uint32_t>{1000}));
  EXPECT_EQ(answer(), 2u);
}

TEST_F(Screens, ADroppedLiveScreenLeavesTheKeptOnes) {
  sender.put(1000, ScreenSlot::live, screen_of(5000));
  sender.put(1001, ScreenSlot::live, screen_of(5000));
  sender.put(2, ScreenSlot::arrived, screen_of(10));
  sender.drop_live();
  EXPECT_EQ(answer(), 2u);
  EXPECT_TRUE(shown.empty());
}

TEST_F(Screens, OneThatIsRefusedDoesNotHoldUpTheNext) {
  sender.put(1, ScreenSlot::idle, screen_of(10));
  sender.put(1000, ScreenSlot::live, screen_of(10));
  EXPECT_EQ(answer(BulkResult::refused), 1u);
  EXPECT_EQ(answer(BulkResult::storage), 1000u);
  EXPECT_EQ(sender.refused(), 2u);
  EXPECT_TRUE(shown.empty()) << "what did not arrive is not shown";
}

TEST_F(Screens, TheIdleScreenComesAfterWhatWaitsBeforeIt) {
  sender.put(1000, ScreenSlot::live, screen_of(10));
  sender.show_idle();
  EXPECT_TRUE(shown.empty());
  answer();
  EXPECT_EQ(shown, (std::vector<std::uint32_t>{1000, 0}));
}

TEST_F(Screens, AreBounded) {
  std::size_t waiting = 0;
  while (sender.put(1, ScreenSlot::idle, screen_of(1)))
    ASSERT_LE(++waiting, Transfers::max_waiting + 1);
  EXPECT_EQ(waiting, Transfers::max_waiting + 1) << "one is under way";
}

}  // namespace
}  // namespace rollcall::terminals
