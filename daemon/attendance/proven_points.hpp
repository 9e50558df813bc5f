// What the tables know of terminals' clocks, for bracket(). Thread: the writer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "daemon/attendance/bracket.hpp"
#include "daemon/attendance/recorder.hpp"
#include "daemon/store/database.hpp"
#include "protocol/types.hpp"

namespace rollcall::attendance {

// A tap as far as its bracket depends on it.
struct TapPlace {
  std::string serial;
  protocol::StorageEpoch epoch{};
  std::uint64_t number = 0;
  ClockPlace clock;
};

// The bracket of a tap that is recorded now. `start`: what is known of the start in which the
// terminal hands it over. Besides it rests on the proven taps next to it in its epoch, and on the
// newest start before its own that the site heard of. An epoch in which an identity was used twice
// proves no order: then only `start` and the receipt count.
Bracket bracket_of(store::Database& db, const TapPlace& tap,
                   const std::optional<ProvenPoint>& start, const HostTime& host);

// The terminal was heard of in this start, `trust` being the host's at `heard_ms`. Kept of the
// newest 1000 starts; not at all while the host's clock is unproven. True: it is the first time.
struct HeardOf {
  std::string serial;
  protocol::StorageEpoch epoch{};
  std::uint32_t boot = 0;
  std::int64_t heard_ms = 0;
  protocol::ClockTrust trust = protocol::ClockTrust::unproven;
};
bool keep_start(store::Database& db, const HeardOf& start);

}  // namespace rollcall::attendance
