#include "daemon/attendance/assist.hpp"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "daemon/attendance/correct.hpp"
#include "daemon/attendance/settle.hpp"
#include "daemon/events/contract.hpp"
#include "daemon/events/json.hpp"

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
  if (!request.reason.empty() && !events::is_sentence(request.reason))
    return std::unexpected("a reason has 1 to 300 characters");
  return {};
}

// When it happened: now, or at that minute of today. The clock may have been changed in between.
std::optional<std::int64_t> instant_of_today(const std::optional<int>& minute, const TimeZone& zone,
                                             std::int64_t now_ms) {
  if (!minute) return now_ms;
  const LocalTime now = zone.at(now_ms);
  const std::int64_t at =
      now_ms - now_ms % minute_ms - std::int64_t{now.minute - *minute} * minute_ms;
  const LocalTime then = zone.at(at);
  if (at > now_ms || then.day != now.day || then.minute != *minute) return std::nullopt;
  return at;
}

std::expected<std::int64_t, std::string> instant_of(const AssistRequest& request,
                                                    const TimeZone& zone, std::int64_t now_ms) {
  if (!request.day || *request.day == zone.at(now_ms).day) {
    const auto at = instant_of_today(request.minute, zone, now_ms);
    if (!at) return std::unexpected("that is no time of today that has passed");
    return *at;
  }
  if (const auto soon = check_day(zone, *request.day, now_ms); !soon)
    return std::unexpected(soon.error());
  if (!request.minute) return std::unexpected("of a day that has passed the time is needed");
  const std::int64_t at = zone.instant(*request.day, *request.minute);
  if (zone.at(at).minute != *request.minute)
    return std::unexpected("the clocks did not show that time on that day");
  return at;
}

// Where the person is, as the day says, before that instant. Who was taken out by rule may have
// stayed for as long as the rule waits for an exit.
std::optional<LastMovement> last_before(const PersonDay& day, const ConcludedDay& concluded,
                                        std::int64_t at_ms) {
  std::optional<LastMovement> last;
  for (const DayMovement& movement : concluded.movements) {
    if (movement.at_ms > at_ms) break;
    if (movement.closes && at_ms <= movement.at_ms + lasts_after_end * minute_ms) continue;
    const auto& session = movement.decision.session;
    last = LastMovement{*movement.decision.direction,
                        static_cast<int>((movement.at_ms - day.facts.midnight_ms) / minute_ms),
                        session ? std::optional(session->id) : std::nullopt};
  }
  return last;
}

// Whether the day has room for it: nobody comes who is here, or leaves who is not.
std::expected<Decision, std::string> fits(const PersonDay& day, const ConcludedDay& before,
                                          const AssistRequest& request, std::int64_t at_ms) {
  Situation situation;
  situation.role = day.person.role;
  situation.minute = static_cast<int>((at_ms - day.facts.midnight_ms) / minute_ms);
  situation.sessions = day.facts.sessions;
  situation.any_session_running = !day.facts.everybody.empty();
  situation.last = last_before(day, before, at_ms);
  return decide_stated(situation, request.direction);
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
             const Decision& decision, const std::string& day, const Assisted& assisted,
             const HostTime& now) {
  const auto& session = decision.session;
  const bool in = decision.direction == Direction::in;
  json data = {{"organisation", config.site.organisation},
               {"site", config.site.id},
               {"room", assisted.room.empty() ? json() : json(assisted.room)},
               {"terminal", nullptr},
               {"session", or_null(assisted.session)},
               {"half_day", session ? json({{"date", day}, {"part", session->half_day}}) : json()},
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
  if (!request.reason.empty()) data["reason"] = request.reason;
  return data;
}

// A fact after `at_ms` whose direction would be another than before; nothing when there is none.
const Fact* turned_round(const PersonDay& day, const ConcludedDay& before,
                         const ConcludedDay& after, std::int64_t at_ms) {
  for (std::size_t i = 0; i < before.decisions.size(); ++i) {
    const Fact& fact = day.facts.facts[i];
    if (fact.last_ms > at_ms && before.decisions[i].direction != after.decisions[i].direction)
      return &fact;
  }
  return nullptr;
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
  const auto at = instant_of(request, zone, now.wall_ms);
  if (!at) return std::unexpected(at.error());
  PersonDay day = read_day(db, config, zone, *person, day_of(db, zone, person->id, *at));
  const ConcludedDay before = conclude_day(day.facts, now.wall_ms);
  const auto fitting = fits(day, before, request, *at);
  if (!fitting) return std::unexpected(fitting.error());

  Fact fact;
  fact.first_ms = fact.last_ms = *at;
  fact.stated = request.direction;
  day.facts.facts.push_back(fact);
  ConcludedDay after = conclude_day(day.facts, now.wall_ms);
  if (const Fact* later = turned_round(day, before, after, *at)) {
    return std::unexpected("what is recorded at " + clock_of(zone, later->last_ms) +
                           " would then mean the opposite; say first what it was");
  }
  const Decision decision = after.decisions.back();

  Assisted assisted;
  assisted.time_ms = *at;
  if (decision.session) assisted.session = decision.session->id;
  assisted.room = request.room.empty() && decision.session ? decision.session->room : request.room;
  events::Event event;
  event.id = events::new_event_id(now.wall_ms);
  event.type = "attendance.assisted";
  event.subject = person->id;
  event.time_ms = *at;
  event.purpose = events::Purpose::attendance;
  event.data = data_of(config, request, *person, decision, day.day, assisted, now).dump();
  const std::int64_t position = events::append(db, event, now.wall_ms).position;
  db.prepare("INSERT INTO statement (position, person, time_ms, direction) VALUES (?, ?, ?, ?)")
      .bind(position, person->id, *at, to_text(request.direction))
      .run();
  settle_recorded(db, config, std::move(day), std::move(after), position,
                  {"staff", request.reason.empty() ? "staff recorded a movement" : request.reason,
                   request.actor},
                  now);
  return assisted;
}

std::vector<AssistedPerson> record_assisted(store::Database& db, const config::Config& config,
                                            const AssistRequest& request,
                                            const std::vector<std::string>& people,
                                            const HostTime& now) {
  std::vector<AssistedPerson> all;
  for (const std::string& person : people) {
    AssistRequest one = request;
    one.person = person;
    all.push_back({person, record_assisted(db, config, one, now)});
  }
  return all;
}

}  // namespace rollcall::attendance
