// Single digital lines.
#pragma once

namespace rollcall::hal {

class OutputPin {
 public:
  virtual void set(bool high) = 0;

 protected:
  ~OutputPin() = default;
};

class InputPin {
 public:
  virtual bool high() = 0;

 protected:
  ~InputPin() = default;
};

}  // namespace rollcall::hal
