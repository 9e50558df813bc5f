#include "daemon/credentials/diversification.hpp"

#include <algorithm>
#include <stdexcept>
#include <string_view>
#include <vector>

#include "protocol/crypto/crypto.hpp"

namespace rollcall::credentials {

Secret diversified_key(const Secret& master, Bytes input) {
  if (input.empty() || input.size() > max_diversification_input)
    throw std::length_error("a key is diversified by 1 to 31 bytes");
  constexpr std::uint8_t aes_128 = 0x01;
  // A CMAC but for one thing: whatever is shorter is padded to two blocks, not to a whole one.
  std::array<std::uint8_t, 2 * block_size> message{aes_128};
  std::ranges::copy(input, message.begin() + 1);
  const bool whole = 1 + input.size() == message.size();
  if (!whole) message[1 + input.size()] = 0x80;
  const Subkeys subkeys(master);
  const Secret& last = whole ? subkeys.whole : subkeys.padded;
  for (std::size_t i = 0; i < block_size; ++i) message[block_size + i] ^= last.view()[i];

  Secret key;
  Block vector{};
  encrypt(master, vector, message);
  std::ranges::copy(Bytes(message).last(block_size), key.bytes().begin());
  crypto::wipe(message);
  crypto::wipe(vector);
  return key;
}

Secret card_key(const Secret& master, Bytes uid, const ApplicationId& application,
                KeyNumber number) {
  constexpr std::string_view system = "rollcall";
  std::vector<std::uint8_t> input(uid.begin(), uid.end());
  input.insert(input.end(), application.begin(), application.end());
  input.insert(input.end(), system.begin(), system.end());
  input.push_back(static_cast<std::uint8_t>(number));
  return diversified_key(master, input);
}

}  // namespace rollcall::credentials
