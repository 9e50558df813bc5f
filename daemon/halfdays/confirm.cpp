// A half-day is confirmed by its trainer.
#include <algorithm>

#include <nlohmann/json.hpp>

#include "daemon/attendance/sighting.hpp"
#include "daemon/events/contract.hpp"
#include "daemon/events/json.hpp"
#include "daemon/halfdays/open_sheet.hpp"

namespace rollcall::halfdays {
namespace {

using attendance::event_id;
using nlohmann::ordered_json;
using sheets::Sheet;

// Takes what the trainer says of stays with an end that nobody saw into the lines.
Result<void> state_minutes(const std::map<std::string, int>& stated,
                           std::vector<Participant>& participants) {
  for (const auto& [person, minutes] : stated) {
    const auto found = std::ranges::find(participants, person, &Participant::person);
    if (found == participants.end()) return refused(person + " is not on this sheet");
    const int most = found->half_day.minutes + found->half_day.unproven_minutes;
    if (minutes < found->half_day.minutes || minutes > most) {
      return refused("of " + person + " between " + std::to_string(found->half_day.minutes) +
                     " and " + std::to_string(most) +
                     " minutes can be stated: what was seen, and what the stay may have been");
    }
    found->line.minutes = minutes;
  }
  return {};
}

// The signatures of those whose own line says something else than they signed, or of everybody when
// it is another title or other hours. The trainer has signed for all lines.
int withdraw_what_changed(OpenSheet& sheet, const ordered_json& before, const ordered_json& after,
                          const std::vector<Participant>& people) {
  const bool same_half_day =
      before.at("title") == after.at("title") && before.at("planned") == after.at("planned");
  const auto own_line_holds = [&](const std::string& person) {
    const auto line = std::ranges::find_if(
        before.at("people"), [&](const ordered_json& told) { return told.at("person") == person; });
    const auto now = std::ranges::find(people, person, &Participant::person);
    if (line == before.at("people").end() || now == people.end()) return false;
    const auto minutes = now->line.minutes ? ordered_json(*now->line.minutes) : ordered_json();
    return still_says(*line, *now) && line->at("minutes") == minutes;
  };
  return sheet.withdraw_signatures("The sheet was confirmed again with other content.",
                                   [&](const OpenSheet::Standing& one) {
                                     if (one.trainer)
                                       return before.at("digest") != after.at("digest");
                                     return !same_half_day || !own_line_holds(one.person);
                                   });
}

void keep_confirmed(store::Database& db, const SheetKey& key, const SheetRow& row) {
  db.prepare(
        "INSERT INTO sheet (session, day, id, version, confirmed) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (session, day) DO UPDATE SET version = excluded.version, confirmed = "
        "excluded.confirmed, closed = NULL")
      .bind(key.session, key.day, row.id, row.version, row.confirmed)
      .run();
}

}  // namespace

Result<Confirmed> confirm(store::Database& db, const Rules& rules, const ConfirmRequest& request,
                          const attendance::HostTime& now) {
  if (!events::is_actor(request.actor)) return refused("who confirms it is needed");
  auto sheet = OpenSheet::open(db, rules, request.sheet, now);
  if (!sheet) return std::unexpected(sheet.error());
  HalfDayState state = sheet->state();
  if (state.confirmed) {
    const auto read = read_sheet_now(db, rules.config, request.sheet, now.wall_ms);
    state.outdated = read && read->outdated;
  }
  if (const auto refusal = refuse_confirmation(state, sheet->moment()))
    return refused(phrase(*refusal));

  // Who is here shortly before the end is there until then: the trainer's confirmation says so.
  auto people = participants(db, rules.config, sheet->zone(), sheet->session(),
                             std::max(now.wall_ms, state.end_ms));
  if (const auto stated = state_minutes(request.minutes, people); !stated)
    return std::unexpected(stated.error());
  Sheet content = planned_sheet(db, rules.config, sheet->zone(), sheet->session());
  for (const Participant& participant : people) content.lines.push_back(participant.line);

  std::optional<SheetRow>& row = sheet->row();
  const auto before = row ? row->confirmed : std::nullopt;
  if (!row) row = SheetRow{events::random_uuid(), 0, {}, {}};
  const std::string digest = events::hex(sheets::digest(content));
  ordered_json data = sheet->common();
  const nlohmann::json shown_to_signers = sheets::signed_content(content);
  for (const auto& [member, value] : shown_to_signers.items()) data[member] = value;
  data["sheet"] = row->id;
  data["digest"] = digest;
  data["decided_by"] = {{"rule", "half-day"},
                        {"version", attendance::rule_version},
                        {"reason", "stays within the half-day"}};
  data["replaces"] = before ? ordered_json(event_id(db, *before)) : ordered_json();
  data["method"] = "assisted";
  data["assurance"] = "staff";
  data["actor"] = request.actor;
  const int withdrawn =
      before
          ? withdraw_what_changed(*sheet, *attendance::attendance_data(db, *before), data, people)
          : 0;
  row->confirmed = sheet->append("halfday.confirmed", std::move(data), std::nullopt);
  ++row->version;
  keep_confirmed(db, request.sheet, *row);
  return Confirmed{row->id, event_id(db, *row->confirmed), digest, withdrawn};
}

}  // namespace rollcall::halfdays
