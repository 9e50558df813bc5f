// What the records of the offline log hold (docs/queue-format.md).
#pragma once

#include <cstdint>
#include <expected>

#include "firmware/queue/format.hpp"
#include "firmware/queue/range_set.hpp"
#include "protocol/crypto/crypto.hpp"
#include "protocol/messages.hpp"

namespace rollcall::firmware::queue {

inline constexpr std::uint8_t magic[8] = {'R', 'C', 'Q', 'U', 'E', 'U', 'E', 0};
inline constexpr std::uint16_t format_version = 1;

// Acknowledged taps by index.
using Acknowledged = RangeSet<12>;

struct UnitHeader {
  std::uint32_t unit = 0;          // sequence of the unit, from 1; the record's own sequence field
  protocol::StorageEpoch epoch{};  // of every tap in the unit
  std::uint64_t first_number = 1;  // number of the first tap to be written in the unit
  std::uint64_t first_index = 0;   // its index
  std::uint32_t boot = 0;          // boot that opened the unit
  crypto::Key unit_key{};          // ephemeral X25519 public key
  crypto::Key site_key{};          // X25519 public key that readings are sealed to
  Bytes acknowledged;              // a snapshot as in an acknowledgement record
};

// A start within a unit: taps that follow are sealed under this key.
struct UnitKey {
  std::uint32_t boot = 0;
  crypto::Key unit_key{};
};

enum class HeaderError : std::uint8_t {
  not_a_header,   // another record, or bytes of something else
  other_version,  // a header of a format version that this firmware does not know
};

inline constexpr std::size_t max_acknowledged_size = 8 + 1 + 12 * 16;
inline constexpr std::size_t max_header_size =
    8 + 2 + 16 + 8 + 8 + 4 + 32 + 32 + max_acknowledged_size;
inline constexpr std::size_t unit_key_size = 4 + 32;
inline constexpr std::size_t tap_frame_size = 4 + 8 + 8 + 1;  // without the sealed reading
inline constexpr std::size_t max_tap_size =
    tap_frame_size + 1 + protocol::max_reading + protocol::seal_tag;
static_assert(max_header_size <= max_payload && max_tap_size <= max_payload);

// Each writes to a buffer of max_payload bytes and returns the size.
std::size_t write_header(const UnitHeader& header, const Acknowledged& acknowledged,
                         MutableBytes out);
std::size_t write_acknowledged(const Acknowledged& acknowledged, MutableBytes out);
std::size_t write_unit_key(const UnitKey& key, MutableBytes out);
std::size_t write_tap(const protocol::QueuedTap& tap, MutableBytes out);

std::expected<UnitHeader, HeaderError> parse_header(const Record& record);
// Each is false when the payload is not of this kind; `out` is then undefined.
bool parse_unit_key(const Record& record, UnitKey& out);
// Fills number, boot, times, trust and the sealed reading; the rest of `out` stays.
bool parse_tap(const Record& record, protocol::QueuedTap& out);
// Adds a snapshot to `out`.
bool add_acknowledged(Bytes payload, Acknowledged& out);

}  // namespace rollcall::firmware::queue
