// Sheets of half-days, from the events that came back. Drawings do not come back: events hold their
// digest.
#include "daemon/recovery/rebuild_sheets.hpp"

#include <string>

#include <nlohmann/json.hpp>

namespace rollcall::recovery {
namespace {

using nlohmann::json;

struct Key {
  std::string session, day;
};
Key key_of(const json& data) {
  return {data.at("session").get<std::string>(), data.at("half_day").at("date").get<std::string>()};
}

void confirmed(store::Database& db, const json& data, std::int64_t position) {
  const Key key = key_of(data);
  db.prepare(
        "INSERT INTO sheet (session, day, id, version, confirmed) VALUES (?, ?, ?, 1, ?)"
        " ON CONFLICT (session, day) DO UPDATE SET version = version + 1,"
        " confirmed = excluded.confirmed, closed = NULL, id = excluded.id")
      .bind(key.session, key.day, data.at("sheet").get<std::string>(), position)
      .run();
}

void signed_(store::Database& db, const std::string& signer, const json& data,
             std::int64_t position) {
  const Key key = key_of(data);
  const auto form = data.at("form").get<std::string>();
  const bool witnessed = form == "witnessed";
  const auto text = [&](const char* member) {
    return witnessed && data.contains(member) ? std::optional(data.at(member).get<std::string>())
                                              : std::nullopt;
  };
  db.prepare(
        "INSERT INTO signature (position, session, day, person, role, form, witness, reason)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING")
      .bind(position, key.session, key.day, signer, data.at("role").get<std::string>(), form,
            text("actor"), text("reason"))
      .run();
}

// What is taken back of a closed sheet opens it again.
void withdrawn(store::Database& db, const json& data, std::int64_t position) {
  const Key key = key_of(data);
  db.prepare("UPDATE sheet SET closed = NULL WHERE session = ? AND day = ?")
      .bind(key.session, key.day)
      .run();
  const auto event = data.at("withdraws").get<std::string>();
  db.prepare(
        "UPDATE signature SET withdrawn = ? WHERE position = (SELECT position FROM log WHERE "
        "event_id = ?)")
      .bind(position, event)
      .run();
  db.prepare(
        "UPDATE sheet SET confirmed = NULL WHERE confirmed = (SELECT position FROM log WHERE "
        "event_id = ?)")
      .bind(event)
      .run();
}

void closed(store::Database& db, const json& data, std::int64_t position,
            const std::optional<std::int64_t>& time_ms) {
  const Key key = key_of(data);
  db.prepare("UPDATE sheet SET closed = ? WHERE session = ? AND day = ?")
      .bind(position, key.session, key.day)
      .run();
  for (const json& line : data.value("not_signed", json::array())) {
    db.prepare(
          "INSERT INTO not_signed (session, day, person, why, reason, actor, at_ms)"
          " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING")
        .bind(key.session, key.day, line.at("person").get<std::string>(),
              line.at("why").get<std::string>(), line.at("reason").get<std::string>(),
              data.at("actor").get<std::string>(), time_ms.value_or(0))
        .run();
  }
}

void month_sent(store::Database& db, const json& data, std::int64_t position) {
  db.prepare(
        "INSERT INTO month_sent (month, version, position, digest) VALUES (?, ?, ?, ?) ON CONFLICT "
        "DO NOTHING")
      .bind(data.at("month").get<std::string>(), data.at("version").get<std::int64_t>(), position,
            data.at("digest").get<std::string>())
      .run();
}

}  // namespace

void rebuild_sheet(store::Database& db, const events::Event& event, const json& data,
                   std::int64_t position) {
  if (event.type == "halfday.confirmed") confirmed(db, data, position);
  if (event.type == "halfday.signed" && event.subject) signed_(db, *event.subject, data, position);
  if (event.type == "halfday.withdrawn") withdrawn(db, data, position);
  if (event.type == "halfday.closed") closed(db, data, position, event.time_ms);
  if (event.type == "halfday.month_sent") month_sent(db, data, position);
}

}  // namespace rollcall::recovery
