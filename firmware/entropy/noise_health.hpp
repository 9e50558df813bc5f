// The two continuous health tests of a noise source: repetition count and adaptive proportion (NIST
// SP 800-90B, sections 4.4.1 and 4.4.2), with a false alarm in 2^20 samples or windows.
#pragma once

#include <cstdint>
#include <optional>

#include "hal/raw_entropy.hpp"

namespace rollcall::firmware {

// Cutoffs that go with an assessed source.
struct NoiseLimits {
  std::uint16_t millibits = 0;  // of min-entropy that is counted on, per 1000 samples, in bits
  std::uint16_t repetitions = 0;
  std::uint16_t proportion = 0;
  std::uint16_t window = 0;

  // Of the nearest known assessment that claims no more; nothing for a source below all of them.
  static std::optional<NoiseLimits> of(const hal::NoiseFacts& facts);
};

class NoiseHealth {
 public:
  explicit NoiseHealth(const NoiseLimits& limits) : limits_(limits) {}

  // False: the source is broken, and stays so.
  bool add(std::uint8_t sample);
  bool good() const { return good_; }

 private:
  NoiseLimits limits_;
  bool good_ = true;
  bool begun_ = false;
  std::uint8_t last_ = 0;
  std::uint32_t run_ = 0;       // of last_
  std::uint8_t reference_ = 0;  // first sample of the window
  std::uint32_t in_window_ = 0;
  std::uint32_t same_ = 0;  // as reference_
};

}  // namespace rollcall::firmware
