#include "hal/crash.hpp"

#include <cstring>

#include <gtest/gtest.h>

namespace rollcall::hal {
namespace {

// RAM as start-up finds it.
struct Ram {
  alignas(CrashMemory) unsigned char bytes[sizeof(CrashMemory)];
  explicit Ram(int fill) { std::memset(bytes, fill, sizeof bytes); }
  CrashMemory& start() {
    CrashMemory& memory = *new (bytes) CrashMemory;
    memory.begin();
    return memory;
  }
};

TEST(Crash, MemoryThatWasNeverWrittenHoldsNone) {
  for (int fill = 0; fill < 256; ++fill) {
    Ram ram(fill);
    CrashMemory& memory = ram.start();
    EXPECT_FALSE(memory.crash()) << fill;
    EXPECT_FALSE(memory.take_restart()) << fill;
  }
}

TEST(Crash, IsFoundAfterTheResetWithWhatTheLoopSaid) {
  Ram ram(0xa5);
  CrashMemory& before = ram.start();
  before.set_boot(7);
  before.enter(3);
  before.record(CrashCause::access, 0x1234, 0x5678, 90'000);
  CrashMemory& after = ram.start();
  const Crash expected{CrashCause::access, 3, 0x1234, 0x5678, 90'000, 7};
  EXPECT_EQ(after.crash(), expected);
  EXPECT_FALSE(after.logged());
}

TEST(Crash, StaysUntilItIsForgotten) {
  Ram ram(0);
  ram.start().record(CrashCause::watchdog, 0, 0, 5);
  ram.start().set_logged();
  ram.start().restarting();
  CrashMemory& later = ram.start();
  EXPECT_TRUE(later.take_restart());
  EXPECT_FALSE(later.take_restart());
  EXPECT_TRUE(later.crash());
  EXPECT_TRUE(later.logged());
  later.forget();
  EXPECT_FALSE(ram.start().crash());
}

TEST(Crash, ANewerOneIsNotLoggedYet) {
  Ram ram(0);
  CrashMemory& memory = ram.start();
  memory.record(CrashCause::broken, 1, 2, 3);
  memory.set_logged();
  memory.restarting();
  memory.record(CrashCause::broken, 1, 2, 4);
  EXPECT_FALSE(memory.logged());
  EXPECT_FALSE(memory.take_restart());
}

TEST(Crash, EachFlippedBitIsNoticed) {
  Ram ram(0);
  ram.start().record(CrashCause::instruction, 0x20000000, 0x11, 42);
  for (std::size_t bit = 0; bit < 6 * 32; ++bit) {
    ram.bytes[bit / 8] ^= static_cast<unsigned char>(1u << bit % 8);
    EXPECT_FALSE(ram.start().crash()) << bit;
    ram.bytes[bit / 8] ^= static_cast<unsigned char>(1u << bit % 8);
  }
  EXPECT_TRUE(ram.start().crash());
}

}  // namespace
}  // namespace rollcall::hal
