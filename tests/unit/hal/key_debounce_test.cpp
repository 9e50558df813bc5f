#include "hal/chips/key_debounce.hpp"

#include <gtest/gtest.h>

#include "hal/sim/devices.hpp"

namespace rollcall::hal {
namespace {

using std::chrono::milliseconds;

struct Pin final : InputPin {
  bool high() override { return level; }
  bool level = true;
};

struct KeyDebounceTest : testing::Test {
  // What poll() gives when the board looks whenever it is asked to, for this long.
  std::optional<KeyPress> wait(milliseconds span) {
    for (const milliseconds end = clock.monotonic() + span;;) {
      if (const auto press = keys.poll()) return press;
      const auto next = keys.next_look().value_or(end);
      if (next > end || clock.monotonic() == end) return {};
      clock.advance(next - clock.monotonic());
    }
  }
  void settled_up() { EXPECT_FALSE(wait(milliseconds{50})); }

  Pin left, right;
  InputPin* pins[2] = {&left, &right};
  sim::ManualClock clock;
  KeyDebounce keys{pins, clock};
};

TEST_F(KeyDebounceTest, OnePressOfAKeyIsOne) {
  settled_up();
  const milliseconds down = clock.monotonic();
  right.level = false;
  const auto press = wait(milliseconds{1000});
  ASSERT_TRUE(press);
  EXPECT_EQ(press->key, 1);
  EXPECT_EQ(press->at, down);
  EXPECT_FALSE(wait(milliseconds{1000}));
  EXPECT_FALSE(keys.next_look());
  right.level = true;
  EXPECT_FALSE(wait(milliseconds{1000}));
}

TEST_F(KeyDebounceTest, ContactsThatBounceAreOnePress) {
  settled_up();
  for (int i = 0; i < 5; ++i) {
    left.level = i % 2 != 0;
    EXPECT_FALSE(keys.poll());
    clock.advance(milliseconds{3});
  }
  const milliseconds held = clock.monotonic() - milliseconds{3};
  const auto press = wait(milliseconds{1000});
  ASSERT_TRUE(press);
  EXPECT_EQ(press->at, held);
  EXPECT_FALSE(wait(milliseconds{1000}));
}

TEST_F(KeyDebounceTest, ASpikeIsNone) {
  settled_up();
  left.level = false;
  EXPECT_FALSE(keys.poll());
  clock.advance(KeyDebounce::settle - milliseconds{1});
  EXPECT_FALSE(keys.poll());
  left.level = true;
  EXPECT_FALSE(wait(milliseconds{1000}));
}

TEST_F(KeyDebounceTest, AKeyThatIsDownSinceStartCountsAfterItWasLetGo) {
  left.level = false;
  EXPECT_FALSE(wait(milliseconds{1000}));
  left.level = true;
  EXPECT_FALSE(wait(milliseconds{1000}));
  left.level = false;
  EXPECT_TRUE(wait(milliseconds{1000}));
}

TEST_F(KeyDebounceTest, TwoKeysAtOnceAreTwoPressesByNumber) {
  settled_up();
  right.level = left.level = false;
  EXPECT_FALSE(keys.poll());
  clock.advance(KeyDebounce::settle);
  EXPECT_EQ(keys.poll()->key, 0);
  EXPECT_EQ(keys.poll()->key, 1);
  EXPECT_FALSE(keys.poll());
}

}  // namespace
}  // namespace rollcall::hal
