#include "daemon/attendance/conclude.hpp"

#include <nlohmann/json.hpp>

#include "daemon/events/json.hpp"
#include "daemon/roster/timetable.hpp"

namespace rollcall::attendance {
namespace {

using json = nlohmann::ordered_json;

json or_null(const std::optional<std::string>& text) {
  return text ? json(*text) : json();
}

json room_or_null(const Observation& tap) {
  return tap.place.room.empty() ? json() : json(tap.place.room);
}

std::string_view to_text(protocol::ReadingKind kind) {
  switch (kind) {
    case protocol::ReadingKind::uid:
      return "uid";
    case protocol::ReadingKind::uid_random:
      return "uid_random";
    case protocol::ReadingKind::code:
      return "code";
  }
  return "uid";  // the session refuses other kinds before they come here
}

std::string_view to_text(protocol::Outcome outcome) {
  switch (outcome) {
    case protocol::Outcome::arrived:
      return "arrived";
    case protocol::Outcome::left:
      return "left";
    case protocol::Outcome::recorded:
      return "recorded";
    case protocol::Outcome::repeat:
      return "repeat";
    case protocol::Outcome::see_staff:
    case protocol::Outcome::not_recorded:
      break;  // what is not recorded has no event
  }
  return "see_staff";
}

// What counts a movement: the session's programme, else the person's own.
struct Funding {
  std::optional<std::string> programme, grant, contract;
};
Funding funding(const Observation& tap, const Decision& decision) {
  if (decision.session)
    return {decision.session->programme, decision.session->grant, decision.session->contract};
  if (tap.person) return {tap.person->programme, tap.person->grant, tap.person->contract};
  return {};
}

// Whether both come to the same: then it does not matter which of the two instants it was.
bool same_conclusion(const Decision& a, const Decision& b) {
  const auto session = [](const Decision& decision) {
    return decision.session ? decision.session->id : std::string();
  };
  return a.outcome == b.outcome && a.direction == b.direction && session(a) == session(b);
}

}  // namespace

Concluder::Concluder(const config::Config& config) : config_(config), zone_(config.site.timezone) {}

Decision Concluder::decide(store::Database& db, const Observation& tap) const {
  if (tap.card.aside()) {
    Decision decision;
    decision.outcome =
        tap.card.refusal ? protocol::Outcome::see_staff : protocol::Outcome::recorded;
    decision.no_session_reason = "not_applicable";
    decision.rule = "card";
    decision.reason = tap.card.refusal ? phrase(*tap.card.refusal) : "the card was issued";
    return decision;
  }
  if (!tap.person) {
    Decision decision;
    decision.outcome = tap.repeat ? protocol::Outcome::repeat : protocol::Outcome::see_staff;
    decision.no_session_reason = "not_applicable";
    decision.rule = tap.repeat ? "double-tap" : "card";
    decision.reason = "nobody is known by this card";
    return decision;
  }
  const auto instants = judged_at(tap.time());
  if (instants) {
    const Situation last = situation(db, tap, instants->last_ms);
    const Decision decision = attendance::decide(last);
    if (instants->one()) return decision;
    const Situation first = situation(db, tap, instants->first_ms);
    if (zone_.at(instants->first_ms).day == zone_.at(instants->last_ms).day &&
        first.last == last.last && same_conclusion(attendance::decide(first), decision)) {
      return decision;
    }
  }
  Situation timeless;
  timeless.mode = tap.place.mode;
  timeless.role = tap.person->role;
  timeless.repeat = tap.repeat;
  return attendance::decide(timeless);
}

Situation Concluder::situation(store::Database& db, const Observation& tap,
                               std::int64_t at_ms) const {
  const LocalTime local = zone_.at(at_ms);
  Situation situation;
  situation.mode = tap.place.mode;
  situation.role = tap.person->role;
  situation.repeat = tap.repeat;
  situation.minute = local.minute;
  situation.sessions = sessions_of(db, tap.person->id, local);
  situation.any_session_running = any_session_running(db, local);
  situation.last = last_movement(db, tap.person->id, local, at_ms, zone_);
  return situation;
}

std::int64_t Concluder::record_tap(store::Database& db, const Observation& tap,
                                   const Decision& decision, int ordinal,
                                   const HostTime& host) const {
  const Funding fund = funding(tap, decision);
  json data = {{"organisation", config_.site.organisation},
               {"site", config_.site.id},
               {"room", room_or_null(tap)},
               {"terminal", tap.serial},
               {"tap",
                {{"epoch", events::hex(tap.tap.epoch)},
                 {"number", tap.tap.number},
                 {"digest", events::hex(tap.digest)}}},
               {"live", tap.live},
               {"reading", to_text(tap.kind())},
               {"card", events::hex(tap.token)},
               {"assurance", assurance_text(tap.card.assurance, tap.live)},
               {"credential", credential_text(tap.card.assurance)},
               {"recognised", tap.person.has_value()},
               {"outcome", to_text(decision.outcome)},
               {"session", decision.session ? json(decision.session->id) : json()},
               {"programme", or_null(fund.programme)},
               {"grant", or_null(fund.grant)},
               {"contract", or_null(fund.contract)},
               {"time", events::to_json(tap.time())}};
  if (tap.card.refusal) data["refused"] = to_text(*tap.card.refusal);
  events::Event event;
  event.id = events::tap_event_id(config_.site.id, tap.identity(), "tap.recorded", ordinal);
  event.type = "tap.recorded";
  if (tap.person) event.subject = tap.person->id;
  event.time_ms = tap.wall_ms();
  event.purpose = events::Purpose::movement;
  event.data = data.dump();
  return events::append(db, event, host.wall_ms).position;
}

void Concluder::conclude(store::Database& db, const Observation& tap, const Decision& decision,
                         const HostTime& host) const {
  const auto instants = judged_at(tap.time());
  if (!decision.direction || !tap.person || !instants) return;
  const bool in = *decision.direction == Direction::in;
  const LocalTime local = zone_.at(instants->last_ms);
  const Funding fund = funding(tap, decision);
  const json half_day =
      decision.session ? json({{"date", roster::day_at(local.day, decision.session->start_minute)},
                               {"part", decision.session->half_day}})
                       : json();
  const json data = {
      {"organisation", config_.site.organisation},
      {"site", config_.site.id},
      {"room", room_or_null(tap)},
      {"terminal", tap.serial},
      {"session", decision.session ? json(decision.session->id) : json()},
      {"half_day", half_day},
      {"no_session_reason", decision.session ? json() : json(decision.no_session_reason)},
      {"programme", or_null(fund.programme)},
      {"grant", or_null(fund.grant)},
      {"contract", or_null(fund.contract)},
      {"method", tap.kind() == protocol::ReadingKind::code ? "code" : "card"},
      {"assurance", assurance_text(tap.card.assurance, tap.live)},
      {"credential", credential_text(tap.card.assurance)},
      {"direction", in ? "in" : "out"},
      {"decided_by",
       {{"rule", decision.rule}, {"version", rule_version}, {"reason", decision.reason}}},
      {"provisional", tap.provisional},
      {"taps", json::array({events::to_json(tap.identity())})},
      {"actor", nullptr},
      {"time", events::to_json(tap.time())}};
  events::Event event;
  event.type = in ? "attendance.arrived" : "attendance.left";
  event.id = events::tap_event_id(config_.site.id, tap.identity(), event.type, 0);
  event.subject = tap.person->id;
  event.time_ms = tap.wall_ms();
  event.purpose = events::Purpose::attendance;
  event.data = data.dump();
  const events::Appended appended = events::append(db, event, host.wall_ms);
  if (!appended.fresh) return;  // fetched back from the case system after a restore
  keep_movement(
      db, {appended.position, tap.person->id, local.day, instants->last_ms, *decision.direction,
           decision.session ? std::optional(decision.session->id) : std::nullopt, tap.place.room});
}

void Concluder::raise_card_refused(store::Database& db, const Observation& tap,
                                   const std::optional<std::string>& holder,
                                   const HostTime& host) const {
  const json data = {{"organisation", config_.site.organisation},
                     {"site", config_.site.id},
                     {"room", room_or_null(tap)},
                     {"terminal", tap.serial},
                     {"tap", events::to_json(tap.identity())},
                     {"card", events::hex(tap.token)},
                     {"holder", or_null(holder)},
                     {"reason", to_text(*tap.card.refusal)},
                     {"time", events::to_json(host.time_block())}};
  events::Event event;
  event.type = "security.card_refused";
  event.id = events::tap_event_id(config_.site.id, tap.identity(), event.type, 0);
  event.time_ms = host.wall_ms;
  event.purpose = events::Purpose::operation;
  event.data = data.dump();
  events::append(db, event, host.wall_ms);
}

void Concluder::raise_identity_reused(store::Database& db, const Observation& tap, int ordinal,
                                      const HostTime& host) const {
  std::string kept_digest;
  {
    auto kept = db.prepare("SELECT digest FROM tap WHERE serial = ? AND epoch = ? AND number = ?");
    kept.bind(tap.serial, tap.tap.epoch, tap.tap.number).step();
    kept_digest = events::hex(kept.fixed<32>(0));
  }
  const json data = {
      {"organisation", config_.site.organisation},
      {"site", config_.site.id},
      {"room", room_or_null(tap)},
      {"terminal", tap.serial},
      {"tap", events::to_json(tap.identity())},
      {"kept_digest", kept_digest},
      {"new_digest", events::hex(tap.digest)},
      {"kept_event", events::tap_event_id(config_.site.id, tap.identity(), "tap.recorded", 0)},
      {"new_event", events::tap_event_id(config_.site.id, tap.identity(), "tap.recorded", ordinal)},
      {"time", events::to_json(host.time_block())}};
  events::Event event;
  event.type = "security.identity_reused";
  event.id = events::tap_event_id(config_.site.id, tap.identity(), event.type, ordinal);
  event.time_ms = host.wall_ms;
  event.purpose = events::Purpose::operation;
  event.data = data.dump();
  events::append(db, event, host.wall_ms);
}

void Concluder::raise_code_guessing(store::Database& db, const Observation& tap, int tries,
                                    const HostTime& host) const {
  const json data = {{"organisation", config_.site.organisation},
                     {"site", config_.site.id},
                     {"room", room_or_null(tap)},
                     {"terminal", tap.serial},
                     {"tries", tries},
                     {"tap", events::to_json(tap.identity())},
                     {"time", events::to_json(host.time_block())}};
  events::Event event;
  event.type = "security.code_guessing";
  event.id = events::tap_event_id(config_.site.id, tap.identity(), event.type, 0);
  event.time_ms = host.wall_ms;
  event.purpose = events::Purpose::operation;
  event.data = data.dump();
  events::append(db, event, host.wall_ms);
}

}  // namespace rollcall::attendance
