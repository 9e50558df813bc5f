// The sheets of the site: confirming, signing, withdrawing, closing. Each act is an event that
// tells who did it; nothing is overwritten. A clause says why something cannot be; then nothing was
// changed. Thread: the writer, inside a transaction.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "daemon/attendance/recorder.hpp"
#include "daemon/config/config.hpp"
#include "daemon/halfdays/lines.hpp"
#include "daemon/halfdays/rules.hpp"
#include "daemon/sheets/calendar.hpp"
#include "daemon/sheets/month.hpp"
#include "daemon/sheets/sheet.hpp"
#include "daemon/store/database.hpp"

namespace rollcall::halfdays {

// Everything that decides beside the tables.
struct Rules {
  const config::Config& config;
  const sheets::Calendar& calendar;  // public holidays of the site
};

template <class T>
using Result = std::expected<T, std::string>;
inline std::unexpected<std::string> refused(std::string_view clause) {
  return std::unexpected(std::string(clause));
}

struct ConfirmRequest {
  SheetKey sheet;
  std::string actor;  // the trainer, or who stands in
  // Minutes of people whose stay has an end that nobody saw, as the trainer states them: at most
  // what the stay may have been. Who is not named keeps the minutes that were seen.
  std::map<std::string, int> minutes;
};
struct Confirmed {
  std::string sheet;   // UUID
  std::string event;   // halfday.confirmed
  std::string digest;  // hex
  int withdrawn = 0;   // signatures that were given under another content
};
Result<Confirmed> confirm(store::Database& db, const Rules& rules, const ConfirmRequest& request,
                          const attendance::HostTime& now);

struct DrawnForm {
  sheets::Drawing drawing;
  std::optional<events::TapIdentity> tap = std::nullopt;  // by which the signer was known, alone
};
// Own card or code, at the screen that states module and hours; each signs one half-day.
struct TapForm {
  events::TapIdentity tap;  // made to sign (attendance::TapReport::asked)
};
struct WitnessedForm {
  std::string reason;
};
struct SignRequest {
  SheetKey sheet;
  std::string person;
  std::string role = "participant";  // or trainer
  std::variant<DrawnForm, TapForm, WitnessedForm> form;
  // How the signer was identified, as events have it.
  std::string method = "assisted";
  std::string assurance = "staff";
  std::optional<std::string> actor;  // who witnessed; nothing = the person alone
  std::string terminal;              // serial; empty = at no terminal
  // Id of the confirmation that was shown; when another is in force by now, nothing is signed.
  std::optional<std::string> confirmed = std::nullopt;
};
Result<std::string> sign(store::Database& db, const Rules& rules, const SignRequest& request,
                         const attendance::HostTime& now);  // id of halfday.signed

struct WithdrawRequest {
  std::string event;   // of the signature or confirmation
  std::string reason;  // wrong_half_day, wrong_session, content_changed, by_mistake, other
  std::string text;    // why, as staff state it
  std::string actor;
};
// Of a confirmation: all its signatures with it. How many events were written.
Result<int> withdraw(store::Database& db, const Rules& rules, const WithdrawRequest& request,
                     const attendance::HostTime& now);

struct NotSignedRequest {
  SheetKey sheet;
  std::string person;
  std::string why;     // left_early, unable, refused, absent
  std::string reason;  // as staff state it
  std::string actor;
};
Result<void> close_unsigned(store::Database& db, const Rules& rules,
                            const NotSignedRequest& request, const attendance::HostTime& now);

// That an absence has a reason on file, or no longer. The reason itself is not kept: it may be a
// matter of health.
struct ExcuseRequest {
  SheetKey sheet;
  std::string person;
  bool excused = true;
  std::string actor;
};
Result<void> excuse(store::Database& db, const Rules& rules, const ExcuseRequest& request,
                    const attendance::HostTime& now);

// Nothing more is expected: each who was there has signed or is closed as not signed.
Result<std::string> close(store::Database& db, const Rules& rules, const SheetKey& sheet,
                          const std::string& actor,
                          const attendance::HostTime& now);  // id of halfday.closed

// What decides whether it may be confirmed and signed; nothing when the timetable has no such
// session on that day.
std::optional<HalfDayState> state_of(store::Database& db, const Rules& rules, const SheetKey& key);

// The sheet as it stands: when it is confirmed, with the content that was. Nothing when the
// timetable has no such session on that day.
std::optional<sheets::Sheet> read_sheet(store::Database& db, const config::Config& config,
                                        const SheetKey& key, std::int64_t now_ms);

// One of its versions, from 1, as it stood until it was replaced or withdrawn. Nothing when there
// is no such version.
std::optional<sheets::Sheet> read_version(store::Database& db, const config::Config& config,
                                          const SheetKey& key, int version, std::int64_t now_ms);

// What the confirmation in force says, without signatures; nothing when there is none.
std::optional<sheets::Sheet> confirmed_sheet(store::Database& db, const config::Config& config,
                                             const SheetKey& key);

// What was confirmed, and when and by whom.
struct Version {
  int number = 1;
  std::string event;  // id of its halfday.confirmed
  sheets::Confirmation confirmation;
  std::string digest;  // hex
};
// Newest first: the one in force and those that it took the place of.
std::vector<Version> read_versions(store::Database& db, const SheetKey& key);

// The same with what the day says now.
struct SheetNow {
  sheets::Sheet sheet;
  std::vector<Participant> participants;
  // The day says something else by now than the confirmed sheet: it is to be confirmed again.
  bool outdated = false;
};
std::optional<SheetNow> read_sheet_now(store::Database& db, const config::Config& config,
                                       const SheetKey& key, std::int64_t now_ms);

// The sheets of a month, "2026-03", by day, and what an audit would object to in them.
struct MonthNow {
  std::vector<SheetNow> sheets;
  std::vector<sheets::Finding> findings;
};
MonthNow check_month(store::Database& db, const Rules& rules, const std::string& month,
                     std::int64_t now_ms);

}  // namespace rollcall::halfdays
