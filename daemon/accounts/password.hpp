// Passwords as libsodium keeps them: Argon2id (RFC 9106) with its interactive limits, two passes
// over 64 MiB. Hashing and verifying take about a tenth of a second and that memory: never on the
// reactor.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace rollcall::accounts {

inline constexpr std::size_t shortest_password = 12;  // characters
inline constexpr std::size_t longest_password = 200;  // bytes

// "" or what is wrong with it, as a clause. `name` is that of the account.
std::string wrong_with_password(std::string_view password, std::string_view name);

// As the table keeps it: "$argon2id$v=19$m=65536,t=2,p=1$SALT$HASH". Throws std::bad_alloc when
// there is no memory for it.
std::string hash_password(std::string_view password);
bool verify_password(const std::string& hash, std::string_view password);

// The hash of a password that nobody knows: verified where there is no account, so that it takes as
// long.
const std::string& nobodys_hash();

// 16 letters and digits that cannot be mistaken for each other, in four groups: 79 bits.
std::string generate_password();

// Six digits, for those who have the card besides.
std::string generate_pin();

}  // namespace rollcall::accounts
