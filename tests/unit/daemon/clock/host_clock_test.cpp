#include "daemon/clock/host_clock.hpp"

#include <gtest/gtest.h>

#include "daemon/events/event.hpp"
#include "tests/unit/daemon/scratch_database.hpp"

namespace rollcall::clock {
namespace {

using protocol::ClockTrust;

TEST(HostTrust, IsWhatTheKernelSaysAboveTheFloor) {
  EXPECT_EQ(trust(true, 10'000, 0), ClockTrust::synced);
  EXPECT_EQ(trust(false, 10'000, 0), ClockTrust::drifting);
  EXPECT_EQ(trust(true, 10'000, 10'000), ClockTrust::synced);
}

TEST(HostTrust, BelowTheNewestRecordedTimeNothingIsProven) {
  EXPECT_EQ(trust(true, 10'000, 12'001), ClockTrust::unproven);
  EXPECT_EQ(trust(false, 10'000, 12'001), ClockTrust::unproven);
  EXPECT_EQ(trust(true, 10'000, 12'000), ClockTrust::synced);  // within the tolerance
}

TEST(HostClock, CountsItsStarts) {
  testing::ScratchDatabase scratch;
  store::Database db(scratch.path(), store::Database::Mode::read_write);
  const auto first = HostClock(db).now();
  const auto second = HostClock(db).now();
  EXPECT_EQ(first.boot, 1u);
  EXPECT_EQ(second.boot, 2u);
}

TEST(HostClock, AHostWhoseClockWentBackIsUnproven) {
  testing::ScratchDatabase scratch;
  store::Database db(scratch.path(), store::Database::Mode::read_write);
  const std::int64_t next_year = HostClock(db).now().wall_ms + 365LL * 24 * 3600 * 1000;
  events::append(db, {"id", "tap.recorded", {}, next_year, events::Purpose::movement, "{}"},
                 next_year);
  EXPECT_EQ(HostClock(db).now().trust, ClockTrust::unproven);
}

}  // namespace
}  // namespace rollcall::clock
