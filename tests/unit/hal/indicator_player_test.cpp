#include "hal/chips/indicator_player.hpp"

#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "hal/sim/devices.hpp"

namespace rollcall::hal {
namespace {

using std::chrono::milliseconds;
using Trace = std::vector<std::pair<long, int>>;  // at, what

struct Outputs final : Lamp, Sounder {
  explicit Outputs(sim::ManualClock& of) : clock(of) {}
  void show(Colour colour) override { lights.emplace_back(now(), static_cast<int>(colour)); }
  void sound(std::uint16_t hertz) override { tones.emplace_back(now(), hertz); }
  long now() { return clock.monotonic().count(); }

  sim::ManualClock& clock;
  Trace lights, tones;
};

struct IndicatorPlayerTest : testing::Test {
  // Runs the player whenever it asks for it, until that time.
  void run_until(milliseconds end) {
    while (clock.monotonic() < end) {
      const auto next = player.run();
      clock.advance(std::min(next.value_or(end), end) - clock.monotonic());
    }
    player.run();
  }

  sim::ManualClock clock;
  Outputs outputs{clock};
  IndicatorPlayer player{outputs, outputs, clock};
};

constexpr int off = static_cast<int>(Colour::off), green = static_cast<int>(Colour::green),
              amber = static_cast<int>(Colour::amber);

TEST_F(IndicatorPlayerTest, ASteadyLightIsSwitchedOnce) {
  player.set_light({Colour::green, 0, 0});
  run_until(milliseconds{5000});
  EXPECT_EQ(outputs.lights, (Trace{{0, green}}));
  EXPECT_FALSE(player.run());
  player.set_light({Colour::off, 0, 0});
  EXPECT_EQ(outputs.lights.back(), (std::pair<long, int>{5000, off}));
}

TEST_F(IndicatorPlayerTest, ALightBlinksInItsBeat) {
  player.set_light({Colour::amber, 100, 300});
  run_until(milliseconds{900});
  EXPECT_EQ(outputs.lights,
            (Trace{{0, amber}, {100, off}, {400, amber}, {500, off}, {800, amber}, {900, off}}));
}

TEST_F(IndicatorPlayerTest, ALightKeepsItsBeatWhenTheLoopWasLate) {
  player.set_light({Colour::amber, 100, 300});
  clock.advance(milliseconds{450});  // within the second flash
  player.run();
  run_until(milliseconds{800});
  EXPECT_EQ(outputs.lights, (Trace{{0, amber}, {500, off}, {800, amber}}));
}

TEST_F(IndicatorPlayerTest, ANewLightBeginsAtOnce) {
  player.set_light({Colour::amber, 100, 300});
  run_until(milliseconds{250});
  player.set_light({Colour::green, 100, 100});
  run_until(milliseconds{500});
  EXPECT_EQ(outputs.lights,
            (Trace{{0, amber}, {100, off}, {250, green}, {350, off}, {450, green}}));
}

TEST_F(IndicatorPlayerTest, ATuneHasItsNotesAndPauses) {
  static constexpr Note notes[] = {{880, 100}, {0, 50}, {1760, 200}};
  player.play(notes);
  run_until(milliseconds{1000});
  EXPECT_EQ(outputs.tones, (Trace{{0, 880}, {100, 0}, {150, 1760}, {350, 0}}));
  EXPECT_FALSE(player.run());
}

TEST_F(IndicatorPlayerTest, TwoEqualNotesAreOneLongOne) {
  static constexpr Note notes[] = {{880, 100}, {880, 100}};
  player.play(notes);
  run_until(milliseconds{500});
  EXPECT_EQ(outputs.tones, (Trace{{0, 880}, {200, 0}}));
}

TEST_F(IndicatorPlayerTest, ANewTuneReplacesOneStillPlaying) {
  static constexpr Note slow[] = {{440, 1000}}, quick[] = {{880, 50}};
  player.play(slow);
  run_until(milliseconds{300});
  player.play(quick);
  run_until(milliseconds{2000});
  EXPECT_EQ(outputs.tones, (Trace{{0, 440}, {300, 880}, {350, 0}}));
}

TEST_F(IndicatorPlayerTest, NotesThatAreOverAreLeftOut) {
  static constexpr Note notes[] = {{880, 100}, {990, 100}, {1100, 100}};
  player.play(notes);
  clock.advance(milliseconds{250});
  player.run();
  EXPECT_EQ(outputs.tones, (Trace{{0, 880}, {250, 1100}}));
  run_until(milliseconds{400});
  EXPECT_EQ(outputs.tones.back(), (std::pair<long, int>{300, 0}));
}

TEST_F(IndicatorPlayerTest, AnEmptyTuneIsSilence) {
  static constexpr Note note[] = {{880, 100}};
  player.play(note);
  player.play({});
  EXPECT_EQ(outputs.tones, (Trace{{0, 880}, {0, 0}}));
}

}  // namespace
}  // namespace rollcall::hal
