// The board's own reset.
#pragma once

namespace rollcall::hal {

class Reset {
 public:
  // Starts the firmware again, as after a power cut, with reset reason `software`. May return: then
  // it happens when the present step of the firmware is over.
  virtual void restart() = 0;

 protected:
  ~Reset() = default;
};

}  // namespace rollcall::hal
