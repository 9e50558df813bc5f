// One record that is replaced as a whole and never lost, over raw storage of its own: two erase
// units or more, used in turn, each with at most one record at its beginning in the frame of the
// queue's records. Its payload begins with a magic and a format version; its sequence is the
// generation, which counts from 1. No heap; keeps nothing in RAM.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>

#include "firmware/queue/format.hpp"
#include "hal/storage.hpp"
#include "protocol/bytes.hpp"
#include "protocol/crypto/crypto.hpp"

namespace rollcall::firmware {

// Holds secrets for a moment.
template <std::size_t Size>
struct SecretBuffer {
  std::uint8_t bytes[Size];
  ~SecretBuffer() { crypto::wipe(bytes); }
};

enum class KeptError : std::uint8_t {
  bad_geometry,  // fewer than 2 erase units, units too small, or program units above 512 bytes
  storage,       // the device failed
};

class KeptRecord {
 public:
  struct Format {
    queue::RecordKind kind;
    std::array<std::uint8_t, 8> magic;
    std::uint16_t version;
    std::size_t max_body;          // what follows magic and version
    bool (*is_whole)(Bytes body);  // of this version
  };
  static constexpr std::size_t head = 8 + 2;  // magic and version
  using Buffer = SecretBuffer<queue::max_body>;

  // Both outlive this.
  KeptRecord(hal::Storage& storage, const Format& format) : storage_(storage), format_(format) {}

  struct Found {
    std::uint32_t unit = 0;
    std::uint64_t generation = 0;  // of the newest whole record, also of a later format; 0 = none
    bool newer_format = false;     // there is one of a later format
    Bytes body;                    // of the newest of this format, in `buffer`; empty = none
  };
  // Errors: all.
  std::expected<Found, KeptError> find(Buffer& buffer);

  // Writes `body` as the next generation into a unit that is not in use, and returns it. A unit
  // that fails is passed over where there is a third. A power cut inside leaves the record before
  // or this one; so does an error, and find() says which. Errors: storage.
  std::expected<std::uint64_t, KeptError> replace(const Found& before, Bytes body);

  // Erases every unit and reads it back, the one in use last, so that a power cut never brings an
  // older record back. Stops at a unit that fails. Errors: storage.
  std::expected<void, KeptError> erase(std::uint32_t in_use);
  // The same, and leaves the one in use: nothing older can be read any more.
  std::expected<void, KeptError> erase_others(std::uint32_t in_use);

  // Nothing is written anywhere. Errors: storage.
  std::expected<bool, KeptError> blank();

 private:
  bool usable() const;
  std::uint64_t offset_of(std::uint32_t unit) const;
  std::expected<void, KeptError> erase_unit(std::uint32_t unit);
  std::expected<bool, KeptError> unit_is_blank(std::uint32_t unit);

  hal::Storage& storage_;
  const Format& format_;
};

}  // namespace rollcall::firmware
