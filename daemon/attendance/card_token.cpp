#include "daemon/attendance/card_token.hpp"

#include <vector>

namespace rollcall::attendance {

std::array<std::uint8_t, 32> card_token(const crypto::Key& card_key, protocol::ReadingKind kind,
                                        Bytes reading) {
  std::vector<std::uint8_t> input{static_cast<std::uint8_t>(kind)};
  input.insert(input.end(), reading.begin(), reading.end());
  return crypto::hmac_sha256(card_key, input);
}

}  // namespace rollcall::attendance
