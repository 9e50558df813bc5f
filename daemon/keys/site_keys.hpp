// The site's secrets, one file each in <data_dir>/keys, readable by the daemon's user alone.
#pragma once

#include <expected>
#include <string>

#include "protocol/crypto/crypto.hpp"

namespace rollcall::keys {

struct SiteKeys {
  crypto::Key site_private{};  // X25519: opens the readings that terminals seal in their queues
  crypto::Key site_public{};
  crypto::Key card_key{};  // HMAC key of card tokens
};

// Reads <data_dir>/keys; makes the keys when the folder has none yet (first start). The error is
// one sentence: a file that others may read, that is damaged, or that is missing while data exists.
// Keys are never replaced: a new card key would make every card unknown.
std::expected<SiteKeys, std::string> load_or_create(const std::string& data_dir);

}  // namespace rollcall::keys
