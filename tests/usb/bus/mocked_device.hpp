// Presents a simulated terminal to this machine's programs as a USB device, by umockdev: a sysfs
// entry, a device node, uevents, and the ioctls of usbfs (linux/usbdevice_fs.h). Programs that
// shall see it run with umockdev's preload library and the testbed's folder in their environment,
// and so does this one.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "tests/usb/presented_device.hpp"

typedef struct _UMockdevTestbed UMockdevTestbed;

namespace rollcall::usb_bus {

// What umockdev asks is answered on threads of its own; `wake` tells the thread that has the device
// that bytes may have moved.
class MockedDevice final : public PresentedDevice {
 public:
  // `testbed` outlives this.
  MockedDevice(UMockdevTestbed* testbed, std::string serial, unsigned number,
               std::function<void()> wake);
  ~MockedDevice() override;

  // Another device number each time, as a kernel gives it.
  void plug() override;
  void unplug() override;
  bool plugged() override;
  std::size_t send(hal::Bytes data) override;
  std::vector<std::uint8_t> receive() override;
  void change(const std::function<void(hal::sim::TerminalDevice&)>& how) override;
  bool refuse_claims(unsigned times) override;

 private:
  class Node;

  UMockdevTestbed* const testbed_;
  const unsigned number_;
  const std::function<void()> wake_;
  std::mutex mutex_;  // of the model, and of what a node has to hand out
  hal::sim::TerminalDevice model_;
  unsigned claims_to_refuse_ = 0;
  std::shared_ptr<Node> node_;                 // while it is plugged in
  std::vector<std::shared_ptr<Node>> former_;  // who had one open may still ask
};

}  // namespace rollcall::usb_bus
