// How long somebody who signs in must wait after wrong passwords. Time is passed in; nothing is
// ever locked for good: waits grow and end by themselves.
//
// Counted twice. For an *address*: who guesses many accounts' passwords waits up to 15 minutes. For
// an *account*: who guesses one account's password from many addresses waits up to a minute at each
// guess. An address from which the account was used before does not wait for the guesses of others,
// and people at the host itself wait ten seconds at most and for no guess that came from elsewhere:
// so nobody can keep the last manager out, who has the control socket besides.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <utility>

namespace rollcall::accounts {

using Moment = std::chrono::steady_clock::time_point;

// Where a request comes from.
struct Origin {
  std::string address;  // IP address, or "unix:<uid>"
  bool from_here = false;
};

inline constexpr std::chrono::seconds longest_wait_of_address{900};
inline constexpr std::chrono::seconds longest_wait_of_account{60};
inline constexpr std::chrono::seconds longest_wait_here{10};
inline constexpr std::chrono::hours forgotten_after{1};  // without another attempt

// After so many wrong passwords: nothing up to `free_of_charge`, then 1, 2, 4 ... seconds.
std::chrono::seconds wait_after(unsigned failures, unsigned free_of_charge,
                                std::chrono::seconds longest);

class Attempts {
 public:
  static constexpr unsigned free_for_account = 3;
  static constexpr unsigned free_for_address = 10;
  static constexpr std::size_t most_counters = 4096;  // above: the one untouched longest goes

  // How long this attempt must still wait; zero = it may be made. `account` is the name as typed,
  // whether or not there is such an account.
  std::chrono::seconds wait(const std::string& account, const Origin& origin, Moment now) const;
  // It is made. It counts as wrong until it is known to be right, so that many at once gain
  // nothing.
  void begin(const std::string& account, const Origin& origin, Moment now);
  void succeeded(const std::string& account, const Origin& origin);

 private:
  struct Counter {
    unsigned failures = 0;
    Moment last;
  };
  using Key = std::string;

  static Key account_key(const std::string& account, const Origin& origin);
  static Key address_key(const Origin& origin);
  std::chrono::seconds left(const Key& key, unsigned free, std::chrono::seconds longest,
                            Moment now) const;
  void count(const Key& key, Moment now);

  std::map<Key, Counter> counters_;
  std::set<std::pair<std::string, std::string>> trusted_;  // account, address
};

}  // namespace rollcall::accounts
