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

}  // namespace

Known greet(store::Database& db, const Greeting& greeting) {
  db.prepare(
        "INSERT INTO terminal (serial, firmware, boot, last_seen_ms) VALUES (?, ?, ?, ?) ON "
        "CONFLICT (serial) "
        "DO UPDATE SET firmware = excluded.firmware, boot = excluded.boot, last_seen_ms = "
        "excluded.last_seen_ms")
      .bind(greeting.serial, greeting.firmware, greeting.boot, greeting.now_ms)
      .run();

  Known known;
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

  const auto wall = tap.wall_ms == 0 ? std::nullopt : std::optional(tap.wall_ms);
  const nlohmann::ordered_json data = {
      {"organisation", site.organisation},
      {"site", site.id},
      {"room", tap.room},
      {"terminal", tap.serial},
      {"tap", events::to_json(identity)},
      {"cause", tap.opened ? "format" : "seal"},
      {"digest", events::hex(crypto::sha256(tap.bytes))},
      {"time", events::to_json(events::TimeBlock{wall, tap.trust, tap.monotonic_ms, tap.boot})},
  };
  events::append(db,
                 {.id = events::tap_event_id(site.id, identity, event_type, 0),
                  .type = event_type,
                  .subject = std::nullopt,
                  .time_ms = wall,
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

}  // namespace rollcall::terminals
