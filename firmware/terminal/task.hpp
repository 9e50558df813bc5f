// What the loop is doing, as a crash record says.
#pragma once

#include <cstdint>

namespace rollcall::firmware {

enum class Task : std::uint8_t {
  start = 0,
  link = 1,
  deadline = 2,
  reader = 3,
  input = 4,
  enrolment = 5,
  uplink = 6,
  window = 7,
  output = 8,
  panel = 9,
  storage = 10,
  reboot = 11,
  outside = 12,  // between two steps
};

}  // namespace rollcall::firmware
