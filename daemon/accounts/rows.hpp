// The tables of accounts, sessions and links, inside a writer's job.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/accounts/role.hpp"
#include "daemon/store/database.hpp"
#include "protocol/crypto/crypto.hpp"

namespace rollcall::accounts {

struct Account {
  std::string id;    // "account:" and ten letters and digits, for ever; no name
  std::string name;  // to sign in with
  Role role = Role::viewer;
  std::optional<std::string> person;  // pseudonym of the trainer or member of staff who acts
  std::string password;               // as hash_password makes it
  std::optional<std::string> pin{};   // likewise; goes with the person's card
  std::int64_t created_ms = 0;        // Unix ms
  std::optional<std::int64_t> disabled_ms;

  // Who did it, in events and in the record: no name.
  const std::string& actor() const { return person ? *person : id; }
};

// 2 to 40 lower-case letters, digits and . _ - with a letter first. "" or what is wrong with it, as
// a clause.
std::string wrong_with_name(std::string_view name);

std::vector<Account> all_accounts(store::Database& db);  // by name
void insert(store::Database& db, const Account& account);
void update(store::Database& db, const Account& account);  // all but id, name and created_ms
bool name_is_taken(store::Database& db, std::string_view name);
// A manager who may sign in, other than `without`.
bool has_manager(store::Database& db, std::string_view without = "");
// Whether the roster names this person as a trainer or member of staff.
bool is_staff(store::Database& db, std::string_view person);

struct StoredSession {
  crypto::Digest digest{};
  std::string account;
  std::int64_t begun_ms = 0;
  std::int64_t used_ms = 0;
};

std::vector<StoredSession> all_sessions(store::Database& db);
void insert(store::Database& db, const StoredSession& session);
void set_used(store::Database& db, const crypto::Digest& digest, std::int64_t used_ms);
void end_session(store::Database& db, const crypto::Digest& digest);
void end_sessions_of(store::Database& db, std::string_view account);

// One link at a time: a new one takes the place of the one before.
void set_link(store::Database& db, const crypto::Digest& digest, std::int64_t expires_ms);
// Whether it is the one and still good; it is none afterwards.
bool use_link(store::Database& db, const crypto::Digest& digest, std::int64_t now_ms);

}  // namespace rollcall::accounts
