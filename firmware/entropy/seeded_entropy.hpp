// Random bytes of a board: a generator that is seeded at each start from a kept seed, which is then
// replaced for good before the first byte goes out, and from a noise source where there is one
// (docs/entropy.md).
#pragma once

#include <cstdint>
#include <expected>
#include <optional>

#include "firmware/entropy/hmac_drbg.hpp"
#include "firmware/entropy/noise_health.hpp"
#include "firmware/entropy/seed_store.hpp"
#include "hal/entropy.hpp"
#include "hal/raw_entropy.hpp"

namespace rollcall::firmware {

class SeededEntropy final : public hal::Entropy {
 public:
  enum class Noise : std::uint8_t {
    none,      // the board has no source, or one too weak to count on
    starting,  // not enough samples yet
    good,
    broken,  // a health test failed; not used again until the next start
  };

  // Both outlive this; `raw` may be null.
  SeededEntropy(hal::Storage& seed, hal::RawEntropy* raw);

  // Once, before anything is asked for. `serial` sets terminals with the same seed apart; `traces`
  // is whatever the board finds that may differ between starts, as RAM at power-on; it counts for
  // nothing.
  void start(Bytes serial, Bytes traces);

  void fill(MutableBytes out) override;
  // The kept seed is a secret and was replaced, or the noise source is good.
  bool seeded() override;

  // Takes a seed of the factory, on top of what there is, in force at once. A power cut inside
  // leaves the seed before or one made with this. After an error all is as before, and the next
  // start may find either. Errors: those of SeedStore::replace.
  std::expected<void, SeedError> provision(const crypto::Key& seed);

  Noise noise() const;
  // Why the kept seed is not in use; `none` on a terminal that was never at the factory console.
  std::optional<SeedError> problem() const { return problem_; }

 private:
  static constexpr std::uint32_t startup_samples = 1024;  // tested before any counts (90B 4.3)
  static constexpr std::uint32_t wanted_bits = 256 + 64;  // of noise to a reseed (90B 3.1.5.1.2)
  static constexpr int reads_at_once = 8;
  static constexpr int reads_at_start = 256;

  void gather(int reads);
  std::expected<void, SeedError> replace_seed(bool secret);

  SeedStore store_;
  hal::RawEntropy* raw_;
  HmacDrbg drbg_;
  bool secret_ = false;
  std::optional<SeedError> problem_;

  std::optional<NoiseLimits> limits_;
  std::optional<NoiseHealth> health_;
  crypto::Sha256 pool_;  // of samples since the last reseed
  std::uint32_t pooled_ = 0;
  std::uint32_t tested_ = 0;  // up to startup_samples
  bool noise_in_use_ = false;
};

}  // namespace rollcall::firmware
