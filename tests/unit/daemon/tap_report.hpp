// A tap as a session hands it to the recorder.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <utility>

#include "daemon/attendance/recorder.hpp"

namespace rollcall::testing {

// Live, of start 3, with a proven time: a second of the terminal's clock after the tap before it.
inline attendance::TapReport tap(std::uint64_t number, std::int64_t wall_ms,
                                 const std::array<std::uint8_t, 4>& chip,
                                 std::string serial = "TC-1") {
  attendance::TapReport report;
  report.serial = std::move(serial);
  report.live = true;
  report.tap.epoch.fill(0xee);
  report.tap.number = number;
  report.tap.boot = 3;
  report.tap.monotonic_ms = number * 1000;
  report.tap.wall_ms = wall_ms;
  report.tap.trust = protocol::ClockTrust::synced;
  report.tap.reading.assign(chip);
  return report;
}

}  // namespace rollcall::testing
