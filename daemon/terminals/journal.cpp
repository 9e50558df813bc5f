#include "daemon/terminals/journal.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "daemon/events/event.hpp"
#include "daemon/events/json.hpp"

namespace rollcall::terminals {
namespace {

constexpr std::size_t max_missing = 8;
constexpr const char* inbox_kind = "sealed-unreadable";
constexpr const char* event_type = "security.queue_unreadable";

const char* sensor_name(protocol::TamperSensor sensor) {
  switch (sensor) {
    case protocol::TamperSensor::housing:
      return "case";
    case protocol::TamperSensor::reader:
      return "reader";
    case protocol::TamperSensor::storage:
      return "storage";
    case protocol::TamperSensor::debug:
      return "debug";
  }
  return nullptr;
}

const char* reset_name(protocol::ResetReason reason) {
  switch (reason) {
    case protocol::ResetReason::power_on:
      return "power_on";
    case protocol::ResetReason::watchdog:
      return "watchdog";
    case protocol::ResetReason::software:
      return "software";
    case protocol::ResetReason::crash:
      return "crash";
    case protocol::ResetReason::brown_out:
      return "brown_out";
    case protocol::ResetReason::unknown:
      break;
  }
  return "unknown";
}

const char* update_name(protocol::UpdateOutcome outcome) {
  switch (outcome) {
    case protocol::UpdateOutcome::confirmed:
      return "confirmed";
    case protocol::UpdateOutcome::rolled_back:
      return "rolled_back";
    case protocol::UpdateOutcome::rejected:
      return "rejected";
    case protocol::UpdateOutcome::none:
      break;
  }
  return "none";
}

nlohmann::ordered_json about(const config::Site& site, const std::string& serial,
                             const std::string& room) {
  return {
      {"organisation", site.organisation}, {"site", site.id}, {"room", room}, {"terminal", serial}};
}

}  // namespace

void append_now(store::Database& db, const char* type, nlohmann::ordered_json data,
                const attendance::HostTime& now) {
  data["time"] = events::to_json(now.time_block());
  events::append(db,
                 {.id = events::new_event_id(now.wall_ms),
                  .type = type,
                  .subject = std::nullopt,
                  .time_ms = now.wall_ms,
                  .purpose = events::Purpose::operation,
                  .data = data.dump()},
                 now.wall_ms);
}

Known greet(store::Database& db, const Greeting& greeting) {
  db.prepare(
        "INSERT INTO terminal (serial, firmware, boot, last_seen_ms) VALUES (?, ?, ?, ?) ON "
        "CONFLICT (serial) "
        "DO UPDATE SET firmware = excluded.firmware, boot = excluded.boot, last_seen_ms = "
        "excluded.last_seen_ms")
      .bind(greeting.serial, greeting.firmware, greeting.boot, greeting.now.wall_ms)
      .run();

  Known known;
  known.new_start =
      attendance::keep_start(db, {greeting.serial, greeting.state.epoch, greeting.boot,
                                  greeting.now.wall_ms, greeting.now.trust});
  {
    auto highest =
        db.prepare("SELECT highest_number FROM terminal_epoch WHERE serial = ? AND epoch = ?");
    if (highest.bind(greeting.serial, greeting.state.epoch).step()) {
      known.highest_number = static_cast<std::uint64_t>(highest.integer(0));
    }
  }
  known.missing = marked_epochs(db, greeting.serial);
  const protocol::TerminalState& state = greeting.state;
  const bool believes_acknowledged = state.next_number > std::uint64_t{state.waiting} + 1;
  if (known.highest_number == 0 && believes_acknowledged && known.missing.size() < max_missing &&
      std::ranges::find(known.missing, state.epoch) == known.missing.end()) {
    known.missing.push_back(state.epoch);
  }
  return known;
}

std::vector<protocol::StorageEpoch> marked_epochs(store::Database& db, const std::string& serial) {
  std::vector<protocol::StorageEpoch> epochs;
  auto row = db.prepare("SELECT epoch FROM terminal_epoch WHERE serial = ? AND resend_pending = 1");
  for (row.bind(serial); epochs.size() < max_missing && row.step();) {
    epochs.push_back(row.fixed<16>(0));
  }
  return epochs;
}

void clear_resend(store::Database& db, const std::string& serial,
                  const std::vector<protocol::StorageEpoch>& epochs) {
  for (const auto& epoch : epochs) {
    db.prepare("UPDATE terminal_epoch SET resend_pending = 0 WHERE serial = ? AND epoch = ?")
        .bind(serial, epoch)
        .run();
  }
}

void seen(store::Database& db, const std::string& serial, std::int64_t now_ms) {
  db.prepare("UPDATE terminal SET last_seen_ms = max(last_seen_ms, ?) WHERE serial = ?")
      .bind(now_ms, serial)
      .run();
}

void keep_unreadable(store::Database& db, const config::Site& site, const Unreadable& tap,
                     const attendance::HostTime& now) {
  const events::TapIdentity identity{tap.serial, tap.epoch, tap.number};
  const std::string subject =
      tap.serial + " " + events::hex(tap.epoch) + " " + std::to_string(tap.number);
  const std::string why =
      tap.opened ? "A stored tap of this terminal was read, but is not one this site can record."
                 : "A stored tap of this terminal cannot be read with this site's key.";
  const std::string detail = why + " Its bytes are kept: " + events::hex(tap.bytes);

  auto kept = db.prepare("SELECT 1 FROM inbox WHERE kind = ? AND subject = ? AND detail = ?");
  if (!kept.bind(inbox_kind, subject, detail).step()) {
    db.prepare("INSERT INTO inbox (kind, subject, detail, created_ms) VALUES (?, ?, ?, ?)")
        .bind(inbox_kind, subject, detail, now.wall_ms)
        .run();
  }

  // It may be just its times that cannot be; its bytes have them as they came.
  events::TimeBlock time{.wall_ms = std::nullopt,
                         .trust = tap.trust,
                         .monotonic_ms = std::min(tap.monotonic_ms, events::largest_number),
                         .boot = tap.boot};
  if (tap.wall_ms > 0 && tap.wall_ms <= events::latest_wall_ms) time.wall_ms = tap.wall_ms;
  if (!time.wall_ms || !attendance::error_of(time.trust)) {
    const attendance::Bracket bracket = attendance::bracket_of(
        db, {tap.serial, tap.epoch, tap.number, {tap.boot, tap.monotonic_ms}}, tap.start, now);
    time.not_before_ms = bracket.not_before_ms;
    time.not_after_ms = bracket.not_after_ms;
  }
  const nlohmann::ordered_json data = {
      {"organisation", site.organisation},
      {"site", site.id},
      {"room", tap.room},
      {"terminal", tap.serial},
      {"tap", events::to_json(identity)},
      {"cause", tap.opened ? "format" : "seal"},
      {"digest", events::hex(crypto::sha256(tap.bytes))},
      {"time", events::to_json(time)},
  };
  events::append(db,
                 {.id = events::tap_event_id(site.id, identity, event_type, 0),
                  .type = event_type,
                  .subject = std::nullopt,
                  .time_ms = time.wall_ms,
                  .purpose = events::Purpose::operation,
                  .data = data.dump()},
                 now.wall_ms);

  db.prepare(
        "INSERT INTO terminal_epoch (serial, epoch, highest_number) VALUES (?, ?, ?) ON CONFLICT "
        "(serial, epoch) "
        "DO UPDATE SET highest_number = max(highest_number, excluded.highest_number)")
      .bind(tap.serial, tap.epoch, tap.number)
      .run();
}

void note_clock_set(store::Database& db, const config::Site& site, const ClockSet& what,
                    const attendance::HostTime& now) {
  using Json = nlohmann::ordered_json;
  const std::int64_t after = what.given.wall_ms;
  Json data = about(site, what.serial, what.room);
  data["before"] = what.before_ms ? Json(events::rfc3339(*what.before_ms)) : Json();
  data["after"] = events::rfc3339(after);
  data["trust"] = events::to_text(what.given.trust);
  data["step_ms"] = what.before_ms ? Json(after - *what.before_ms) : Json();
  data["time"] = events::to_json(events::TimeBlock{
      .wall_ms = what.before_ms,
      .trust = protocol::ClockTrust::unproven,
      .monotonic_ms = what.point.monotonic_ms.value_or(0),
      .boot = what.point.boot,
      .not_before_ms = what.point.earliest_ms,
      .not_after_ms = what.point.latest_ms,
  });
  events::append(db,
                 {.id = events::new_event_id(now.wall_ms),
                  .type = "terminal.clock_set",
                  .subject = std::nullopt,
                  .time_ms = what.before_ms,
                  .purpose = events::Purpose::operation,
                  .data = data.dump()},
                 now.wall_ms);
}

void note_tampering(store::Database& db, const config::Site& site, const Tampered& what,
                    const attendance::HostTime& now) {
  const events::TimeBlock time{.wall_ms = now.wall_ms,
                               .trust = now.trust,
                               .monotonic_ms = what.monotonic_ms,
                               .boot = what.boot};
  const nlohmann::ordered_json data = {
      {"organisation", site.organisation},
      {"site", site.id},
      {"room", what.room},
      {"terminal", what.serial},
      {"sensor", sensor_name(what.sensor)},
      {"cleared", what.cleared},
      {"time", events::to_json(time)},
  };
  events::append(db,
                 {.id = events::new_event_id(now.wall_ms),
                  .type = "terminal.tampered",
                  .subject = std::nullopt,
                  .time_ms = now.wall_ms,
                  .purpose = events::Purpose::operation,
                  .data = data.dump()},
                 now.wall_ms);
}

namespace {

void note_connected(store::Database& db, const config::Site& site, const Connected& who,
                    const attendance::HostTime& now) {
  constexpr std::uint64_t largest_number = (std::uint64_t{1} << 53) - 1;  // of the contract
  const Bytes firmware = who.hello.firmware.view();
  nlohmann::ordered_json data = about(site, who.serial, who.room);
  data["link"] = who.link;
  data["encrypted"] = true;  // there are no other links
  data["protocol"] = who.protocol;
  data["firmware"] = std::string(firmware.begin(), firmware.end());
  data["boot"] = who.hello.boot;
  data["reset"] = reset_name(who.hello.reset);
  data["slot"] = who.hello.slot;
  data["last_update"] = update_name(who.hello.last_update);
  data["epoch"] = events::hex(who.state.epoch);
  data["next_number"] = std::clamp(who.state.next_number, std::uint64_t{1}, largest_number);
  data["waiting"] = who.state.waiting;
  data["capacity"] = who.state.capacity;
  data["panel"] = {{"width", who.state.panel_width}, {"height", who.state.panel_height}};
  append_now(db, "terminal.connected", std::move(data), now);
}

void note_displaced(store::Database& db, const config::Site& site, const Displaced& what,
                    const attendance::HostTime& now) {
  // After another start the storage may have begun a new epoch; within one it stays.
  const bool same_start =
      what.new_boot == what.old_boot && (!what.old_epoch || *what.old_epoch == what.new_epoch);
  nlohmann::ordered_json data = about(site, what.serial, what.room);
  data["old_boot"] = what.old_boot;
  data["new_boot"] = what.new_boot;
  data["same_device"] = same_start || what.new_boot > what.old_boot;
  append_now(db, "security.terminal_displaced", std::move(data), now);
}

}  // namespace

void note(store::Database& db, const config::Site& site, const Arrival& arrival) {
  if (arrival.connected) note_connected(db, site, *arrival.connected, arrival.now);
  if (arrival.displaced) note_displaced(db, site, *arrival.displaced, arrival.now);
}

void note_disconnected(store::Database& db, const config::Site& site, const Disconnected& who,
                       const attendance::HostTime& now) {
  nlohmann::ordered_json data = about(site, who.serial, who.room);
  data["cause"] = who.cause;
  data["connected_ms"] = who.connected.count();
  data["unanswered"] = who.unanswered;
  append_now(db, "terminal.disconnected", std::move(data), now);
}

}  // namespace rollcall::terminals
