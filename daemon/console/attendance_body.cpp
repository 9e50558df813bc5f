#include "daemon/console/attendance_body.hpp"

#include <algorithm>
#include <set>

#include <nlohmann/json.hpp>

#include "daemon/attendance/half_day.hpp"
#include "daemon/console/rows.hpp"
#include "daemon/console/terminal_body.hpp"
#include "daemon/events/contract.hpp"
#include "daemon/events/event.hpp"
#include "daemon/roster/timetable.hpp"

namespace rollcall::console {
namespace {

using attendance::AssistRequest;
using attendance::Direction;

Direction direction_of(const Json& body) {
  const std::string text = text_of(body, "direction");
  if (text == "in") return Direction::in;
  if (text == "out") return Direction::out;
  throw BadRequest{R"("direction" is "in" or "out")"};
}

// "HH:MM", as minutes after midnight.
int minute_of(const Json& body) {
  const std::string text = text_of(body, "at");
  const auto digits = [&](std::size_t at) {
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    if (!digit(text[at]) || !digit(text[at + 1])) throw BadRequest{R"("at" is written as "08:55")"};
    return (text[at] - '0') * 10 + text[at + 1] - '0';
  };
  if (text.size() != 5 || text[2] != ':') throw BadRequest{R"("at" is written as "08:55")"};
  const int hours = digits(0);
  const int minutes = digits(3);
  if (hours > 23 || minutes > 59) throw BadRequest{R"("at" is no time of a day)"};
  return hours * 60 + minutes;
}

std::string day_of(const Json& body) {
  std::string day = text_of(body, "day");
  if (!roster::is_day(day)) throw BadRequest{R"("day" is a date such as 2026-03-02)"};
  return day;
}

// All but whom it is about.
AssistRequest movement_of(const http::Request& request, const Json& body) {
  AssistRequest wanted;
  wanted.direction = direction_of(body);
  wanted.cause = text_of(body, "cause");
  wanted.actor = actor_of(request, body);
  if (body.contains("room")) wanted.room = room_of(body);
  if (body.contains("day")) wanted.day = day_of(body);
  if (body.contains("at")) wanted.minute = minute_of(body);
  if (body.contains("reason")) wanted.reason = reason_of(body);
  return wanted;
}

Json text_or_null(const std::string& text) {
  return text.empty() ? Json() : Json(text);
}

std::string_view state_of(const attendance::HalfDay& half_day) {
  if (half_day.here) return "here";
  if (half_day.presence != attendance::Presence::present) return "expected";
  return half_day.missing_exit ? "no_exit" : "left";
}

Json moment_or_null(const std::optional<std::int64_t>& at_ms) {
  return at_ms ? Json(events::rfc3339(*at_ms)) : Json();
}

}  // namespace

AssistRequest assist_of(const http::Request& request) {
  const Json body = parse_body(request);
  AssistRequest wanted = movement_of(request, body);
  wanted.person = text_of(body, "person");
  return wanted;
}

ManyAssisted assist_many_of(const http::Request& request) {
  const Json body = parse_body(request);
  ManyAssisted wanted{movement_of(request, body), {}};
  reason_of(body);  // of many at once it is always given
  const auto people = body.find("people");
  if (people == body.end() || !people->is_array() || people->empty() ||
      people->size() > attendance::most_at_once)
    throw BadRequest{R"("people" is a list of 1 to 500 pseudonyms)"};
  std::set<std::string> seen;
  for (const Json& one : *people) {
    if (!one.is_string() || !events::is_pseudonym(one.get_ref<const std::string&>()))
      throw BadRequest{R"("people" is a list of 1 to 500 pseudonyms)"};
    if (seen.insert(one.get<std::string>()).second) wanted.people.push_back(one.get<std::string>());
  }
  return wanted;
}

attendance::CorrectRequest correction_of(const http::Request& request) {
  const Json body = parse_body(request);
  const auto was = attendance::was_from(text_of(body, "was"));
  if (!was) throw BadRequest{R"("was" is none of in, out, none)"};
  return {text_of(body, "event"), *was, reason_of(body), actor_of(request, body)};
}

std::string day_in_path(const http::Request& request, const std::string& today) {
  const std::string& day = request.params.at("day");
  if (day == "today") return today;
  if (!roster::is_day(day)) throw BadRequest{"the day is today, or a date such as 2026-03-02"};
  return day;
}

Json assisted_json(const std::string& person, Direction direction,
                   const attendance::Assisted& assisted) {
  return {{"person", person},
          {"direction", to_text(direction)},
          {"time", events::rfc3339(assisted.time_ms)},
          {"room", text_or_null(assisted.room)},
          {"session", assisted.session ? Json(*assisted.session) : Json()}};
}

Json assisted_json(Direction direction, const std::vector<attendance::AssistedPerson>& all) {
  Json rows = Json::array();
  int recorded = 0;
  for (const attendance::AssistedPerson& one : all) {
    Json row = {
        {"person", one.person},
        {"recorded", one.result.has_value()},
        {"why", one.result ? Json() : Json(one.result.error())},
        {"time", one.result ? Json(events::rfc3339(one.result->time_ms)) : Json()},
        {"session", one.result && one.result->session ? Json(*one.result->session) : Json()}};
    recorded += one.result.has_value() ? 1 : 0;
    rows.push_back(std::move(row));
  }
  return {{"direction", to_text(direction)}, {"recorded", recorded}, {"people", std::move(rows)}};
}

Json corrected_json(const attendance::Corrected& corrected) {
  return {{"person", corrected.person},
          {"day", text_or_null(corrected.day)},
          {"changed", corrected.changed},
          {"conclusions", corrected.conclusions}};
}

Json group_json(store::Database& db, const config::Config& config, const halfdays::SheetKey& key,
                std::int64_t now_ms) {
  const auto session = roster::session_on(db, key.session, key.day);
  if (!session) return nullptr;
  const attendance::TimeZone zone(config.site.timezone);
  Json people = Json::array();
  for (const halfdays::Participant& one :
       halfdays::participants(db, config, zone, *session, now_ms)) {
    const sheets::Person& person = one.line.person;
    people.push_back({{"person", one.person},
                      {"name", person.shown == person.id ? Json() : Json(person.shown)},
                      {"state", state_of(one.half_day)},
                      {"arrived", moment_or_null(one.half_day.arrived_ms)},
                      {"left", moment_or_null(one.half_day.left_ms)}});
  }
  return {{"session", session->id},
          {"day", key.day},
          {"title", session->title},
          {"room", session->room},
          {"start", clock_text(session->start_minute)},
          {"end", clock_text(session->end_minute)},
          {"cancelled", session->cancelled},
          {"people", std::move(people)}};
}

}  // namespace rollcall::console
