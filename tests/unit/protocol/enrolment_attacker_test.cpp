// Somebody between terminal and host who wants both to show the same digits while he holds the keys
// of both halves: docs/protocol.md, "Enrolment", "Why it holds".
//
// He makes 2^21 tries in an attempt. Six digits would take a machine seconds for each attempt, so
// the digits compared here are the last two, and of his tries as many as fall to a hundred numbers
// out of a million: 210. ROLLCALL_FULL takes more attempts, and once all six digits and all tries.
#include <cmath>
#include <iostream>

#include "tests/unit/protocol/enrolment_ends.hpp"

namespace rollcall::protocol::testing {
namespace {

using TerminalState = TerminalEnrolment::State;
using HostState = HostEnrolment::State;

constexpr std::uint32_t all_tries = 1u << 21;
constexpr std::uint32_t shown = 100;  // numbers that two digits show
constexpr std::uint32_t tries = all_tries / (enrolment_numbers / shown) + 1;

// The digits as a function of everything that goes into them; no X25519 for a given secret.
std::uint32_t digits(const crypto::Digest& commitment, const crypto::Key& terminal_public,
                     const crypto::Key& host_public, const crypto::Key& nonce,
                     const crypto::Key& shared, bool with_commitment = true) {
  crypto::Sha256 hash;
  hash.add(as_bytes("rollcall enrol v1")).add(greetings.terminal).add(greetings.host);
  if (with_commitment) hash.add(commitment);
  const crypto::Digest transcript = hash.add(terminal_public).add(host_public).add(nonce).finish();
  std::uint8_t okm[40];
  crypto::hkdf_sha256(transcript, shared, as_bytes("rollcall enrol v1"), okm);
  std::uint64_t number = 0;
  for (int i = 32; i < 40; ++i) number = number << 8 | okm[i];
  return static_cast<std::uint32_t>(number % enrolment_numbers);
}

struct KeyPair {
  crypto::Key own;
  crypto::Key pub;
  explicit KeyPair(const crypto::Key& key) : own(key), pub(crypto::x25519_public(key).value()) {}
};

// Another nonce each time, at the price of an increment.
crypto::Key counted(crypto::Key base, std::uint32_t n) {
  std::memcpy(base.data(), &n, sizeof n);
  return base;
}

// How many of `n` tries with chance `p` lie beyond what happens once in a thousand million.
struct Bounds {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
};
Bounds bounds_of(std::uint64_t n, double p) {
  const auto chance = [&](std::uint64_t k) {
    const auto a = static_cast<double>(n), b = static_cast<double>(k);
    return std::exp(std::lgamma(a + 1) - std::lgamma(b + 1) - std::lgamma(a - b + 1) +
                    b * std::log(p) + (a - b) * std::log1p(-p));
  };
  constexpr double never = 1e-9;
  Bounds out{0, n};
  for (double sum = chance(0); sum < never; sum += chance(++out.low)) {
  }
  for (double sum = chance(n); sum < never; sum += chance(--out.high)) {
  }
  return out;
}

struct EnrolmentAttacker : ::testing::Test {
  Random random;
  FreshKeys fresh{random.seed()};

  TerminalEnrolment& new_terminal() { return terminal.emplace(greetings, fresh.next()); }
  HostEnrolment& new_host() { return host.emplace(greetings, fresh.next(), fresh.next()); }

  // Plays the host to a terminal. What he promises is chosen by `pick` before he has seen T.
  // Returns the digits that the terminal shows.
  template <class Pick>
  std::uint32_t deceive_terminal(Pick&& pick) {
    new_terminal();
    const auto [pair, nonce] = pick();
    EXPECT_TRUE(message_of(*terminal).empty()) << "T before he is bound";
    terminal->on_message(encoded(EnrolCommit{enrolment_commitment(pair.pub, nonce)}));
    EXPECT_FALSE(message_of(*terminal).empty());
    terminal->on_message(encoded(EnrolOpen{pair.pub, nonce}));
    EXPECT_EQ(terminal->state(), TerminalState::comparing);
    return terminal->number();
  }
  // Plays the terminal to a host. His key is chosen by `pick` before he has seen H and N.
  template <class Pick>
  std::uint32_t deceive_host(Pick&& pick) {
    new_host();
    const auto commit = decode<EnrolCommit>(message_of(*host)).value();
    const KeyPair pair = pick(commit.commitment);
    EXPECT_TRUE(message_of(*host).empty()) << "H and N before he is bound";
    host->on_message(encoded(EnrolKey{pair.pub}));
    EXPECT_EQ(host->state(), HostState::comparing);
    return host->number();
  }

  std::optional<TerminalEnrolment> terminal;
  std::optional<HostEnrolment> host;
};

const std::uint64_t attempts = long_run() ? 20'000 : 200;

// Without the commitment: the terminal says T, the host says H and N. He hears the number of the
// real host first, then T, and picks N for the terminal until the digits are the same.
TEST_F(EnrolmentAttacker, WithoutACommitmentHeWins) {
  const auto attack = [&](std::uint32_t numbers, std::uint32_t most) {
    const std::uint32_t wanted = static_cast<std::uint32_t>(random.below(numbers));
    const KeyPair real_terminal(fresh.next());
    const KeyPair his(fresh.next());
    const crypto::Key shared = crypto::x25519(his.own, real_terminal.pub).value();
    const crypto::Key base = fresh.next();
    for (std::uint32_t i = 0; i < most; ++i) {
      const std::uint32_t got =
          digits({}, real_terminal.pub, his.pub, counted(base, i), shared, false);
      if (got % numbers == wanted) return true;
    }
    return false;
  };
  const std::uint64_t rounds = 100;
  std::uint64_t won = 0;
  for (std::uint64_t i = 0; i < rounds; ++i) won += attack(shown, tries) ? 1 : 0;
  const double chance = 1 - std::pow(1 - 1.0 / shown, tries);  // 0.88
  const Bounds bounds = bounds_of(rounds, chance);
  std::cout << "seed " << random.seed() << ": without a commitment he won " << won << " of "
            << rounds << ", expected " << chance * rounds << '\n';
  EXPECT_GE(won, bounds.low);
  EXPECT_LE(won, bounds.high);
  EXPECT_GT(won, rounds / 2);
  if (!long_run()) return;
  won = 0;
  for (int i = 0; i < 10; ++i) won += attack(enrolment_numbers, all_tries) ? 1 : 0;
  EXPECT_GE(won, 3u) << "of ten attempts at six digits; fewer happen once in ten thousand";
}

// Terminal first: he knows its number when he chooses the key for the host. H and N he can but
// guess; he takes the key that would fit his guess.
TEST_F(EnrolmentAttacker, GrindingTheKeyForTheHostWinsNoMoreThanChance) {
  std::uint64_t won = 0;
  for (std::uint64_t i = 0; i < attempts; ++i) {
    const std::uint32_t at_terminal =
        deceive_terminal([&] { return std::pair(KeyPair(fresh.next()), fresh.next()); });
    const crypto::Key guess = fresh.next();
    const std::uint32_t at_host = deceive_host([&](const crypto::Digest& commitment) {
      // Each candidate as a hash only: a key of his costs him X25519, which is his trouble.
      crypto::Key best = guess;
      for (std::uint32_t n = 0; n < tries; ++n) {
        const crypto::Key candidate = counted(guess, n);
        if (digits(commitment, candidate, guess, guess, candidate) % shown != at_terminal % shown) {
          continue;
        }
        best = candidate;
        break;
      }
      return KeyPair(best);
    });
    won += at_terminal % shown == at_host % shown ? 1 : 0;
  }
  const Bounds bounds = bounds_of(attempts, 1.0 / shown);
  std::cout << "seed " << random.seed() << ": he won " << won << " of " << attempts << ", bounds "
            << bounds.low << " to " << bounds.high << '\n';
  EXPECT_LE(won, bounds.high);
  EXPECT_GE(won, bounds.low);
}

// Host first: he knows its number when he chooses what to promise to the terminal. T he can but
// guess.
TEST_F(EnrolmentAttacker, GrindingThePromiseToTheTerminalWinsNoMoreThanChance) {
  std::uint64_t won = 0;
  for (std::uint64_t i = 0; i < attempts; ++i) {
    const std::uint32_t at_host =
        deceive_host([&](const crypto::Digest&) { return KeyPair(fresh.next()); });
    const std::uint32_t at_terminal = deceive_terminal([&] {
      const KeyPair his(fresh.next());
      const KeyPair guess(fresh.next());
      const crypto::Key shared = crypto::x25519(his.own, guess.pub).value();
      const crypto::Key base = fresh.next();
      crypto::Key best = base;
      for (std::uint32_t n = 0; n < tries; ++n) {
        const crypto::Key nonce = counted(base, n);
        if (digits(enrolment_commitment(his.pub, nonce), guess.pub, his.pub, nonce, shared) %
                shown !=
            at_host % shown) {
          continue;
        }
        best = nonce;
        break;
      }
      return std::pair(his, best);
    });
    won += at_terminal % shown == at_host % shown ? 1 : 0;
  }
  const Bounds bounds = bounds_of(attempts, 1.0 / shown);
  std::cout << "seed " << random.seed() << ": he won " << won << " of " << attempts << ", bounds "
            << bounds.low << " to " << bounds.high << '\n';
  EXPECT_LE(won, bounds.high);
  EXPECT_GE(won, bounds.low);
}

// Many more attempts of both kinds with hashes alone: a secret that hangs on a key he has not seen
// is 32 random bytes to him when he chooses.
TEST_F(EnrolmentAttacker, GrindingWithHashesAloneWinsNoMoreThanChance) {
  const std::uint64_t rounds = 10 * attempts;
  std::uint64_t won = 0;
  for (std::uint64_t i = 0; i < rounds; ++i) {
    const auto wanted = static_cast<std::uint32_t>(random.below(shown));
    const crypto::Key base = fresh.next();
    const crypto::Key guess = fresh.next();
    const crypto::Key commitment = fresh.next();
    // He grinds N' and C' for the terminal, or T' for the host.
    const bool for_host = random.one_in(2);
    const auto number = [&](const crypto::Key& his, const crypto::Key& unseen) {
      return for_host ? digits(commitment, his, unseen, unseen, unseen)
                      : digits(enrolment_commitment(base, his), unseen, base, his, unseen);
    };
    crypto::Key best = base;
    for (std::uint32_t n = 0; n < tries; ++n) {
      if (number(counted(base, n), guess) % shown != wanted) continue;
      best = counted(base, n);
      break;
    }
    won += number(best, fresh.next()) % shown == wanted ? 1 : 0;
  }
  const Bounds bounds = bounds_of(rounds, 1.0 / shown);
  std::cout << "seed " << random.seed() << ": he won " << won << " of " << rounds << ", bounds "
            << bounds.low << " to " << bounds.high << '\n';
  EXPECT_LE(won, bounds.high);
  EXPECT_GE(won, bounds.low);
}

// The same two statements without a strategy: whatever he is bound to, what the honest end adds
// afterwards spreads its number evenly over all digits.
struct Spread {
  std::array<std::uint32_t, shown> count{};
  std::uint32_t total = 0;
  void add(std::uint32_t number) {
    ++count[number % shown];
    ++total;
  }
  // Pearson's statistic with 99 degrees of freedom: mean 99, deviation 14; above 200 once in 10^8.
  double statistic() const {
    const double expected = total / static_cast<double>(shown);
    double sum = 0;
    for (const std::uint32_t n : count) sum += (n - expected) * (n - expected) / expected;
    return sum;
  }
};

TEST_F(EnrolmentAttacker, WhateverHePromisesTheTerminalsNumberIsEven) {
  const crypto::Key chosen = fresh.next();
  for (const auto& [own, nonce] : {std::pair(key_of(1), key_of(0)), std::pair(chosen, chosen)}) {
    const KeyPair his(own);
    Spread spread;
    for (std::uint64_t i = 0; i < 2 * attempts; ++i) {
      spread.add(deceive_terminal([&] { return std::pair(his, nonce); }));
    }
    EXPECT_LT(spread.statistic(), 200);
  }
}

TEST_F(EnrolmentAttacker, WhateverKeyHeSendsTheHostsNumberIsEven) {
  for (const crypto::Key& own : {key_of(1), fresh.next()}) {
    const KeyPair his(own);
    Spread spread;
    for (std::uint64_t i = 0; i < 2 * attempts; ++i) {
      spread.add(deceive_host([&](const crypto::Digest&) { return his; }));
    }
    EXPECT_LT(spread.statistic(), 200);
  }
}

// And he is bound: there is one promise, one key, and nothing to see before.
TEST_F(EnrolmentAttacker, TerminalSaysNothingBeforeItHoldsThePromise) {
  new_terminal();
  EXPECT_TRUE(message_of(*terminal).empty());
}

TEST_F(EnrolmentAttacker, SecondPromiseAfterSeeingTheTerminalsKeyEndsTheAttempt) {
  new_terminal();
  terminal->on_message(encoded(EnrolCommit{key_of(1)}));
  EXPECT_TRUE(decode<EnrolKey>(message_of(*terminal)).has_value());
  terminal->on_message(encoded(EnrolCommit{key_of(2)}));
  EXPECT_EQ(terminal->state(), TerminalState::ended);
}

TEST_F(EnrolmentAttacker, OpeningAnythingButThePromiseEndsTheAttempt) {
  const KeyPair his(fresh.next());
  const crypto::Key nonce = fresh.next();
  const auto open_with = [&](const crypto::Key& key, const crypto::Key& opened_nonce) {
    new_terminal();
    terminal->on_message(encoded(EnrolCommit{enrolment_commitment(his.pub, nonce)}));
    message_of(*terminal);
    terminal->on_message(encoded(EnrolOpen{key, opened_nonce}));
    return terminal->state();
  };
  EXPECT_EQ(open_with(his.pub, nonce), TerminalState::comparing);
  for (int i = 0; i < 256; ++i) {
    crypto::Key other = nonce;
    other[static_cast<std::size_t>(i) / 8] ^= static_cast<std::uint8_t>(1 << i % 8);
    ASSERT_EQ(open_with(his.pub, other), TerminalState::ended);
    ASSERT_EQ(terminal->why(), EnrolEndReason::broken_promise);
  }
  EXPECT_EQ(open_with(KeyPair(fresh.next()).pub, nonce), TerminalState::ended);
}

TEST_F(EnrolmentAttacker, HostOpensOnceAndOnlyToTheKeyItGot) {
  new_host();
  EXPECT_TRUE(decode<EnrolCommit>(message_of(*host)).has_value());
  EXPECT_TRUE(message_of(*host).empty()) << "nothing more before a key is there";
  host->on_message(encoded(EnrolKey{KeyPair(fresh.next()).pub}));
  EXPECT_TRUE(decode<EnrolOpen>(message_of(*host)).has_value());
  host->on_message(encoded(EnrolKey{KeyPair(fresh.next()).pub}));
  EXPECT_EQ(host->state(), HostState::ended);
}

// The number hangs on what the other end adds after he is bound.
TEST_F(EnrolmentAttacker, NumberHangsOnEveryPart) {
  const crypto::Digest c = fresh.next();
  const crypto::Key t = fresh.next(), h = fresh.next(), n = fresh.next(), s = fresh.next();
  const std::uint32_t number = digits(c, t, h, n, s);
  const auto other = [](crypto::Key key) {
    key[5] ^= 0x10;
    return key;
  };
  int same = 0;
  for (const std::uint32_t changed :
       {digits(other(c), t, h, n, s), digits(c, other(t), h, n, s), digits(c, t, other(h), n, s),
        digits(c, t, h, other(n), s), digits(c, t, h, n, other(s))}) {
    same += changed == number ? 1 : 0;
  }
  EXPECT_LE(same, 1) << "two of five by accident: once in a hundred thousand million";
}

}  // namespace
}  // namespace rollcall::protocol::testing
