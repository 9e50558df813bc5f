// The body of POST /v1/sites/{site}/batches (docs/api/events/batch.json): made once, frozen, and
// sent again as the same bytes until there is a receipt. No Asio here: batch files use it too.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/store/database.hpp"
#include "protocol/crypto/crypto.hpp"

namespace rollcall::delivery {

// An event's place in what is delivered.
struct Place {
  std::string epoch;
  std::int64_t sequence = 0;
  auto operator<=>(const Place&) const = default;
};

struct Item {
  std::int64_t position = 0;  // in the log
  Place place;
  std::string event_id;
  int attempt = 1;
};

// One epoch, ascending sequence; without holes unless it is a retry of rejected events.
struct Batch {
  std::string id;  // UUID, also the Idempotency-Key
  std::vector<Item> items;
  store::Blob body;         // gzip
  crypto::Digest digest{};  // of `body`
  int attempts = 0;         // POSTs since it was loaded or made

  const std::string& epoch() const { return items.front().place.epoch; }
  std::int64_t first() const { return items.front().place.sequence; }
  std::int64_t last() const { return items.back().place.sequence; }
};

// The contract takes at most 32 MiB after decoding; a batch is cut well below.
inline constexpr std::size_t max_batch_json_bytes = 8 * 1024 * 1024;

// Writes `items` as a batch with a new id. Takes as many of them, from the front and at least one,
// as fit in `max_json_bytes`. `items` is not empty and of one epoch.
Batch make_batch(store::Database& db, std::string_view site, std::vector<Item> items,
                 std::int64_t now_ms, std::size_t max_json_bytes = max_batch_json_bytes);

store::Blob gzip(std::string_view text);
// Nothing when it is not gzip, is damaged, or would grow above `max_bytes`.
std::optional<std::string> gunzip(std::span<const std::uint8_t> bytes, std::size_t max_bytes);

}  // namespace rollcall::delivery
