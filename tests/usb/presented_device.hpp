// One simulated terminal, presented to a host as a USB device by some transport.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include <poll.h>

#include "hal/sim/usb/terminal_device.hpp"

namespace rollcall::usb_bus {

// One device, over all the times that it is plugged in. For one thread.
class PresentedDevice {
 public:
  virtual ~PresentedDevice() = default;

  virtual void plug() = 0;
  virtual void unplug() = 0;
  // Also when the model has unplugged itself: what is left to do is done here.
  virtual bool plugged() = 0;
  virtual std::size_t send(hal::Bytes data) = 0;
  virtual std::vector<std::uint8_t> receive() = 0;
  // Changes the model between two requests.
  virtual void change(const std::function<void(hal::sim::TerminalDevice&)>& how) = 0;
  // The next attempts to claim the interface fail as before a configuration is set. False: a real
  // kernel decides that.
  virtual bool refuse_claims(unsigned times) = 0;

  // What it waits for on the thread that has it, and what is to be called then.
  virtual pollfd watched() const { return {-1, 0, 0}; }
  virtual void serve() {}
};

}  // namespace rollcall::usb_bus
