#include <algorithm>

#include "daemon/sheets/draw.hpp"

namespace rollcall::sheets {

namespace {

// Of two lines of one person, whose ids were joined later, the one that counts.
const Line* line_of(const std::vector<std::string>& ids, const Sheet& sheet) {
  const Line* found = nullptr;
  for (const Line& line : sheet.lines) {
    if (std::ranges::find(ids, line.person.id) == ids.end()) continue;
    if (found == nullptr || !was_there(found->mark)) found = &line;
  }
  return found;
}

}  // namespace

std::optional<Certificate> certificate_for(const std::vector<std::string>& ids,
                                           const std::vector<Sheet>& sheets) {
  std::optional<Certificate> out;
  for (const Sheet& sheet : sheets) {
    const Line* line = line_of(ids, sheet);
    if (line == nullptr) continue;
    if (!out) {
      out = Certificate{.organisation = sheet.organisation,
                        .site = sheet.site,
                        .person = line->person,
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
                              .sheet = digest(sheet),
                              .title = sheet.title});
  }
  if (!out) return out;
  for (const ModuleHours& module : modules_of(*out))
    out->title += (out->title.empty() ? "" : ", ") + module.title;
  return out;
}

std::vector<ModuleHours> modules_of(const Certificate& certificate) {
  std::vector<ModuleHours> out;
  for (const Certificate::HalfDay& one : certificate.half_days) {
    auto module = std::ranges::find(out, one.title, &ModuleHours::title);
    if (module == out.end()) module = out.insert(out.end(), ModuleHours{.title = one.title});
    module->planned_minutes += one.planned_minutes;
    module->minutes += one.minutes;
    ++module->held;
    if (one.attended) ++module->attended;
  }
  return out;
}

}  // namespace rollcall::sheets
