// Random bytes fit for keys.
#pragma once

#include "hal/bytes.hpp"

namespace rollcall::hal {

class Entropy {
 public:
  virtual void fill(MutableBytes out) = 0;
  // Whether nobody can guess what fill() gives: the machine has a seed of its own. A board gets it
  // at the factory and may start without; then fill() is good for ids and not for keys, and the
  // terminal does not enrol.
  virtual bool seeded() = 0;

 protected:
  ~Entropy() = default;
};

}  // namespace rollcall::hal
