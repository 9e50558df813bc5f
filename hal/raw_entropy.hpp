// A noise source of the machine, as it is: samples of its digitised noise, not conditioned.
#pragma once

#include <cstddef>
#include <cstdint>

#include "hal/bytes.hpp"

namespace rollcall::hal {

// What an assessment of the source found (NIST SP 800-90B, section 3).
struct NoiseFacts {
  std::uint16_t millibits = 0;  // min-entropy of 1000 samples, in bits
  bool binary = false;          // samples are 0 or 1
};

class RawEntropy {
 public:
  // Takes up to out.size() samples, one a byte; 0 when none is ready. Never waits.
  virtual std::size_t read(MutableBytes out) = 0;
  virtual NoiseFacts facts() const = 0;

 protected:
  ~RawEntropy() = default;
};

}  // namespace rollcall::hal
