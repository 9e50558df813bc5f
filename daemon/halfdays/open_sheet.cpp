#include "daemon/halfdays/open_sheet.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "daemon/attendance/sighting.hpp"

namespace rollcall::halfdays {

using attendance::event_id;
using nlohmann::ordered_json;
using sheets::Line;
using sheets::Sheet;

namespace {

ordered_json or_null(const std::optional<std::string>& text) {
  return text ? ordered_json(*text) : ordered_json();
}

}  // namespace

bool was_there(const Sheet& sheet, const std::string& person) {
  const auto line =
      std::ranges::find(sheet.lines, person, [](const Line& l) { return l.person.id; });
  return line != sheet.lines.end() && sheets::was_there(line->mark);
}

OpenSheet::OpenSheet(store::Database& db, const Rules& rules, SheetKey key,
                     const attendance::HostTime& now, roster::SessionOn session)
    : db_(db),
      rules_(rules),
      key_(std::move(key)),
      now_(now),
      session_(std::move(session)),
      zone_(rules.config.site.timezone) {}

Result<OpenSheet> OpenSheet::open(store::Database& db, const Rules& rules, const SheetKey& key,
                                  const attendance::HostTime& now) {
  const auto session = roster::session_on(db, key.session, key.day);
  if (!session) return refused("the timetable has no such session on that day");
  OpenSheet opened(db, rules, key, now, *session);
  opened.row_ = sheet_row(db, key);
  return opened;
}

HalfDayState OpenSheet::state() const {
  const auto date = sheets::date_from_iso(key_.day);
  HalfDayState state;
  state.end_ms = zone_.instant(key_.day, session_.end_minute);
  state.cancelled = session_.cancelled;
  state.holiday = date && rules_.calendar.is_holiday(*date);
  state.confirmed = row_ && row_->confirmed;
  if (state.confirmed) state.confirmation = event_id(db_, *row_->confirmed);
  state.closed = row_ && row_->closed;
  return state;
}

ordered_json OpenSheet::common() const {
  return {{"organisation", rules_.config.site.organisation},
          {"site", rules_.config.site.id},
          {"room", session_.room.empty() ? ordered_json() : ordered_json(session_.room)},
          {"terminal", nullptr},
          {"session", session_.id},
          {"half_day", {{"date", key_.day}, {"part", session_.half_day}}},
          {"programme", or_null(session_.programme)},
          {"grant", or_null(session_.grant)},
          {"contract", or_null(session_.contract)}};
}

std::int64_t OpenSheet::append(const char* type, ordered_json data,
                               const std::optional<std::string>& subject) {
  return halfdays::append(db_, type, std::move(data), subject, now_);
}

void OpenSheet::withdraw(std::int64_t position, std::string_view what,
                         const std::optional<std::string>& signer, std::string_view reason,
                         std::string_view text, std::string_view actor) {
  ordered_json data = common();
  data["sheet"] = row_->id;
  data["withdraws"] = event_id(db_, position);
  data["what"] = what;
  data["reason"] = reason;
  data["text"] = text;
  data["actor"] = actor;
  const std::int64_t withdrawn = append("halfday.withdrawn", std::move(data), signer);
  db_.prepare("UPDATE signature SET withdrawn = ? WHERE position = ?")
      .bind(withdrawn, position)
      .run();
}

void OpenSheet::reopen() {
  db_.prepare("UPDATE sheet SET closed = NULL WHERE session = ? AND day = ?")
      .bind(key_.session, key_.day)
      .run();
}

std::vector<OpenSheet::Standing> OpenSheet::signatures() const {
  std::vector<Standing> all;
  auto row = db_.prepare(
      "SELECT position, person, role = 'trainer' FROM signature WHERE session = ? AND day = ?"
      " AND withdrawn IS NULL ORDER BY position");
  row.bind(key_.session, key_.day);
  while (row.step()) all.push_back({row.integer(0), row.text(1), row.integer(2) != 0});
  return all;
}

std::optional<Sheet> OpenSheet::read() const {
  return read_sheet(db_, rules_.config, key_, now_.wall_ms);
}

}  // namespace rollcall::halfdays
