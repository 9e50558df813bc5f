#include <set>
#include <vector>

#include <nlohmann/json.hpp>

#include "daemon/attendance/desk_deed.hpp"
#include "daemon/attendance/issued_card.hpp"
#include "daemon/attendance/settle.hpp"
#include "daemon/events/json.hpp"

namespace rollcall::attendance {
namespace {

using json = nlohmann::ordered_json;

// A tap of the card that belongs to nobody yet.
struct EarlierTap {
  events::TapIdentity identity;
  std::optional<Instants> instants;
};

std::vector<EarlierTap> unattributed_taps(store::Database& db, const CardToken& token) {
  std::vector<EarlierTap> taps;
  auto row = db.prepare(
      "SELECT serial, epoch, number, time_ms, trust, not_before_ms, not_after_ms FROM tap"
      " WHERE card = ? AND person IS NULL AND aside = 0 ORDER BY time_ms, position");
  row.bind(token);
  while (row.step()) {
    taps.push_back({{row.text(0), row.fixed<16>(1), static_cast<std::uint64_t>(row.integer(2))},
                    judged_at(time_of_row(row, 3))});
  }
  return taps;
}

void write_attached(store::Database& db, const config::Config& config, const AttachRequest& request,
                    const std::optional<std::string>& previous, const std::vector<EarlierTap>& taps,
                    const HostTime& now) {
  const json data = {{"organisation", config.site.organisation},
                     {"site", config.site.id},
                     {"room", nullptr},
                     {"terminal", nullptr},
                     {"card", events::hex(request.token)},
                     {"previous", previous ? json(*previous) : json()},
                     {"earlier_taps", taps.size()},
                     {"first_tap", taps.empty() ? json() : events::to_json(taps.front().identity)},
                     {"reason", request.reason},
                     {"actor", request.actor},
                     {"time", events::to_json(now.time_block())}};
  append_deed(db, "card.attached", request.person, data.dump(), now.time_block());
}

}  // namespace

Attached attach_card(store::Database& db, const config::Config& config,
                     const AttachRequest& request, const HostTime& now) {
  if (const auto sound = check_deed(request.actor, request.reason); !sound)
    return {0, sound.error()};
  const std::optional<Person> person = person_by_id(db, request.person);
  if (!person) return {0, "nobody here has the id " + request.person};
  if (issued_card_of_chip(db, request.token))
    return {0, "the card was issued here and is known by its key; use `rollcall card replace`"};
  std::optional<std::string> previous;
  if (const auto owner = person_of_card(db, request.token)) {
    if (owner->id == request.person) return {0, "the card belongs to this person already"};
    previous = owner->id;
  }

  const std::vector<EarlierTap> taps = unattributed_taps(db, request.token);
  if (taps.empty() && !previous) {
    return {0, "this card has never been tapped here; tap it once at a terminal, then attach it"};
  }
  write_attached(db, config, request, previous, taps, now);
  db.prepare(
        "INSERT INTO card (token, person, source) VALUES (?, ?, 'desk')"
        " ON CONFLICT (token) DO UPDATE SET person = excluded.person, source = 'desk'")
      .bind(request.token, request.person)
      .run();
  const TimeZone zone(config.site.timezone);
  std::set<std::string> days;
  for (const EarlierTap& tap : taps) {
    db.prepare("UPDATE tap SET person = ? WHERE serial = ? AND epoch = ? AND number = ?")
        .bind(request.person, tap.identity.serial, tap.identity.epoch, tap.identity.number)
        .run();
    const auto day = tap.instants ? day_of(db, zone, request.person, *tap.instants) : std::nullopt;
    if (day) days.insert(*day);
  }
  const Cause cause{"card_attached", "a card was attached to the person"};
  for (const std::string& day : days) settle_day(db, config, request.person, day, cause, now);
  db.prepare(
        "UPDATE inbox SET closed_ms = ?, closed_by = ? WHERE kind = 'unknown-card' AND subject = ?"
        " AND closed_ms IS NULL")
      .bind(now.wall_ms, request.actor, events::hex(request.token))
      .run();
  return {static_cast<int>(taps.size()), {}};
}

}  // namespace rollcall::attendance
