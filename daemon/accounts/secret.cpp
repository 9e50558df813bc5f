#include "daemon/accounts/secret.hpp"

#include <array>
#include <cstdint>
#include <span>

#include "daemon/events/event.hpp"
#include "hal/host/system.hpp"

namespace rollcall::accounts {
namespace {

constexpr std::size_t secret_digits = 64;

std::span<const std::uint8_t> bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace

std::string new_secret() {
  std::array<std::uint8_t, secret_digits / 2> random{};
  hal::host::SystemEntropy{}.fill(random);
  return events::hex(random);
}

std::optional<crypto::Digest> digest_of(std::string_view secret) {
  if (secret.size() != secret_digits) return std::nullopt;
  return crypto::sha256(bytes(secret));
}

std::string page_token(std::string_view secret) {
  return events::hex(crypto::hmac_sha256(bytes(secret), bytes("rollcall page token")));
}

bool same_text(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned different = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    different |= static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]);
  return different == 0;
}

unsigned random_below(unsigned end) {
  const unsigned even = 256 / end * end;  // what is above is drawn again
  std::uint8_t byte = 0;
  do {
    hal::host::SystemEntropy{}.fill({&byte, 1});
  } while (byte >= even);
  return byte % end;
}

std::string random_text(std::string_view alphabet, int length) {
  std::string out;
  for (int i = 0; i < length; ++i)
    out += alphabet[random_below(static_cast<unsigned>(alphabet.size()))];
  return out;
}

}  // namespace rollcall::accounts
