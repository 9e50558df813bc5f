// CBOR (RFC 8949), the part that messages use: integers, byte and text strings, arrays, booleans,
// written and required in the deterministic form of section 4.2.1. Other well-formed definite items
// (maps, tags, floats, simple values) can be skipped, so that later fields do not break old
// readers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>

#include "protocol/bytes.hpp"
#include "protocol/field.hpp"

namespace rollcall::protocol::cbor {

enum class Major : std::uint8_t {
  unsigned_int = 0,
  negative_int = 1,
  bytes = 2,
  text = 3,
  array = 4,
  map = 5,
  tag = 6,
  simple = 7,  // also floats
};

// True when `text` is well-formed UTF-8 (RFC 3629): no overlong form, surrogate or value above
// U+10FFFF.
bool is_utf8(Bytes text);

// Appends items to a buffer of the caller. After the first item that does not fit nothing more is
// written and ok() stays false.
class Writer {
 public:
  explicit Writer(MutableBytes out) : out_(out) {}

  void array(std::uint64_t items) { head(Major::array, items); }
  void unsigned_int(std::uint64_t value) { head(Major::unsigned_int, value); }
  void signed_int(std::int64_t value);
  void boolean(bool value);
  void bytes(Bytes value) { string(Major::bytes, value); }
  void text(Bytes value) { string(Major::text, value); }

  bool ok() const { return ok_; }
  std::size_t size() const { return size_; }

 private:
  void head(Major major, std::uint64_t argument);
  void string(Major major, Bytes value);
  void put(Bytes raw);

  MutableBytes out_;
  std::size_t size_ = 0;
  bool ok_ = true;
};

// Takes items off the front of a buffer. Strings are views into it. Errors: truncated, not_minimal,
// wrong_type, out_of_range, invalid_utf8; skip() also too_deep. After an error the position is
// undefined and the reader is given up.
class Reader {
 public:
  explicit Reader(Bytes in) : in_(in) {}

  std::expected<std::uint64_t, CodecError> array();
  std::expected<std::uint64_t, CodecError> unsigned_int();
  std::expected<std::int64_t, CodecError> signed_int();
  std::expected<bool, CodecError> boolean();
  std::expected<Bytes, CodecError> bytes();
  std::expected<Bytes, CodecError> text();
  // Any one item; arrays, maps and tags may nest `max_skip_depth` deep.
  std::expected<void, CodecError> skip();

  bool at_end() const { return at_ == in_.size(); }

 private:
  struct Head {
    Major major;
    std::uint8_t info;       // the five low bits of the initial byte
    std::uint64_t argument;  // float bits for floats
  };
  std::expected<Head, CodecError> head();
  std::expected<std::uint64_t, CodecError> argument_of(Major wanted);
  std::expected<Bytes, CodecError> take(std::uint64_t count);

  Bytes in_;
  std::size_t at_ = 0;
};

}  // namespace rollcall::protocol::cbor
