#include "daemon/attendance/card_token.hpp"

#include <utility>
#include <vector>

namespace rollcall::attendance {
namespace {

// In the place of a protocol::ReadingKind, which are counted from 1.
constexpr std::uint8_t issued_kind = 0x80;

CardToken keyed_hash(const crypto::Key& key, std::uint8_t kind, Bytes content) {
  std::vector<std::uint8_t> input{kind};
  input.insert(input.end(), content.begin(), content.end());
  const CardToken hash = crypto::hmac_sha256(key, input);
  crypto::wipe(input);
  return hash;
}

}  // namespace

CardToken card_token(const crypto::Key& card_key, protocol::ReadingKind kind, Bytes reading) {
  return keyed_hash(card_key, std::to_underlying(kind), reading);
}

CardToken issued_token(const crypto::Key& card_key, Bytes token) {
  return keyed_hash(card_key, issued_kind, token);
}

}  // namespace rollcall::attendance
