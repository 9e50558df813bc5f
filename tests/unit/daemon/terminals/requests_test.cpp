// What staff ask a connected terminal for: to be found, its counters, a firmware image.
#include "tests/unit/daemon/terminals/running_hub.hpp"

namespace rollcall::terminals {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using protocol::UpdateProblem;
using protocol::UpdateStage;
using test::TestTerminal;

struct RequestsTest : test::RunningHub {
  static std::vector<std::uint8_t> image_of(std::size_t bytes) {
    std::vector<std::uint8_t> image(bytes);
    for (std::size_t i = 0; i < bytes; ++i) image[i] = static_cast<std::uint8_t>(i * 31 + i / 251);
    return image;
  }
  template <class Result>
  std::future<Result> later(asio::awaitable<Result> question) {
    return asio::co_spawn(io, std::move(question), asio::use_future);
  }
  std::expected<void, std::string> update(std::size_t bytes, const char* serial = "TC-1") {
    UpdateWish wish{.serial = serial,
                    .version = "2.0.0",
                    .security_counter = 0,
                    .slot = std::nullopt,
                    .image = image_of(bytes),
                    .actor = "desk-1"};
    return later(hub->begin_update(std::move(wish))).get();
  }
  UpdateView view() {
    return *ask([](Hub& h) { return h.update(); });
  }
  bool enter(TestTerminal& terminal) { return terminal.connect_tcp(port) && terminal.enter(); }
  // Runs the terminal until the future is there.
  template <class Result>
  static bool answered(TestTerminal& terminal, std::future<Result>& future) {
    return terminal.run_until([&] { return future.wait_for(0s) == std::future_status::ready; });
  }
};

TEST_F(RequestsTest, ATerminalIsToldToShowItself) {
  start();
  TestTerminal terminal;
  ASSERT_TRUE(enter(terminal));
  auto found = later(hub->identify("TC-1", 20s));
  ASSERT_TRUE(terminal.wait_for<protocol::Identify>());
  EXPECT_EQ(terminal.received<protocol::Identify>()[0].seconds, 20);
  ASSERT_TRUE(terminal.send(protocol::Reply{static_cast<std::uint16_t>(protocol::Op::identify),
                                            protocol::ReplyStatus::done}));
  ASSERT_TRUE(answered(terminal, found));
  EXPECT_TRUE(found.get());
  EXPECT_FALSE(later(hub->identify("TC-2", 20s)).get()) << "not connected";
}

TEST_F(RequestsTest, CountersAreThoseThatTheTerminalTellsNow) {
  start();
  TestTerminal terminal;
  ASSERT_TRUE(enter(terminal));
  auto first = later(hub->stats("TC-1"));
  auto second = later(hub->stats("TC-1"));
  ASSERT_TRUE(terminal.wait_for<protocol::StatsRequest>(2));
  protocol::Stats stats;
  stats.taps = 41;
  ASSERT_TRUE(terminal.send(stats));
  ++stats.taps;
  ASSERT_TRUE(terminal.send(stats));
  ASSERT_TRUE(answered(terminal, first) && answered(terminal, second));
  EXPECT_GE(first.get()->taps, 41u);
  EXPECT_EQ(second.get()->taps, 42u);
}

TEST_F(RequestsTest, ALogThatWasAskedForIsTakenAndAnswersAllWhoAsked) {
  start();
  TestTerminal terminal;
  ASSERT_TRUE(enter(terminal));
  EXPECT_FALSE(terminal.send_log("0.001 info started\n")) << "nobody asked";
  auto first = later(hub->log("TC-1"));
  auto second = later(hub->log("TC-1"));
  ASSERT_TRUE(terminal.wait_for<protocol::LogRequest>(2));
  const std::string text = "0.001 info started\n" + std::string(9000, 'x') + "\n";
  EXPECT_TRUE(terminal.send_log(text));
  ASSERT_TRUE(answered(terminal, first) && answered(terminal, second));
  EXPECT_EQ(first.get(), text);
  EXPECT_EQ(second.get(), text);
}

TEST_F(RequestsTest, ALogIsTextOrNothing) {
  start();
  TestTerminal terminal;
  ASSERT_TRUE(enter(terminal));
  std::size_t requests = 0;
  for (const std::string& text : {std::string("0.001 \x1b[31mred\n"), std::string("\xff\xfe\n")}) {
    auto asked = later(hub->log("TC-1"));
    ASSERT_TRUE(terminal.wait_for<protocol::LogRequest>(++requests));
    terminal.send_log(text);
    ASSERT_TRUE(answered(terminal, asked));
    EXPECT_EQ(asked.get().error(), "the terminal's log did not arrive as text");
  }
  auto asked = later(hub->log("TC-1"));
  ASSERT_TRUE(terminal.wait_for<protocol::LogRequest>(3));
  EXPECT_FALSE(terminal.send_log(std::string(64 * 1024 + 1, 'x'))) << "larger than is taken";
  ASSERT_TRUE(terminal.send(protocol::Reply{static_cast<std::uint16_t>(protocol::Op::log_request),
                                            protocol::ReplyStatus::refused}));
  ASSERT_TRUE(answered(terminal, asked));
  EXPECT_EQ(asked.get().error(), "the terminal's log is empty");
}

TEST_F(RequestsTest, KeysOfATerminalAreTakenAndImpossibleOnesCounted) {
  start();
  TestTerminal terminal;
  ASSERT_TRUE(enter(terminal));
  for (int i = 0; i < 40; ++i) ASSERT_TRUE(terminal.send(protocol::Key{4, 1000}));
  EXPECT_EQ(ask([](Hub& h) { return h.counters().misplaced; }), 0u);
  ASSERT_TRUE(terminal.send(protocol::Key{5, 1000}));
  EXPECT_TRUE(terminal.run_until(
      [&] { return ask([](Hub& h) { return h.counters().bad_messages; }) == 1; }));
}

TEST_F(RequestsTest, AQuestionEndsWithTheConnection) {
  start();
  TestTerminal terminal;
  ASSERT_TRUE(enter(terminal));
  auto told = later(hub->stats("TC-1"));
  ASSERT_TRUE(terminal.wait_for<protocol::StatsRequest>());
  terminal.disconnect();
  ASSERT_EQ(told.wait_for(2s), std::future_status::ready) << "not only after the time limit";
  EXPECT_EQ(told.get().error(), "the terminal did not answer in time");
}

TEST_F(RequestsTest, AnImageIsSentWhenTheTerminalWantsItAndItsLastWordCounts) {
  start();
  TestTerminal terminal;
  ASSERT_TRUE(enter(terminal));
  ASSERT_TRUE(update(100'001));
  ASSERT_TRUE(terminal.wait_for<protocol::UpdateOffer>());
  const auto offer = terminal.received<protocol::UpdateOffer>()[0];
  EXPECT_EQ(offer.bytes, 100'001u);
  EXPECT_EQ(offer.slot, 1);
  EXPECT_TRUE(terminal.image.empty());
  ASSERT_TRUE(terminal.send(protocol::UpdateState{UpdateStage::wanted, UpdateProblem::none, 0}));
  ASSERT_TRUE(terminal.run_until([&] { return terminal.image.size() == 100'001; }));
  EXPECT_EQ(terminal.image, image_of(100'001));
  EXPECT_EQ(view().step, UpdateStep::transferring);
  ASSERT_TRUE(terminal.send(protocol::UpdateState{UpdateStage::staged, UpdateProblem::none, 0}));
  EXPECT_TRUE(terminal.run_until([&] { return view().step == UpdateStep::staged; }));
  EXPECT_EQ(log_types(), std::vector<std::string>{"terminal.connected"})
      << "nothing runs on it yet: no event";
}

TEST_F(RequestsTest, ABrokenConnectionGoesOnWhereTheTerminalIs) {
  start();
  TestTerminal terminal;
  ASSERT_TRUE(enter(terminal));
  ASSERT_TRUE(update(400'000));
  ASSERT_TRUE(terminal.wait_for<protocol::UpdateOffer>());
  ASSERT_TRUE(terminal.send(protocol::UpdateState{UpdateStage::wanted, UpdateProblem::none, 0}));
  ASSERT_TRUE(terminal.run_until([&] { return terminal.image.size() > 50'000; }));
  terminal.disconnect();
  const std::size_t held = terminal.image.size();
  ASSERT_LT(held, 400'000u);
  TestTerminal witness({.serial = "TC-2"});
  ASSERT_TRUE(enter(witness));
  EXPECT_TRUE(witness.run_until([&] { return view().step == UpdateStep::waiting_for_terminal; }));
  ASSERT_TRUE(enter(terminal));
  ASSERT_TRUE(terminal.wait_for<protocol::UpdateOffer>(2));
  ASSERT_TRUE(terminal.send(protocol::UpdateState{UpdateStage::wanted, UpdateProblem::none, 0}));
  ASSERT_TRUE(terminal.run_until([&] { return terminal.image.size() >= 400'000; }));
  EXPECT_EQ(terminal.image, image_of(400'000)) << "each byte once";
  ASSERT_TRUE(terminal.send(protocol::UpdateState{UpdateStage::staged, UpdateProblem::none, 0}));
  EXPECT_TRUE(terminal.run_until([&] { return view().step == UpdateStep::staged; }));
}

// A line of about 40 kB a second: the image is on its way for seconds.
constexpr std::uint16_t slow_frames = 1000;
constexpr std::size_t slow_image = 100'000;

TEST_F(RequestsTest, TapsAreAnsweredWhileAnImageIsOnItsWay) {
  start();
  TestTerminal terminal({.max_frame = slow_frames});
  ASSERT_TRUE(enter(terminal));
  ASSERT_TRUE(update(slow_image));
  ASSERT_TRUE(terminal.wait_for<protocol::UpdateOffer>());
  ASSERT_TRUE(terminal.send(protocol::UpdateState{UpdateStage::wanted, UpdateProblem::none, 0}));
  ASSERT_TRUE(terminal.run_until([&] { return !terminal.image.empty(); }));
  ASSERT_TRUE(terminal.send(terminal.tap(1, 1, test::monday_0850)));
  ASSERT_TRUE(terminal.wait_for<protocol::Answer>());
  EXPECT_LT(terminal.image.size(), slow_image);
}

TEST_F(RequestsTest, AScreenOvertakesAnImageAndTheImageGoesOn) {
  start();
  TestTerminal terminal({.panel_width = 800, .panel_height = 480, .max_frame = slow_frames});
  ASSERT_TRUE(enter(terminal));
  ASSERT_TRUE(terminal.run_until([&] { return terminal.screens().size() == 10; }, 20s));
  ASSERT_TRUE(update(slow_image));
  ASSERT_TRUE(terminal.wait_for<protocol::UpdateOffer>());
  ASSERT_TRUE(terminal.send(protocol::UpdateState{UpdateStage::wanted, UpdateProblem::none, 0}));
  ASSERT_TRUE(terminal.run_until([&] { return !terminal.image.empty(); }));
  ASSERT_TRUE(terminal.send(terminal.tap(1, 1, test::monday_0850)));
  ASSERT_TRUE(terminal.run_until([&] {
    return terminal.received<protocol::ScreenShow>().size() == 2;
  })) << "the answer with its time, and the offer of an assessment";
  const std::size_t held = terminal.image.size();
  EXPECT_LT(held, slow_image);
  terminal.run_for(100ms);
  EXPECT_EQ(terminal.image.size(), held) << "it waits while somebody uses the panel";
  const auto offer = terminal.received<protocol::ScreenShow>()[1].screen;
  ASSERT_TRUE(
      terminal.send(protocol::Touch{.screen = offer, .x = 600, .y = 410, .monotonic_ms = 100'000}));
  ASSERT_TRUE(terminal.run_until([&] { return terminal.image.size() == slow_image; }, 20s));
  EXPECT_EQ(terminal.image, image_of(slow_image));
}

TEST_F(RequestsTest, AnUpdateOfARevokedTerminalEnds) {
  start();
  TestTerminal terminal;
  ASSERT_TRUE(enter(terminal));
  EXPECT_EQ(update(10, "TC-2").error(), "TC-2 is not connected");
  ASSERT_TRUE(update(10));
  ASSERT_TRUE(terminal.wait_for<protocol::UpdateOffer>());
  ASSERT_TRUE(later(registry.revoke("TC-1", "It was stolen.", "desk-1", 0)).get());
  EXPECT_EQ(view().reason, "the terminal was revoked");
}

}  // namespace
}  // namespace rollcall::terminals
