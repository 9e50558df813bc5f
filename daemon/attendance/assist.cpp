#include "daemon/attendance/assist.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "daemon/attendance/facts.hpp"
#include "daemon/events/contract.hpp"
#include "daemon/events/json.hpp"
#include "daemon/roster/timetable.hpp"

namespace rollcall::attendance {
namespace {

using json = nlohmann::ordered_json;

constexpr std::int64_t minute_ms = 60'000;

json or_null(const std::optional<std::string>& text) {
  return text ? json(*text) : json();
}

std::string causes() {
  std::string list;
  for (const std::string_view cause : assist_causes) {
    if (!list.empty()) list += ", ";
    list += cause;
  }
  return list;
}

std::expected<void, std::string> check(const AssistRequest& request) {
  if (std::ranges::find(assist_causes, request.cause) == assist_causes.end()) {
    return std::unexpected("the cause is one of " + causes());
  }
  if (!events::is_actor(request.actor)) {
    return std::unexpected(
        "who records it is needed: an id of 1 to 64 letters, digits and _ . : @ -");
  }
  return {};
}

// When it happened: now, or at that minute of today. The clock may have been changed in between.
std::optional<std::int64_t> instant_of(const std::optional<int>& minute, const TimeZone& zone,
                                       std::int64_t now_ms) {
  if (!minute) return now_ms;
  const LocalTime now = zone.at(now_ms);
  const std::int64_t at =
      now_ms - now_ms % minute_ms - std::int64_t{now.minute - *minute} * minute_ms;
  const LocalTime then = zone.at(at);
  if (at > now_ms || then.day != now.day || then.minute != *minute) return std::nullopt;
  return at;
}

// A later movement of the day would have been decided otherwise had this one been known.
bool moved_since(store::Database& db, const std::string& person, const std::string& day,
                 std::int64_t at_ms) {
  auto row = db.prepare("SELECT 1 FROM movement WHERE person = ? AND day = ? AND time_ms > ?");
  return row.bind(person, day, at_ms).step();
}

std::string room_of(store::Database& db, const AssistRequest& request, const Decision& decision,
                    const LocalTime& local) {
  if (!request.room.empty() || !decision.session) return request.room;
  const auto session = roster::session_on(
      db, decision.session->id, roster::day_at(local.day, decision.session->start_minute));
  return session ? session->room : std::string();
}

// As the host's clock stood then.
events::TimeBlock time_of(const HostTime& now, std::int64_t at_ms) {
  events::TimeBlock time = now.time_block();
  const auto before = static_cast<std::uint64_t>(now.wall_ms - at_ms);
  time.wall_ms = at_ms;
  time.monotonic_ms -= std::min(time.monotonic_ms, before);
  return time;
}

json data_of(const config::Config& config, const AssistRequest& request, const Person& person,
             const Decision& decision, const LocalTime& local, const Assisted& assisted,
             const HostTime& now) {
  const auto& session = decision.session;
  const bool in = decision.direction == Direction::in;
  return {{"organisation", config.site.organisation},
          {"site", config.site.id},
          {"room", assisted.room.empty() ? json() : json(assisted.room)},
          {"terminal", nullptr},
          {"session", or_null(assisted.session)},
          {"half_day", session ? json({{"date", roster::day_at(local.day, session->start_minute)},
                                       {"part", session->half_day}})
                               : json()},
          {"no_session_reason", session ? json() : json(decision.no_session_reason)},
          {"programme", or_null(session ? session->programme : person.programme)},
          {"grant", or_null(session ? session->grant : person.grant)},
          {"contract", or_null(session ? session->contract : person.contract)},
          {"method", "assisted"},
          {"assurance", "staff"},
          {"direction", in ? "in" : "out"},
          {"decided_by",
           {{"rule", decision.rule}, {"version", rule_version}, {"reason", decision.reason}}},
          {"provisional", false},
          {"taps", json::array()},
          {"actor", request.actor},
          {"cause", request.cause},
          {"entered", events::rfc3339(now.wall_ms)},
          {"time", events::to_json(time_of(now, assisted.time_ms))}};
}

}  // namespace

std::expected<Assisted, std::string> record_assisted(store::Database& db,
                                                     const config::Config& config,
                                                     const AssistRequest& request,
                                                     const HostTime& now) {
  if (const auto sound = check(request); !sound) return std::unexpected(sound.error());
  const auto person = person_by_id(db, request.person);
  if (!person) return std::unexpected("nobody here has the id " + request.person);
  const TimeZone zone(config.site.timezone);
  const auto at = instant_of(request.minute, zone, now.wall_ms);
  if (!at) return std::unexpected("that is no time of today that has passed");
  const LocalTime local = zone.at(*at);
  if (moved_since(db, request.person, local.day, *at)) {
    return std::unexpected("this person has a later movement today; what was before it stays");
  }

  Situation situation;
  situation.role = person->role;
  situation.minute = local.minute;
  situation.sessions = sessions_of(db, person->id, local);
  situation.any_session_running = any_session_running(db, local);
  situation.last = last_movement(db, person->id, local, *at, zone);
  const auto decision = decide_stated(situation, request.direction);
  if (!decision) return std::unexpected(decision.error());

  Assisted assisted;
  assisted.time_ms = *at;
  if (decision->session) assisted.session = decision->session->id;
  assisted.room = room_of(db, request, *decision, local);
  events::Event event;
  event.id = events::new_event_id(now.wall_ms);
  event.type = "attendance.assisted";
  event.subject = person->id;
  event.time_ms = *at;
  event.purpose = events::Purpose::attendance;
  event.data = data_of(config, request, *person, *decision, local, assisted, now).dump();
  const auto appended = events::append(db, event, now.wall_ms);
  keep_movement(db, {appended.position, person->id, local.day, *at, request.direction,
                     assisted.session, assisted.room});
  return assisted;
}

}  // namespace rollcall::attendance
