// Presents a simulated terminal to a virtual machine as a USB device, by the usbredir protocol:
// QEMU connects to a Unix socket and hands over what the guest's own kernel asks of the device.
#pragma once

#include <memory>
#include <string>

#include "tests/usb/presented_device.hpp"

namespace rollcall::usb_bus {

class RedirectedDevice final : public PresentedDevice {
 public:
  // Listens at `path`. One machine is connected at a time.
  RedirectedDevice(std::string serial, const std::string& path);
  ~RedirectedDevice() override;

  void plug() override;
  void unplug() override;
  bool plugged() override;
  std::size_t send(hal::Bytes data) override;
  std::vector<std::uint8_t> receive() override;
  void change(const std::function<void(hal::sim::TerminalDevice&)>& how) override;
  bool refuse_claims(unsigned) override { return false; }
  pollfd watched() const override;
  void serve() override;

 private:
  class Machine;

  hal::sim::TerminalDevice model_;
  const int listener_;
  std::unique_ptr<Machine> machine_;
};

}  // namespace rollcall::usb_bus
