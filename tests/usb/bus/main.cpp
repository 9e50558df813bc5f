// rollcall-usb-bus: simulated terminals as USB devices of this machine's programs, by umockdev.
//
//   umockdev-wrapper rollcall-usb-bus FOLDER SERIAL...
//
// It says `bus ROOT`: other programs see the devices when umockdev's preload library is in their
// LD_PRELOAD and ROOT in their UMOCKDEV_DIR. For the rest see tests/usb/terminals.hpp.
#include <csignal>
#include <iostream>
#include <string>
#include <vector>

#include <umockdev.h>

#include "tests/usb/bus/mocked_device.hpp"
#include "tests/usb/terminals.hpp"

namespace rollcall::usb_bus {
namespace {

int run(const std::string& folder, const std::vector<std::string>& serials) {
  UMockdevTestbed* testbed = umockdev_testbed_new();
  if (!umockdev_in_mock_environment()) {
    std::cerr << "rollcall-usb-bus runs under umockdev-wrapper only\n";
    return 2;
  }
  char* root = umockdev_testbed_get_root_dir(testbed);
  const std::string where = root;
  g_free(root);
  const auto mock = [testbed](const std::string& serial, unsigned number,
                              std::function<void()> wake) {
    return std::make_unique<MockedDevice>(testbed, serial, number, std::move(wake));
  };
  return present(folder, serials, mock, where);
}

}  // namespace
}  // namespace rollcall::usb_bus

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // whoever no longer listens is an error, not the end
  if (argc < 3) {
    std::cerr << "usage: umockdev-wrapper rollcall-usb-bus FOLDER SERIAL...\n";
    return 2;
  }
  return rollcall::usb_bus::run(argv[1], {argv + 2, argv + argc});
}
