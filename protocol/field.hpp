// One constexpr table per message; one interpreter encodes and decodes every message from it.
//
// A message is a standard-layout struct with `static constexpr Op op` and `static constexpr
// std::array<Field, N> fields`. On the wire it is a definite-length CBOR array
// `[op, field, field, ...]` (RFC 8949 section 4.2 deterministic encoding). The format is
// append-only: new fields go last, unknown trailing items are skipped, a missing trailing field
// keeps its default value unless it is marked required.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <utility>

#include "protocol/bytes.hpp"

namespace rollcall::protocol {

enum class FieldKind : std::uint8_t {
  u8,  // unsigned, also any enum with uint8_t underneath
  u16,
  u32,
  u64,
  i64,
  boolean,
  fixed,  // byte string of exactly `capacity` bytes; the struct holds std::array<uint8_t, capacity>
  bytes,  // byte string of at most `capacity` bytes; the struct holds Bounded<capacity>
  text,   // UTF-8 text string of at most `capacity` bytes; the struct holds Bounded<capacity>
};

struct Field {
  std::uint16_t offset;    // offsetof the member in the struct
  std::uint16_t capacity;  // bytes, for fixed, bytes and text; 0 otherwise
  FieldKind kind;
  bool required = true;
#ifndef ROLLCALL_BOARD
  const char* name = nullptr;  // as in docs and JSON; boards need none
#endif
};

// Makes a table entry and refuses to compile when kind or capacity contradict the member's size.
consteval Field make_field([[maybe_unused]] const char* name, FieldKind kind, std::size_t offset,
                           std::size_t capacity, std::size_t member_size, bool required = true) {
  std::size_t size = 0;
  switch (kind) {
    case FieldKind::u8:
    case FieldKind::boolean:
      size = 1;
      break;
    case FieldKind::u16:
      size = 2;
      break;
    case FieldKind::u32:
      size = 4;
      break;
    case FieldKind::u64:
    case FieldKind::i64:
      size = 8;
      break;
    case FieldKind::fixed:
      size = capacity;
      break;
    case FieldKind::bytes:
    case FieldKind::text:
      size = (sizeof(std::uint16_t) + capacity + 1) / 2 * 2;
      break;
  }
  if (size != member_size) std::unreachable();  // not a constant expression: the build stops here
  Field field{static_cast<std::uint16_t>(offset), static_cast<std::uint16_t>(capacity), kind,
              required};
#ifndef ROLLCALL_BOARD
  field.name = name;
#endif
  return field;
}

// An entry of the table of `Struct`; a last argument `false` makes the field optional.
#define ROLLCALL_FIELD(Struct, member, kind, capacity, ...)                        \
  ::rollcall::protocol::make_field(#member, ::rollcall::protocol::FieldKind::kind, \
                                   offsetof(Struct, member), capacity,             \
                                   sizeof(Struct::member) __VA_OPT__(, ) __VA_ARGS__)

enum class CodecError : std::uint8_t {
  no_space,       // encode: the buffer is too small; nothing useful was written
  truncated,      // decode: the input ends inside an item
  not_minimal,    // decode: an integer or length is not in its shortest form, or indefinite
  wrong_type,     // decode: an item is not of the declared kind
  out_of_range,   // decode: a number or length exceeds the declared kind or capacity
  invalid_utf8,   // decode: text is not UTF-8
  missing_field,  // decode: the array ends before a required field
  wrong_op,       // decode: the first item names another message
  trailing,       // decode: bytes follow the array
  too_deep,       // decode: an unknown trailing item nests deeper than max_skip_depth
};

inline constexpr int max_skip_depth = 4;

// Largest encoding of a message with these fields, in bytes.
constexpr std::size_t max_encoded_size(std::span<const Field> fields) {
  std::size_t size = 3 + 3;  // array header, op
  for (const Field& f : fields) {
    switch (f.kind) {
      case FieldKind::u8:
        size += 2;
        break;
      case FieldKind::u16:
        size += 3;
        break;
      case FieldKind::u32:
        size += 5;
        break;
      case FieldKind::u64:
      case FieldKind::i64:
        size += 9;
        break;
      case FieldKind::boolean:
        size += 1;
        break;
      case FieldKind::fixed:
      case FieldKind::bytes:
      case FieldKind::text:
        size += 3 + std::size_t{f.capacity};
        break;
    }
  }
  return size;
}

// A message's op and fields in one: what the interpreter is handed.
struct Table {
  std::uint16_t op;
  std::uint16_t count;
  const Field* first;

  std::span<const Field> fields() const { return {first, count}; }
};
template <class Message>
inline constexpr Table table_of = {static_cast<std::uint16_t>(Message::op),
                                   static_cast<std::uint16_t>(Message::fields.size()),
                                   Message::fields.data()};

// The interpreter. `message` points at the struct that the table describes.
std::expected<std::size_t, CodecError> encode_fields(const Table& table, const void* message,
                                                     MutableBytes out);
// On error the struct may hold some decoded fields; callers discard it.
std::expected<void, CodecError> decode_fields(const Table& table, Bytes in, void* message);

// The op of an encoded message, without decoding the rest.
std::expected<std::uint16_t, CodecError> peek_op(Bytes in);

template <class Message>
std::expected<std::size_t, CodecError> encode(const Message& message, MutableBytes out) {
  return encode_fields(table_of<Message>, &message, out);
}

template <class Message>
std::expected<Message, CodecError> decode(Bytes in) {
  std::expected<Message, CodecError> message;  // decoded in place: no copy in each instance
  const auto done = decode_fields(table_of<Message>, in, &*message);
  if (!done) message = std::unexpected(done.error());
  return message;
}

}  // namespace rollcall::protocol
