#include "daemon/attendance/settle.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "daemon/attendance/sighting.hpp"
#include "daemon/events/json.hpp"

namespace rollcall::attendance {
namespace {

using json = nlohmann::ordered_json;

// Members of every conclusion that say what stands; a correction names those that changed.
constexpr std::array standing = {"direction",         "room",      "session", "half_day",
                                 "no_session_reason", "programme", "grant",   "contract"};
// Members beside them that a correction repeats.
constexpr std::array repeated = {"organisation", "site",        "terminal", "method",
                                 "assurance",    "provisional", "taps",     "time"};

json or_null(const std::optional<std::string>& text) {
  return text ? json(*text) : json();
}

json decided_by(std::string_view rule, std::string_view reason) {
  return {{"rule", rule}, {"version", rule_version}, {"reason", reason}};
}

// A conclusion that is in force, as `movement` keeps it.
struct Stated {
  std::int64_t position = 0;  // of the event that first stated it
  std::int64_t newest = 0;    // of the newest that did
  std::int64_t time_ms = 0;
  std::string direction;
  std::optional<std::string> session;
};

using Key = std::pair<std::int64_t, bool>;  // fact, closes

std::map<Key, Stated> stated_of(store::Database& db, const std::string& person,
                                const std::string& day) {
  auto row = db.prepare(
      "SELECT fact, closes, position, newest, time_ms, direction, session FROM movement"
      " WHERE person = ? AND day = ?");
  row.bind(person, day);
  std::map<Key, Stated> all;
  while (row.step()) {
    all[{row.integer(0), row.integer(1) != 0}] = {row.integer(2), row.integer(3), row.integer(4),
                                                  row.text(5), row.optional_text(6)};
  }
  return all;
}

std::optional<std::string> session_of(const DayMovement& movement) {
  const auto& session = movement.decision.session;
  return session ? std::optional(session->id) : std::nullopt;
}

bool says(const Stated& stated, const DayMovement& movement) {
  return stated.direction == to_text(*movement.decision.direction) &&
         stated.session == session_of(movement) && stated.time_ms == movement.at_ms;
}

bool holds(const ConcludedDay& concluded, const Key& key) {
  return std::ranges::any_of(concluded.movements, [&](const DayMovement& movement) {
    return movement.fact == key.first && movement.closes == key.second;
  });
}

// What a correction may change, out of a conclusion's data.
json revision_of(const json& data, bool closes) {
  json revision;
  for (const char* member : standing) revision[member] = data.at(member);
  revision["wall"] = data.at("time").at("wall");
  revision["ended_by"] = closes ? json("no_exit_tap") : json();
  return revision;
}

// Who has said that this fact was no movement, or has taken it back: staff or person. Recovery
// reads it again in `decided_by.rule` (daemon/recovery/rebuild.cpp).
std::optional<std::string> set_aside_by(store::Database& db, std::int64_t fact) {
  auto row = db.prepare(
      "SELECT coalesce(stated_by, 'person') FROM tap WHERE position = ?1 AND stated = 'none'"
      " UNION ALL SELECT 'staff' FROM statement WHERE position = ?1 AND stands = 0");
  return row.bind(fact).step() ? std::optional(row.text(0)) : std::nullopt;
}

json why_withdrawn(store::Database& db, std::int64_t fact) {
  const auto by = set_aside_by(db, fact);
  return by ? decided_by(*by, "it was no movement of this person")
            : decided_by("withdrawn", "what it rested on no longer comes to it");
}

// Leaves only the members that differ.
void keep_differences(json& was, json& is) {
  std::vector<std::string> same;
  for (const auto& [member, value] : was.items()) {
    if (is.at(member) == value) same.push_back(member);
  }
  for (const std::string& member : same) {
    was.erase(member);
    is.erase(member);
  }
}

class Settling {
 public:
  Settling(store::Database& db, const config::Config& config, const PersonDay& day,
           const Cause& cause, const HostTime& host, Closing closing)
      : db_(db), config_(config), day_(day), cause_(cause), host_(host), closing_(closing) {}

  void run(const ConcludedDay& concluded) {
    const std::map<Key, Stated> stated = stated_of(db_, day_.person.id, day_.day);
    for (const auto& [key, before] : stated) {
      if (!holds(concluded, key)) withdraw(key, before);
    }
    for (const DayMovement& movement : concluded.movements) {
      const auto found = stated.find({movement.fact, movement.closes});
      if (found != stated.end()) {
        if (!says(found->second, movement)) correct(found->second, movement);
      } else if (closing_ == Closing::later && movement.closes &&
                 &movement == &concluded.movements.back()) {
        again_at(host_.wall_ms + std::chrono::milliseconds(exit_may_follow).count());
      } else {
        state(movement);
      }
    }
    if (concluded.closes_ms) again_at(*concluded.closes_ms);
    keep_presence(db_, day_.person.id);
  }

 private:
  void again_at(std::int64_t due_ms) {
    mark_unsettled(db_, day_.person.id, day_.day, "rule", due_ms);
  }

  std::optional<Sighting> seen(const DayMovement& movement) const {
    auto sighting = sighting_of(db_, movement.fact);
    if (sighting && movement.closes) close(*sighting, movement.at_ms);
    return sighting;
  }

  // Nobody was seen to leave: the time is this machine's, the place is no terminal.
  void close(Sighting& sighting, std::int64_t at_ms) const {
    events::TimeBlock time = host_.time_block();
    const auto ago = static_cast<std::uint64_t>(std::max<std::int64_t>(host_.wall_ms - at_ms, 0));
    time.wall_ms = at_ms;
    time.monotonic_ms -= std::min(time.monotonic_ms, ago);
    sighting.time = events::to_json(time).dump();
    sighting.time_ms = at_ms;
    sighting.terminal.reset();
  }

  json data_of(const DayMovement& movement, const Sighting& seen) const {
    const Decision& decision = movement.decision;
    const auto& session = decision.session;
    const Person& person = day_.person;
    return {
        {"organisation", config_.site.organisation},
        {"site", config_.site.id},
        {"room", or_null(seen.room)},
        {"terminal", or_null(seen.terminal)},
        {"session", session ? json(session->id) : json()},
        {"half_day", session ? json({{"date", day_.day}, {"part", session->half_day}}) : json()},
        {"no_session_reason", session ? json() : json(decision.no_session_reason)},
        {"programme", or_null(session ? session->programme : person.programme)},
        {"grant", or_null(session ? session->grant : person.grant)},
        {"contract", or_null(session ? session->contract : person.contract)},
        {"method", seen.method},
        {"assurance", seen.assurance},
        {"direction", to_text(*decision.direction)},
        {"decided_by", decided_by(decision.rule, decision.reason)},
        {"provisional", older_taps_may_come(seen)},
        {"taps", seen.tap ? json::array({events::to_json(*seen.tap)}) : json::array()},
        {"time", json::parse(seen.time)}};
  }

  // Whether numbers below the highest of the tap's epoch are still to come.
  bool older_taps_may_come(const Sighting& seen) const {
    if (!seen.tap) return false;
    auto row = db_.prepare(
        "SELECT highest_number > taken FROM terminal_epoch WHERE serial = ? AND epoch = ?");
    return row.bind(seen.tap->serial, seen.tap->epoch).step() && row.integer(0) != 0;
  }

  // A conclusion that no event states: an event of its own, or a correction from nothing: when
  // there was one that was withdrawn since, and when people now say what the tap was, with who and
  // why.
  void state(const DayMovement& movement) {
    const auto sighting = seen(movement);
    if (!sighting) return;
    if (!sighting->tap && !movement.closes) {  // attendance.assisted states its own conclusion
      return keep(movement, {movement.fact, movement.fact}, *sighting);
    }
    const json stands = data_of(movement, *sighting);
    json data = stands;
    if (sighting->credential) data["credential"] = *sighting->credential;
    data["actor"] = movement.closes ? json("rule") : json();
    if (movement.closes) data["ended_by"] = "no_exit_tap";
    if (!movement.closes && cause_.states(movement.decision.rule))
      return correct_from_nothing(movement, *sighting, stands);
    events::Event event;
    event.type =
        movement.decision.direction == Direction::in ? "attendance.arrived" : "attendance.left";
    event.id = sighting->tap ? events::tap_event_id(config_.site.id, *sighting->tap, event.type,
                                                    movement.closes ? 1 : 0)
                             : events::new_event_id(host_.wall_ms);
    event.time_ms = sighting->time_ms;
    const events::Appended appended = append(std::move(event), data);
    if (appended.fresh) return keep(movement, {appended.position, appended.position}, *sighting);
    correct_from_nothing(movement, *sighting, stands);
  }

  void correct_from_nothing(const DayMovement& movement, const Sighting& sighting,
                            const json& stands) {
    const std::int64_t position = append_correction(
        stands, json(), json(), revision_of(stands, movement.closes), sighting.time_ms);
    keep(movement, {position, position}, sighting);
  }

  void correct(const Stated& before, const DayMovement& movement) {
    const auto sighting = seen(movement);
    const auto told = attendance_data(db_, before.newest);
    if (!sighting || !told) return;
    const json stands = data_of(movement, *sighting);
    json was = revision_of(*told, movement.closes);
    json is = revision_of(stands, movement.closes);
    keep_differences(was, is);
    std::int64_t newest = before.newest;
    if (!was.empty())
      newest =
          append_correction(stands, event_id(db_, before.position), was, is, sighting->time_ms);
    keep(movement, {before.position, newest}, *sighting);
  }

  void withdraw(const Key& key, const Stated& before) {
    const auto& [fact, closes] = key;
    const auto told = attendance_data(db_, before.newest);
    if (!told) return;
    json data;
    for (const char* member : standing) data[member] = told->at(member);
    for (const char* member : repeated) data[member] = told->at(member);
    data["direction"] = nullptr;
    data["decided_by"] = why_withdrawn(db_, fact);
    append_correction(std::move(data), event_id(db_, before.position), revision_of(*told, closes),
                      json(), time_of(before.position));
    db_.prepare("DELETE FROM movement WHERE position = ?").bind(before.position).run();
  }

  std::int64_t append_correction(json data, json corrects, json was, json is,
                                 const std::optional<std::int64_t>& time_ms) {
    data["corrects"] = std::move(corrects);
    data["old"] = std::move(was);
    data["new"] = std::move(is);
    data["cause"] = {{"kind", cause_.kind}, {"text", cause_.text}};
    data["actor"] = cause_.actor;
    events::Event event;
    event.type = "attendance.corrected";
    event.id = events::new_event_id(host_.wall_ms);
    event.time_ms = time_ms;
    return append(std::move(event), data).position;
  }

  events::Appended append(events::Event event, const json& data) {
    event.subject = day_.person.id;
    event.purpose = events::Purpose::attendance;
    event.data = data.dump();
    return events::append(db_, event, host_.wall_ms);
  }

  std::optional<std::int64_t> time_of(std::int64_t position) const {
    auto row = db_.prepare("SELECT time_ms FROM log WHERE position = ?");
    if (!row.bind(position).step() || row.is_null(0)) return std::nullopt;
    return row.integer(0);
  }

  struct Places {
    std::int64_t first, newest;  // events that stated it
  };
  void keep(const DayMovement& movement, const Places& places, const Sighting& seen) {
    keep_movement(db_, {.position = places.first,
                        .newest = places.newest,
                        .fact = movement.fact,
                        .closes = movement.closes,
                        .person = day_.person.id,
                        .day = day_.day,
                        .time_ms = movement.at_ms,
                        .direction = *movement.decision.direction,
                        .session = session_of(movement),
                        .room = seen.room.value_or("")});
  }

  store::Database& db_;
  const config::Config& config_;
  const PersonDay& day_;
  const Cause& cause_;
  const HostTime& host_;
  Closing closing_;
};

}  // namespace

void settle(store::Database& db, const config::Config& config, const PersonDay& day,
            const ConcludedDay& concluded, const Cause& cause, const HostTime& host,
            Closing closing) {
  Settling(db, config, day, cause, host, closing).run(concluded);
}

void settle_recorded(store::Database& db, const config::Config& config, PersonDay day,
                     ConcludedDay concluded, std::int64_t position, const Cause& cause,
                     const HostTime& host, Closing closing) {
  Fact& fact = day.facts.facts.back();
  for (DayMovement& movement : concluded.movements) {
    if (movement.fact == fact.id) movement.fact = position;
  }
  fact.id = position;
  settle(db, config, day, concluded, cause, host, closing);
}

bool settle_day(store::Database& db, const config::Config& config, const std::string& person,
                const std::string& day, const Cause& cause, const HostTime& host) {
  const auto known = person_by_id(db, person);
  if (!known) return false;
  const PersonDay facts = read_day(db, config, TimeZone(config.site.timezone), *known, day);
  settle(db, config, facts, conclude_day(facts.facts, host.wall_ms), cause, host);
  return true;
}

void mark_unsettled(store::Database& db, const std::string& person, const std::string& day,
                    std::string_view cause, std::int64_t due_ms) {
  db.prepare(
        "INSERT INTO unsettled (person, day, cause, due_ms) VALUES (?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET due_ms = min(due_ms, excluded.due_ms)")
      .bind(person, day, cause, due_ms)
      .run();
}

void mark_day_unsettled(store::Database& db, const std::string& day, std::string_view cause) {
  db.prepare(
        "INSERT INTO unsettled (person, day, cause, due_ms)"
        " SELECT DISTINCT person, day, ?, 0 FROM movement WHERE day = ?"
        " ON CONFLICT DO UPDATE SET cause = excluded.cause, due_ms = 0")
      .bind(cause, day)
      .run();
}

bool settle_due(store::Database& db, const config::Config& config, const HostTime& host,
                int limit) {
  if (host.trust == protocol::ClockTrust::unproven) return false;
  struct Due {
    std::string person, day, cause;
  };
  std::vector<Due> due;
  {
    auto row = db.prepare(
        "SELECT person, day, cause FROM unsettled WHERE due_ms <= ? ORDER BY due_ms LIMIT ?");
    row.bind(host.wall_ms, limit);
    while (row.step()) due.push_back({row.text(0), row.text(1), row.text(2)});
  }
  for (const Due& d : due) {
    const Cause cause = d.cause == "roster" ? Cause{"roster", "people or the timetable changed"}
                                            : Cause{"rule", "the day was concluded again"};
    db.prepare("DELETE FROM unsettled WHERE person = ? AND day = ?").bind(d.person, d.day).run();
    settle_day(db, config, d.person, d.day, cause, host);
  }
  return due.size() == static_cast<std::size_t>(limit);
}

}  // namespace rollcall::attendance
