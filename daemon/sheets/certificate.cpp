#include <algorithm>

#include "daemon/sheets/draw.hpp"

namespace rollcall::sheets {

std::optional<Certificate> certificate_for(const std::string& person,
                                           const std::vector<Sheet>& sheets) {
  std::optional<Certificate> out;
  for (const Sheet& sheet : sheets) {
    const auto line =
        std::ranges::find(sheet.lines, person, [](const Line& one) { return one.person.id; });
    if (line == sheet.lines.end()) continue;
    if (!out) {
      out = Certificate{.organisation = sheet.organisation,
                        .site = sheet.site,
                        .person = line->person,
                        .title = sheet.title,
                        .course = sheet.course,
                        .programme = sheet.programme,
                        .grant = sheet.grant,
                        .contract = sheet.contract};
    }
    out->half_days.push_back({.date = sheet.date,
                              .part = sheet.part,
                              .planned_minutes = planned_minutes(sheet),
                              .minutes = was_there(line->mark) ? line->minutes.value_or(0) : 0,
                              .attended = was_there(line->mark),
                              .sheet = digest(sheet)});
  }
  return out;
}

}  // namespace rollcall::sheets
