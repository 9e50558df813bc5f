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

// Where a version stands in the log: from its confirmation until it was replaced or withdrawn.
struct Span {
  std::int64_t confirmed = 0;
  std::optional<std::int64_t> ended = std::nullopt;  // nothing: it is in force
};

// Those in force; of a version that has ended, those that were until then.
void read_signatures(store::Database& db, const SheetKey& key, const Span& span, Sheet& sheet) {
  struct Signed {
    std::string person, role;
    sheets::Signature signature;
  };
  std::vector<Signed> all;
  {
    // When a version ends the rule withdraws the signatures that fall with it; staff withdraw
    // single ones. The others go on into the next version.
    auto row = db.prepare(
        "SELECT s.person, s.role, l.event_id, coalesce(l.time_ms, l.recorded_ms), s.form, "
        "s.drawing, s.witness, s.reason"
        " FROM signature s JOIN log l ON l.position = s.position"
        " LEFT JOIN payload_attendance w ON w.position = s.withdrawn"
        " WHERE s.session = ?1 AND s.day = ?2 AND s.position < coalesce(?4, s.position + 1)"
        " AND (s.withdrawn IS NULL OR (s.withdrawn > ?3 AND (s.withdrawn > ?4"
        " OR (?4 IS NOT NULL AND json_extract(w.data, '$.actor') = 'rule'))))"
        " ORDER BY s.position");
    row.bind(key.session, key.day, span.confirmed, span.ended);
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
  auto row = db.prepare(
      "SELECT person, why, reason FROM not_signed WHERE session = ? AND day = ? AND at_ms <= "
      "coalesce(?, at_ms)");
  row.bind(key.session, key.day, sheet.ended_ms);
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

// Of a version that has ended, what staff withdrew of it; of the one in force everything.
void read_withdrawn(store::Database& db, const SheetKey& key, const Span& span, Sheet& sheet) {
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
        " WHERE s.session = ?1 AND s.day = ?2 AND s.withdrawn IS NOT NULL AND (?4 IS NULL OR "
        "(s.withdrawn > ?3 AND s.withdrawn < ?4 AND json_extract(p.data, '$.actor') <> 'rule'))"
        " ORDER BY s.position");
    row.bind(key.session, key.day, span.confirmed, span.ended);
    while (row.step())
      all.push_back({row.text(0), row.text(3), row.text(4), row.integer(1), row.integer(2)});
  }
  for (const Row& row : all)
    sheet.withdrawn.push_back(
        {shown(db, row.person), row.signed_ms, row.withdrawn_ms, shown(db, row.by), row.reason});
}

sheets::Confirmation confirmation_of(store::Database& db, const json& told) {
  return {shown(db, told.at("actor").get<std::string>()),
          moment_from(told.at("time").at("wall")).value_or(sheets::Moment{}).at_ms};
}

// What the confirmation says. The members of the event are those that signers were shown.
void put_confirmed(store::Database& db, const config::Config& config,
                   const roster::SessionOn& session, const json& told,
                   const std::vector<Participant>& now, Sheet& sheet) {
  sheet.title = told.at("title");
  if (const json& before = told.at("replaces"); before.is_string())
    sheet.replaces = before.get<std::string>();
  if (const auto start = moment_from(told.at("planned").at("start"))) sheet.start_ms = start->at_ms;
  if (const auto end = moment_from(told.at("planned").at("end"))) sheet.end_ms = end->at_ms;
  const config::Programme programme = config::programme_of(config, session.programme);
  for (const json& line : told.at("people"))
    sheet.lines.push_back(confirmed_line(db, line, sheet, programme, now));
  sheet.confirmed = confirmation_of(db, told);
}

// Of each version in order. The log holds them all; the table of sheets the newest alone.
std::vector<Span> versions_of(store::Database& db, const SheetKey& key) {
  std::vector<Span> all;
  auto row = db.prepare(
      "SELECT l.position, l.type = 'halfday.confirmed' FROM log l JOIN payload_attendance p ON "
      "p.position = l.position WHERE l.type IN ('halfday.confirmed', 'halfday.withdrawn')"
      " AND json_extract(p.data, '$.session') = ? AND json_extract(p.data, '$.half_day.date') = ?"
      " AND coalesce(json_extract(p.data, '$.what'), 'confirmation') = 'confirmation'"
      " ORDER BY l.position");
  row.bind(key.session, key.day);
  while (row.step()) {
    if (!all.empty() && !all.back().ended) all.back().ended = row.integer(0);
    if (row.integer(1) != 0) all.push_back({row.integer(0)});
  }
  return all;
}

std::int64_t time_of(store::Database& db, std::int64_t position) {
  auto row = db.prepare("SELECT coalesce(time_ms, recorded_ms) FROM log WHERE position = ?");
  return row.bind(position).step() ? row.integer(0) : 0;
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
    // Confirmed again after its confirmation was withdrawn, it is the next.
    sheet.version = row->confirmed ? row->version : row->version + 1;
  }
  if (confirmed) {
    put_confirmed(db, config, *session, *confirmed, now, sheet);
    result.outdated = !std::ranges::equal(confirmed->at("people"), now, still_says);
  } else {
    for (const Participant& participant : now) sheet.lines.push_back(participant.line);
  }
  const Span in_force{confirmed ? *row->confirmed : 0};
  read_signatures(db, key, in_force, sheet);
  read_unsigned(db, key, sheet);
  read_withdrawn(db, key, in_force, sheet);
  return result;
}

std::vector<Version> read_versions(store::Database& db, const SheetKey& key) {
  std::vector<Version> versions;
  for (const Span& span : versions_of(db, key)) {
    const auto told = attendance::attendance_data(db, span.confirmed);
    if (!told) continue;
    versions.push_back({static_cast<int>(versions.size()) + 1,
                        attendance::event_id(db, span.confirmed), confirmation_of(db, *told),
                        told->at("digest").get<std::string>()});
  }
  std::ranges::reverse(versions);
  return versions;
}

std::optional<Sheet> confirmed_sheet(store::Database& db, const config::Config& config,
                                     const SheetKey& key) {
  const auto session = roster::session_on(db, key.session, key.day);
  const auto row = sheet_row(db, key);
  if (!session || !row || !row->confirmed) return std::nullopt;
  const auto told = attendance::attendance_data(db, *row->confirmed);
  if (!told) return std::nullopt;
  Sheet sheet = planned_sheet(db, config, attendance::TimeZone(config.site.timezone), *session);
  sheet.id = row->id;
  sheet.version = row->version;
  put_confirmed(db, config, *session, *told, {}, sheet);
  return sheet;
}

std::optional<Sheet> read_version(store::Database& db, const config::Config& config,
                                  const SheetKey& key, int version, std::int64_t now_ms) {
  const auto session = roster::session_on(db, key.session, key.day);
  const auto row = sheet_row(db, key);
  if (!session || !row) return std::nullopt;
  const std::vector<Span> all = versions_of(db, key);
  if (version < 1 || static_cast<std::size_t>(version) > all.size()) return std::nullopt;
  const Span& span = all[static_cast<std::size_t>(version) - 1];
  const auto told = attendance::attendance_data(db, span.confirmed);
  if (!told) return std::nullopt;
  const attendance::TimeZone zone(config.site.timezone);
  Sheet sheet = planned_sheet(db, config, zone, *session);
  sheet.id = row->id;
  sheet.version = version;
  if (span.ended) sheet.ended_ms = time_of(db, *span.ended);
  put_confirmed(db, config, *session, *told, participants(db, config, zone, *session, now_ms),
                sheet);
  read_signatures(db, key, span, sheet);
  read_unsigned(db, key, sheet);
  read_withdrawn(db, key, span, sheet);
  return sheet;
}

std::optional<Sheet> read_sheet(store::Database& db, const config::Config& config,
                                const SheetKey& key, std::int64_t now_ms) {
  auto read = read_sheet_now(db, config, key, now_ms);
  return read ? std::optional(std::move(read->sheet)) : std::nullopt;
}

}  // namespace rollcall::halfdays
