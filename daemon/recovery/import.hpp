// Puts events that the case system still holds back into the log, under their own epoch, sequence
// and id, and rebuilds what rests on them: tap identities, movements, attached cards, completed
// assessments. No Asio here.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/attendance/local_time.hpp"
#include "daemon/delivery/batch.hpp"
#include "daemon/events/event.hpp"
#include "daemon/store/database.hpp"

namespace rollcall::recovery {

// An event as it came back, checked for shape.
struct Fetched {
  delivery::Place place;
  std::int64_t recorded_ms = 0;
  int attempt = 1;
  events::Event event;
};

// docs/api/events/events-page.json
struct Page {
  std::vector<Fetched> events;        // ascending sequence
  std::optional<std::int64_t> after;  // ask with this next; nothing = the last page
};
// `after` is what was asked for. An error is a sentence that says what is wrong with the page.
std::expected<Page, std::string> read_page(std::string_view body, std::string_view site,
                                           std::string_view epoch, std::int64_t after);

// Returns how many events were not here before. An event without a receipt that stands at the place
// of a fetched one gets another place for delivery. Safe to repeat. Thread: a writer job.
std::size_t import(store::Database& db, const std::vector<Fetched>& events,
                   const attendance::TimeZone& zone);

// What one event that came back means for the other tables: tap identities, movements, starts,
// cards, assignments. Unknown or incomplete content is left alone. Thread: a writer job.
void rebuild_from(store::Database& db, const events::Event& event, std::int64_t position,
                  const attendance::TimeZone& zone);

// After the last page: every terminal is to be asked for its taps again. Thread: a writer job.
void ask_terminals_again(store::Database& db);

}  // namespace rollcall::recovery
