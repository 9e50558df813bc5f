#include "daemon/sheets/cbor.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

namespace rollcall::sheets {
namespace {

using Encoded = std::vector<std::uint8_t>;

enum class Major : std::uint8_t { unsigned_int, negative_int, bytes, text, array, map };

constexpr std::uint8_t cbor_false = 0xf4;
constexpr std::uint8_t cbor_true = 0xf5;
constexpr std::uint8_t cbor_null = 0xf6;

void head(Encoded& out, Major major, std::uint64_t argument) {
  const auto first = static_cast<std::uint8_t>(static_cast<unsigned>(major) << 5);
  if (argument < 24) {
    out.push_back(static_cast<std::uint8_t>(first | argument));
    return;
  }
  const unsigned size_code = argument <= 0xff         ? 0
                             : argument <= 0xffff     ? 1
                             : argument <= 0xffffffff ? 2
                                                      : 3;
  out.push_back(static_cast<std::uint8_t>(first | (24 + size_code)));
  for (int shift = (8 << size_code) - 8; shift >= 0; shift -= 8)
    out.push_back(static_cast<std::uint8_t>(argument >> shift));
}

void text(Encoded& out, const std::string& value) {
  head(out, Major::text, value.size());
  out.insert(out.end(), value.begin(), value.end());
}

void item(Encoded& out, const nlohmann::json& value);

void object(Encoded& out, const nlohmann::json& value) {
  std::vector<std::pair<Encoded, const nlohmann::json*>> members;
  for (const auto& [key, member] : value.items()) {
    Encoded encoded;
    text(encoded, key);
    members.emplace_back(std::move(encoded), &member);
  }
  std::ranges::sort(members, {}, &std::pair<Encoded, const nlohmann::json*>::first);
  head(out, Major::map, members.size());
  for (const auto& [key, member] : members) {
    out.insert(out.end(), key.begin(), key.end());
    item(out, *member);
  }
}

void item(Encoded& out, const nlohmann::json& value) {
  using Type = nlohmann::json::value_t;
  switch (value.type()) {
    case Type::null:
      out.push_back(cbor_null);
      return;
    case Type::boolean:
      out.push_back(value.get<bool>() ? cbor_true : cbor_false);
      return;
    case Type::number_unsigned:
      return head(out, Major::unsigned_int, value.get<std::uint64_t>());
    case Type::number_integer: {
      const auto number = value.get<std::int64_t>();
      return number < 0 ? head(out, Major::negative_int, ~static_cast<std::uint64_t>(number))
                        : head(out, Major::unsigned_int, static_cast<std::uint64_t>(number));
    }
    case Type::string:
      return text(out, value.get_ref<const std::string&>());
    case Type::binary: {
      const auto& bytes = value.get_binary();
      head(out, Major::bytes, bytes.size());
      out.insert(out.end(), bytes.begin(), bytes.end());
      return;
    }
    case Type::array:
      head(out, Major::array, value.size());
      for (const auto& one : value) item(out, one);
      return;
    case Type::object:
      return object(out, value);
    case Type::number_float:
    case Type::discarded:
      break;
  }
  throw std::invalid_argument("nothing that is signed has a number with a fraction");
}

}  // namespace

Encoded deterministic_cbor(const nlohmann::json& value) {
  Encoded out;
  item(out, value);
  return out;
}

}  // namespace rollcall::sheets
