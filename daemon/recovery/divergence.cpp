#include "daemon/recovery/divergence.hpp"

#include <algorithm>
#include <set>

#include <nlohmann/json.hpp>

#include "daemon/delivery/outbox.hpp"
#include "daemon/events/event.hpp"
#include "daemon/events/json.hpp"

namespace rollcall::recovery {
namespace {

using nlohmann::json;

constexpr std::string_view aside_prefix = "aside-";  // see import.cpp; no epoch of the contract
constexpr const char* missing_key = "recovery_missing";
constexpr const char* reconciled_key = "recovery_reconciled";

std::optional<std::string> meta(store::Database& db, std::string_view key) {
  auto row = db.prepare("SELECT value FROM meta WHERE key = ?");
  row.bind(key);
  if (!row.step()) return std::nullopt;
  return row.text(0);
}

void set_meta(store::Database& db, std::string_view key, const std::string& value) {
  db.prepare(
        "INSERT INTO meta (key, value) VALUES (?, ?)"
        " ON CONFLICT (key) DO UPDATE SET value = excluded.value")
      .bind(key, value)
      .run();
}

// The highest place of an epoch in this database, as delivered.
std::int64_t highest(store::Database& db, const std::string& epoch) {
  auto row = db.prepare(
      "SELECT max(coalesce((SELECT max(l.sequence) FROM log l WHERE l.epoch = ?1), 0),"
      " coalesce((SELECT max(w.sequence) FROM wire_place w WHERE w.epoch = ?1), 0))");
  row.bind(epoch).step();
  return row.integer(0);
}

std::optional<std::string> event_at(store::Database& db, const std::string& epoch,
                                    std::int64_t sequence) {
  auto moved_here = db.prepare(
      "SELECT l.event_id FROM wire_place w JOIN log l ON l.position = w.position"
      " WHERE w.epoch = ? AND w.sequence = ?");
  if (moved_here.bind(epoch, sequence).step()) return moved_here.text(0);
  auto row = db.prepare(
      "SELECT event_id FROM log WHERE epoch = ? AND sequence = ?"
      " AND position NOT IN (SELECT position FROM wire_place)");
  if (row.bind(epoch, sequence).step()) return row.text(0);
  return std::nullopt;
}

std::set<std::string> known_epochs(store::Database& db) {
  std::set<std::string> epochs;
  // Steps from epoch to epoch over the index instead of reading the whole log.
  std::string last;
  for (;;) {
    auto row = db.prepare("SELECT epoch FROM log WHERE epoch > ? ORDER BY epoch LIMIT 1");
    if (!row.bind(last).step()) break;
    last = row.text(0);
    if (!last.starts_with(aside_prefix)) epochs.insert(last);
  }
  auto rows = db.prepare("SELECT DISTINCT epoch FROM wire_place");
  while (rows.step()) epochs.insert(rows.text(0));
  return epochs;
}

// Everything before the first event without a receipt is known here and there.
std::int64_t certain_up_to(store::Database& db, const std::string& epoch) {
  auto row = db.prepare(
      "SELECT min(coalesce(w.sequence, l.sequence)) FROM log l"
      " LEFT JOIN wire_place w ON w.position = l.position"
      " LEFT JOIN delivery d ON d.position = l.position"
      " WHERE coalesce(w.epoch, l.epoch) = ? AND coalesce(d.state, '') NOT IN"
      " ('accepted', 'rejected')");
  row.bind(epoch).step();
  return row.is_null(0) ? highest(db, epoch) : row.integer(0) - 1;
}

json nullable(const std::string& text) {
  return text.empty() ? json() : json(text);
}

}  // namespace

std::string_view name(Cause cause) {
  switch (cause) {
    case Cause::behind:
      return "behind";
    case Cause::different:
      return "different";
    case Cause::fork:
      return "fork";
    case Cause::gap:
      return "gap";
  }
  return "behind";
}

std::optional<Cause> compare(store::Database& db, const Mark& remembered) {
  const std::int64_t here = highest(db, remembered.epoch);
  if (here == 0 && remembered.epoch != events::current_epoch(db)) return Cause::behind;
  if (here < remembered.sequence) return Cause::behind;
  if (remembered.sequence > 0 &&
      event_at(db, remembered.epoch, remembered.sequence) != remembered.event_id) {
    return Cause::different;
  }
  return std::nullopt;
}

std::vector<Missing> missing(store::Database& db) {
  std::vector<Missing> result;
  if (const auto text = meta(db, missing_key)) {
    for (const json& entry : json::parse(*text)) {
      result.push_back(
          {entry.at("epoch").get<std::string>(), entry.at("after").get<std::int64_t>()});
    }
  }
  return result;
}

void set_missing(store::Database& db, const std::vector<Missing>& left) {
  json list = json::array();
  for (const Missing& each : left) list.push_back({{"epoch", each.epoch}, {"after", each.after}});
  set_meta(db, missing_key, list.dump());
}

std::optional<Mark> reconciled(store::Database& db) {
  const auto text = meta(db, reconciled_key);
  if (!text) return std::nullopt;
  const json mark = json::parse(*text);
  return Mark{mark.at("epoch").get<std::string>(), mark.at("sequence").get<std::int64_t>(),
              mark.at("event").get<std::string>()};
}

void set_reconciled(store::Database& db, const Mark& mark) {
  set_meta(
      db, reconciled_key,
      json{{"epoch", mark.epoch}, {"sequence", mark.sequence}, {"event", mark.event_id}}.dump());
}

std::string diverge(store::Database& db, const config::Config& config, Cause cause,
                    const std::vector<Mark>& marks, const std::optional<Mark>& remote,
                    const attendance::HostTime& now) {
  const std::string old_epoch = events::current_epoch(db);
  const std::int64_t old_sequence = highest(db, old_epoch);

  std::set<std::string> epochs = known_epochs(db);
  for (const Mark& mark : marks) epochs.insert(mark.epoch);
  if (remote) epochs.insert(remote->epoch);
  std::vector<Missing> list;
  for (const std::string& epoch : epochs) list.push_back({epoch, certain_up_to(db, epoch)});
  set_missing(db, list);

  const std::string epoch = events::open_new_epoch(db);
  const nlohmann::ordered_json data = {
      {"organisation", config.site.organisation},
      {"site", config.site.id},
      {"cause", name(cause)},
      {"site_epoch", nullable(old_sequence > 0 ? old_epoch : "")},
      {"site_sequence", old_sequence > 0 ? json(old_sequence) : json()},
      {"remote_epoch", nullable(remote ? remote->epoch : "")},
      {"remote_sequence", remote ? json(remote->sequence) : json()},
      {"new_epoch", epoch},
      {"time", events::to_json(now.time_block())}};
  events::Event event;
  event.id = events::new_event_id(now.wall_ms);
  event.type = "security.log_diverged";
  event.time_ms = now.wall_ms;
  event.purpose = events::Purpose::operation;
  event.data = data.dump();
  events::append(db, event, now.wall_ms);

  delivery::outbox::tell_staff(
      db, "restored", "log",
      "The site's database was put back to an older copy, or the case system holds other events "
      "than it. New events are numbered anew; missing ones are fetched back from the case system "
      "and asked for at the terminals. Nothing needs to be typed in again.",
      now.wall_ms);
  return epoch;
}

}  // namespace rollcall::recovery
