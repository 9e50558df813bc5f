// Bytes of the offline log (docs/queue-format.md): one record shape for unit headers, taps,
// acknowledgements and keys. Pure functions over buffers; all numbers are big-endian.
//
//   len(2) kind(1) mark(1) sequence(8) payload(len) crc32(4) | padding | commit word(4)
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "protocol/bytes.hpp"

namespace rollcall::firmware::queue {

enum class RecordKind : std::uint8_t {
  unit_header = 1,      // first record of every unit; sequence = unit sequence number
  tap = 2,              // sequence = tap number
  acknowledgement = 3,  // all acknowledgements known; sequence = number of the next tap
  unit_key = 4,         // a new ephemeral key after a start; sequence = number of the next tap
  settings = 5,         // in a storage of its own (docs/settings-format.md); sequence = generation
  seed = 6,             // likewise (docs/entropy.md)
  serial = 7,           // likewise (docs/factory-console.md)
};

inline constexpr std::uint8_t record_mark = 0xa5;
inline constexpr std::uint8_t commit_word[4] = {'C', 'M', 'T', '1'};
inline constexpr std::size_t record_head = 12;                // len, kind, mark, sequence
inline constexpr std::size_t record_frame = record_head + 4;  // and CRC
inline constexpr std::size_t max_payload = 320;
inline constexpr std::uint32_t max_program_bytes = 512;
// A record before its commit word, padded to any program unit up to max_program_bytes.
inline constexpr std::size_t max_body = 512;
static_assert(record_frame + max_payload + sizeof commit_word <= max_body);

// Where a record's parts lie, relative to its start.
struct Extent {
  std::uint32_t body;    // bytes of the first program operation
  std::uint32_t commit;  // offset of the commit word
  std::uint32_t total;   // offset of the next record
  // False: one program unit holds everything, and body == total.
  bool separate_commit;
};

constexpr std::uint32_t round_up(std::size_t bytes, std::uint32_t unit) {
  return static_cast<std::uint32_t>((bytes + unit - 1) / unit * unit);
}

constexpr Extent extent_of(std::size_t payload, std::uint32_t program_bytes) {
  const std::size_t framed = record_frame + payload;
  if (framed + sizeof commit_word <= program_bytes) {
    return {program_bytes, program_bytes - std::uint32_t{sizeof commit_word}, program_bytes, false};
  }
  const std::uint32_t body = round_up(framed, program_bytes);
  return {body, body, body + round_up(sizeof commit_word, program_bytes), true};
}

// Big-endian numbers, in order, into and out of a buffer that is known to be large enough.
class Writer {
 public:
  explicit Writer(std::uint8_t* at) : start_(at), at_(at) {}
  template <class Unsigned>
  void number(Unsigned value) {
    for (std::size_t i = sizeof value; i-- > 0;)
      *at_++ = static_cast<std::uint8_t>(value >> (8 * i));
  }
  void bytes(Bytes data) {
    for (const std::uint8_t b : data) *at_++ = b;
  }
  std::size_t size() const { return static_cast<std::size_t>(at_ - start_); }

 private:
  std::uint8_t* start_;
  std::uint8_t* at_;
};

class Reader {
 public:
  explicit Reader(Bytes data) : data_(data) {}
  template <class Unsigned>
  Unsigned number() {
    Unsigned value = 0;
    for (std::size_t i = 0; i < sizeof value; ++i)
      value = static_cast<Unsigned>((value << 8) | next());
    return value;
  }
  void bytes(MutableBytes out) {
    for (std::uint8_t& b : out) b = next();
  }
  Bytes rest() const { return data_; }
  // False once more was asked for than there was.
  bool good() const { return good_; }

 private:
  std::uint8_t next() {
    if (data_.empty()) {
      good_ = false;
      return 0;
    }
    const std::uint8_t b = data_.front();
    data_ = data_.subspan(1);
    return b;
  }

  Bytes data_;
  bool good_ = true;
};

struct Record {
  RecordKind kind = RecordKind::tap;
  std::uint64_t sequence = 0;
  Bytes payload;  // points into the buffer it was parsed from
};

// Writes the record's body, padded with 0xFF to `extent.body`; with the commit word in its place
// when it shares the program unit. `out` holds max_body bytes.
void write_body(RecordKind kind, std::uint64_t sequence, Bytes payload, const Extent& extent,
                MutableBytes out);

// The payload size that a record head announces; nothing when these are not the first bytes of a
// record.
std::optional<std::size_t> announced_payload(Bytes head);
// A complete record from `body`; nothing when its CRC is wrong.
std::optional<Record> parse_body(Bytes body);

}  // namespace rollcall::firmware::queue
