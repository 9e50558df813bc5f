#include "daemon/attendance/correct.hpp"

#include <algorithm>
#include <utility>

#include "daemon/attendance/desk_deed.hpp"
#include "daemon/roster/identity.hpp"
#include "daemon/roster/timetable.hpp"

namespace rollcall::attendance {
namespace {

using Result = std::expected<Corrected, std::string>;

std::unexpected<std::string> refused(std::string clause) {
  return std::unexpected(std::move(clause));
}

struct TapRow {
  std::optional<std::string> person, stated;
  bool aside = false, signing = false;
  events::TimeBlock time;
};

std::optional<TapRow> tap_at(store::Database& db, std::int64_t position) {
  auto row = db.prepare(
      "SELECT person, stated, aside, signing, time_ms, trust, not_before_ms, not_after_ms FROM tap"
      " WHERE position = ?");
  if (!row.bind(position).step()) return std::nullopt;
  return TapRow{row.optional_text(0), row.optional_text(1), row.integer(2) != 0,
                row.integer(3) != 0, time_of_row(row, 4)};
}

// What it counts for now.
Was counts_as(store::Database& db, std::int64_t fact) {
  auto row = db.prepare("SELECT direction FROM movement WHERE fact = ? AND closes = 0");
  if (!row.bind(fact).step()) return Was::none;
  return row.text_view(0) == "in" ? Was::in : Was::out;
}

std::int64_t newest_position(store::Database& db) {
  auto row = db.prepare("SELECT coalesce(max(position), 0) FROM log");
  row.step();
  return row.integer(0);
}

void keep_stated(store::Database& db, std::int64_t position, Was was, std::string_view by) {
  db.prepare("UPDATE tap SET stated = ?, stated_by = ? WHERE position = ?")
      .bind(to_text(was), by, position)
      .run();
}

// Whose movements are recorded here at all.
bool moves(const Person& person) {
  return person.role == Role::participant || person.role == Role::trainer ||
         person.role == Role::staff;
}

// Settles the day after `change`, and counts what that came to.
template <class Change>
Result settled(store::Database& db, const config::Config& config, Corrected corrected,
               const Cause& cause, const HostTime& now, Change&& change) {
  const std::int64_t before = newest_position(db);
  change();
  settle_day(db, config, corrected.person, corrected.day, cause, now);
  corrected.conclusions = static_cast<int>(newest_position(db) - before);
  return corrected;
}

struct Entered {
  std::string person;
  std::int64_t time_ms;
  bool stands;
};
std::optional<Entered> entered_at(store::Database& db, std::int64_t position) {
  auto row = db.prepare("SELECT person, time_ms, stands FROM statement WHERE position = ?");
  if (!row.bind(position).step()) return std::nullopt;
  return Entered{row.text(0), row.integer(1), row.integer(2) != 0};
}

Result take_back(store::Database& db, const config::Config& config, std::int64_t position,
                 const Entered& entered, const Cause& cause, const HostTime& now) {
  const TimeZone zone(config.site.timezone);
  Corrected corrected;
  corrected.person = roster::id_that_stays(db, entered.person);
  corrected.day = day_of(db, zone, corrected.person, entered.time_ms);
  if (!entered.stands) {
    corrected.changed = false;
    return corrected;
  }
  if (const auto soon = check_day(zone, corrected.day, now.wall_ms); !soon)
    return refused(soon.error());
  return settled(db, config, std::move(corrected), cause, now, [&] {
    db.prepare("UPDATE statement SET stands = 0 WHERE position = ?").bind(position).run();
  });
}

Result state_tap(store::Database& db, const config::Config& config, std::int64_t position, Was was,
                 const Cause& cause, const HostTime& now) {
  const auto tap = tap_at(db, position);
  if (!tap) return refused("there is no such tap");
  if (tap->aside) return refused("the card of this tap was not accepted; it is no movement");
  if (tap->signing) return refused("this tap was made to sign a half-day; it is no movement");
  if (!tap->person) return refused("nobody is known by this card; attach it to its person first");
  const auto person = person_by_id(db, roster::id_that_stays(db, *tap->person));
  if (!person) return refused("nobody here has the id " + *tap->person);
  if (!moves(*person))
    return refused("children and guardians are taken in and out in childcare, not here");
  const TimeZone zone(config.site.timezone);
  const auto instants = judged_at(tap->time);
  const auto day = instants ? day_of(db, zone, person->id, *instants) : std::nullopt;
  if (!day) {
    if (was != Was::none)
      return refused(
          "nobody can say on which day this tap was; enter the movement with its time instead");
    keep_stated(db, position, was, cause.kind);
    return Corrected{person->id, "", !tap->stated, 0};
  }
  Corrected corrected{person->id, *day, true, 0};
  // A tap that counts for nothing while its time is in doubt would count when that is known.
  const bool may_count = tap->time.trust == protocol::ClockTrust::unproven && !tap->stated;
  if (counts_as(db, position) == was && !(was == Was::none && may_count)) {
    corrected.changed = false;
    return corrected;
  }
  if (const auto soon = check_day(zone, *day, now.wall_ms); !soon) return refused(soon.error());
  return settled(db, config, std::move(corrected), cause, now,
                 [&] { keep_stated(db, position, was, cause.kind); });
}

}  // namespace

std::string_view to_text(Was was) {
  switch (was) {
    case Was::in:
      return "in";
    case Was::out:
      return "out";
    case Was::none:
      break;
  }
  return "none";
}

std::optional<Was> was_from(std::string_view text) {
  for (const Was was : {Was::in, Was::out, Was::none})
    if (text == to_text(was)) return was;
  return std::nullopt;
}

std::expected<void, std::string> check_day(const TimeZone& zone, const std::string& day,
                                           std::int64_t now_ms) {
  const std::string today = zone.at(now_ms).day;
  if (day > today) return std::unexpected("that day is still to come");
  if (day < roster::day_after(today, -static_cast<int>(correctable_for.count())))
    return std::unexpected("that day is too long ago; the last " +
                           std::to_string(correctable_for.count()) + " days can be corrected");
  return {};
}

Result correct(store::Database& db, const config::Config& config, const CorrectRequest& request,
               const HostTime& now) {
  if (const auto sound = check_deed(request.actor, request.reason); !sound)
    return refused(sound.error());
  const Cause cause{"staff", request.reason, request.actor};
  std::int64_t position = 0;
  {
    auto row = db.prepare("SELECT position FROM log WHERE event_id = ?");
    if (!row.bind(request.event).step()) return refused("there is no event with this id");
    position = row.integer(0);
  }
  if (const auto entered = entered_at(db, position)) {
    if (request.was != Was::none)
      return refused("what staff entered is taken back, and entered again as it was");
    return take_back(db, config, position, *entered, cause, now);
  }
  return state_tap(db, config, position, request.was, cause, now);
}

}  // namespace rollcall::attendance
