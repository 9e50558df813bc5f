#include "protocol/field.hpp"

#include <limits>

#include "protocol/cbor.hpp"

namespace rollcall::protocol {
namespace {

// Every Bounded<N> begins alike, so one interpreter reads and writes all of them.
using AnyBounded = Bounded<1>;
static_assert(offsetof(AnyBounded, size) == 0 &&
              offsetof(AnyBounded, data) == sizeof(std::uint16_t));
static_assert(offsetof(Bounded<900>, data) == offsetof(AnyBounded, data));

template <class T>
T load(const std::uint8_t* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

template <class T>
void store(std::uint8_t* at, T value) {
  std::memcpy(at, &value, sizeof value);
}

std::expected<Bytes, CodecError> load_bounded(const Field& field, const std::uint8_t* at) {
  const auto size = load<std::uint16_t>(at);
  if (size > field.capacity) return std::unexpected(CodecError::out_of_range);
  return Bytes{at + offsetof(AnyBounded, data), size};
}

std::expected<void, CodecError> write_field(const Field& field, const std::uint8_t* at,
                                            cbor::Writer& out) {
  switch (field.kind) {
    case FieldKind::u8:
      out.unsigned_int(*at);
      break;
    case FieldKind::u16:
      out.unsigned_int(load<std::uint16_t>(at));
      break;
    case FieldKind::u32:
      out.unsigned_int(load<std::uint32_t>(at));
      break;
    case FieldKind::u64:
      out.unsigned_int(load<std::uint64_t>(at));
      break;
    case FieldKind::i64:
      out.signed_int(load<std::int64_t>(at));
      break;
    case FieldKind::boolean:
      out.boolean(*at != 0);
      break;
    case FieldKind::fixed:
      out.bytes({at, field.capacity});
      break;
    case FieldKind::bytes:
    case FieldKind::text: {
      const auto value = load_bounded(field, at);
      if (!value) return std::unexpected(value.error());
      if (field.kind == FieldKind::bytes) {
        out.bytes(*value);
      } else if (cbor::is_utf8(*value)) {
        out.text(*value);
      } else {
        return std::unexpected(CodecError::invalid_utf8);
      }
      break;
    }
  }
  return {};
}

template <class T>
std::expected<void, CodecError> read_unsigned(cbor::Reader& in, std::uint8_t* at) {
  const auto value = in.unsigned_int();
  if (!value) return std::unexpected(value.error());
  if (*value > std::numeric_limits<T>::max()) return std::unexpected(CodecError::out_of_range);
  store(at, static_cast<T>(*value));
  return {};
}

std::expected<void, CodecError> read_string(const Field& field, cbor::Reader& in,
                                            std::uint8_t* at) {
  const auto value = field.kind == FieldKind::text ? in.text() : in.bytes();
  if (!value) return std::unexpected(value.error());
  if (value->size() > field.capacity) return std::unexpected(CodecError::out_of_range);
  if (field.kind == FieldKind::fixed) {
    if (value->size() != field.capacity) return std::unexpected(CodecError::out_of_range);
  } else {
    store(at, static_cast<std::uint16_t>(value->size()));
    at += offsetof(AnyBounded, data);
  }
  if (!value->empty()) std::memcpy(at, value->data(), value->size());
  return {};
}

std::expected<void, CodecError> read_field(const Field& field, cbor::Reader& in, std::uint8_t* at) {
  switch (field.kind) {
    case FieldKind::u8:
      return read_unsigned<std::uint8_t>(in, at);
    case FieldKind::u16:
      return read_unsigned<std::uint16_t>(in, at);
    case FieldKind::u32:
      return read_unsigned<std::uint32_t>(in, at);
    case FieldKind::u64:
      return read_unsigned<std::uint64_t>(in, at);
    case FieldKind::i64: {
      const auto value = in.signed_int();
      if (!value) return std::unexpected(value.error());
      store(at, *value);
      return {};
    }
    case FieldKind::boolean: {
      const auto value = in.boolean();
      if (!value) return std::unexpected(value.error());
      store(at, *value);
      return {};
    }
    case FieldKind::fixed:
    case FieldKind::bytes:
    case FieldKind::text:
      return read_string(field, in, at);
  }
  return std::unexpected(CodecError::wrong_type);
}

// The array's item count and the op, which is its first item.
struct Opening {
  std::uint64_t items;
  std::uint16_t op;
};
std::expected<Opening, CodecError> read_opening(cbor::Reader& in) {
  const auto items = in.array();
  if (!items) return std::unexpected(items.error());
  if (*items == 0) return std::unexpected(CodecError::missing_field);
  const auto op = in.unsigned_int();
  if (!op) return std::unexpected(op.error());
  if (*op > std::numeric_limits<std::uint16_t>::max()) {
    return std::unexpected(CodecError::out_of_range);
  }
  return Opening{*items, static_cast<std::uint16_t>(*op)};
}

}  // namespace

std::expected<std::size_t, CodecError> encode_fields(const Table& table, const void* message,
                                                     MutableBytes out) {
  const auto* base = static_cast<const std::uint8_t*>(message);
  cbor::Writer writer(out);
  writer.array(std::uint64_t{1} + table.count);
  writer.unsigned_int(table.op);
  for (const Field& field : table.fields()) {
    const auto done = write_field(field, base + field.offset, writer);
    if (!done) return std::unexpected(done.error());
  }
  if (!writer.ok()) return std::unexpected(CodecError::no_space);
  return writer.size();
}

std::expected<void, CodecError> decode_fields(const Table& table, Bytes in, void* message) {
  auto* base = static_cast<std::uint8_t*>(message);
  cbor::Reader reader(in);
  const auto opening = read_opening(reader);
  if (!opening) return std::unexpected(opening.error());
  if (opening->op != table.op) return std::unexpected(CodecError::wrong_op);

  std::uint64_t left = opening->items - 1;
  for (const Field& field : table.fields()) {
    if (left == 0) {
      if (field.required) return std::unexpected(CodecError::missing_field);
      continue;
    }
    --left;
    const auto done = read_field(field, reader, base + field.offset);
    if (!done) return done;
  }
  for (; left != 0; --left) {
    const auto done = reader.skip();
    if (!done) return done;
  }
  if (!reader.at_end()) return std::unexpected(CodecError::trailing);
  return {};
}

std::expected<std::uint16_t, CodecError> peek_op(Bytes in) {
  cbor::Reader reader(in);
  const auto opening = read_opening(reader);
  if (!opening) return std::unexpected(opening.error());
  return opening->op;
}

}  // namespace rollcall::protocol
