// What managers do with accounts.
#include <algorithm>
#include <utility>

#include "daemon/accounts/impl.hpp"
#include "daemon/accounts/password.hpp"
#include "daemon/accounts/secret.hpp"

namespace rollcall::accounts {
namespace {

std::string no_account(std::string_view name) {
  return "there is no account " + std::string{name};
}

constexpr const char* last_manager =
    "this is the last manager who can sign in; make another one first";

}  // namespace

std::string new_id() {
  return "account:" + random_text(unmistakable, 10);
}

std::vector<Account> Accounts::all() const {
  std::vector<Account> out;
  for (const auto& [id, account] : impl_->accounts) out.push_back(account);
  std::ranges::sort(out, {}, &Account::name);
  return out;
}

awaitable<Result<WithSecret>> Accounts::add(NewAccount wanted) {
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
  co_return WithSecret{std::move(account), std::move(wanted.password)};
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

awaitable<Result<WithSecret>> Accounts::Impl::renew(std::string name, std::string secret,
                                                    Renewal how, bool ends_sessions) {
  if (by_name(name) == nullptr) co_return refuse(Kind::unknown, no_account(name));
  if (turnstile.full()) co_return refuse(Kind::busy, busy);
  const std::string hashed = co_await hash(secret);
  Edit change_it = [&](store::Database&, Account& account) { return how(account, hashed); };
  Result<Account> edited = co_await edit(std::move(name), std::move(change_it), ends_sessions);
  if (!edited) co_return std::unexpected(edited.error());
  co_return WithSecret{std::move(*edited), std::move(secret)};
}

awaitable<Result<WithSecret>> Accounts::reset_password(std::string name) {
  const Impl::Renewal how = [](Account& account, const std::string& hashed) -> Refused {
    account.password = hashed;
    return std::nullopt;
  };
  co_return co_await impl_->renew(std::move(name), generate_password(), how, true);
}

awaitable<Result<WithSecret>> Accounts::reset_pin(std::string name) {
  const Impl::Renewal how = [](Account& account, const std::string& hashed) -> Refused {
    if (!account.person) {
      return Refusal{Kind::conflict,
                     "the account acts as nobody of the roster, so that no card goes with a PIN; "
                     "say first whose account it is",
                     {}};
    }
    account.pin = hashed;
    return std::nullopt;
  };
  co_return co_await impl_->renew(std::move(name), generate_pin(), how, false);
}

awaitable<Result<Account>> Accounts::remove_pin(std::string name) {
  Impl::Edit how = [](store::Database&, Account& account) -> Refused {
    account.pin.reset();
    return std::nullopt;
  };
  co_return co_await impl_->edit(std::move(name), std::move(how), false);
}

awaitable<Result<Account>> Accounts::change_role(std::string name, Role role,
                                                 std::optional<std::string> person) {
  Impl::Edit how = [role, person = std::move(person)](store::Database& db,
                                                      Account& account) -> Refused {
    if (person && !is_staff(db, *person))
      return Refusal{
          Kind::conflict, *person + " is no trainer or member of staff of the roster", {}};
    account.role = role;
    if (account.person != person) account.pin.reset();  // the card that goes with it is another
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
