#include "daemon/accounts/accounts.hpp"

#include <algorithm>
#include <map>
#include <stdexcept>
#include <utility>

#include <boost/asio/thread_pool.hpp>
#include <sodium.h>

#include "daemon/accounts/audit.hpp"
#include "daemon/accounts/password.hpp"
#include "daemon/accounts/secret.hpp"
#include "daemon/accounts/sessions.hpp"
#include "daemon/accounts/turnstile.hpp"
#include "daemon/in_pool.hpp"
#include "daemon/log/log.hpp"
#include "daemon/store/on_writer.hpp"

namespace rollcall::accounts {
namespace {

namespace asio = boost::asio;
using asio::awaitable;
using Refused = std::optional<Refusal>;
using Kind = Refusal::Kind;

constexpr std::string_view sign_in_action = "POST /api/v1/session";

std::unexpected<Refusal> refuse(Kind kind, std::string text, std::chrono::seconds wait = {}) {
  return std::unexpected(Refusal{kind, std::move(text), wait});
}

std::string new_id() {
  constexpr std::string_view alphabet = "abcdefghjkmnpqrstuvwxyz23456789";
  std::string id = "account:";
  for (int i = 0; i < 10; ++i) id += alphabet[random_below(static_cast<unsigned>(alphabet.size()))];
  return id;
}

std::string no_account(std::string_view name) {
  return "there is no account " + std::string{name};
}

constexpr const char* busy = "many people sign in now; try again in a moment";
constexpr const char* last_manager =
    "this is the last manager who can sign in; make another one first";

}  // namespace

struct Accounts::Impl {
  Impl(asio::any_io_executor executor, asio::thread_pool& hashing, store::Writer& w, Clocks c)
      : pool(hashing),
        writer(w),
        clocks(std::move(c)),
        turnstile(std::move(executor), most_waiting) {}

  // A job that says whether it refuses. What it left is adopted once it is durable. Throws
  // store::StoreError when the writer cannot take it.
  using Step = std::function<Refused(store::Database&)>;
  awaitable<Refused> change(Step step) {
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

  void adopt(std::vector<Account> all) {
    accounts.clear();
    for (Account& account : all) {
      std::string id = account.id;
      accounts.emplace(std::move(id), std::move(account));
    }
  }

  const Account* by_name(std::string_view name) const {
    const auto found =
        std::ranges::find_if(accounts, [&](const auto& one) { return one.second.name == name; });
    return found == accounts.end() ? nullptr : &found->second;
  }

  awaitable<std::string> hash(std::string password) {
    co_await turnstile.enter();
    const Turn turn{turnstile};
    const auto work = [&password] { return hash_password(password); };
    co_return co_await in_pool(pool, work);
  }

  awaitable<bool> verify(std::string hashed, std::string password) {
    co_await turnstile.enter();
    const Turn turn{turnstile};
    const auto work = [&] { return verify_password(hashed, password); };
    co_return co_await in_pool(pool, work);
  }

  Visitor visitor(const Account& account, const Session& session, std::string_view secret) const {
    const auto left =
        std::chrono::duration_cast<std::chrono::seconds>(end_of(session) - clocks.monotonic());
    return {account.id, account.name, account.role, account.actor(), page_token(secret), left};
  }

  // Inside a job: what ended meanwhile goes, the new one comes.
  StoredSession store_session(store::Database& db, std::string_view account,
                              const crypto::Digest& digest,
                              const std::vector<crypto::Digest>& ended) const {
    for (const crypto::Digest& old : ended) end_session(db, old);
    const std::int64_t now_ms = clocks.wall_ms();
    StoredSession session{digest, std::string{account}, now_ms, now_ms};
    insert(db, session);
    return session;
  }

  SignedIn begin_session(const Account& account, std::string secret, const crypto::Digest& digest) {
    const Moment now = clocks.monotonic();
    const Session session{account.id, now, now, now};
    sessions.add(digest, session);
    Visitor who = visitor(account, session, secret);
    return {std::move(secret), std::move(who)};
  }

  // Nobody waits for it: when the writer takes nothing, nothing else works either.
  void note(const AuditEntry& entry) {
    (void)writer.submit([entry](store::Database& db) { record(db, entry); },
                        [](store::Committed, const std::string&) {});
  }

  awaitable<Result<void>> check(const std::string& name, const std::string& password,
                                const Origin& origin);
  // The one place where an account is changed.
  using Edit = std::function<Refused(store::Database&, Account&)>;
  awaitable<Result<Account>> edit(std::string name, Edit how, bool ends_sessions);

  asio::thread_pool& pool;
  store::Writer& writer;
  Clocks clocks;
  Turnstile turnstile;
  std::map<std::string, Account, std::less<>> accounts;  // by id
  Sessions sessions;
  Attempts attempts;
};

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

// An account that does not exist takes as long as one that does.
awaitable<Result<void>> Accounts::Impl::check(const std::string& name, const std::string& password,
                                              const Origin& origin) {
  const Moment now = clocks.monotonic();
  if (const auto wait = attempts.wait(name, origin, now); wait > std::chrono::seconds{0}) {
    co_return refuse(
        Kind::wait, "too many attempts; try again in " + std::to_string(wait.count()) + " s", wait);
  }
  if (turnstile.full()) co_return refuse(Kind::busy, busy);
  attempts.begin(name, origin, now);
  const Account* account = by_name(name);
  const bool may = account != nullptr && !account->disabled_ms;
  const std::string id = account == nullptr ? "" : account->id;
  const std::string hashed = may ? account->password : nobodys_hash();
  const bool right = co_await verify(hashed, password);
  if (may && right) {
    attempts.succeeded(name, origin);
    co_return Result<void>{};
  }
  static logging::Limited limited;
  limited.warning("sign-in refused", {{"from", origin.address}});
  if (!id.empty()) {
    note({.time_ms = clocks.wall_ms(),
          .account = std::nullopt,
          .actor = origin.address,
          .role = "nobody",
          .action = std::string{sign_in_action},
          .subject = id,
          .detail = "",
          .status = 401});
  }
  co_return refuse(Kind::wrong, "this name and this password do not go together");
}

awaitable<Result<SignedIn>> Accounts::sign_in(std::string name, std::string password,
                                              Origin origin) {
  const Result<void> checked = co_await impl_->check(name, password, origin);
  if (!checked) co_return std::unexpected(checked.error());
  const Account* found = impl_->by_name(name);  // accounts are never taken out
  const Account account = *found;
  const std::string secret = new_secret();
  const crypto::Digest digest = *digest_of(secret);
  const std::vector<crypto::Digest> ended = impl_->sessions.expire(impl_->clocks.monotonic());
  Impl::Step step = [&](store::Database& db) -> Refused {
    // What was verified may have been changed while that took its time.
    const auto all = all_accounts(db);
    const auto now = std::ranges::find(all, account.id, &Account::id);
    if (now == all.end() || now->disabled_ms || now->password != account.password)
      return Refusal{Kind::wrong, "the account has just been changed", {}};
    const StoredSession stored = impl_->store_session(db, account.id, digest, ended);
    record(db, {.time_ms = stored.begun_ms,
                .account = account.id,
                .actor = account.actor(),
                .role = std::string{to_text(account.role)},
                .action = std::string{sign_in_action},
                .subject = account.id,
                .detail = "from " + origin.address,
                .status = 200});
    return std::nullopt;
  };
  if (auto refused = co_await impl_->change(std::move(step))) co_return std::unexpected(*refused);
  co_return impl_->begin_session(account, secret, digest);
}

awaitable<void> Accounts::sign_out(std::string secret) {
  const auto digest = digest_of(secret);
  if (!digest) co_return;
  impl_->sessions.end(*digest);
  const store::Writer::Job job = [&](store::Database& db) { end_session(db, *digest); };
  co_await store::on_writer(impl_->writer, job);
}

awaitable<Result<SignedIn>> Accounts::change_own_password(std::string secret, std::string old_one,
                                                          std::string new_one, Origin origin) {
  const std::optional<Visitor> who = visitor(secret);
  if (!who) co_return refuse(Kind::wrong, "nobody is signed in here");
  if (std::string wrong = wrong_with_password(new_one, who->name); !wrong.empty())
    co_return refuse(Kind::bad, std::move(wrong));
  const Result<void> checked = co_await impl_->check(who->name, old_one, origin);
  if (!checked && checked.error().kind == Kind::wrong)
    co_return refuse(Kind::conflict, "the password until now is another one");
  if (!checked) co_return std::unexpected(checked.error());
  if (impl_->turnstile.full()) co_return refuse(Kind::busy, busy);
  const std::string hashed = co_await impl_->hash(new_one);
  const std::string fresh = new_secret();
  const crypto::Digest digest = *digest_of(fresh);
  Impl::Edit how = [&](store::Database&, Account& account) -> Refused {
    account.password = hashed;
    return std::nullopt;
  };
  const Result<Account> edited = co_await impl_->edit(who->name, std::move(how), true);
  if (!edited) co_return std::unexpected(edited.error());
  const store::Writer::Job job = [&](store::Database& db) {
    impl_->store_session(db, edited->id, digest, {});
  };
  co_await store::on_writer(impl_->writer, job);
  co_return impl_->begin_session(*edited, fresh, digest);
}

bool Accounts::needs_manager() const {
  return std::ranges::none_of(impl_->accounts, [](const auto& one) {
    return one.second.role == Role::manager && !one.second.disabled_ms;
  });
}

std::string Accounts::make_link(store::Database& db) {
  std::string link = new_secret();
  const std::int64_t lasts_ms = std::chrono::milliseconds{link_lasts}.count();
  set_link(db, *digest_of(link), impl_->clocks.wall_ms() + lasts_ms);
  return link;
}

awaitable<Result<std::string>> Accounts::make_link() {
  std::string link;
  Impl::Step step = [&](store::Database& db) -> Refused {
    if (has_manager(db)) {
      return Refusal{Kind::conflict,
                     "there is a manager who can sign in; a lost password is replaced with "
                     "`rollcall account password NAME`",
                     {}};
    }
    link = make_link(db);
    return std::nullopt;
  };
  if (auto refused = co_await impl_->change(std::move(step))) co_return std::unexpected(*refused);
  co_return link;
}

awaitable<Result<SignedIn>> Accounts::make_first_manager(std::string link, std::string name,
                                                         std::string password) {
  constexpr const char* used_up =
      "this link is used up or too old; `rollcall account link` on the host makes another";
  for (std::string wrong : {wrong_with_name(name), wrong_with_password(password, name)})
    if (!wrong.empty()) co_return refuse(Kind::bad, std::move(wrong));
  const auto given = digest_of(link);
  if (!given || !needs_manager()) co_return refuse(Kind::wrong, used_up);
  if (impl_->turnstile.full()) co_return refuse(Kind::busy, busy);
  const std::string hashed = co_await impl_->hash(password);
  const Account account{.id = new_id(),
                        .name = name,
                        .role = Role::manager,
                        .person = std::nullopt,
                        .password = hashed,
                        .created_ms = impl_->clocks.wall_ms(),
                        .disabled_ms = std::nullopt};
  const std::string secret = new_secret();
  const crypto::Digest digest = *digest_of(secret);
  Impl::Step step = [&](store::Database& db) -> Refused {
    if (has_manager(db)) return Refusal{Kind::wrong, used_up, {}};
    if (name_is_taken(db, name))
      return Refusal{Kind::conflict, "there is an account " + name + " already", {}};
    if (!use_link(db, *given, account.created_ms)) return Refusal{Kind::wrong, used_up, {}};
    insert(db, account);
    impl_->store_session(db, account.id, digest, {});
    record(db, {.time_ms = account.created_ms,
                .account = account.id,
                .actor = account.actor(),
                .role = std::string{to_text(account.role)},
                .action = "POST /api/v1/first-manager",
                .subject = account.id,
                .detail = "",
                .status = 200});
    return std::nullopt;
  };
  if (auto refused = co_await impl_->change(std::move(step))) co_return std::unexpected(*refused);
  logging::info("the first manager has been made");
  co_return impl_->begin_session(account, secret, digest);
}

std::vector<Account> Accounts::all() const {
  std::vector<Account> out;
  for (const auto& [id, account] : impl_->accounts) out.push_back(account);
  std::ranges::sort(out, {}, &Account::name);
  return out;
}

awaitable<Result<WithPassword>> Accounts::add(NewAccount wanted) {
  if (std::string wrong = wrong_with_name(wanted.name); !wrong.empty())
    co_return refuse(Kind::bad, std::move(wrong));
  if (wanted.password.empty()) wanted.password = generate_password();
  if (std::string wrong = wrong_with_password(wanted.password, wanted.name); !wrong.empty())
    co_return refuse(Kind::bad, std::move(wrong));
  if (impl_->accounts.size() >= most_accounts)
    co_return refuse(Kind::conflict, "a site has at most 500 accounts");
  if (impl_->turnstile.full()) co_return refuse(Kind::busy, busy);
  const std::string hashed = co_await impl_->hash(wanted.password);
  Account account{.id = new_id(),
                  .name = wanted.name,
                  .role = wanted.role,
                  .person = wanted.person,
                  .password = hashed,
                  .created_ms = impl_->clocks.wall_ms(),
                  .disabled_ms = std::nullopt};
  Impl::Step step = [&](store::Database& db) -> Refused {
    if (name_is_taken(db, account.name))
      return Refusal{Kind::conflict, "there is an account " + account.name + " already", {}};
    if (account.person && !is_staff(db, *account.person)) {
      return Refusal{
          Kind::conflict, *account.person + " is no trainer or member of staff of the roster", {}};
    }
    insert(db, account);
    return std::nullopt;
  };
  if (auto refused = co_await impl_->change(std::move(step))) co_return std::unexpected(*refused);
  co_return WithPassword{std::move(account), std::move(wanted.password)};
}

awaitable<Result<Account>> Accounts::Impl::edit(std::string name, Edit how, bool ends_sessions) {
  Account edited;
  Step step = [&](store::Database& db) -> Refused {
    auto all = all_accounts(db);
    const auto found = std::ranges::find(all, name, &Account::name);
    if (found == all.end()) return Refusal{Kind::unknown, no_account(name), {}};
    const bool was_manager = found->role == Role::manager && !found->disabled_ms;
    if (Refused refused = how(db, *found)) return refused;
    const bool is_manager = found->role == Role::manager && !found->disabled_ms;
    if (was_manager && !is_manager && !has_manager(db, found->id))
      return Refusal{Kind::conflict, last_manager, {}};
    update(db, *found);
    if (ends_sessions) end_sessions_of(db, found->id);
    edited = *found;
    return std::nullopt;
  };
  if (auto refused = co_await change(std::move(step))) co_return std::unexpected(*refused);
  if (ends_sessions) sessions.end_all_of(edited.id);
  co_return edited;
}

awaitable<Result<WithPassword>> Accounts::reset_password(std::string name) {
  if (impl_->by_name(name) == nullptr) co_return refuse(Kind::unknown, no_account(name));
  if (impl_->turnstile.full()) co_return refuse(Kind::busy, busy);
  std::string password = generate_password();
  const std::string hashed = co_await impl_->hash(password);
  Impl::Edit how = [&](store::Database&, Account& account) -> Refused {
    account.password = hashed;
    return std::nullopt;
  };
  Result<Account> edited = co_await impl_->edit(std::move(name), std::move(how), true);
  if (!edited) co_return std::unexpected(edited.error());
  co_return WithPassword{std::move(*edited), std::move(password)};
}

awaitable<Result<Account>> Accounts::change_role(std::string name, Role role,
                                                 std::optional<std::string> person) {
  Impl::Edit how = [role, person = std::move(person)](store::Database& db,
                                                      Account& account) -> Refused {
    if (person && !is_staff(db, *person))
      return Refusal{
          Kind::conflict, *person + " is no trainer or member of staff of the roster", {}};
    account.role = role;
    account.person = person;
    return std::nullopt;
  };
  co_return co_await impl_->edit(std::move(name), std::move(how), false);
}

awaitable<Result<Account>> Accounts::enable(std::string name, bool enabled) {
  Impl::Edit how = [now_ms = impl_->clocks.wall_ms(), enabled](store::Database&,
                                                               Account& account) -> Refused {
    if (enabled) {
      account.disabled_ms.reset();
    } else if (!account.disabled_ms) {
      account.disabled_ms = now_ms;
    }
    return std::nullopt;
  };
  co_return co_await impl_->edit(std::move(name), std::move(how), !enabled);
}

}  // namespace rollcall::accounts
