#include "daemon/roster/correct_day.hpp"

#include "daemon/roster/rows.hpp"
#include "daemon/roster/timetable.hpp"

namespace rollcall::roster {
namespace {

bool sheet_is_closed(store::Database& db, const DayCorrection& correction) {
  auto row = db.prepare("SELECT closed FROM sheet WHERE session = ? AND day = ?");
  return row.bind(correction.session, correction.day).step() && !row.is_null(0);
}

// The single day as it is to be; what is not corrected stays.
SessionDayRecord corrected(const SessionOn& was, const DayCorrection& correction) {
  SessionDayRecord record;
  record.session = was.id;
  record.day = was.day;
  record.cancelled = correction.cancelled;
  record.start_minute = correction.start_minute.value_or(was.start_minute);
  record.end_minute = correction.end_minute.value_or(was.end_minute);
  record.end_minute = end_after(*record.start_minute, *record.end_minute);
  record.half_day = was.half_day;
  record.room = was.room;
  record.trainer = was.trainer;
  return record;
}

}  // namespace

std::expected<int, std::string> correct_day(store::Database& db, const DayCorrection& correction,
                                            const std::string& today) {
  if (!is_day(correction.day)) return std::unexpected("the day is no date such as 2026-03-02");
  if (correction.day >= today)
    return std::unexpected("that day is not over; the roster itself says when it is");
  const auto was = session_on(db, correction.session, correction.day);
  if (!was) return std::unexpected("no such session is on the timetable of that day");
  if (sheet_is_closed(db, correction))
    return std::unexpected("the sheet of that half-day is closed and says when it was");
  const SessionDayRecord record = corrected(*was, correction);
  if (std::string fault = fault_of(record); !fault.empty()) return std::unexpected(fault);
  write(db, record, 0, today);
  mark_session_unsettled(db, was->id, was->day, was->day);
  return db.changes();
}

void mark_session_unsettled(store::Database& db, const std::string& session,
                            const std::string& from_day, const std::string& until_day) {
  db.prepare(
        "INSERT INTO unsettled (person, day, cause, due_ms)"
        " SELECT DISTINCT m.person, m.day, 'roster', 0 FROM movement m"
        " WHERE m.day BETWEEN ?2 AND ?3 AND (m.session = ?1 OR m.person IN"
        " (SELECT e.person FROM enrolment e JOIN session s ON s.course = e.course WHERE s.id = ?1"
        "  UNION SELECT trainer FROM session WHERE id = ?1"
        "  UNION SELECT trainer FROM session_day WHERE session = ?1))"
        " ON CONFLICT DO UPDATE SET cause = excluded.cause, due_ms = 0")
      .bind(session, from_day, until_day)
      .run();
}

}  // namespace rollcall::roster
