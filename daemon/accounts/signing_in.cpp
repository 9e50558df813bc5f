// Signing in and out, and the first manager.
#include <algorithm>
#include <utility>

#include "daemon/accounts/impl.hpp"
#include "daemon/accounts/password.hpp"
#include "daemon/accounts/secret.hpp"
#include "daemon/log/log.hpp"
#include "daemon/store/on_writer.hpp"

namespace rollcall::accounts {
namespace {

constexpr const char* changed = "the account has just been changed";

}  // namespace

const Accounts::Impl::Means Accounts::Impl::by_password{
    "POST /api/v1/session", [](const Account& a) { return std::optional(a.password); },
    "this name and this password do not go together"};
const Accounts::Impl::Means Accounts::Impl::by_card{
    "POST /api/v1/session/card", [](const Account& a) { return a.person ? a.pin : std::nullopt; },
    "this name and this PIN do not go together"};

// An account that does not exist takes as long as one that does.
awaitable<Result<Account>> Accounts::Impl::check(Means means, const std::string& name,
                                                 const std::string& secret, const Origin& origin) {
  const Moment now = clocks.monotonic();
  if (const auto wait = attempts.wait(name, origin, now); wait > std::chrono::seconds{0}) {
    co_return refuse(
        Kind::wait, "too many attempts; try again in " + std::to_string(wait.count()) + " s", wait);
  }
  if (turnstile.full()) co_return refuse(Kind::busy, busy);
  attempts.begin(name, origin, now);
  const Account* known = by_name(name);
  const Account account = known == nullptr ? Account{} : *known;
  const bool may = known != nullptr && !account.disabled_ms;
  const std::optional<std::string> theirs = may ? means.hash(account) : std::nullopt;
  const std::string hashed = theirs.value_or(nobodys_hash());
  const bool right = co_await verify(hashed, secret);
  if (theirs && right) co_return account;
  static logging::Limited limited;
  limited.warning("sign-in refused", {{"from", origin.address}});
  if (!account.id.empty()) {
    note({.time_ms = clocks.wall_ms(),
          .account = std::nullopt,
          .actor = origin.address,
          .role = "nobody",
          .action = std::string{means.action},
          .subject = account.id,
          .detail = "",
          .status = 401});
  }
  co_return refuse(Kind::wrong, means.wrong);
}

awaitable<Result<SignedIn>> Accounts::Impl::enter(Account account, std::string_view action,
                                                  Still still, const Origin& origin) {
  const std::string secret = new_secret();
  const crypto::Digest digest = *digest_of(secret);
  const std::vector<crypto::Digest> ended = sessions.expire(clocks.monotonic());
  Step step = [&](store::Database& db) -> Refused {
    // What was verified may have been changed while that took its time.
    const auto all = all_accounts(db);
    const auto now = std::ranges::find(all, account.id, &Account::id);
    if (now == all.end() || now->disabled_ms || !still(*now))
      return Refusal{Kind::wrong, changed, {}};
    account = *now;
    const StoredSession stored = store_session(db, account.id, digest, ended);
    record(db, {.time_ms = stored.begun_ms,
                .account = account.id,
                .actor = account.actor(),
                .role = std::string{to_text(account.role)},
                .action = std::string{action},
                .subject = account.id,
                .detail = "from " + origin.address,
                .status = 200});
    return std::nullopt;
  };
  if (auto refused = co_await change(std::move(step))) co_return std::unexpected(*refused);
  attempts.succeeded(account.name, origin);  // not before: who has the PIN alone is still guessing
  co_return begin_session(account, secret, digest);
}

awaitable<Result<SignedIn>> Accounts::sign_in(std::string name, std::string password,
                                              Origin origin) {
  const Result<Account> checked = co_await impl_->check(Impl::by_password, name, password, origin);
  if (!checked) co_return std::unexpected(checked.error());
  Impl::Still still = [&](const Account& now) { return now.password == checked->password; };
  co_return co_await impl_->enter(*checked, Impl::by_password.action, std::move(still), origin);
}

awaitable<Result<Account>> Accounts::check_pin(std::string name, std::string pin, Origin origin) {
  const Result<Account> checked = co_await impl_->check(Impl::by_card, name, pin, origin);
  if (!checked) co_return checked;
  const Account& now = impl_->accounts.at(checked->id);  // accounts are never taken out
  if (now.pin != checked->pin || now.person != checked->person || now.disabled_ms)
    co_return refuse(Kind::wrong, changed);
  co_return checked;
}

awaitable<Result<SignedIn>> Accounts::sign_in_by_card(std::string account, std::string person,
                                                      Origin origin) {
  const Account known = impl_->accounts.at(account);  // accounts are never taken out
  Impl::Still still = [&person](const Account& now) { return now.pin && now.person == person; };
  co_return co_await impl_->enter(known, "POST /api/v1/session/card/entry", std::move(still),
                                  origin);
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
  const Result<Account> checked =
      co_await impl_->check(Impl::by_password, who->name, old_one, origin);
  if (!checked && checked.error().kind == Kind::wrong)
    co_return refuse(Kind::conflict, "the password until now is another one");
  if (!checked) co_return std::unexpected(checked.error());
  impl_->attempts.succeeded(who->name, origin);
  if (impl_->turnstile.full()) co_return refuse(Kind::busy, busy);
  const std::string hashed = co_await impl_->hash(new_one);
  const std::string fresh = new_secret();
  const crypto::Digest digest = *digest_of(fresh);
  Impl::Edit how = [&](store::Database&, Account& account) -> Refused {
    if (account.disabled_ms || account.password != checked->password)
      return Refusal{Kind::wrong, changed, {}};
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

}  // namespace rollcall::accounts
