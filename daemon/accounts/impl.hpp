// What the files of this folder share of Accounts.
#pragma once

#include <chrono>
#include <expected>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/thread_pool.hpp>

#include "daemon/accounts/accounts.hpp"
#include "daemon/accounts/attempts.hpp"
#include "daemon/accounts/audit.hpp"
#include "daemon/accounts/sessions.hpp"
#include "daemon/accounts/turnstile.hpp"

namespace rollcall::accounts {

namespace asio = boost::asio;
using asio::awaitable;
using Refused = std::optional<Refusal>;
using Kind = Refusal::Kind;

inline std::unexpected<Refusal> refuse(Kind kind, std::string text,
                                       std::chrono::seconds wait = {}) {
  return std::unexpected(Refusal{kind, std::move(text), wait});
}

inline constexpr const char* busy = "many people sign in now; try again in a moment";

std::string new_id();  // of an account

struct Accounts::Impl {
  Impl(asio::any_io_executor executor, asio::thread_pool& hashing, store::Writer& w, Clocks c)
      : pool(hashing),
        writer(w),
        clocks(std::move(c)),
        turnstile(std::move(executor), most_waiting) {}

  // A job that says whether it refuses. What it left is adopted once it is durable. Throws
  // store::StoreError when the writer cannot take it.
  using Step = std::function<Refused(store::Database&)>;
  awaitable<Refused> change(Step step);
  void adopt(std::vector<Account> all);
  const Account* by_name(std::string_view name) const;  // null: there is none

  awaitable<std::string> hash(std::string password);
  awaitable<bool> verify(std::string hashed, std::string password);
  Visitor visitor(const Account& account, const Session& session, std::string_view secret) const;

  // Inside a job: what ended meanwhile goes, the new one comes.
  StoredSession store_session(store::Database& db, std::string_view account,
                              const crypto::Digest& digest,
                              const std::vector<crypto::Digest>& ended) const;
  SignedIn begin_session(const Account& account, std::string secret, const crypto::Digest& digest);

  // Nobody waits for it: when the writer takes nothing, nothing else works either.
  void note(const AuditEntry& entry);

  // What somebody signs in with.
  struct Means {
    std::string_view action;  // on record
    std::optional<std::string> (*hash)(const Account&);
    const char* wrong;
  };
  static const Means by_password, by_card;
  // The account as it was when this was found right.
  awaitable<Result<Account>> check(Means means, const std::string& name, const std::string& secret,
                                   const Origin& origin);
  // A session of the account, if `still` holds of it inside the transaction.
  using Still = std::function<bool(const Account&)>;
  awaitable<Result<SignedIn>> enter(Account account, std::string_view action, Still still,
                                    const Origin& origin);
  // The one place where an account is changed.
  using Edit = std::function<Refused(store::Database&, Account&)>;
  awaitable<Result<Account>> edit(std::string name, Edit how, bool ends_sessions);
  // Puts the hash of a new secret in its place.
  using Renewal = std::function<Refused(Account&, const std::string& hashed)>;
  awaitable<Result<WithSecret>> renew(std::string name, std::string secret, Renewal how,
                                      bool ends_sessions);

  asio::thread_pool& pool;
  store::Writer& writer;
  Clocks clocks;
  Turnstile turnstile;
  std::map<std::string, Account, std::less<>> accounts;  // by id
  Sessions sessions;
  Attempts attempts;
};

}  // namespace rollcall::accounts
