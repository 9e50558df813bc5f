// What somebody may sign now. Thread: the writer, or a reader on its snapshot.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "daemon/halfdays/forms.hpp"
#include "daemon/halfdays/sheet_book.hpp"

namespace rollcall::halfdays {

// One half-day as it is stated to who signs it.
struct ToSign {
  SheetKey sheet;
  std::string confirmed;  // id of the confirmation that it states
  std::string title;      // of the module
  sheets::Date date;      // local
  sheets::Part part = sheets::Part::am;
  std::int64_t start_ms = 0, end_ms = 0;  // planned, Unix ms
  int minutes = 0;                        // that count for this person
  Forms forms;                            // one of them at least
};

// Half-days that this participant was at, confirmed and open, without their signature; the newest
// first. Not those that staff have closed for them as refused, or as something they cannot do.
std::vector<ToSign> to_sign(store::Database& db, const Rules& rules, const std::string& person,
                            const attendance::HostTime& now);

// Of them what a place with these forms can offer, each with what both allow.
std::vector<ToSign> offered(std::vector<ToSign> all, const Forms& place);

}  // namespace rollcall::halfdays
