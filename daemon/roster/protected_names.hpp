// Names of people with protected identity, where a site keeps them: sealed under a key that is
// derived from the site's private key, in a table of their own. So no query that shows people can
// show one by accident, and a copy of the database alone tells none.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "daemon/roster/records.hpp"
#include "daemon/store/database.hpp"
#include "protocol/crypto/crypto.hpp"

namespace rollcall::roster {

class NameSeal {
 public:
  explicit NameSeal(const crypto::Key& site_private);

  // A new nonce each time. The person is authenticated: a sealed name moved to another row does not
  // open.
  store::Blob seal(std::string_view person, std::string_view name) const;
  // Nothing: damaged, another person's, or sealed by another site.
  std::optional<std::string> open(std::string_view person, Bytes sealed) const;

 private:
  crypto::Key key_{};
};

// What the site's tables may hold after a reading: the names of `reading` sealed with `seal`, none
// without one, and none of people who are not protected or no longer there. Thread: the writer.
void keep_protected_names(store::Database& db, const Reading& reading, const NameSeal* seal);

// Nothing when none is kept, or it does not open. The caller puts on record that it was seen.
std::optional<std::string> protected_name(store::Database& db, const NameSeal& seal,
                                          const std::string& person);

}  // namespace rollcall::roster
