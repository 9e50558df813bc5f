// A terminal as a USB device, at the level of URBs: what the host's kernel asks of it, what it
// answers, packet by packet. No I/O, no clock, no lock; whatever transport presents it moves URBs
// and bytes.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "hal/bytes.hpp"
#include "hal/usb_terminal.hpp"

namespace rollcall::hal::sim {

// A request to one endpoint, as usbfs hands it to a driver.
struct Urb {
  std::uint64_t id = 0;
  std::uint8_t endpoint = 0;            // bit 7: towards the host; 0 and 0x80: control
  std::array<std::uint8_t, 8> setup{};  // of a control request (USB 2.0, 9.3)
  std::vector<std::uint8_t> data;       // to the device, or as much room as there is for its bytes
  std::size_t actual = 0;               // of `data`
  int status = 0;                       // 0, or a negative errno as Linux's error-codes.rst has it
};

class TerminalDevice {
 public:
  static constexpr std::size_t buffered_packets = 64;  // each way; then the device answers NAK

  explicit TerminalDevice(std::string serial) : serial_(std::move(serial)) {}

  // The bus's side
  // ---------------------------------------------------------------------------------

  // Device and configuration descriptor (USB 2.0, 9.6), one behind the other, as sysfs shows them.
  std::vector<std::uint8_t> descriptors() const;
  std::uint8_t subclass() const { return subclass_; }  // of its interface
  bool plugged() const { return plugged_; }
  void submit(Urb urb);
  // Its URB completes with -ENOENT. False: it has completed before.
  bool cancel(std::uint64_t id);
  void clear_halt(std::uint8_t endpoint);
  // A bus reset (7.1.7.5): no endpoint is halted, what was buffered is lost. Requests that wait are
  // their sender's to cancel.
  void reset();
  // What has completed, in this order.
  std::vector<Urb> take_done() { return std::exchange(done_, {}); }

  // The terminal's side
  // ----------------------------------------------------------------------------

  // How much was taken; the rest when the host has read some.
  std::size_t send(Bytes data);
  std::vector<std::uint8_t> receive();

  // What a test has happen
  // -------------------------------------------------------------------------

  void plug() { plugged_ = true; }
  // All that is under way fails with -ESHUTDOWN, all that is buffered is lost.
  void unplug();
  // As soon as so many more bytes have crossed, in either direction.
  void unplug_in(std::size_t bytes) { unplug_in_ = bytes; }
  // The endpoint stalls until it is cleared (8.4.5).
  void halt(std::uint8_t endpoint);
  // Largest packet that it makes, 1 to packet_bytes: below that all are short.
  void limit_packets(std::size_t bytes) { packet_limit_ = bytes; }
  // Behind each full packet a zero-length one, as some controllers do it.
  void add_zero_packets(bool on) { zero_packets_ = on; }
  std::uint64_t zero_packets_sent() const { return zero_packets_sent_; }
  // Somebody else's device that has the same ids: its interface is not a terminal's.
  void be_something_else() { subclass_ = 0; }

 private:
  using Packet = std::vector<std::uint8_t>;
  // One bulk endpoint.
  struct Endpoint {
    std::deque<Urb> waiting;
    std::deque<Packet> packets;
    bool halted = false;
  };

  void control(Urb& urb);
  std::vector<std::uint8_t> configuration_descriptor() const;
  void crossed(std::size_t bytes);
  void pump_in();
  void pump_out();
  void complete(Endpoint& endpoint, int status);
  Endpoint* bulk(std::uint8_t address);

  const std::string serial_;
  std::uint8_t subclass_ = hal::usb::interface_subclass;
  bool plugged_ = true;
  Endpoint in_;  // towards the host
  Endpoint out_;
  std::optional<std::size_t> unplug_in_;
  std::size_t packet_limit_ = hal::usb::packet_bytes;
  bool zero_packets_ = false;
  std::uint64_t zero_packets_sent_ = 0;
  std::vector<Urb> done_;
};

}  // namespace rollcall::hal::sim
