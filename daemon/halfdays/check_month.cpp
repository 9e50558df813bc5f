#include <nlohmann/json.hpp>

#include "daemon/halfdays/sheet_book.hpp"

namespace rollcall::halfdays {

std::vector<sheets::Finding> check_month(store::Database& db, const Rules& rules,
                                         const std::string& month, std::int64_t now_ms) {
  std::vector<sheets::Sheet> all;
  sheets::Month checked{.sheets = {}, .holidays = rules.calendar};
  checked.now_ms = now_ms;
  checked.before_end = before_end;
  for (std::string day = month + "-01"; day.starts_with(month); day = roster::day_after(day, 1)) {
    for (const roster::SessionOn& session : roster::sessions_on(db, day)) {
      const SheetKey key{session.id, day};
      auto sheet = read_sheet(db, rules.config, key, now_ms);
      if (!sheet) continue;
      checked.titles[session.id] = session.title;
      if (session.cancelled) checked.cancelled.push_back({session.id, sheet->date, sheet->part});
      // A sheet that nobody confirmed has no id yet: it is named by its session.
      if (sheet->id.empty()) sheet->id = session.id;
      all.push_back(std::move(*sheet));
    }
  }
  checked.sheets = all;
  return sheets::check_month(checked);
}

}  // namespace rollcall::halfdays
