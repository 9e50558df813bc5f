// Events: the facts and conclusions of a site. An event has one identity from birth; appending it
// to the log also writes its payload, salted leaf digest and place in the outbox, in one
// transaction.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/store/database.hpp"
#include "protocol/types.hpp"

namespace rollcall::events {

// Which payload table holds the content; each purpose has its own retention and is purged apart.
enum class Purpose { movement, attendance, assessment, childcare, operation };
std::string_view name(Purpose purpose);           // "movement", ...
std::string_view payload_table(Purpose purpose);  // "payload_movement", ...
std::optional<Purpose> purpose_from(std::string_view text);
inline constexpr std::array all_purposes = {Purpose::movement, Purpose::attendance,
                                            Purpose::assessment, Purpose::childcare,
                                            Purpose::operation};

// When something happened and how far that may be believed; in every event's data as "time".
struct TimeBlock {
  std::optional<std::int64_t> wall_ms;  // Unix ms; nothing = no wall time known
  protocol::ClockTrust trust = protocol::ClockTrust::unproven;
  std::uint64_t monotonic_ms = 0;  // since `boot` of the clock that took it
  std::uint32_t boot = 0;
  // Unix ms; proven times that an unproven one lies between, nothing = not known on that side.
  std::optional<std::int64_t> not_before_ms = std::nullopt;
  std::optional<std::int64_t> not_after_ms = std::nullopt;
};

// What an event can tell: times of years that RFC 3339 has, numbers that JSON has exactly (RFC 8259
// section 6).
inline constexpr std::int64_t latest_wall_ms = 253'402'300'799'999;  // the end of the year 9999
inline constexpr std::uint64_t largest_number = (std::uint64_t{1} << 53) - 1;

struct Event {
  std::string id;                      // UUID text
  std::string type;                    // without prefix and version: "attendance.arrived"
  std::optional<std::string> subject;  // pseudonym
  std::optional<std::int64_t> time_ms;
  Purpose purpose = Purpose::operation;
  std::string data;  // JSON object text, as it will be delivered
};

// UUIDv5 (RFC 9562 section 5.5) of site and tap: the same whenever and by whatever database it is
// made.
struct TapIdentity {
  std::string serial;
  protocol::StorageEpoch epoch{};
  std::uint64_t number = 0;
};
std::string tap_event_id(std::string_view site, const TapIdentity& tap, std::string_view type,
                         int ordinal);
// UUIDv7 (RFC 9562 section 5.7) for events that start at the daemon.
std::string new_event_id(std::int64_t now_ms);
std::string random_uuid();  // UUIDv4
std::string hex(std::span<const std::uint8_t> bytes);
std::optional<std::vector<std::uint8_t>> unhex(std::string_view text);
// "2026-03-02T08:01:02.123Z"
std::string rfc3339(std::int64_t unix_ms);
// The same back to Unix ms; nothing when it is not such a text.
std::optional<std::int64_t> parse_rfc3339(std::string_view text);

// Appends to the log inside the caller's transaction; returns the position. An event whose id is
// already in the log is not appended again: the existing position is returned.
// Thread: the writer.
struct Appended {
  std::int64_t position;
  bool fresh;
};
Appended append(store::Database& db, const Event& event, std::int64_t recorded_ms);

// Writes an event at a given place of the log: for events fetched back after a restore.
struct Place {
  std::string epoch;
  std::int64_t sequence;
  std::int64_t recorded_ms;
};
std::int64_t insert(store::Database& db, const Event& event, const Place& place);

// The log epoch in force, made at the first use (meta key "log_epoch").
std::string current_epoch(store::Database& db);
// Starts a new log epoch and returns it; sequence counts from 1 again.
std::string open_new_epoch(store::Database& db);

// One log row as CloudEvents 1.0 JSON, as it stands in batches.
std::string to_cloudevent(store::Database& db, std::string_view site, std::int64_t position,
                          int attempt);

}  // namespace rollcall::events
