// Secrets that stand for a person who has shown who they are: the cookie of a session, a one-time
// link. 256 random bits, written as 64 hex digits; only their SHA-256 rests anywhere.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "protocol/crypto/crypto.hpp"

namespace rollcall::accounts {

std::string new_secret();
std::optional<crypto::Digest> digest_of(std::string_view secret);  // nothing when it is none

// What a page sends with each change, to show that it could read an answer of this session: a
// function of the secret, from which nobody finds the secret.
std::string page_token(std::string_view secret);

// Whether both are the same, in a time that tells nothing.
bool same_text(std::string_view a, std::string_view b);

// Each number below `end`, at most 256, as likely as the others.
unsigned random_below(unsigned end);

// So many characters, each as likely any of the alphabet's, of at most 256.
std::string random_text(std::string_view alphabet, int length);
inline constexpr std::string_view unmistakable = "abcdefghjkmnpqrstuvwxyz23456789";

}  // namespace rollcall::accounts
