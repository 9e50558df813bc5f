#include <algorithm>
#include <span>

#include <nlohmann/json.hpp>

#include "daemon/attendance/sighting.hpp"
#include "daemon/events/event.hpp"
#include "daemon/halfdays/rows.hpp"
#include "daemon/halfdays/sheet_book.hpp"

namespace rollcall::halfdays {
namespace {

using json = nlohmann::ordered_json;
using sheets::Line;
using sheets::Sheet;

std::optional<sheets::Moment> moment_from(const json& text) {
  if (!text.is_string()) return std::nullopt;
  const auto at = events::parse_rfc3339(text.get<std::string>());
  return at ? std::optional(sheets::Moment{*at}) : std::nullopt;
}

// A line as it was confirmed. What the confirmation does not tell, such as how people were seen, is
// as the day says.
Line confirmed_line(store::Database& db, const json& told, const Sheet& sheet,
                    const config::Programme& programme, const std::vector<Participant>& now) {
  Line line;
  const auto person = told.at("person").get<std::string>();
  const auto known = std::ranges::find(now, person, &Participant::person);
  if (known != now.end()) line = known->line;
  line.person = shown(db, person);
  line.arrived = moment_from(told.at("arrived"));
  line.left = moment_from(told.at("left"));
  line.minutes =
      told.at("minutes").is_null() ? std::nullopt : std::optional(told.at("minutes").get<int>());
  line.rests_on = told.at("rests_on").get<std::vector<std::string>>();
  const std::string state = told.at("state");
  line.mark = state == "excused" ? sheets::Mark::excused : sheets::Mark::absent;
  line.no_exit_tap = state == "present" && line.arrived && !line.left;
  if (state == "present") {
    const auto ms = [](std::chrono::minutes m) { return std::chrono::milliseconds(m).count(); };
    const bool late =
        line.arrived && line.arrived->at_ms > sheet.start_ms + ms(programme.late_after);
    const bool early = line.left && line.left->at_ms < sheet.end_ms - ms(programme.early_before);
    line.mark = late    ? sheets::Mark::late
                : early ? sheets::Mark::left_early
                        : sheets::Mark::present;
  }
  return line;
}

sheets::Signature signature_from(store::Database& db, const store::Statement& row) {
  sheets::Signature signature;
  signature.id = row.text(2);
  signature.at_ms = row.integer(3);
  const std::string form = row.text(4);
  if (form == "drawn") {
    signature.form = drawing_from(row.text(5));
  } else if (form == "witnessed") {
    signature.form = sheets::Witnessed{shown(db, row.text(6)), row.text(7)};
  } else {
    signature.form = sheets::ByCard{};
  }
  return signature;
}

void read_signatures(store::Database& db, const SheetKey& key, Sheet& sheet) {
  struct Signed {
    std::string person, role;
    sheets::Signature signature;
  };
  std::vector<Signed> all;
  {
    auto row = db.prepare(
        "SELECT s.person, s.role, l.event_id, coalesce(l.time_ms, l.recorded_ms), s.form, "
        "s.drawing, s.witness, s.reason"
        " FROM signature s JOIN log l ON l.position = s.position"
        " WHERE s.session = ? AND s.day = ? AND s.withdrawn IS NULL ORDER BY s.position");
    row.bind(key.session, key.day);
    while (row.step()) all.push_back({row.text(0), row.text(1), signature_from(db, row)});
  }
  for (Signed& one : all) {
    if (one.role == "trainer") {
      sheet.trainer_signature = std::move(one.signature);
      continue;
    }
    const auto line =
        std::ranges::find(sheet.lines, one.person, [](const Line& l) { return l.person.id; });
    if (line != sheet.lines.end()) line->closing = std::move(one.signature);
  }
}

void read_unsigned(store::Database& db, const SheetKey& key, Sheet& sheet) {
  auto row = db.prepare("SELECT person, why, reason FROM not_signed WHERE session = ? AND day = ?");
  row.bind(key.session, key.day);
  while (row.step()) {
    const std::string person = row.text(0);
    const auto line =
        std::ranges::find(sheet.lines, person, [](const Line& l) { return l.person.id; });
    if (line == sheet.lines.end() || std::holds_alternative<sheets::Signature>(line->closing))
      continue;
    line->closing =
        sheets::NotSigned{why_from(row.text_view(1)).value_or(sheets::WhyNot::absent), row.text(2)};
  }
}

void read_withdrawn(store::Database& db, const SheetKey& key, Sheet& sheet) {
  struct Row {
    std::string person, by, reason;
    std::int64_t signed_ms, withdrawn_ms;
  };
  std::vector<Row> all;
  {
    auto row = db.prepare(
        "SELECT s.person, coalesce(l.time_ms, l.recorded_ms), coalesce(w.time_ms, w.recorded_ms),"
        " json_extract(p.data, '$.actor'), json_extract(p.data, '$.text') FROM signature s"
        " JOIN log l ON l.position = s.position JOIN log w ON w.position = s.withdrawn"
        " LEFT JOIN payload_attendance p ON p.position = s.withdrawn"
        " WHERE s.session = ? AND s.day = ? AND s.withdrawn IS NOT NULL ORDER BY s.position");
    row.bind(key.session, key.day);
    while (row.step())
      all.push_back({row.text(0), row.text(3), row.text(4), row.integer(1), row.integer(2)});
  }
  for (const Row& row : all)
    sheet.withdrawn.push_back(
        {shown(db, row.person), row.signed_ms, row.withdrawn_ms, shown(db, row.by), row.reason});
}

}  // namespace

std::optional<SheetNow> read_sheet_now(store::Database& db, const config::Config& config,
                                       const SheetKey& key, std::int64_t now_ms) {
  const auto session = roster::session_on(db, key.session, key.day);
  if (!session) return std::nullopt;
  const attendance::TimeZone zone(config.site.timezone);
  SheetNow result{planned_sheet(db, config, zone, *session),
                  participants(db, config, zone, *session, now_ms)};
  Sheet& sheet = result.sheet;
  const std::vector<Participant>& now = result.participants;
  const auto row = sheet_row(db, key);
  const auto confirmed =
      row && row->confirmed ? attendance::attendance_data(db, *row->confirmed) : std::nullopt;
  if (row) {
    sheet.id = row->id;
    sheet.version = row->version;
  }
  if (confirmed) {
    sheet.title = confirmed->at("title");
    if (const json& before = confirmed->at("replaces"); before.is_string())
      sheet.replaces = before.get<std::string>();
    if (const auto start = moment_from(confirmed->at("planned").at("start")))
      sheet.start_ms = start->at_ms;
    if (const auto end = moment_from(confirmed->at("planned").at("end"))) sheet.end_ms = end->at_ms;
    const config::Programme programme = config::programme_of(config, session->programme);
    const json& people = confirmed->at("people");
    for (const json& line : people)
      sheet.lines.push_back(confirmed_line(db, line, sheet, programme, now));
    result.outdated = !std::ranges::equal(people, now, still_says);
    sheet.confirmed = sheets::Confirmation{
        shown(db, confirmed->at("actor").get<std::string>()),
        moment_from(confirmed->at("time").at("wall")).value_or(sheets::Moment{}).at_ms};
  } else {
    for (const Participant& participant : now) sheet.lines.push_back(participant.line);
  }
  read_signatures(db, key, sheet);
  read_unsigned(db, key, sheet);
  read_withdrawn(db, key, sheet);
  return result;
}

std::vector<Version> read_versions(store::Database& db, const SheetKey& key) {
  std::vector<Version> versions;
  const auto sheet = sheet_row(db, key);
  auto position = sheet ? sheet->confirmed : std::nullopt;
  while (position) {
    const auto told = attendance::attendance_data(db, *position);
    if (!told) break;
    versions.push_back(
        {sheet->version - static_cast<int>(versions.size()), attendance::event_id(db, *position),
         sheets::Confirmation{
             shown(db, told->at("actor").get<std::string>()),
             moment_from(told->at("time").at("wall")).value_or(sheets::Moment{}).at_ms},
         told->at("digest").get<std::string>()});
    auto row = db.prepare("SELECT position FROM log WHERE event_id = ?");
    const json& replaces = told->at("replaces");
    position = replaces.is_string() && row.bind(replaces.get<std::string>()).step()
                   ? std::optional(row.integer(0))
                   : std::nullopt;
  }
  return versions;
}

std::optional<Sheet> read_sheet(store::Database& db, const config::Config& config,
                                const SheetKey& key, std::int64_t now_ms) {
  auto read = read_sheet_now(db, config, key, now_ms);
  return read ? std::optional(std::move(read->sheet)) : std::nullopt;
}

}  // namespace rollcall::halfdays
