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

// One person's attendance of one module over a period.
struct Certificate {
  std::string id = {};  // UUID
  std::string organisation = {}, site = {};
  Person person = {};
  std::string title = {};  // of the module, worded as on the sheets
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
  };
  std::vector<HalfDay> half_days = {};  // that were held for this person, in order of time
};

// What `sheets` (of one module, in order of time) say of one person; nothing when the person is on
// none of them. `id` and `issued` are left to the caller.
std::optional<Certificate> certificate_for(const std::string& person,
                                           const std::vector<Sheet>& sheets);

// With the half-days it rests on and the digests of their sheets, and a place for a signature by
// hand.
std::string draw_certificate(const Certificate& certificate, std::string_view language);

}  // namespace rollcall::sheets
