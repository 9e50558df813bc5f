// A month of a centre in which everything is as it should be, and what is known beside the sheets.
#pragma once

#include <vector>

#include "daemon/sheets/month.hpp"

namespace rollcall::sheets::testing {

struct CleanMonth {
  std::vector<Sheet> sheets;
  Calendar holidays;
  std::map<std::string, std::string> titles;
  std::vector<Month::HalfDay> cancelled;

  // As check_month() takes it, seen from the end of the year.
  Month month() const;
};

// Belgium's May 2026 (three holidays): several sessions on every working day, people who are late,
// leave early, are away, sign in every way. `seed` decides.
CleanMonth clean_month(std::uint32_t seed);

}  // namespace rollcall::sheets::testing
