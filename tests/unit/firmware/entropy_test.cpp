// The generator, the health tests of a noise source, and what a terminal makes of both.
#include <cmath>
#include <random>
#include <set>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "firmware/entropy/seeded_entropy.hpp"
#include "hal/sim/fake_flash.hpp"
#include "tests/unit/firmware/hmac_drbg_vectors.hpp"

namespace rollcall::firmware {
namespace {

using Buffer = std::vector<std::uint8_t>;
using Noise = SeededEntropy::Noise;
using hal::sim::Cut;
using hal::sim::FakeFlash;

constexpr hal::Geometry geometry{512, 2, 16};

Buffer unhex(std::string_view text) {
  Buffer out;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    out.push_back(
        static_cast<std::uint8_t>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16)));
  }
  return out;
}

Bytes bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

crypto::Key key_of(std::uint8_t fill) {
  crypto::Key key;
  key.fill(fill);
  return key;
}

Buffer draw(hal::Entropy& entropy) {
  Buffer out(32);
  entropy.fill(out);
  return out;
}

// Gives what `next` says, as much as is asked for, but at most `per_read` at a time.
class Source final : public hal::RawEntropy {
 public:
  Source(hal::NoiseFacts facts, std::uint8_t (*next)(std::mt19937&)) : facts_(facts), next_(next) {}
  std::size_t read(MutableBytes out) override {
    const std::size_t size = std::min(out.size(), per_read);
    for (std::size_t i = 0; i < size; ++i) out[i] = next_(random_);
    given += size;
    return size;
  }
  hal::NoiseFacts facts() const override { return facts_; }
  void becomes(std::uint8_t (*next)(std::mt19937&)) { next_ = next; }

  std::size_t per_read = 64;
  std::size_t given = 0;

 private:
  hal::NoiseFacts facts_;
  std::uint8_t (*next_)(std::mt19937&);
  std::mt19937 random_{42};
};

std::uint8_t any_byte(std::mt19937& random) {
  return static_cast<std::uint8_t>(random());
}
std::uint8_t any_bit(std::mt19937& random) {
  return static_cast<std::uint8_t>(random() & 1);
}
std::uint8_t always_five(std::mt19937&) {
  return 5;
}
std::uint8_t mostly_one(std::mt19937& random) {
  return random() % 16 != 0 ? 1 : 0;
}
constexpr hal::NoiseFacts full_bytes{8000, false};

// The generator ----------------------------------------------------------------------------------

TEST(HmacDrbg, GivesThePublishedBits) {
  for (const DrbgVector& vector : drbg_vectors) {
    const Buffer returned = unhex(vector.returned);
    HmacDrbg drbg;
    drbg.instantiate({unhex(vector.seed), unhex(vector.personalisation)});
    const Buffer reseed = unhex(vector.reseed);
    if (!reseed.empty()) drbg.reseed({reseed, unhex(vector.reseed_additional)});
    Buffer out(returned.size());
    drbg.generate(out, unhex(vector.first_additional));
    drbg.generate(out, unhex(vector.second_additional));
    EXPECT_EQ(out, returned) << vector.seed;
  }
}

TEST(HmacDrbg, ALongRequestIsSeveral) {
  HmacDrbg one, other;
  one.instantiate({key_of(1)});
  other.instantiate({key_of(1)});
  Buffer all(70'000), first(65'536), rest(70'000 - 65'536);
  one.generate(all);
  other.generate(first);
  other.generate(rest);
  first.insert(first.end(), rest.begin(), rest.end());
  EXPECT_EQ(all, first);
}

// The health tests -------------------------------------------------------------------------------

// 1 + critbinom(window, p, 1 - 2^-20): the upper tail of the binomial distribution, summed exactly
// enough in logarithms.
unsigned proportion_cutoff(unsigned window, double p) {
  double tail = 0;
  int k = static_cast<int>(window);
  for (; k >= 0; --k) {
    const double term = std::exp(std::lgamma(window + 1.0) - std::lgamma(k + 1.0) -
                                 std::lgamma(window - static_cast<unsigned>(k) + 1.0) +
                                 k * std::log(p) + (static_cast<int>(window) - k) * std::log1p(-p));
    if (tail + term > std::exp2(-20)) break;
    tail += term;
  }
  return static_cast<unsigned>(k + 1);
}

TEST(NoiseHealth, CutoffsAreThoseOfTheStandard) {
  for (const bool binary : {true, false}) {
    for (const int assessed : {100, 200, 400, 500, 600, 800, 1000, 2000, 4000, 8000}) {
      const auto millibits = static_cast<std::uint16_t>(assessed);
      const auto limits = NoiseLimits::of({millibits, binary});
      ASSERT_TRUE(limits);
      ASSERT_LE(limits->millibits, millibits);
      const double bits = limits->millibits / 1000.0;
      EXPECT_EQ(limits->window, binary ? 1024 : 512);
      EXPECT_EQ(limits->repetitions, 1 + std::ceil(20 / bits - 1e-9));
      EXPECT_EQ(limits->proportion, proportion_cutoff(limits->window, std::exp2(-bits)))
          << millibits << binary;
    }
  }
  // SP 800-90B, table 2.
  EXPECT_EQ(NoiseLimits::of({1000, true})->proportion, 589);
  EXPECT_EQ(NoiseLimits::of({1000, false})->proportion, 311);
  EXPECT_FALSE(NoiseLimits::of({99, true}));
  EXPECT_FALSE(NoiseLimits::of({0, false}));
}

TEST(NoiseHealth, ARunIsNoticedAtItsCutoff) {
  const auto limits = *NoiseLimits::of({1000, true});
  NoiseHealth health(limits);
  EXPECT_TRUE(health.add(1));
  for (unsigned i = 1; i < limits.repetitions; ++i) EXPECT_TRUE(health.add(0)) << i;
  EXPECT_FALSE(health.add(0));
  EXPECT_FALSE(health.add(1)) << "and it stays so";
}

TEST(NoiseHealth, AValueThatComesTooOftenIsNoticedInItsWindow) {
  const auto limits = *NoiseLimits::of({1000, true});
  NoiseHealth health(limits);
  unsigned ones = 0;
  // Never more than nine in a row.
  for (unsigned i = 0; health.good() && i < limits.window; ++i) {
    const std::uint8_t sample = i % 10 == 9 ? 0 : 1;
    ones += sample;
    health.add(sample);
  }
  EXPECT_FALSE(health.good());
  EXPECT_EQ(ones, limits.proportion);
}

TEST(NoiseHealth, GoodNoiseRaisesNoAlarm) {
  std::mt19937 random(7);
  NoiseHealth bits(*NoiseLimits::of({1000, true})), bytes(*NoiseLimits::of({6000, false}));
  for (int i = 0; i < 300'000; ++i) {
    bits.add(any_bit(random));
    bytes.add(any_byte(random));
  }
  EXPECT_TRUE(bits.good());
  EXPECT_TRUE(bytes.good());
}

// A terminal's entropy ---------------------------------------------------------------------------

TEST(SeededEntropy, WithoutASeedNothingIsSecretAndEachStartStillDiffers) {
  FakeFlash flash(geometry);
  std::set<Buffer> seen;
  for (int start = 0; start < 20; ++start) {
    SeededEntropy entropy(flash, nullptr);
    entropy.start(bytes_of("T-1"), {});
    EXPECT_FALSE(entropy.seeded());
    EXPECT_EQ(entropy.problem(), SeedError::none);
    EXPECT_EQ(entropy.noise(), Noise::none);
    EXPECT_TRUE(seen.insert(draw(entropy)).second) << start;
    EXPECT_TRUE(seen.insert(draw(entropy)).second) << start;
  }
}

TEST(SeededEntropy, AFactorySeedIsInForceAtOnceAndAfterEachStart) {
  FakeFlash flash(geometry);
  std::set<Buffer> seen;
  {
    SeededEntropy entropy(flash, nullptr);
    entropy.start(bytes_of("T-1"), {});
    ASSERT_TRUE(entropy.provision(key_of(9)));
    EXPECT_TRUE(entropy.seeded());
    EXPECT_FALSE(entropy.problem());
    seen.insert(draw(entropy));
  }
  for (int start = 0; start < 20; ++start) {
    SeededEntropy entropy(flash, nullptr);
    entropy.start(bytes_of("T-1"), {});
    EXPECT_TRUE(entropy.seeded());
    EXPECT_TRUE(seen.insert(draw(entropy)).second) << start;
  }
}

TEST(SeededEntropy, SerialTracesAndSeedEachMakeADifference) {
  const auto first_bytes = [](std::string_view serial, std::string_view traces, std::uint8_t seed) {
    FakeFlash flash(geometry);
    EXPECT_TRUE(SeedStore(flash).replace(key_of(seed), true));
    SeededEntropy entropy(flash, nullptr);
    entropy.start(bytes_of(serial), bytes_of(traces));
    return draw(entropy);
  };
  const Buffer one = first_bytes("T-1", "x", 1);
  EXPECT_EQ(one, first_bytes("T-1", "x", 1));
  EXPECT_NE(one, first_bytes("T-2", "x", 1));
  EXPECT_NE(one, first_bytes("T-1", "y", 1));
  EXPECT_NE(one, first_bytes("T-1", "x", 2));
}

TEST(SeededEntropy, ASeedThatWasUsedCannotBeReadFromTheStorageAnyMore) {
  FakeFlash flash(geometry);
  ASSERT_TRUE(SeedStore(flash).replace(key_of(9), true));
  for (int start = 0; start < 5; ++start) {
    const Seed before = *SeedStore(flash).load();
    SeededEntropy(flash, nullptr).start({}, {});
    const auto& image = flash.image();
    EXPECT_EQ(std::search(image.begin(), image.end(), before.value.begin(), before.value.end()),
              image.end());
    EXPECT_EQ(SeedStore(flash).load()->generation, before.generation + 1);
  }
}

TEST(SeededEntropy, ASeedThatCannotBeReplacedIsNotUsed) {
  for (std::uint64_t operation = 0; operation < 8; ++operation) {
    FakeFlash flash(geometry);
    ASSERT_TRUE(SeedStore(flash).replace(key_of(9), true));
    flash.fail_at(operation, Cut::before, operation);
    Buffer ids;
    {
      SeededEntropy entropy(flash, nullptr);
      entropy.start(bytes_of("T-1"), {});
      EXPECT_FALSE(entropy.seeded()) << operation;
      EXPECT_EQ(entropy.problem(), SeedError::storage);
      ids = draw(entropy);
    }
    SeededEntropy entropy(flash, nullptr);
    entropy.start(bytes_of("T-1"), {});
    EXPECT_TRUE(entropy.seeded()) << operation;
    EXPECT_NE(draw(entropy), ids);
  }
}

TEST(SeededEntropy, ADamagedSeedIsNoSeed) {
  FakeFlash flash(geometry);
  ASSERT_TRUE(SeedStore(flash).replace(key_of(9), true));
  for (std::uint64_t at = 0; at < flash.image().size(); at += 16) flash.flip_bit(at, 2);
  SeededEntropy entropy(flash, nullptr);
  entropy.start({}, {});
  EXPECT_FALSE(entropy.seeded());
}

TEST(SeededEntropy, GoodNoiseStandsInForASeed) {
  FakeFlash flash(geometry);
  Source source(full_bytes, any_byte);
  SeededEntropy entropy(flash, &source);
  entropy.start({}, {});
  EXPECT_TRUE(entropy.seeded());
  EXPECT_EQ(entropy.noise(), Noise::good);
  EXPECT_GE(source.given, 1024u) << "all of the start-up test";
  // And the seed it leaves is one: the source may be gone at the next start.
  SeededEntropy later(flash, nullptr);
  later.start({}, {});
  EXPECT_TRUE(later.seeded());
}

TEST(SeededEntropy, SlowNoiseIsWaitedForInTurns) {
  FakeFlash flash(geometry);
  Source source(full_bytes, any_byte);
  source.per_read = 2;
  SeededEntropy entropy(flash, &source);
  entropy.start({}, {});
  EXPECT_FALSE(entropy.seeded());
  EXPECT_EQ(entropy.noise(), Noise::starting);
  for (int turn = 0; turn < 100; ++turn) (void)entropy.seeded();
  EXPECT_TRUE(entropy.seeded());
}

TEST(SeededEntropy, BrokenNoiseCountsForNothing) {
  for (const auto broken : {always_five, mostly_one}) {
    FakeFlash flash(geometry);
    Source source({1000, broken == mostly_one}, broken);
    SeededEntropy entropy(flash, &source);
    entropy.start({}, {});
    EXPECT_FALSE(entropy.seeded());
    EXPECT_EQ(entropy.noise(), Noise::broken);
  }
}

TEST(SeededEntropy, NoiseThatBreaksLaterIsLeftAndAKeptSeedStays) {
  for (const bool kept : {true, false}) {
    FakeFlash flash(geometry);
    if (kept) (void)SeedStore(flash).replace(key_of(9), true);
    Source source(full_bytes, any_byte);
    source.per_read = 1;
    SeededEntropy entropy(flash, &source);
    entropy.start({}, {});
    for (int turn = 0; turn < 200; ++turn) (void)entropy.seeded();
    EXPECT_EQ(entropy.noise(), Noise::good);
    source.becomes(always_five);
    for (int turn = 0; turn < 100; ++turn) (void)draw(entropy);
    EXPECT_EQ(entropy.noise(), Noise::broken);
    EXPECT_EQ(entropy.seeded(), kept);
  }
}

TEST(SeededEntropy, ASourceTooWeakToCountOnIsNone) {
  FakeFlash flash(geometry);
  Source source({50, true}, any_bit);
  SeededEntropy entropy(flash, &source);
  entropy.start({}, {});
  EXPECT_EQ(entropy.noise(), Noise::none);
  EXPECT_FALSE(entropy.seeded());
  EXPECT_EQ(source.given, 0u);
}

}  // namespace
}  // namespace rollcall::firmware
