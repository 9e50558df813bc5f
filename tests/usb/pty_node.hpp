// A device node of a umockdev testbed that is a pseudo terminal, raw. There is no "N:" line in the
// description of such a device, which would make a plain file of its node.
#pragma once

#include <array>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <utility>

#include <pty.h>
#include <termios.h>
#include <umockdev.h>
#include <unistd.h>

namespace rollcall::testing {

class PtyNode {
 public:
  // `device`: what its path is to the programs that are tested. It is not there yet.
  PtyNode(UMockdevTestbed* testbed, const std::string& device) {
    char* root = umockdev_testbed_get_root_dir(testbed);
    file_ = root + device;
    g_free(root);
  }

  void plug() {
    std::filesystem::create_directories(std::filesystem::path(file_).parent_path());
    std::array<char, 64> name{};
    if (::openpty(&master_, &slave_, name.data(), nullptr, nullptr) != 0 ||
        ::symlink(name.data(), file_.c_str()) != 0)
      throw std::runtime_error("no device node can be made");
    termios settings{};
    ::tcgetattr(slave_, &settings);
    ::cfmakeraw(&settings);
    ::tcsetattr(slave_, TCSANOW, &settings);
  }
  // Whoever has it open gets POLLHUP.
  void unplug() {
    ::unlink(file_.c_str());
    for (int* end : {&master_, &slave_}) ::close(std::exchange(*end, -1));
  }

  // -1 while it is not plugged in.
  int master() const { return master_; }
  int slave() const { return slave_; }

 private:
  std::string file_;  // where it is really
  int master_ = -1;
  int slave_ = -1;
};

}  // namespace rollcall::testing
