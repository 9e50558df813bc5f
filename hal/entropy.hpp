// Random bytes fit for keys.
#pragma once

#include "hal/bytes.hpp"

namespace rollcall::hal {

class Entropy {
 public:
  virtual void fill(MutableBytes out) = 0;

 protected:
  ~Entropy() = default;
};

}  // namespace rollcall::hal
