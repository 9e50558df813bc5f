// From events that came back to the tables that were made from them.
#include <algorithm>

#include <nlohmann/json.hpp>

#include "daemon/attendance/bracket.hpp"
#include "daemon/attendance/facts.hpp"
#include "daemon/attendance/issued_card.hpp"
#include "daemon/attendance/proven_points.hpp"
#include "daemon/attendance/settle.hpp"
#include "daemon/recovery/import.hpp"
#include "daemon/recovery/rebuild_sheets.hpp"
#include "protocol/types.hpp"

namespace rollcall::recovery {
namespace {

using nlohmann::json;
using protocol::Outcome;

std::optional<Outcome> outcome_from(std::string_view text) {
  if (text == "arrived") return Outcome::arrived;
  if (text == "left") return Outcome::left;
  if (text == "recorded") return Outcome::recorded;
  if (text == "repeat") return Outcome::repeat;
  if (text == "see_staff") return Outcome::see_staff;
  return std::nullopt;
}

std::optional<std::string> optional_text(const json& data, const char* member) {
  const auto found = data.find(member);
  if (found == data.end() || !found->is_string()) return std::nullopt;
  return found->get<std::string>();
}

std::optional<std::int64_t> optional_time(const json& data, const char* member) {
  const auto text = optional_text(data, member);
  return text ? events::parse_rfc3339(*text) : std::nullopt;
}

protocol::ClockTrust trust_from(std::string_view text) {
  if (text == "synced") return protocol::ClockTrust::synced;
  if (text == "drifting") return protocol::ClockTrust::drifting;
  return protocol::ClockTrust::unproven;
}

events::TimeBlock time_of(const json& data) {
  const json& time = data.at("time");
  return {.wall_ms = optional_time(time, "wall"),
          .trust = trust_from(time.at("trust").get_ref<const std::string&>()),
          .monotonic_ms = time.at("monotonic_ms").get<std::uint64_t>(),
          .boot = time.at("boot").get<std::uint32_t>(),
          .not_before_ms = optional_time(time, "not_before"),
          .not_after_ms = optional_time(time, "not_after")};
}

store::Blob bytes_of(const json& hex, std::size_t size) {
  auto bytes = events::unhex(hex.get_ref<const std::string&>());
  if (!bytes || bytes->size() != size) throw std::invalid_argument("not that many bytes in hex");
  return std::move(*bytes);
}

void rebuild_tap(store::Database& db, const events::Event& event, const json& data,
                 std::int64_t position) {
  const json& tap = data.at("tap");
  const auto serial = data.at("terminal").get<std::string>();
  const store::Blob epoch = bytes_of(tap.at("epoch"), 16);
  const store::Blob digest = bytes_of(tap.at("digest"), 32);
  const store::Blob card = bytes_of(data.at("card"), 32);
  const auto number = tap.at("number").get<std::int64_t>();
  const auto outcome = outcome_from(data.at("outcome").get_ref<const std::string&>());
  const events::TimeBlock time = time_of(data);
  if (!outcome || number < 1) return;
  // What was held to be issued, or to sign in at the console, is recorded as nobody's.
  const bool signing = data.value("signing", false);
  const bool aside = data.contains("refused") ||
                     (*outcome == Outcome::recorded && !data.at("recognised").get<bool>());

  auto taken = db.prepare("SELECT digest FROM tap WHERE serial = ? AND epoch = ? AND number = ?");
  if (taken.bind(serial, epoch, number).step()) {
    if (taken.blob(0) == digest) return;
    db.prepare(
          "INSERT INTO tap_conflict (serial, epoch, number, digest, position)"
          " VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING")
        .bind(serial, epoch, number, digest, position)
        .run();
    return;
  }
  db.prepare(
        "INSERT INTO tap (serial, epoch, number, digest, outcome, position, card, person, time_ms,"
        " boot, monotonic_ms, trust, not_before_ms, not_after_ms, aside, room, signing)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .bind(serial, epoch, number, digest, static_cast<int>(*outcome), position, card,
            event.subject, event.time_ms, time.boot, time.monotonic_ms,
            static_cast<int>(time.trust), time.not_before_ms, time.not_after_ms, aside,
            optional_text(data, "room"), signing)
      .run();
  db.prepare(
        "INSERT INTO terminal_epoch (serial, epoch, highest_number, taken) VALUES (?, ?, ?, 1)"
        " ON CONFLICT (serial, epoch) DO UPDATE SET taken = taken + 1,"
        " highest_number = max(highest_number, excluded.highest_number)")
      .bind(serial, epoch, number)
      .run();
}

// The tap that a conclusion names last; nothing when it names none, or one that is not here.
std::optional<std::int64_t> tap_of(store::Database& db, const json& data) {
  const json taps = data.value("taps", json::array());
  if (taps.empty()) return std::nullopt;
  const json& tap = taps.back();
  auto row = db.prepare("SELECT position FROM tap WHERE serial = ? AND epoch = ? AND number = ?");
  row.bind(tap.at("terminal").get<std::string>(), bytes_of(tap.at("epoch"), 16),
           tap.at("number").get<std::int64_t>());
  return row.step() ? std::optional(row.integer(0)) : std::nullopt;
}

// The event that a conclusion rests on: the tap it names, or itself.
std::int64_t fact_of(store::Database& db, const json& data, std::int64_t position) {
  return tap_of(db, data).value_or(position);
}

// What people said that a tap was, or that staff have taken back what they entered: conclusions
// tell it by their rule (daemon/attendance/settle.cpp).
void rebuild_stated(store::Database& db, const json& data) {
  const auto by = data.at("decided_by").at("rule").get<std::string>();
  if (by != "staff" && by != "person") return;
  const auto was = optional_text(data, "direction");
  if (const auto tap = tap_of(db, data)) {
    db.prepare("UPDATE tap SET stated = ?, stated_by = ? WHERE position = ?")
        .bind(was.value_or("none"), by, *tap)
        .run();
  } else if (!was) {
    db.prepare(
          "UPDATE statement SET stands = 0 WHERE position = (SELECT position FROM log WHERE "
          "event_id = ?)")
        .bind(optional_text(data, "corrects"))
        .run();
  }
}

void rebuild_movement(store::Database& db, const events::Event& event, const json& data,
                      std::int64_t position, const attendance::TimeZone& zone) {
  const auto instants = attendance::judged_at(time_of(data));
  if (!event.subject || !instants) return;
  attendance::Movement movement;
  movement.position = movement.newest = position;
  movement.fact = fact_of(db, data, position);
  const json& closing = data.contains("new") ? data.at("new") : data;
  movement.closes = optional_text(closing, "ended_by").has_value();
  movement.person = *event.subject;
  const json half_day = data.value("half_day", json());
  movement.day = half_day.is_object() ? half_day.at("date").get<std::string>()
                                      : zone.at(instants->last_ms).day;
  movement.time_ms = instants->last_ms;
  movement.direction =
      data.at("direction") == "in" ? attendance::Direction::in : attendance::Direction::out;
  movement.session = optional_text(data, "session");
  movement.room = optional_text(data, "room").value_or("");
  if (event.type == "attendance.assisted") {
    db.prepare(
          "INSERT INTO statement (position, person, time_ms, direction) VALUES (?, ?, ?, ?)"
          " ON CONFLICT DO NOTHING")
        .bind(position, movement.person, movement.time_ms, data.at("direction").get<std::string>())
        .run();
  }
  db.prepare("DELETE FROM movement WHERE fact = ? AND closes = ? AND position <> ?")
      .bind(movement.fact, movement.closes, position)
      .run();
  attendance::keep_movement(db, movement);
  attendance::keep_presence(db, movement.person);
  attendance::mark_unsettled(db, movement.person, movement.day, "rule");
}

// A correction changes the conclusion that it names, takes it away, or is one itself.
void rebuild_correction(store::Database& db, const events::Event& event, const json& data,
                        std::int64_t position, const attendance::TimeZone& zone) {
  if (!event.subject) return;
  const auto corrected = optional_text(data, "corrects");
  if (!corrected) return rebuild_movement(db, event, data, position, zone);
  const auto instants = attendance::judged_at(time_of(data));
  if (data.at("new").is_null()) {
    db.prepare(
          "DELETE FROM movement WHERE position = (SELECT position FROM log WHERE event_id = ?)")
        .bind(*corrected)
        .run();
  } else if (instants) {
    db.prepare(
          "UPDATE movement SET newest = ?, direction = ?, session = ?, time_ms = ?"
          " WHERE position = (SELECT position FROM log WHERE event_id = ?)")
        .bind(position, data.at("direction").get<std::string>(), optional_text(data, "session"),
              instants->last_ms, *corrected)
        .run();
  }
  attendance::keep_presence(db, *event.subject);
}

void rebuild_start(store::Database& db, const json& data) {
  const events::TimeBlock time = time_of(data);
  if (!time.wall_ms) return;
  attendance::HeardOf start{.serial = data.at("terminal").get<std::string>(),
                            .epoch = {},
                            .boot = data.at("boot").get<std::uint32_t>(),
                            .heard_ms = *time.wall_ms,
                            .trust = time.trust};
  std::ranges::copy(bytes_of(data.at("epoch"), start.epoch.size()), start.epoch.begin());
  attendance::keep_start(db, start);
}

void rebuild_card(store::Database& db, const events::Event& event, const json& data) {
  if (!event.subject) return;
  const store::Blob card = bytes_of(data.at("card"), 32);
  db.prepare(
        "INSERT INTO card (token, person, source) VALUES (?, ?, 'desk')"
        " ON CONFLICT (token) DO UPDATE SET person = excluded.person, source = 'desk'")
      .bind(card, *event.subject)
      .run();
  db.prepare("UPDATE tap SET person = ? WHERE card = ? AND person IS NULL AND aside = 0")
      .bind(*event.subject, card)
      .run();
}

void rebuild_code(store::Database& db, const events::Event& event, const json& data) {
  if (!event.subject) return;
  db.prepare(
        "INSERT INTO code (token, person, kind, issued_ms, expires_ms) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (token) DO NOTHING")
      .bind(bytes_of(data.at("code"), 32), *event.subject, data.at("kind").get<std::string>(),
            event.time_ms.value_or(0), optional_time(data, "expires"))
      .run();
}

void rebuild_withdrawn_code(store::Database& db, const events::Event& event, const json& data) {
  db.prepare("UPDATE code SET withdrawn_ms = ? WHERE token = ?")
      .bind(event.time_ms.value_or(0), bytes_of(data.at("code"), 32))
      .run();
}

attendance::CardToken token_of(const json& hex) {
  attendance::CardToken token{};
  std::ranges::copy(bytes_of(hex, token.size()), token.begin());
  return token;
}

void rebuild_issued(store::Database& db, const events::Event& event, const json& data) {
  const attendance::CardToken token = token_of(data.at("token"));
  if (!event.subject || attendance::issued_card(db, token)) return;
  const std::int64_t at = event.time_ms.value_or(0);
  attendance::keep_issued(db, {.token = token,
                               .chip = token_of(data.at("card")),
                               .person = *event.subject,
                               .state = attendance::CardState::issued,
                               .issued_ms = at,
                               .since_ms = at,
                               .actor = data.at("actor").get<std::string>(),
                               .reason = data.at("reason").get<std::string>()});
}

void rebuild_revoked(store::Database& db, const events::Event& event, const json& data) {
  const std::string& state = data.at("state").get_ref<const std::string&>();
  if (!attendance::card_state_from(state)) return;
  db.prepare(
        "UPDATE issued_card SET state = ?, since_ms = ?, actor = ?, reason = ? WHERE token = ?")
      .bind(state, event.time_ms.value_or(0), data.at("actor").get<std::string>(),
            data.at("reason").get<std::string>(), token_of(data.at("token")))
      .run();
}

void rebuild_assignment(store::Database& db, const events::Event& event, const json& data) {
  if (!event.subject) return;
  db.prepare(
        "UPDATE assignment SET state = 'completed', attempt = ? WHERE person = ? AND instrument = "
        "?")
      .bind(data.at("attempt").get<std::string>(), *event.subject,
            data.at("instrument").at("id").get<std::string>())
      .run();
}

}  // namespace

void rebuild_from(store::Database& db, const events::Event& event, std::int64_t position,
                  const attendance::TimeZone& zone) {
  try {
    const json data = json::parse(event.data);
    if (event.type == "tap.recorded") rebuild_tap(db, event, data, position);
    if (event.type == "attendance.arrived" || event.type == "attendance.left" ||
        event.type == "attendance.assisted") {
      rebuild_movement(db, event, data, position, zone);
    }
    if (event.type == "attendance.corrected") rebuild_correction(db, event, data, position, zone);
    if (event.type.starts_with("attendance.")) rebuild_stated(db, data);
    if (event.type.starts_with("halfday.")) rebuild_sheet(db, event, data, position);
    if (event.type == "terminal.connected") rebuild_start(db, data);
    if (event.type == "card.attached") rebuild_card(db, event, data);
    if (event.type == "card.issued") rebuild_issued(db, event, data);
    if (event.type == "card.revoked") rebuild_revoked(db, event, data);
    if (event.type == "code.issued") rebuild_code(db, event, data);
    if (event.type == "code.withdrawn") rebuild_withdrawn_code(db, event, data);
    if (event.type == "assessment.completed") rebuild_assignment(db, event, data);
  } catch (const json::exception&) {
    // Content without the members its schema asks for: the event is kept, nothing rests on it.
  } catch (const std::invalid_argument&) {
    // The same, for hexadecimal members.
  }
}

}  // namespace rollcall::recovery
