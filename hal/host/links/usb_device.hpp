// A terminal on USB that is open: its transfers. All of it belongs to the USB thread.
//
// Each transfer towards the host has room for one packet, so that every packet completes one: a
// terminal need not send a zero-length packet behind a full one, and none is waited for.
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "hal/bytes.hpp"
#include "hal/host/links/usb_thread.hpp"

struct libusb_device;
struct libusb_device_handle;
struct libusb_transfer;

namespace rollcall::links {

class UsbDevice final : public std::enable_shared_from_this<UsbDevice> {
 public:
  static constexpr std::size_t reads_in_flight = 4;  // packets; also what waits for the session
  // Transfers that failed since one succeeded, per direction; then the device is given up.
  static constexpr unsigned max_failures = 16;

  // Called on the USB thread.
  struct Events {
    std::function<void(std::vector<std::uint8_t>)> received;  // one packet, not empty
    std::function<void()> written;
    std::function<void()> lost;  // once; nothing else follows
  };

  // It is configured and has no interface of a terminal, whatever its ids say.
  static bool is_something_else(libusb_device* device);
  // Opens, claims and identifies it: up to a second for a device that does not answer. Otherwise a
  // clause. A kernel announces a device before it has configured it: then, too, it is to be tried
  // again soon.
  static std::expected<std::shared_ptr<UsbDevice>, std::string> open(UsbThread& thread,
                                                                     libusb_device* device);
  ~UsbDevice();

  // "usb 1209:0001 serial TC-DOOR-1": the serial as the device states it, proven by nothing.
  const std::string& peer() const { return peer_; }

  void begin(Events events);
  // One packet that was received has been used up: another may come.
  void more();
  // Not again before `written`.
  void write(std::vector<std::uint8_t> data);
  // The bus says so; what is under way may take a while to notice.
  void unplugged() { give_up(); }
  // Nothing is called any more. The device is free when its transfers have come back.
  void close();
  bool closed() const { return handle_ == nullptr; }

 private:
  struct Transfer {
    UsbDevice* device = nullptr;
    libusb_transfer* transfer = nullptr;
    std::vector<std::uint8_t> buffer;
    std::size_t done = 0;  // of the buffer; for the one that writes
    bool flying = false;
    bool failed = false;  // waits to be sent again
  };
  // One of the two endpoints.
  struct Way {
    std::uint8_t endpoint = 0;
    unsigned failures = 0;
    bool recovering = false;
  };

  // What the descriptors say of a terminal's interface.
  struct Interface {
    int number = 0;
    std::uint8_t in = 0;
    std::uint8_t out = 0;
    std::size_t packet = 0;  // largest towards the host, bytes
  };
  static std::expected<std::optional<Interface>, std::string> find_interface(libusb_device* device);

  UsbDevice(UsbThread& thread, libusb_device_handle* handle) : thread_(thread), handle_(handle) {}
  std::expected<void, std::string> claim(libusb_device* device);
  void identify(libusb_device* device);

  static void on_done(libusb_transfer* transfer);
  void submit(Transfer& transfer, Way& way);
  void read_done(Transfer& read);
  void write_done();
  void failed(Transfer& transfer, Way& way);
  void recover(Way& way);
  void give_up();
  void free_if_done();
  bool flying() const;

  UsbThread& thread_;
  libusb_device_handle* handle_;
  std::string peer_;
  std::optional<Interface> interface_;  // when it is claimed
  Way in_;
  Way out_;
  std::array<Transfer, reads_in_flight> reads_;
  Transfer write_;
  Events events_;
  bool closing_ = false;
  bool lost_ = false;
};

}  // namespace rollcall::links
