// Preloaded before libfaketime into the programs of a played day: timers of the monotonic clock go to
// the kernel as they are. libfaketime moves the absolute ones by the distance of the played clock, and
// a reactor that asks to be woken at once would then sleep for months.
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

int timerfd_settime(int fd, int flags, const struct itimerspec* new_value,
                    struct itimerspec* old_value) {
  return (int)syscall(SYS_timerfd_settime, fd, flags, new_value, old_value);
}
