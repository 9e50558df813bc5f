#include "daemon/accounts/attempts.hpp"

#include <algorithm>
#include <cstdint>

namespace rollcall::accounts {

using std::chrono::seconds;

seconds wait_after(unsigned failures, unsigned free_of_charge, seconds longest) {
  if (failures <= free_of_charge) return seconds{0};
  const unsigned doublings = std::min(failures - free_of_charge - 1, 30U);
  return std::min(seconds{std::int64_t{1} << doublings}, longest);
}

Attempts::Key Attempts::account_key(const std::string& account, const Origin& origin) {
  return (origin.from_here ? "account here " : "account ") + account;
}

Attempts::Key Attempts::address_key(const Origin& origin) {
  return "address " + origin.address;
}

seconds Attempts::left(const Key& key, unsigned free, seconds longest, Moment now) const {
  const auto found = counters_.find(key);
  if (found == counters_.end() || now - found->second.last >= forgotten_after) return seconds{0};
  const auto until = found->second.last + wait_after(found->second.failures, free, longest);
  return until <= now ? seconds{0} : std::chrono::ceil<seconds>(until - now);
}

seconds Attempts::wait(const std::string& account, const Origin& origin, Moment now) const {
  if (origin.from_here)
    return left(account_key(account, origin), free_for_account, longest_wait_here, now);
  const seconds of_address =
      left(address_key(origin), free_for_address, longest_wait_of_address, now);
  if (trusted_.contains({account, origin.address})) return of_address;
  return std::max(of_address, left(account_key(account, origin), free_for_account,
                                   longest_wait_of_account, now));
}

void Attempts::count(const Key& key, Moment now) {
  const auto [at, fresh] = counters_.try_emplace(key);
  Counter& counter = at->second;
  if (!fresh && now - counter.last >= forgotten_after) counter.failures = 0;
  ++counter.failures;
  counter.last = now;
  if (counters_.size() <= most_counters) return;
  counters_.erase(
      std::ranges::min_element(counters_, {}, [](const auto& one) { return one.second.last; }));
}

void Attempts::begin(const std::string& account, const Origin& origin, Moment now) {
  count(account_key(account, origin), now);
  if (!origin.from_here) count(address_key(origin), now);
}

void Attempts::succeeded(const std::string& account, const Origin& origin) {
  counters_.erase(account_key(account, origin));
  if (origin.from_here) return;
  counters_.erase(address_key(origin));
  if (trusted_.size() < most_counters) trusted_.emplace(account, origin.address);
}

}  // namespace rollcall::accounts
