// The accounts of a site: signing in, who asks, and changing them. They rest in the database; this
// is the copy in memory that each request is checked against.
//
// Everything but load() runs on the reactor. A change is durable before it counts; a change of
// role, a new password and a disabled account count for sessions that are open at once.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "daemon/accounts/attempts.hpp"
#include "daemon/accounts/role.hpp"
#include "daemon/accounts/rows.hpp"
#include "daemon/store/writer.hpp"

namespace boost::asio {
class thread_pool;
}

namespace rollcall::accounts {

struct Refusal {
  enum class Kind : std::uint8_t {
    wrong,     // name and password, or PIN, are not those of an account that may sign in
    wait,      // too many attempts: nothing was looked at; `seconds` says how long
    busy,      // too many at once: nothing was looked at
    bad,       // the request cannot be carried out as it is
    unknown,   // there is no such account
    conflict,  // the site as it stands forbids it
  } kind;
  std::string text;  // a clause
  std::chrono::seconds seconds{0};
};
template <class T>
using Result = std::expected<T, Refusal>;

// Who asks, as their session has it now.
struct Visitor {
  std::string account;  // id
  std::string name;     // to sign in with: for the person's own eyes
  Role role = Role::viewer;
  std::string actor;
  std::string page_token;
  std::chrono::seconds left{0};  // until the session ends if nothing more is asked
};

struct SignedIn {
  std::string secret;  // for the cookie, and nowhere else
  Visitor visitor;
};

struct NewAccount {
  std::string name;
  Role role = Role::viewer;
  std::optional<std::string> person;
  std::string password;  // empty: one is made
};

// An account that has a password, or a PIN, nobody knows yet but the one who reads this.
struct WithSecret {
  Account account;
  std::string secret;
};

class Accounts {
 public:
  static constexpr std::chrono::hours link_lasts{24};
  static constexpr std::size_t most_accounts = 500;
  static constexpr int most_waiting = 8;  // for the one hash that is under way

  // Unix ms, called on any thread; monotonic, called on the reactor.
  struct Clocks {
    std::function<std::int64_t()> wall_ms;
    std::function<Moment()> monotonic = [] { return std::chrono::steady_clock::now(); };
  };

  // All outlive the accounts and what they are asked for. Passwords are hashed in `pool`, one at a
  // time.
  Accounts(boost::asio::any_io_executor executor, boost::asio::thread_pool& pool,
           store::Writer& writer, Clocks clocks);
  ~Accounts();

  // Reads all, before the reactor runs; inside the writer's transaction.
  void load(store::Database& db);

  // Who holds this secret; nothing when no session does, or its account may no longer sign in.
  std::optional<Visitor> visitor(std::string_view secret) const;
  // The person has asked something: the session lasts on.
  void touch(std::string_view secret);

  boost::asio::awaitable<Result<SignedIn>> sign_in(std::string name, std::string password,
                                                   Origin origin);
  // Signing in by card, in two steps: whose PIN it is, an account with a person; and, once that
  // person's card has proven itself, the session.
  boost::asio::awaitable<Result<Account>> check_pin(std::string name, std::string pin,
                                                    Origin origin);
  boost::asio::awaitable<Result<SignedIn>> sign_in_by_card(std::string account, std::string person,
                                                           Origin origin);
  boost::asio::awaitable<void> sign_out(std::string secret);
  // Ends all sessions of the account and begins another one.
  boost::asio::awaitable<Result<SignedIn>> change_own_password(std::string secret,
                                                               std::string old_one,
                                                               std::string new_one, Origin origin);

  // While no manager can sign in there is a link, once, for making one.
  bool needs_manager() const;
  boost::asio::awaitable<Result<std::string>> make_link();
  // The same before the reactor runs; inside the writer's transaction.
  std::string make_link(store::Database& db);
  boost::asio::awaitable<Result<SignedIn>> make_first_manager(std::string link, std::string name,
                                                              std::string password);

  std::vector<Account> all() const;  // by name
  boost::asio::awaitable<Result<WithSecret>> add(NewAccount wanted);
  boost::asio::awaitable<Result<WithSecret>> reset_password(std::string name);
  // For an account that acts as somebody: their card goes with it.
  boost::asio::awaitable<Result<WithSecret>> reset_pin(std::string name);
  boost::asio::awaitable<Result<Account>> remove_pin(std::string name);
  boost::asio::awaitable<Result<Account>> change_role(std::string name, Role role,
                                                      std::optional<std::string> person);
  boost::asio::awaitable<Result<Account>> enable(std::string name, bool enabled);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace rollcall::accounts
