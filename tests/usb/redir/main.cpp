// rollcall-usb-redir: simulated terminals as USB devices of a virtual machine, by usbredir.
//
//   rollcall-usb-redir FOLDER SERIAL...
//
// It says `bus FOLDER`: QEMU may connect now, to FOLDER/SERIAL.redir for each device. For the rest
// see tests/usb/terminals.hpp.
#include <csignal>
#include <iostream>
#include <string>
#include <vector>

#include "tests/usb/redir/redirected_device.hpp"
#include "tests/usb/terminals.hpp"

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // whoever no longer listens is an error, not the end
  using namespace rollcall::usb_bus;
  if (argc < 3) {
    std::cerr << "usage: rollcall-usb-redir FOLDER SERIAL...\n";
    return 2;
  }
  const std::string folder = argv[1];
  const auto redirect = [&](const std::string& serial, unsigned, const std::function<void()>&) {
    return std::make_unique<RedirectedDevice>(serial, folder + "/" + serial + ".redir");
  };
  return present(folder, {argv + 2, argv + argc}, redirect, folder);
}
