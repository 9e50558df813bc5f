// What is to be sent, what was frozen, and what the case system said: the tables `batch` and
// `delivery`. An event without a delivery row waits in the outbox. No Asio here.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/delivery/answer.hpp"
#include "daemon/delivery/batch.hpp"
#include "daemon/store/database.hpp"

namespace rollcall::delivery::outbox {

// Reading: any connection.
// -------------------------------------------------------------------------

// What the next batch would carry: events to be tried again first, then new ones, in log order; of
// one epoch and without holes (a retry may have holes). At most `limit`. Empty = nothing waits.
std::vector<Item> next_items(store::Database& db, std::size_t limit);

// The first frozen batch without a receipt, with its bytes as they were sent first. Several can
// only be the parts of one that was split, so they are of one epoch.
std::optional<Batch> first_open(store::Database& db);

struct Counts {
  std::uint64_t waiting = 0;  // without a receipt
  std::uint64_t open_batches = 0;
  std::map<std::string, std::uint64_t> rejected;  // by reason
  std::optional<std::int64_t> last_receipt_ms;
};
Counts counts(store::Database& db);

// Writing: jobs of the writer.
// ---------------------------------------------------------------------

// Stores the batch and marks its events as sent. Before its first POST.
void freeze(store::Database& db, const Batch& batch, std::int64_t now_ms);

// Believes a receipt: states, staff inbox, and the batch's bytes go.
void keep_receipt(store::Database& db, const Batch& batch, const Receipt& receipt,
                  std::int64_t now_ms);

// Takes back a batch that never got a receipt and puts others with the same events in its place.
void replace(store::Database& db, const Batch& batch, const std::vector<Batch>& instead,
             std::int64_t now_ms);

// Marks rejected events (of one reason, or all) for another attempt; returns how many.
std::uint64_t retry_rejected(store::Database& db, const std::optional<std::string>& reason);

// The case system wants everything again from a place on: open batches of that epoch are taken back
// and its events from there on wait again. False when some of them are not here.
bool send_again_from(store::Database& db, const Place& from);

// A place is taken at the case system: every event without a receipt that stands in that epoch from
// there on gets a place in a new epoch of its own (table wire_place). Returns how many.
std::uint64_t move_to_new_epoch(store::Database& db, const Place& from);

// The staff inbox: one open entry per kind and subject.
void tell_staff(store::Database& db, std::string_view kind, std::string_view subject,
                std::string_view detail, std::int64_t now_ms);
void close_matter(store::Database& db, std::string_view kind, std::string_view subject,
                  std::int64_t now_ms);

}  // namespace rollcall::delivery::outbox
