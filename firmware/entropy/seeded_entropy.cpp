#include "firmware/entropy/seeded_entropy.hpp"

namespace rollcall::firmware {

SeededEntropy::SeededEntropy(hal::Storage& seed, hal::RawEntropy* raw) : store_(seed), raw_(raw) {
  if (!raw_) return;
  limits_ = NoiseLimits::of(raw_->facts());
  if (limits_) health_.emplace(*limits_);
}

void SeededEntropy::start(Bytes serial, Bytes traces) {
  const crypto::Digest trace = crypto::sha256(traces);
  const auto seed = store_.load();
  drbg_.instantiate({seed ? Bytes(seed->value) : Bytes(), trace, serial});
  gather(reads_at_start);
  // A seed that could not be read may be readable next time: nothing is written over it.
  std::expected<void, SeedError> replaced;
  if (!seed && seed.error() != SeedError::none) {
    replaced = std::unexpected(seed.error());
  } else {
    replaced = replace_seed((seed && seed->secret) || noise_in_use_);
  }
  if (replaced) {
    if (!secret_) problem_ = SeedError::none;
    return;
  }
  // The next start may find the same seed: not a byte that follows from it goes out.
  problem_ = replaced.error();
  drbg_.instantiate({trace, serial});
  noise_in_use_ = false;
  gather(reads_at_start);
}

void SeededEntropy::fill(MutableBytes out) {
  gather(reads_at_once);
  drbg_.generate(out);
}

bool SeededEntropy::seeded() {
  gather(reads_at_once);
  return secret_ || noise_in_use_;
}

std::expected<void, SeedError> SeededEntropy::provision(const crypto::Key& seed) {
  drbg_.reseed({seed});
  const auto replaced = replace_seed(true);
  if (replaced) problem_.reset();
  return replaced;
}

SeededEntropy::Noise SeededEntropy::noise() const {
  if (!health_) return Noise::none;
  if (!health_->good()) return Noise::broken;
  return noise_in_use_ ? Noise::good : Noise::starting;
}

// The next start's seed is output of this one's generator.
std::expected<void, SeedError> SeededEntropy::replace_seed(bool secret) {
  crypto::Key next{};
  drbg_.generate(next);
  const auto replaced = store_.replace(next, secret);
  crypto::wipe(next);
  if (replaced) secret_ = secret;
  return replaced;
}

void SeededEntropy::gather(int reads) {
  if (!health_ || !health_->good()) return;
  SecretBuffer<64> samples;
  for (int i = 0; i < reads; ++i) {
    const std::size_t size = raw_->read(samples.bytes);
    if (size == 0) return;
    for (std::size_t s = 0; s < size; ++s) {
      if (health_->add(samples.bytes[s])) continue;
      noise_in_use_ = false;
      pool_.restart();
      return;
    }
    pool_.add({samples.bytes, size});
    pooled_ += static_cast<std::uint32_t>(size);
    if (tested_ < startup_samples) tested_ += static_cast<std::uint32_t>(size);
    if (tested_ < startup_samples || pooled_ * limits_->millibits < wanted_bits * 1000) continue;
    crypto::Digest digest = pool_.finish();
    pool_.restart();
    pooled_ = 0;
    drbg_.reseed({digest});
    crypto::wipe(digest);
    noise_in_use_ = true;
    return;
  }
}

}  // namespace rollcall::firmware
