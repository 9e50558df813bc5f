// Named places where a chaos build can be told to die or to misbehave (libfiu). In every other
// build these are empty and vanish.
#pragma once

#ifdef ROLLCALL_FAIL_POINTS

namespace rollcall {
// Kills the process with SIGKILL here when libfiu enables `name`; the hit is first written and
// fsynced as one line to the file in the environment variable ROLLCALL_FAIL_LOG.
void fail_point(const char* name);
// True when libfiu enables `name`: for faults other than dying.
bool fail_requested(const char* name);
}  // namespace rollcall

#else

namespace rollcall {
inline void fail_point(const char*) {}
inline constexpr bool fail_requested(const char*) {
  return false;
}
}  // namespace rollcall

#endif
