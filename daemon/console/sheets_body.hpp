// Sheets as docs/api/console.yaml has them: what requests say, and what answers tell.
#pragma once

#include <optional>
#include <string>

#include "daemon/attendance/recorder.hpp"
#include "daemon/config/config.hpp"
#include "daemon/console/queries.hpp"
#include "daemon/halfdays/sheet_book.hpp"
#include "daemon/sheets/calendar.hpp"
#include "daemon/store/database.hpp"
#include "hal/host/http/http.hpp"

namespace rollcall::console {

halfdays::SheetKey key_of(const http::Request& request);  // from the path

// These throw BadRequest.
std::string month_in_path(const http::Request& request);
std::string day_of(const http::Request& request, const std::string& today);  // ?day=2026-03-02
std::string month_of(const http::Request& request);                          // ?month=2026-03
std::string language_of(const http::Request& request,
                        const config::Site& site);            // ?language=fr, else the site's own
std::optional<int> version_of(const http::Request& request);  // ?version=1
halfdays::ConfirmRequest confirmation_of(const http::Request& request);
halfdays::SignRequest signature_of(const http::Request& request);
halfdays::WithdrawRequest withdrawal_of(const http::Request& request);
halfdays::NotSignedRequest not_signed_of(const http::Request& request);
halfdays::ExcuseRequest excuse_of(const http::Request& request);

// All sheets of a day, in short; one sheet with its lines, null when there is none.
Json sheets_json(store::Database& db, const config::Config& config,
                 const sheets::Calendar& holidays, const std::string& day,
                 const attendance::HostTime& now);
// What of a month is closed and what is open, and when it was sent.
Json month_state_json(store::Database& db, const config::Config& config,
                      const sheets::Calendar& holidays, const std::string& month,
                      const attendance::HostTime& now);
// All sheets of a month, in short, and what an audit would object to.
Json month_json(store::Database& db, const config::Config& config, const sheets::Calendar& holidays,
                const std::string& month, const std::string& language,
                const attendance::HostTime& now);
Json sheet_json(store::Database& db, const config::Config& config, const sheets::Calendar& holidays,
                const halfdays::SheetKey& key, const attendance::HostTime& now);

}  // namespace rollcall::console
