#include "daemon/attendance/turn_round.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "daemon/attendance/local_time.hpp"
#include "daemon/attendance/person_day.hpp"
#include "daemon/attendance/settle.hpp"
#include "daemon/log/log.hpp"
#include "daemon/metrics/metrics.hpp"
#include "daemon/store/on_writer.hpp"

namespace rollcall::attendance {
namespace {

struct KeptTap {
  std::int64_t position = 0;
  std::optional<std::string> person;
  std::optional<std::string> stated;
  std::optional<Instants> instants;
  bool live = false;
};

std::optional<KeptTap> kept_tap(store::Database& db, const events::TapIdentity& tap) {
  auto row = db.prepare(
      "SELECT t.position, t.person, t.stated, t.time_ms, t.trust, t.not_before_ms, t.not_after_ms,"
      " m.data FROM tap t JOIN payload_movement m ON m.position = t.position"
      " WHERE t.serial = ? AND t.epoch = ? AND t.number = ? AND t.aside = 0");
  if (!row.bind(tap.serial, tap.epoch, tap.number).step()) return std::nullopt;
  return KeptTap{row.integer(0), row.optional_text(1), row.optional_text(2),
                 judged_at(time_of_row(row, 3)),
                 nlohmann::json::parse(row.text_view(7)).at("live").get<bool>()};
}

bool tapped_since(store::Database& db, const events::TapIdentity& tap) {
  auto row = db.prepare("SELECT 1 FROM tap WHERE serial = ? AND epoch = ? AND number > ? LIMIT 1");
  return row.bind(tap.serial, tap.epoch, tap.number).step();
}

bool in_time(const TurnRequest& request, const HostTime& host) {
  const auto limit = static_cast<std::uint64_t>(turn_limit.count());
  return host.monotonic_ms >= request.answered_ms &&
         host.monotonic_ms - request.answered_ms <= limit;
}

// What the tap comes to now; it may have become something else since it was answered.
Turned check(const PersonDay& day, const ConcludedDay& concluded, std::int64_t position,
             Direction to) {
  const auto fact = std::ranges::find(day.facts.facts, position, &Fact::id);
  if (fact == day.facts.facts.end()) return Turned::no_movement;
  const auto at = static_cast<std::size_t>(fact - day.facts.facts.begin());
  const Decision& decision = concluded.decisions[at];
  if (!may_turn(fact->mode, decision)) return Turned::no_movement;
  return decision.direction == to ? Turned::already : Turned::done;
}

}  // namespace

bool may_turn(protocol::TerminalMode mode, const Decision& decision) {
  return decision.direction && mode != protocol::TerminalMode::childcare &&
         (!decision.session || decision.session->exit_expected);
}

std::string_view to_text(Turned turned) {
  switch (turned) {
    case Turned::done:
      return "done";
    case Turned::already:
      return "already";
    case Turned::too_late:
      return "too_late";
    case Turned::another_tap:
      return "another_tap";
    case Turned::no_movement:
      break;
  }
  return "no_movement";
}

Turned turn_round(store::Database& db, const config::Config& config, const TurnRequest& request,
                  const HostTime& host) {
  const auto tap = kept_tap(db, request.tap);
  if (!tap || !tap->live || !tap->person || !tap->instants) return Turned::no_movement;
  if (tap->stated)
    return *tap->stated == to_text(request.to) ? Turned::already : Turned::no_movement;
  if (tapped_since(db, request.tap)) return Turned::another_tap;
  if (!in_time(request, host)) return Turned::too_late;
  const TimeZone zone(config.site.timezone);
  const auto person = person_by_id(db, *tap->person);
  const auto day_name = person ? day_of(db, zone, person->id, *tap->instants) : std::nullopt;
  if (!day_name) return Turned::no_movement;

  PersonDay day = read_day(db, config, zone, *person, *day_name);
  const Turned may = check(day, conclude_day(day.facts, host.wall_ms), tap->position, request.to);
  if (may != Turned::done) return may;
  db.prepare("UPDATE tap SET stated = ?, stated_by = 'person' WHERE position = ?")
      .bind(to_text(request.to), tap->position)
      .run();
  std::ranges::find(day.facts.facts, tap->position, &Fact::id)->stated = request.to;
  settle(db, config, day, conclude_day(day.facts, host.wall_ms),
         {"person", "the person said that it was the other way", person->id}, host, Closing::later);
  return Turned::done;
}

boost::asio::awaitable<bool> WriterTurn::round() {
  Turned turned = Turned::no_movement;
  const store::Writer::Job job = [&](store::Database& db) {
    turned = turn_round(db, config_, request_, now_());
  };
  const store::Written written = co_await store::written(writer_, job);
  if (written.committed != store::Committed::yes) {
    logging::warning("that a tap was the other way could not be recorded",
                     {{"terminal", request_.tap.serial},
                      {"number", request_.tap.number},
                      {"why", written.error}});
    co_return false;
  }
  metrics::add(metrics::Counter::turned_taps, to_text(turned));
  co_return turned == Turned::done || turned == Turned::already;
}

}  // namespace rollcall::attendance
