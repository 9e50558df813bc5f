#include "daemon/console/queries.hpp"

#include <nlohmann/json.hpp>

#include "daemon/console/rows.hpp"
#include "daemon/events/event.hpp"
#include "daemon/roster/timetable.hpp"

namespace rollcall::console {
namespace {

Json present_people(store::Database& db, const std::string& today) {
  Json out = Json::array();
  auto row = db.prepare(
      "SELECT p.person, n.display_name, coalesce(n.protected, 1), coalesce(n.role, 'participant'), "
      "p.room, p.session,"
      " s.title, p.since_ms FROM presence p LEFT JOIN person n ON n.id = p.person"
      " LEFT JOIN session s ON s.id = p.session WHERE p.direction = 'in' AND p.day = ?"
      " ORDER BY p.since_ms, p.person");
  row.bind(today);
  while (row.step()) {
    out.push_back({{"person", row.text(0)},
                   {"name", shown_name(row, 1, 2)},
                   {"role", row.text(3)},
                   {"room", row.text(4)},
                   {"session", text_or_null(row, 5)},
                   {"title", text_or_null(row, 6)},
                   {"since", events::rfc3339(row.integer(7))}});
  }
  return out;
}

std::int64_t count_present(store::Database& db, const std::string& today) {
  auto row = db.prepare("SELECT count(*) FROM presence WHERE direction = 'in' AND day = ?");
  row.bind(today).step();
  return row.integer(0);
}

Json sessions_today(store::Database& db, const attendance::LocalTime& now) {
  Json out = Json::array();
  for (const roster::SessionOn& session : roster::sessions_on(db, now.day)) {
    if (session.cancelled) continue;
    const auto enrolled = roster::enrolled_on(db, session.course, now.day);
    auto present = db.prepare(
        "SELECT count(*) FROM presence p JOIN enrolment e ON e.person = p.person AND e.course = ? "
        "WHERE p.session = ? AND p.direction = 'in' AND p.day = ?");
    present.bind(session.course, session.id, now.day).step();
    out.push_back({{"id", session.id},
                   {"title", session.title},
                   {"room", session.room},
                   {"start", clock_text(session.start_minute)},
                   {"end", clock_text(session.end_minute)},
                   {"present", present.integer(0)},
                   {"enrolled", enrolled.size()}});
  }
  return out;
}

// Whose tap it is now: a card attached later names its earlier taps.
void put_person(store::Database& db, const Json& data, std::int64_t position, Json& tap) {
  const auto epoch = events::unhex(data.at("tap").at("epoch").get<std::string>());
  auto row = db.prepare(
      "SELECT t.person, n.display_name, coalesce(n.protected, 1) FROM tap t LEFT JOIN person n ON "
      "n.id = t.person"
      " WHERE t.serial = ? AND t.epoch = ? AND t.number = ? AND t.position = ?");
  row.bind(data.at("terminal").get<std::string>(), epoch.value_or(store::Blob{}),
           data.at("tap").at("number").get<std::int64_t>(), position);
  if (!row.step() || row.is_null(0)) return;
  tap["person"] = row.text(0);
  tap["name"] = shown_name(row, 1, 2);
}

// The conclusion drawn from a tap follows it in the log at once.
Json reason_of(store::Database& db, std::int64_t position) {
  auto row = db.prepare(
      "SELECT json_extract(data, '$.decided_by.reason') FROM payload_attendance WHERE position = "
      "?");
  return row.bind(position + 1).step() ? text_or_null(row, 0) : Json();
}

Json last_taps(store::Database& db) {
  Json out = Json::array();
  auto row = db.prepare(
      "SELECT l.position, l.time_ms, m.data FROM payload_movement m JOIN log l ON l.position = "
      "m.position"
      " WHERE l.type = 'tap.recorded' ORDER BY m.position DESC LIMIT ?");
  row.bind(most_taps);
  while (row.step()) {
    const Json data = Json::parse(row.text_view(2));
    const std::int64_t position = row.integer(0);
    Json tap = {{"time", time_or_null(row, 1)},
                {"terminal", data.at("terminal")},
                {"room", data.at("room").is_null() ? Json("") : data.at("room")},
                {"outcome", data.at("outcome")},
                {"person", nullptr},
                {"name", nullptr},
                {"live", data.at("live")},
                {"reason", nullptr}};
    put_person(db, data, position, tap);
    const std::string outcome = data.at("outcome").get<std::string>();
    if (outcome == "arrived" || outcome == "left") tap["reason"] = reason_of(db, position);
    if (row.is_null(1) && tap["reason"].is_null()) tap["reason"] = "the terminal had no time yet";
    out.push_back(std::move(tap));
  }
  return out;
}

std::int64_t open_notices(store::Database& db) {
  auto row = db.prepare("SELECT count(*) FROM inbox WHERE closed_ms IS NULL");
  row.step();
  return row.integer(0);
}

Json notices(store::Database& db, int most) {
  Json out = Json::array();
  auto row = db.prepare(
      "SELECT id, kind, subject, detail, created_ms FROM inbox WHERE closed_ms IS NULL ORDER BY id "
      "LIMIT ?");
  row.bind(most);
  while (row.step()) {
    out.push_back({{"id", row.integer(0)},
                   {"kind", row.text(1)},
                   {"subject", row.text(2)},
                   {"detail", row.text(3)},
                   {"created", events::rfc3339(row.integer(4))}});
  }
  return out;
}

Json to_json(const Counts& counts, std::int64_t present, std::int64_t inbox) {
  return {{"present", present},
          {"taps", counts.of("tap.recorded")},
          {"events", counts.events},
          {"repeat", counts.repeats},
          {"assessments", counts.of("assessment.completed")},
          {"taps_today", counts.taps_today},
          {"repeats_today", counts.repeats_today},
          {"assessments_today", counts.assessments_today},
          {"inbox", inbox}};
}

std::int64_t single(store::Database& db, std::string_view sql) {
  auto row = db.prepare(sql);
  return row.step() ? row.integer(0) : 0;
}

}  // namespace

Json stored_terminals(store::Database& db) {
  Json out = Json::object();
  auto row = db.prepare("SELECT serial, firmware, last_seen_ms FROM terminal");
  while (row.step())
    out[row.text(0)] = {{"firmware", row.text(1)}, {"last_seen_ms", row.integer(2)}};
  return out;
}

Json read_overview(store::Database& db, const View& view, std::int64_t now_ms) {
  const ReadTransaction snapshot{db};
  const attendance::LocalTime now = view.zone.at(now_ms);
  const Counts counts = view.totals.update(db, now_ms);
  Json out;
  out["present"] = present_people(db, now.day);
  out["sessions"] = sessions_today(db, now);
  out["taps"] = last_taps(db);
  out["inbox"] = notices(db, most_notices);
  out["stored_terminals"] = stored_terminals(db);
  out["counts"] =
      to_json(counts, static_cast<std::int64_t>(out["present"].size()), open_notices(db));
  return out;
}

Json read_status(store::Database& db, const View& view, std::int64_t now_ms) {
  const ReadTransaction snapshot{db};
  const Counts counts = view.totals.update(db, now_ms);
  Json out;
  out["counts"] = to_json(counts, count_present(db, view.zone.at(now_ms).day), open_notices(db));
  out["stored_terminals"] = stored_terminals(db);
  auto epoch = db.prepare("SELECT value FROM meta WHERE key = 'log_epoch'");
  out["events_by_type"] = counts.by_type;
  out["database"] = {{"bytes", single(db, "PRAGMA page_count") * single(db, "PRAGMA page_size")},
                     {"schema", single(db, "PRAGMA user_version")},
                     {"epoch", epoch.step() ? Json(epoch.text(0)) : Json()}};
  return out;
}

Json read_inbox(store::Database& db, int most) {
  const ReadTransaction snapshot{db};
  return {{"open", open_notices(db)}, {"items", notices(db, most)}};
}

Json read_rejected(store::Database& db, const std::optional<std::string>& reason,
                   std::int64_t after) {
  // `state <> 'accepted'` repeats the condition of the index, so that it is used.
  const ReadTransaction snapshot{db};
  Json reasons = Json::object();
  std::int64_t total = 0;
  {
    auto row = db.prepare(
        "SELECT coalesce(reason, ''), count(*) FROM delivery WHERE state = 'rejected' AND state <> "
        "'accepted'"
        " GROUP BY reason ORDER BY 2 DESC, 1");
    while (row.step()) {
      reasons[row.text(0)] = row.integer(1);
      total += row.integer(1);
    }
  }
  Json events = Json::array();
  std::int64_t last = after;
  auto row = db.prepare(
      "SELECT d.position, l.event_id, l.type, l.subject, l.time_ms, d.reason, d.detail, d.attempt "
      "FROM delivery d"
      " JOIN log l ON l.position = d.position WHERE d.state = 'rejected' AND d.state <> 'accepted'"
      " AND d.position > ?1 AND (?2 IS NULL OR d.reason = ?2) ORDER BY d.position LIMIT ?3");
  row.bind(after, reason, most_listed);
  while (row.step()) {
    last = row.integer(0);
    events.push_back({{"id", row.text(1)},
                      {"type", row.text(2)},
                      {"person", text_or_null(row, 3)},
                      {"time", time_or_null(row, 4)},
                      {"reason", text_or_null(row, 5)},
                      {"detail", text_or_null(row, 6)},
                      {"attempt", row.integer(7)}});
  }
  const bool more = events.size() == static_cast<std::size_t>(most_listed);
  return {{"total", total},
          {"reasons", reasons},
          {"events", std::move(events)},
          {"next", more ? Json(last) : Json()}};
}

// A protected person is found by the pseudonym alone.
Json read_people(store::Database& db, const View& view, const std::string& find,
                 std::int64_t now_ms) {
  const ReadTransaction snapshot{db};
  Json people = Json::array();
  bool more = false;
  auto row = db.prepare(
      "SELECT n.id, n.display_name, n.protected, n.role, p.direction = 'in' AND p.day = ?2"
      " FROM person n LEFT JOIN presence p ON p.person = n.id"
      " WHERE n.active AND (n.id = ?1 OR (NOT n.protected AND instr(lower(n.display_name), "
      "lower(?1)) > 0)) ORDER BY n.id <> ?1, n.display_name, n.id LIMIT ?3");
  row.bind(find, view.zone.at(now_ms).day, most_found + 1);
  while (row.step()) {
    more = people.size() == most_found;
    if (more) break;
    people.push_back({{"person", row.text(0)},
                      {"name", shown_name(row, 1, 2)},
                      {"role", row.text(3)},
                      {"here", !row.is_null(4) && row.integer(4) != 0}});
  }
  return {{"people", std::move(people)}, {"more", more}};
}

}  // namespace rollcall::console
