#include "daemon/halfdays/sheet_book.hpp"

namespace rollcall::halfdays {

MonthNow check_month(store::Database& db, const Rules& rules, const std::string& month,
                     std::int64_t now_ms) {
  MonthNow result;
  std::vector<sheets::Sheet> all;
  sheets::Month checked{.sheets = {}, .holidays = rules.calendar};
  checked.now_ms = now_ms;
  checked.before_end = before_end;
  for (std::size_t weekday = 0; weekday < checked.opening.size(); ++weekday) {
    for (const config::OpenHours& open : rules.config.site.opening[weekday])
      checked.opening[weekday].push_back({open.from, open.to});
  }
  for (std::string day = month + "-01"; day.starts_with(month); day = roster::day_after(day, 1)) {
    for (const roster::SessionOn& session : roster::sessions_on(db, day)) {
      auto read = read_sheet_now(db, rules.config, {session.id, day}, now_ms);
      if (!read) continue;
      checked.titles[session.id] = session.title;
      if (session.cancelled)
        checked.cancelled.push_back({session.id, read->sheet.date, read->sheet.part});
      all.push_back(read->sheet);
      // A sheet that nobody confirmed has no id yet: it is named by its session.
      if (all.back().id.empty()) all.back().id = session.id;
      result.sheets.push_back(std::move(*read));
    }
  }
  checked.sheets = all;
  result.findings = sheets::check_month(checked);
  return result;
}

}  // namespace rollcall::halfdays
