#include "daemon/fail_point.hpp"

#ifdef ROLLCALL_FAIL_POINTS

#define FIU_ENABLE
#include <cstdlib>
#include <string>

#include <fcntl.h>
#include <fiu.h>
#include <signal.h>
#include <unistd.h>

namespace rollcall {

bool fail_requested(const char* name) {
  return fiu_fail(name) != 0;
}

void fail_point(const char* name) {
  if (!fail_requested(name)) return;
  if (const char* file = std::getenv("ROLLCALL_FAIL_LOG")) {
    const int fd = ::open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    const std::string line = std::string(name) + " " + std::to_string(::getpid()) + "\n";
    if (fd >= 0 && ::write(fd, line.data(), line.size()) > 0) ::fsync(fd);
  }
  ::kill(::getpid(), SIGKILL);
}

}  // namespace rollcall

#endif
