// What is known of accounts and sessions, and how it changes.
#include "daemon/accounts/accounts.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <sodium.h>

#include "daemon/accounts/impl.hpp"
#include "daemon/accounts/password.hpp"
#include "daemon/accounts/secret.hpp"
#include "daemon/in_pool.hpp"
#include "daemon/store/on_writer.hpp"

namespace rollcall::accounts {

Accounts::Accounts(asio::any_io_executor executor, asio::thread_pool& pool, store::Writer& writer,
                   Clocks clocks)
    : impl_(std::make_unique<Impl>(std::move(executor), pool, writer, std::move(clocks))) {
  if (sodium_init() < 0) throw std::runtime_error("libsodium cannot be used on this machine");
}
Accounts::~Accounts() = default;

void Accounts::load(store::Database& db) {
  impl_->adopt(all_accounts(db));
  const Moment now = impl_->clocks.monotonic();
  const std::int64_t now_ms = impl_->clocks.wall_ms();
  const auto ago = [&](std::int64_t then_ms) {
    const std::chrono::milliseconds age{std::max<std::int64_t>(0, now_ms - then_ms)};
    return now - std::min<std::chrono::milliseconds>(age, session_longest);
  };
  for (const StoredSession& stored : all_sessions(db)) {
    const Moment used = ago(stored.used_ms);
    const Session session{stored.account, ago(stored.begun_ms), used, used};
    if (now < end_of(session)) {
      impl_->sessions.add(stored.digest, session);
    } else {
      end_session(db, stored.digest);
    }
  }
}

std::optional<Visitor> Accounts::visitor(std::string_view secret) const {
  const auto digest = digest_of(secret);
  if (!digest) return std::nullopt;
  const Session* session = impl_->sessions.find(*digest, impl_->clocks.monotonic());
  if (session == nullptr) return std::nullopt;
  const auto account = impl_->accounts.find(session->account);
  if (account == impl_->accounts.end() || account->second.disabled_ms) return std::nullopt;
  return impl_->visitor(account->second, *session, secret);
}

void Accounts::touch(std::string_view secret) {
  const auto digest = digest_of(secret);
  if (!digest || !impl_->sessions.touch(*digest, impl_->clocks.monotonic())) return;
  (void)impl_->writer.submit([digest = *digest, now_ms = impl_->clocks.wall_ms()](
                                 store::Database& db) { set_used(db, digest, now_ms); },
                             [](store::Committed, const std::string&) {});
}

awaitable<Refused> Accounts::Impl::change(Step step) {
  Refused refused;
  std::vector<Account> after;
  const store::Writer::Job job = [&](store::Database& db) {
    refused = step(db);
    if (!refused) after = all_accounts(db);
  };
  co_await store::on_writer(writer, job);
  if (!refused) adopt(std::move(after));
  co_return refused;
}

void Accounts::Impl::adopt(std::vector<Account> all) {
  accounts.clear();
  for (Account& account : all) {
    std::string id = account.id;
    accounts.emplace(std::move(id), std::move(account));
  }
}

const Account* Accounts::Impl::by_name(std::string_view name) const {
  const auto found =
      std::ranges::find_if(accounts, [&](const auto& one) { return one.second.name == name; });
  return found == accounts.end() ? nullptr : &found->second;
}

awaitable<std::string> Accounts::Impl::hash(std::string password) {
  co_await turnstile.enter();
  const Turn turn{turnstile};
  const auto work = [&password] { return hash_password(password); };
  co_return co_await in_pool(pool, work);
}

awaitable<bool> Accounts::Impl::verify(std::string hashed, std::string password) {
  co_await turnstile.enter();
  const Turn turn{turnstile};
  const auto work = [&] { return verify_password(hashed, password); };
  co_return co_await in_pool(pool, work);
}

Visitor Accounts::Impl::visitor(const Account& account, const Session& session,
                                std::string_view secret) const {
  const auto left =
      std::chrono::duration_cast<std::chrono::seconds>(end_of(session) - clocks.monotonic());
  return {account.id, account.name, account.role, account.actor(), page_token(secret), left};
}

StoredSession Accounts::Impl::store_session(store::Database& db, std::string_view account,
                                            const crypto::Digest& digest,
                                            const std::vector<crypto::Digest>& ended) const {
  for (const crypto::Digest& old : ended) end_session(db, old);
  const std::int64_t now_ms = clocks.wall_ms();
  StoredSession session{digest, std::string{account}, now_ms, now_ms};
  insert(db, session);
  return session;
}

SignedIn Accounts::Impl::begin_session(const Account& account, std::string secret,
                                       const crypto::Digest& digest) {
  const Moment now = clocks.monotonic();
  const Session session{account.id, now, now, now};
  sessions.add(digest, session);
  Visitor who = visitor(account, session, secret);
  return {std::move(secret), std::move(who)};
}

void Accounts::Impl::note(const AuditEntry& entry) {
  (void)writer.submit([entry](store::Database& db) { record(db, entry); },
                      [](store::Committed, const std::string&) {});
}

}  // namespace rollcall::accounts
