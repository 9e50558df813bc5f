// What one person may take home: the half-days of a period that stand confirmed, course by course.
// Thread: a reader on its snapshot.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "daemon/halfdays/sheet_book.hpp"
#include "daemon/sheets/draw.hpp"

namespace rollcall::halfdays {

struct Period {
  std::string from, to;  // ISO dates, both included
};
inline constexpr int longest_period = 1100;  // days: three years

struct Certificates {
  std::vector<sheets::Certificate> courses;  // in order of their first half-day
  // Half-days that were held for this person in that time and that nobody confirmed: they count in
  // none of them.
  std::vector<SheetKey> left_out;
};

// `person`: pseudonym, also one that was joined to another. Hours are those that were confirmed;
// the id follows from person, course, period and sheets, so that the same certificate has the same
// id. Issued on the local day of `now_ms`.
Certificates certificates_of(store::Database& db, const Rules& rules, const std::string& person,
                             const Period& period, std::int64_t now_ms);

}  // namespace rollcall::halfdays
