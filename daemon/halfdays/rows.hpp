// The tables of the sheets, and the small things that acts and reading share. Thread: whoever owns
// the connection.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "daemon/attendance/recorder.hpp"
#include "daemon/halfdays/lines.hpp"
#include "daemon/sheets/sheet.hpp"
#include "daemon/store/database.hpp"

namespace rollcall::halfdays {

struct SheetRow {
  std::string id;  // UUID
  int version = 1;
  std::optional<std::int64_t> confirmed;  // position of the halfday.confirmed in force
  std::optional<std::int64_t> closed;     // position of halfday.closed
};
std::optional<SheetRow> sheet_row(store::Database& db, const SheetKey& key);

// Points as the table keeps them: {"aspect": 3.0, "strokes": [[[x, y], ...], ...]}.
std::string to_text(const sheets::Drawing& drawing);
sheets::Drawing drawing_from(const std::string& text);

// Writes an event of the sheets; its time is added to `data`. The position in the log.
std::int64_t append(store::Database& db, const char* type, nlohmann::ordered_json data,
                    const std::optional<std::string>& subject, const attendance::HostTime& now);

// Whether a line of a halfday.confirmed still holds. People sign and then tap out: an exit that
// comes after the confirmation changes nothing unless it was an early one, or gives minutes that
// did not count.
bool still_says(const nlohmann::ordered_json& told, const Participant& now);

sheets::Part part_from(std::string_view text);  // am, pm, eve
std::string_view to_text(sheets::WhyNot why);
std::optional<sheets::WhyNot> why_from(std::string_view text);

}  // namespace rollcall::halfdays
