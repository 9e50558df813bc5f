#include "daemon/accounts/password.hpp"

#include <algorithm>
#include <array>
#include <new>
#include <set>

#include <sodium.h>

#include "daemon/accounts/secret.hpp"

namespace rollcall::accounts {
namespace {

constexpr std::size_t fewest_different = 5;

std::size_t characters(std::string_view text) {  // UTF-8
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

}  // namespace

std::string wrong_with_password(std::string_view password, std::string_view name) {
  if (characters(password) < shortest_password) {
    return "a password has at least " + std::to_string(shortest_password) +
           " characters; a few words make a good one";
  }
  if (password.size() > longest_password)
    return "a password has at most " + std::to_string(longest_password) + " bytes";
  if (std::set<char>(password.begin(), password.end()).size() < fewest_different)
    return "the password repeats the same few characters; a few words make a good one";
  if (!name.empty() && password.find(name) != std::string_view::npos)
    return "the password has the account's name in it";
  return {};
}

std::string hash_password(std::string_view password) {
  std::array<char, crypto_pwhash_STRBYTES> out{};
  if (crypto_pwhash_str(out.data(), password.data(), password.size(),
                        crypto_pwhash_OPSLIMIT_INTERACTIVE,
                        crypto_pwhash_MEMLIMIT_INTERACTIVE) != 0) {
    throw std::bad_alloc();
  }
  return out.data();
}

bool verify_password(const std::string& hash, std::string_view password) {
  return crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size()) == 0;
}

const std::string& nobodys_hash() {
  static const std::string hash =
      "$argon2id$v=19$m=65536,t=2,p=1$6LFLE7NTKN8IHbCIzJlZvg$"
      "NibqPYme1z2SIHUEiZmVWYIqOIUS+fs5FdfK1f98aZk";
  return hash;
}

std::string generate_password() {
  std::string out = random_text(unmistakable, 4);
  for (int group = 1; group < 4; ++group) out += '-' + random_text(unmistakable, 4);
  return out;
}

std::string generate_pin() {
  return random_text("0123456789", 6);
}

}  // namespace rollcall::accounts
