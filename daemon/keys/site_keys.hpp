// The site's secrets, one file each in <data_dir>/keys, readable by the daemon's user alone.
#pragma once

#include <expected>
#include <optional>
#include <string>

#include "daemon/credentials/aes.hpp"
#include "protocol/crypto/crypto.hpp"

namespace rollcall::keys {

struct SiteKeys {
  crypto::Key site_private{};  // X25519: opens the readings that terminals seal in their queues
  crypto::Key site_public{};
  crypto::Key card_key{};  // HMAC key of card tokens
  // AES-128: the keys of every card that is issued are made of it (docs/credentials.md). Nothing:
  // the site is older than this key.
  std::optional<credentials::Secret> card_master;
};

// Reads <data_dir>/keys; makes the keys when the folder has none yet (first start). The error is
// one sentence: a file that others may read, that is damaged, or that is missing while data exists.
// Keys are never replaced: a new card key would make every card unknown.
// The card master key alone may be missing while data exists: add_card_master() decides.
std::expected<SiteKeys, std::string> load_or_create(const std::string& data_dir);

// Makes the card master key of a site that is older than it. `cards_issued`: cards exist whose keys
// follow from a key that is lost; then nothing is made and the error says so.
std::expected<void, std::string> add_card_master(const std::string& data_dir, SiteKeys& keys,
                                                 bool cards_issued);

}  // namespace rollcall::keys
