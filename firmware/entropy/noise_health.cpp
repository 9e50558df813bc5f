#include "firmware/entropy/noise_health.hpp"

namespace rollcall::firmware {
namespace {

// Cutoff of the adaptive proportion test: 1 + critbinom(window, 2^-H, 1 - 2^-20). A test computes
// them again.
struct Proportion {
  std::uint16_t millibits;
  std::uint16_t cutoff;
};
constexpr std::uint16_t binary_window = 1024;
constexpr std::uint16_t other_window = 512;
constexpr Proportion binary_table[] = {{1000, 589}, {800, 664}, {600, 748},
                                       {400, 840},  {200, 941}, {100, 991}};
constexpr Proportion other_table[] = {{8000, 13},  {6000, 25}, {4000, 62}, {2000, 177},
                                      {1000, 311}, {500, 410}, {200, 480}, {100, 502}};

constexpr std::uint16_t repetition_cutoff(std::uint32_t millibits) {
  return static_cast<std::uint16_t>(1 + (20'000 + millibits - 1) / millibits);
}

}  // namespace

std::optional<NoiseLimits> NoiseLimits::of(const hal::NoiseFacts& facts) {
  const std::span<const Proportion> table =
      facts.binary ? std::span<const Proportion>(binary_table) : other_table;
  for (const Proportion& entry : table) {
    if (entry.millibits > facts.millibits) continue;
    return NoiseLimits{entry.millibits, repetition_cutoff(entry.millibits), entry.cutoff,
                       facts.binary ? binary_window : other_window};
  }
  return std::nullopt;
}

bool NoiseHealth::add(std::uint8_t sample) {
  run_ = begun_ && sample == last_ ? run_ + 1 : 1;
  begun_ = true;
  last_ = sample;
  if (run_ >= limits_.repetitions) good_ = false;

  if (in_window_ == 0) {
    reference_ = sample;
    same_ = 0;
  }
  if (sample == reference_) ++same_;
  if (same_ >= limits_.proportion) good_ = false;
  if (++in_window_ == limits_.window) in_window_ = 0;
  return good_;
}

}  // namespace rollcall::firmware
