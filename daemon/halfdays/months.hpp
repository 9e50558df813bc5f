// The months of the site: what of one is still open, and that it was sent. Its half-days go to the
// case system as they come; that a month was sent says that nothing more is to come of it, and
// names each sheet with its digest. What is corrected afterwards makes it be sent again, as the
// next version. Thread: the writer, or a reader on its snapshot.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "daemon/halfdays/sheet_book.hpp"

namespace rollcall::halfdays {

inline constexpr std::size_t month_length = 7;  // of a month such as "2026-03"

struct SentMonth {
  int version = 1;
  std::int64_t sent_ms = 0;  // Unix ms
  std::string digest;        // hex, of the sheets it named
};
std::optional<SentMonth> newest_sent(store::Database& db, const std::string& month);

// A sheet as a month names it.
struct MonthSheet {
  SheetKey key;
  std::string id;  // UUID
  int version = 1;
  crypto::Digest digest{};
};

struct MonthState {
  std::string month;
  bool over = false;               // by the site's clocks
  std::vector<MonthSheet> closed;  // in order of time
  std::vector<SheetKey> open;      // somebody was there, or it was confirmed: it is to be closed
  std::vector<SheetKey> lapsed;    // somebody was there, and nobody confirmed it in time
  std::optional<SentMonth> sent;   // the newest
  std::string digest;              // of `closed`, hex

  bool changed() const { return sent && sent->digest != digest; }
};
MonthState month_state(store::Database& db, const Rules& rules, const std::string& month,
                       const attendance::HostTime& now);

// Event halfday.month_sent. Refused while the month runs, while a sheet of it is open, and when
// nothing has changed since it was sent.
Result<SentMonth> send_month(store::Database& db, const Rules& rules, const std::string& month,
                             const std::string& actor, const attendance::HostTime& now);

}  // namespace rollcall::halfdays
