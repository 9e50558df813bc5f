// Bytes that look random and are the same in each run, for tests.
#pragma once

#include <cstdint>
#include <random>

#include "hal/entropy.hpp"

namespace rollcall::hal::sim {

class RepeatableEntropy final : public Entropy {
 public:
  explicit RepeatableEntropy(std::uint64_t seed) : random_(seed) {}
  void fill(MutableBytes out) override {
    for (std::uint8_t& b : out) b = static_cast<std::uint8_t>(random_());
  }
  bool seeded() override { return seeded_; }
  // A board that never was at the factory console.
  void set_seeded(bool seeded) { seeded_ = seeded; }

 private:
  std::mt19937_64 random_;
  bool seeded_ = true;
};

}  // namespace rollcall::hal::sim
