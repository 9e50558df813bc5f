// One sheet while something is done to it, in a transaction of the writer. For the files that
// implement sheet_book.hpp alone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "daemon/attendance/local_time.hpp"
#include "daemon/halfdays/rows.hpp"
#include "daemon/halfdays/rules.hpp"
#include "daemon/halfdays/sheet_book.hpp"
#include "daemon/roster/timetable.hpp"
#include "daemon/sheets/sheet.hpp"
#include "daemon/store/database.hpp"

namespace rollcall::halfdays {

// Whether the sheet says that this person was there.
bool was_there(const sheets::Sheet& sheet, const std::string& person);

class OpenSheet {
 public:
  // Refused when the timetable has no such session on that day. `db` and `rules` outlive it.
  static Result<OpenSheet> open(store::Database& db, const Rules& rules, const SheetKey& key,
                                const attendance::HostTime& now);

  HalfDayState state() const;
  Moment moment() const { return {now_.wall_ms, now_.trust == protocol::ClockTrust::unproven}; }

  // What each event of a half-day says.
  nlohmann::ordered_json common() const;
  std::int64_t append(const char* type, nlohmann::ordered_json data,
                      const std::optional<std::string>& subject);

  // Takes back the signature or confirmation that stands at `position`.
  void withdraw(std::int64_t position, std::string_view what,
                const std::optional<std::string>& signer, std::string_view reason,
                std::string_view text, std::string_view actor);

  // Something was taken back: it waits to be closed again.
  void reopen();

  struct Standing {
    std::int64_t position;
    std::string person;
    bool trainer;
  };
  std::vector<Standing> signatures() const;
  // Of those whose signature falls with what it was given for.
  template <class Falls>
  int withdraw_signatures(std::string_view text, Falls&& falls) {
    int withdrawn = 0;
    for (const Standing& one : signatures()) {
      if (!falls(one)) continue;
      withdraw(one.position, "signature", one.person, "content_changed", text, "rule");
      ++withdrawn;
    }
    return withdrawn;
  }

  std::optional<sheets::Sheet> read() const;

  const roster::SessionOn& session() const { return session_; }
  const attendance::TimeZone& zone() const { return zone_; }
  std::optional<SheetRow>& row() { return row_; }

 private:
  OpenSheet(store::Database& db, const Rules& rules, SheetKey key, const attendance::HostTime& now,
            roster::SessionOn session);

  store::Database& db_;
  const Rules& rules_;
  SheetKey key_;
  attendance::HostTime now_;
  roster::SessionOn session_;
  attendance::TimeZone zone_;
  std::optional<SheetRow> row_;
};

}  // namespace rollcall::halfdays
