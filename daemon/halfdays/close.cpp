// What ends a half-day: lines that nobody signs, absences with a reason on file, the sheet as a
// whole.
#include <algorithm>

#include <nlohmann/json.hpp>

#include "daemon/attendance/desk_deed.hpp"
#include "daemon/attendance/sighting.hpp"
#include "daemon/events/contract.hpp"
#include "daemon/events/json.hpp"
#include "daemon/halfdays/open_sheet.hpp"

namespace rollcall::halfdays {

using attendance::event_id;
using nlohmann::ordered_json;
using sheets::Line;
using sheets::Sheet;

Result<void> close_unsigned(store::Database& db, const Rules& rules,
                            const NotSignedRequest& request, const attendance::HostTime& now) {
  if (const auto sound = attendance::check_deed(request.actor, request.reason); !sound)
    return std::unexpected(sound.error());
  if (!why_from(request.why)) return refused("why is one of left_early, unable, refused, absent");
  auto sheet = OpenSheet::open(db, rules, request.sheet, now);
  if (!sheet) return std::unexpected(sheet.error());
  const HalfDayState state = sheet->state();
  if (state.closed) return refused(phrase(Refusal::closed));
  if (!state.confirmed) return refused(phrase(Refusal::not_confirmed));
  const auto content = sheet->read();
  if (!content || !was_there(*content, request.person)) return refused(phrase(Refusal::not_there));
  if (std::ranges::any_of(sheet->signatures(),
                          [&](const auto& s) { return s.person == request.person; }))
    return refused(phrase(Refusal::signed_already));
  db.prepare(
        "INSERT INTO not_signed (session, day, person, why, reason, actor, at_ms) VALUES (?, ?, ?, "
        "?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET why = excluded.why, reason = excluded.reason, actor = "
        "excluded.actor,"
        " at_ms = excluded.at_ms")
      .bind(request.sheet.session, request.sheet.day, request.person, request.why, request.reason,
            request.actor, now.wall_ms)
      .run();
  return {};
}

Result<void> excuse(store::Database& db, const Rules& rules, const ExcuseRequest& request,
                    const attendance::HostTime& now) {
  if (!events::is_actor(request.actor)) return refused("who says so is needed");
  auto sheet = OpenSheet::open(db, rules, request.sheet, now);
  if (!sheet) return std::unexpected(sheet.error());
  if (sheet->state().closed) return refused(phrase(Refusal::closed));
  const auto people = participants(db, rules.config, sheet->zone(), sheet->session(), now.wall_ms);
  if (std::ranges::find(people, request.person, &Participant::person) == people.end())
    return refused(request.person + " is not on this sheet");
  if (request.excused) {
    db.prepare(
          "INSERT INTO excuse (session, day, person, actor, at_ms) VALUES (?, ?, ?, ?, ?) ON "
          "CONFLICT DO NOTHING")
        .bind(request.sheet.session, request.sheet.day, request.person, request.actor, now.wall_ms)
        .run();
  } else {
    db.prepare("DELETE FROM excuse WHERE session = ? AND day = ? AND person = ?")
        .bind(request.sheet.session, request.sheet.day, request.person)
        .run();
  }
  return {};
}

std::optional<HalfDayState> state_of(store::Database& db, const Rules& rules, const SheetKey& key) {
  const auto sheet = OpenSheet::open(db, rules, key, {});
  return sheet ? std::optional(sheet->state()) : std::nullopt;
}

Result<std::string> close(store::Database& db, const Rules& rules, const SheetKey& key,
                          const std::string& actor, const attendance::HostTime& now) {
  if (!events::is_actor(actor)) return refused("who closes it is needed");
  auto sheet = OpenSheet::open(db, rules, key, now);
  if (!sheet) return std::unexpected(sheet.error());
  const HalfDayState state = sheet->state();
  if (state.closed) return refused(phrase(Refusal::closed));
  if (!state.confirmed) return refused(phrase(Refusal::not_confirmed));
  const Sheet content = sheet->read().value();
  ordered_json signatures = ordered_json::array(), unsigned_people = ordered_json::array(),
               not_signed = ordered_json::array();
  int present = 0, without_exit = 0;
  if (content.trainer_signature) signatures.push_back(content.trainer_signature->id);
  for (const Line& line : content.lines) {
    if (!sheets::was_there(line.mark)) continue;
    ++present;
    if (line.no_exit_tap) ++without_exit;
    if (const auto* signature = std::get_if<sheets::Signature>(&line.closing)) {
      signatures.push_back(signature->id);
    } else if (const auto* why = std::get_if<sheets::NotSigned>(&line.closing)) {
      unsigned_people.push_back(line.person.id);
      not_signed.push_back(
          {{"person", line.person.id}, {"why", to_text(why->why)}, {"reason", why->reason}});
    } else {
      return refused(line.person.id +
                     " was there and has neither signed nor is closed as not signed");
    }
  }
  ordered_json data = sheet->common();
  data["sheet"] = sheet->row()->id;
  data["confirmed"] = event_id(db, *sheet->row()->confirmed);
  data["digest"] = events::hex(sheets::digest(content));
  data["present"] = present;
  data["absent"] = content.lines.size() - static_cast<std::size_t>(present);
  data["signatures"] = std::move(signatures);
  data["unsigned"] = std::move(unsigned_people);
  data["not_signed"] = std::move(not_signed);
  data["no_exit_tap"] = without_exit;
  data["decided_by"] = {{"rule", "staff"},
                        {"version", attendance::rule_version},
                        {"reason", "each line is signed or closed"}};
  data["actor"] = actor;
  const std::int64_t position = sheet->append("halfday.closed", std::move(data), std::nullopt);
  db.prepare("UPDATE sheet SET closed = ? WHERE session = ? AND day = ?")
      .bind(position, key.session, key.day)
      .run();
  return event_id(db, position);
}

}  // namespace rollcall::halfdays
