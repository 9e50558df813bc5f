#include <vector>

#include <nlohmann/json.hpp>

#include "daemon/attendance/conclude.hpp"
#include "daemon/attendance/desk_deed.hpp"
#include "daemon/events/json.hpp"

namespace rollcall::attendance {
namespace {

using json = nlohmann::ordered_json;

// A tap of the card that belongs to nobody yet, as its tap.recorded tells it.
struct EarlierTap {
  Observation observation;
  std::int64_t position = 0;
};

std::vector<EarlierTap> unattributed_taps(store::Database& db, const CardToken& token) {
  std::vector<EarlierTap> taps;
  auto row = db.prepare(
      "SELECT t.serial, t.epoch, t.number, t.digest, t.position, t.time_ms, t.outcome, m.data,"
      " t.not_before_ms, t.not_after_ms"
      " FROM tap t LEFT JOIN payload_movement m ON m.position = t.position"
      " WHERE t.card = ? AND t.person IS NULL AND t.aside = 0 ORDER BY t.time_ms, t.position");
  row.bind(token);
  while (row.step()) {
    EarlierTap tap;
    Observation& seen = tap.observation;
    seen.serial = row.text(0);
    seen.tap.epoch = row.fixed<16>(1);
    seen.tap.number = static_cast<std::uint64_t>(row.integer(2));
    seen.digest = row.fixed<32>(3);
    seen.tap.wall_ms = row.is_null(5) ? 0 : row.integer(5);
    if (!row.is_null(8)) seen.bracket.not_before_ms = row.integer(8);
    if (!row.is_null(9)) seen.bracket.not_after_ms = row.integer(9);
    seen.repeat = static_cast<protocol::Outcome>(row.integer(6)) == protocol::Outcome::repeat;
    seen.token = token;
    seen.place = registry::place_of(db, seen.serial).value_or(registry::Place{});
    if (!row.is_null(7)) {
      const json data = json::parse(row.text_view(7));
      // The terminal may stand elsewhere by now.
      if (data["room"].is_string()) seen.place.room = data["room"].get<std::string>();
      seen.tap.boot = data["time"]["boot"].get<std::uint32_t>();
      seen.tap.monotonic_ms = data["time"]["monotonic_ms"].get<std::uint64_t>();
      const std::string trust = data["time"]["trust"].get<std::string>();
      seen.tap.trust = trust == "synced"     ? protocol::ClockTrust::synced
                       : trust == "drifting" ? protocol::ClockTrust::drifting
                                             : protocol::ClockTrust::unproven;
      if (data["reading"] == "code") {
        seen.tap.kind = protocol::ReadingKind::code;
        seen.card.assurance = Assurance::code;
      }
    }
    tap.position = row.integer(4);
    taps.push_back(std::move(tap));
  }
  return taps;
}

void write_attached(store::Database& db, const config::Config& config, const AttachRequest& request,
                    const std::optional<std::string>& previous, const std::vector<EarlierTap>& taps,
                    const HostTime& now) {
  const json data = {
      {"organisation", config.site.organisation},
      {"site", config.site.id},
      {"room", nullptr},
      {"terminal", nullptr},
      {"card", events::hex(request.token)},
      {"previous", previous ? json(*previous) : json()},
      {"earlier_taps", taps.size()},
      {"first_tap", taps.empty() ? json() : events::to_json(taps.front().observation.identity())},
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

  std::vector<EarlierTap> taps = unattributed_taps(db, request.token);
  if (taps.empty() && !previous) {
    return {0, "this card has never been tapped here; tap it once at a terminal, then attach it"};
  }
  write_attached(db, config, request, previous, taps, now);
  db.prepare(
        "INSERT INTO card (token, person, source) VALUES (?, ?, 'desk')"
        " ON CONFLICT (token) DO UPDATE SET person = excluded.person, source = 'desk'")
      .bind(request.token, request.person)
      .run();
  const Concluder concluder(config);
  for (EarlierTap& tap : taps) {
    Observation& seen = tap.observation;
    seen.person = person;
    db.prepare("UPDATE tap SET person = ? WHERE serial = ? AND epoch = ? AND number = ?")
        .bind(request.person, seen.serial, seen.tap.epoch, seen.tap.number)
        .run();
    concluder.conclude(db, seen, concluder.decide(db, seen), now);
  }
  db.prepare(
        "UPDATE inbox SET closed_ms = ?, closed_by = ? WHERE kind = 'unknown-card' AND subject = ?"
        " AND closed_ms IS NULL")
      .bind(now.wall_ms, request.actor, events::hex(request.token))
      .run();
  return {static_cast<int>(taps.size()), {}};
}

}  // namespace rollcall::attendance
