#include "daemon/accounts/rows.hpp"

#include <algorithm>

namespace rollcall::accounts {
namespace {

constexpr std::size_t shortest_name = 2;
constexpr std::size_t longest_name = 40;

}  // namespace

std::string wrong_with_name(std::string_view name) {
  const auto letter = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto fits = [&](char c) {
    return letter(c) || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
  };
  if (name.size() >= shortest_name && name.size() <= longest_name && letter(name.front()) &&
      std::ranges::all_of(name, fits)) {
    return {};
  }
  return "a name to sign in with has 2 to 40 lower-case letters, digits and . _ - with a letter "
         "first";
}

std::vector<Account> all_accounts(store::Database& db) {
  std::vector<Account> all;
  auto row = db.prepare(
      "SELECT id, name, role, person, password, created_ms, disabled_ms, pin FROM account "
      "ORDER BY name");
  while (row.step()) {
    Account account;
    account.id = row.text(0);
    account.name = row.text(1);
    account.role = role_from(row.text_view(2)).value_or(Role::viewer);
    account.person = row.optional_text(3);
    account.password = row.text(4);
    account.created_ms = row.integer(5);
    if (!row.is_null(6)) account.disabled_ms = row.integer(6);
    account.pin = row.optional_text(7);
    all.push_back(std::move(account));
  }
  return all;
}

void insert(store::Database& db, const Account& account) {
  db.prepare(
        "INSERT INTO account (id, name, role, person, password, created_ms, disabled_ms) VALUES "
        "(?, ?, ?, ?, ?, ?, ?)")
      .bind(account.id, account.name, to_text(account.role), account.person, account.password,
            account.created_ms, account.disabled_ms)
      .run();
}

void update(store::Database& db, const Account& account) {
  db.prepare(
        "UPDATE account SET role = ?, person = ?, password = ?, disabled_ms = ?, pin = ? WHERE id "
        "= ?")
      .bind(to_text(account.role), account.person, account.password, account.disabled_ms,
            account.pin, account.id)
      .run();
}

bool name_is_taken(store::Database& db, std::string_view name) {
  return db.prepare("SELECT 1 FROM account WHERE name = ?").bind(name).step();
}

bool has_manager(store::Database& db, std::string_view without) {
  auto row = db.prepare(
      "SELECT 1 FROM account WHERE role = 'manager' AND disabled_ms IS NULL AND id <> ?");
  return row.bind(without).step();
}

bool is_staff(store::Database& db, std::string_view person) {
  auto row =
      db.prepare("SELECT 1 FROM person WHERE id = ? AND active AND role IN ('trainer', 'staff')");
  return row.bind(person).step();
}

std::vector<StoredSession> all_sessions(store::Database& db) {
  std::vector<StoredSession> all;
  auto row = db.prepare("SELECT digest, account, begun_ms, used_ms FROM sign_in");
  while (row.step()) all.push_back({row.fixed<32>(0), row.text(1), row.integer(2), row.integer(3)});
  return all;
}

void insert(store::Database& db, const StoredSession& session) {
  db.prepare("INSERT INTO sign_in (digest, account, begun_ms, used_ms) VALUES (?, ?, ?, ?)")
      .bind(session.digest, session.account, session.begun_ms, session.used_ms)
      .run();
}

void set_used(store::Database& db, const crypto::Digest& digest, std::int64_t used_ms) {
  db.prepare("UPDATE sign_in SET used_ms = ? WHERE digest = ?").bind(used_ms, digest).run();
}

void end_session(store::Database& db, const crypto::Digest& digest) {
  db.prepare("DELETE FROM sign_in WHERE digest = ?").bind(digest).run();
}

void end_sessions_of(store::Database& db, std::string_view account) {
  db.prepare("DELETE FROM sign_in WHERE account = ?").bind(account).run();
}

void set_link(store::Database& db, const crypto::Digest& digest, std::int64_t expires_ms) {
  db.prepare("DELETE FROM one_time_link").run();
  db.prepare("INSERT INTO one_time_link (digest, expires_ms) VALUES (?, ?)")
      .bind(digest, expires_ms)
      .run();
}

bool use_link(store::Database& db, const crypto::Digest& digest, std::int64_t now_ms) {
  {
    auto row = db.prepare("SELECT 1 FROM one_time_link WHERE digest = ? AND expires_ms > ?");
    if (!row.bind(digest, now_ms).step()) return false;
  }
  db.prepare("DELETE FROM one_time_link").run();
  return true;
}

}  // namespace rollcall::accounts
