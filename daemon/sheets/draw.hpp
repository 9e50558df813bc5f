// Sheets and certificates on paper: PDF files, A4, black on white, as many pages as they need. The
// same value and language give the same bytes on one machine (the fonts are the system's).
//
// `language`: ISO 639-1, one of languages() in texts.hpp, else English. All throw
// std::runtime_error when the system knows no such time zone or Cairo fails.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/sheets/sheet.hpp"

namespace rollcall::sheets {

// Drawn signatures as lines, other ways to sign and reasons for none in words.
std::string draw_sheet(const Sheet& sheet, std::string_view language);

// One person's attendance of one course over a period, module by module. Where no name may be shown
// (`shown` is the pseudonym) there is a line to write it on by hand.
struct Certificate {
  std::string id = {};  // UUID
  std::string organisation = {}, site = {};
  Person person = {};
  std::string title = {};  // of its modules, each worded as on the sheets, with commas
  std::string course = {};
  std::optional<std::string> programme = std::nullopt, grant = std::nullopt,
                             contract = std::nullopt;
  Date issued = {};  // local
  struct HalfDay {
    Date date;
    Part part = Part::am;
    int planned_minutes = 0;
    int minutes = 0;  // that count
    bool attended = false;
    crypto::Digest sheet{};
    std::string title = {};  // of the module
  };
  std::vector<HalfDay> half_days = {};  // that were held for this person, in order of time
};

// What `sheets` (of one course, in order of time) say of one person, under any of these ids;
// nothing when the person is on none of them. `id` and `issued` are left to the caller.
std::optional<Certificate> certificate_for(const std::vector<std::string>& ids,
                                           const std::vector<Sheet>& sheets);

struct ModuleHours {
  std::string title;
  int planned_minutes = 0;
  int minutes = 0;  // that count
  int held = 0;     // half-days
  int attended = 0;
};
// In the order in which they began.
std::vector<ModuleHours> modules_of(const Certificate& certificate);

// With the half-days it rests on and the digests of their sheets, and a place for a signature by
// hand.
std::string draw_certificate(const Certificate& certificate, std::string_view language);

}  // namespace rollcall::sheets
