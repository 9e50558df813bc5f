#include "tests/unit/protocol/support.hpp"

namespace rollcall::protocol::testing {
namespace {

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

Bytes bounded(const std::uint8_t* at) {
  return {at + 2, load<std::uint16_t>(at)};
}

nlohmann::json field_to_json(const Field& field, const std::uint8_t* at) {
  switch (field.kind) {
    case FieldKind::u8:
      return *at;
    case FieldKind::u16:
      return load<std::uint16_t>(at);
    case FieldKind::u32:
      return load<std::uint32_t>(at);
    case FieldKind::u64:
      return load<std::uint64_t>(at);
    case FieldKind::i64:
      return load<std::int64_t>(at);
    case FieldKind::boolean:
      return *at != 0;
    case FieldKind::fixed:
      return nlohmann::json::binary(Buffer(at, at + field.capacity));
    case FieldKind::bytes:
      return nlohmann::json::binary(to_buffer(bounded(at)));
    case FieldKind::text:
      return std::string(reinterpret_cast<const char*>(at + 2), bounded(at).size());
  }
  return nullptr;
}

// UTF-8 of at most `limit` bytes, sequences of every length.
std::string random_text(std::size_t limit, Random& random) {
  static constexpr std::string_view letters[] = {"a", "Z", "-", "0", "é", "ß", "水", "€", "😀"};
  std::string out;
  const std::size_t wanted = random.below(limit + 1);
  while (true) {
    const std::string_view next = letters[random.below(std::size(letters))];
    if (out.size() + next.size() > wanted) return out;
    out += next;
  }
}

void randomize_field(const Field& field, std::uint8_t* at, Random& random) {
  const auto put_bounded = [at](Bytes content) {
    store(at, static_cast<std::uint16_t>(content.size()));
    if (!content.empty()) std::memcpy(at + 2, content.data(), content.size());
  };
  switch (field.kind) {
    case FieldKind::u8:
      *at = static_cast<std::uint8_t>(random.number(8));
      break;
    case FieldKind::u16:
      store(at, static_cast<std::uint16_t>(random.number(16)));
      break;
    case FieldKind::u32:
      store(at, static_cast<std::uint32_t>(random.number(32)));
      break;
    case FieldKind::u64:
      store(at, random.number(64));
      break;
    case FieldKind::i64: {
      const auto magnitude = static_cast<std::int64_t>(random.number(63));
      store(at, random.one_in(2) ? magnitude : -1 - magnitude);
      break;
    }
    case FieldKind::boolean:
      store(at, random.one_in(2));
      break;
    case FieldKind::fixed: {
      const Buffer content = random.bytes(field.capacity);
      std::memcpy(at, content.data(), content.size());
      break;
    }
    case FieldKind::bytes:
      put_bounded(random.bytes(random.below(field.capacity + 1u)));
      break;
    case FieldKind::text:
      put_bounded(as_bytes(random_text(field.capacity, random)));
      break;
  }
}

}  // namespace

nlohmann::json to_json(std::uint16_t op, std::span<const Field> fields, const void* message) {
  nlohmann::json array = nlohmann::json::array({op});
  for (const Field& field : fields) {
    array.push_back(field_to_json(field, static_cast<const std::uint8_t*>(message) + field.offset));
  }
  return array;
}

void randomize(std::span<const Field> fields, void* message, Random& random) {
  for (const Field& field : fields) {
    randomize_field(field, static_cast<std::uint8_t*>(message) + field.offset, random);
  }
}

}  // namespace rollcall::protocol::testing
