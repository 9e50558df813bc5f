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

#include "hal/sim/usb/terminal_device.hpp"

typedef struct _UMockdevTestbed UMockdevTestbed;

namespace rollcall::usb_bus {

// One device, over all the times that it is plugged in. What umockdev asks is answered on threads
// of its own; everything else is for one thread, and `wake` tells that thread that bytes may have
// moved.
class MockedDevice {
 public:
  // `number`: of its port, from 1; each device has another. `testbed` outlives this.
  MockedDevice(UMockdevTestbed* testbed, std::string serial, unsigned number,
               std::function<void()> wake);
  ~MockedDevice();

  // A new device number each time, as a kernel gives it.
  void plug();
  void unplug();
  // Also when the model has unplugged itself: what is left to do is done here.
  bool plugged();
  // The next attempts to claim the interface fail as before a configuration is set.
  void refuse_claims(unsigned times);

  std::size_t send(hal::Bytes data);
  std::vector<std::uint8_t> receive();
  // Changes the model between two requests.
  void change(const std::function<void(hal::sim::TerminalDevice&)>& how);

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
