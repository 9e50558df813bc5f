#include "daemon/attendance/conclude.hpp"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "daemon/attendance/settle.hpp"
#include "daemon/events/json.hpp"

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

// What counts a tap: the session's programme, else the person's own.
struct Funding {
  std::optional<std::string> programme, grant, contract;
};
Funding funding(const Observation& tap, const Decision& decision) {
  if (decision.session)
    return {decision.session->programme, decision.session->grant, decision.session->contract};
  if (tap.person) return {tap.person->programme, tap.person->grant, tap.person->contract};
  return {};
}

Decision unattributed(const Observation& tap) {
  Decision decision;
  decision.no_session_reason = "not_applicable";
  if (tap.card.aside()) {
    decision.outcome =
        tap.card.refusal ? protocol::Outcome::see_staff : protocol::Outcome::recorded;
    decision.rule = "card";
    decision.reason = tap.card.refusal ? phrase(*tap.card.refusal) : phrase(tap.card.use);
    return decision;
  }
  decision.outcome = tap.repeat ? protocol::Outcome::repeat : protocol::Outcome::see_staff;
  decision.rule = tap.repeat ? "double-tap" : "card";
  decision.reason = "nobody is known by this card";
  return decision;
}

Decision for_signing() {
  Decision decision;
  decision.no_session_reason = "not_applicable";
  decision.rule = "signature";
  decision.reason = "made to sign a half-day";
  return decision;
}

Fact fact_of(const Observation& tap, const Instants& instants) {
  Fact fact;
  fact.first_ms = instants.first_ms;
  fact.last_ms = instants.last_ms;
  fact.terminal = tap.serial;
  fact.number = tap.tap.number;
  fact.room = tap.place.room;
  fact.mode = tap.place.mode;
  fact.repeat = tap.own_repeat;
  return fact;
}

}  // namespace

bool Judgement::for_no_session() const {
  if (decision.outcome != protocol::Outcome::arrived || decision.session || !day) return false;
  const DayFacts& facts = day->facts;
  const std::int64_t minute = (facts.facts.back().last_ms - facts.midnight_ms) / 60'000;
  return std::ranges::none_of(facts.sessions,
                              [&](const SessionToday& s) { return s.end_minute > minute; });
}

Concluder::Concluder(const config::Config& config) : config_(config), zone_(config.site.timezone) {}

Judgement Concluder::judge(store::Database& db, const Observation& tap,
                           const HostTime& host) const {
  Judgement judgement;
  if (tap.card.aside() || !tap.person) {
    judgement.decision = unattributed(tap);
    return judgement;
  }
  if (tap.signing) {
    judgement.decision = for_signing();
    return judgement;
  }
  const auto instants = judged_at(tap.time());
  const auto day = instants ? day_of(db, zone_, tap.person->id, *instants) : std::nullopt;
  if (!day) {
    Situation timeless;
    timeless.mode = tap.place.mode;
    timeless.role = tap.person->role;
    timeless.repeat = tap.repeat;
    judgement.decision = attendance::decide(timeless);
    return judgement;
  }
  judgement.day = read_day(db, config_, zone_, *tap.person, *day);
  judgement.day->facts.facts.push_back(fact_of(tap, *instants));
  judgement.concluded = conclude_day(judgement.day->facts, host.wall_ms);
  judgement.decision = judgement.concluded.decisions.back();
  return judgement;
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
  if (tap.signing) data["signing"] = true;
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

void Concluder::conclude(store::Database& db, const Observation& tap, Judgement judgement,
                         std::int64_t position, const HostTime& host) const {
  if (!judgement.day) return;
  settle_recorded(db, config_, *std::move(judgement.day), std::move(judgement.concluded), position,
                  {"late_tap", "a tap of terminal " + tap.serial + " became known"}, host,
                  Closing::later);
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
