// A terminal on a serial line. What a cable does to it is in tests/e2e.
#include <array>
#include <atomic>
#include <csignal>
#include <thread>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/terminals/session.hpp"
#include "tests/unit/daemon/terminals/running_hub.hpp"

namespace rollcall::terminals::test {
namespace {

using namespace std::chrono_literals;

// A pseudo terminal for the hub, and a socket that stands for the terminal's end of the cable.
class SerialLine {
 public:
  SerialLine() {
    std::signal(SIGPIPE, SIG_IGN);  // the terminal may have hung up
    master_ = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    ::grantpt(master_);
    ::unlockpt(master_);
    std::array<char, 64> name{};
    ::ptsname_r(master_, name.data(), name.size());
    device = name.data();
    ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends_.data());
    thread_ = std::thread([this] { carry(); });
  }
  ~SerialLine() {
    ending_ = true;
    thread_.join();
    ::close(master_);
    ::close(ends_[0]);
  }
  // The other owner's from now on.
  int terminal_end() const { return ends_[1]; }

  std::string device;

 private:
  void carry() {
    std::array<char, 256> piece{};
    while (!ending_) {
      std::array<pollfd, 2> ready{{{master_, POLLIN, 0}, {ends_[0], POLLIN, 0}}};
      ::poll(ready.data(), ready.size(), 10);
      if ((ready[0].revents & POLLIN) != 0) pass(master_, ends_[0], piece);
      if ((ready[1].revents & POLLIN) != 0) pass(ends_[0], master_, piece);
      // Nobody has the device open.
      if ((ready[0].revents & POLLHUP) != 0) std::this_thread::sleep_for(1ms);
    }
  }
  static void pass(int from, int to, std::array<char, 256>& piece) {
    const ssize_t size = ::read(from, piece.data(), piece.size());
    if (size > 0) (void)!::write(to, piece.data(), static_cast<std::size_t>(size));
  }

  int master_ = -1;
  std::array<int, 2> ends_{};
  std::atomic<bool> ending_ = false;
  std::thread thread_;
};

struct SerialTest : RunningHub {
  SerialTest() { config.links.listen.push_back("serial:" + line.device); }
  SerialLine line;
};

TEST_F(SerialTest, NobodyIsAwaitedOnALine) {
  greeting_limit = 1s;
  start();
  std::this_thread::sleep_for(greeting_limit + 200ms);
  TestTerminal terminal;
  terminal.connect_over(line.terminal_end());
  ASSERT_TRUE(terminal.enter());
  terminal.run_for(greeting_limit + 200ms);
  EXPECT_FALSE(terminal.closed());
  EXPECT_EQ(counters().never_greeted, 0);
  EXPECT_EQ(counters().connections, 1);
  EXPECT_EQ(status().peer, "serial " + line.device);
}

TEST_F(SerialTest, NoiseOnALineClosesNothing) {
  start();
  TestTerminal terminal;
  terminal.connect_over(line.terminal_end());
  ASSERT_TRUE(terminal.enter());
  for (std::uint32_t i = 0; i < 2 * Session::max_bad_frames; ++i)
    terminal.send_raw({0, 17, 4, 200, 9, 9, 9, 9, 9, 9, 0});
  terminal.run_for(300ms);
  EXPECT_FALSE(terminal.closed());
  EXPECT_GE(counters().bad_frames, Session::max_bad_frames);
  EXPECT_EQ(counters().closed_for_faults, 0);
}

TEST_F(SerialTest, ATerminalThatStartsAgainIsServedAgain) {
  start();
  TestTerminal terminal;
  terminal.connect_over(line.terminal_end());
  ASSERT_TRUE(terminal.enter());
  terminal.connect_over(::dup(line.terminal_end()));  // it lost its state: `restarted`
  ASSERT_TRUE(terminal.enter());
  EXPECT_GE(counters().connections, 2);
}

}  // namespace
}  // namespace rollcall::terminals::test
