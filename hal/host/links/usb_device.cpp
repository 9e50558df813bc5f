#include "hal/host/links/usb_device.hpp"

#include <algorithm>
#include <cstdio>
#include <utility>

#include <libusb.h>

#include "hal/usb_terminal.hpp"

namespace rollcall::links {
namespace {

constexpr std::size_t longest_serial = 32;

// For logs: nobody has vouched for what a device says of itself.
std::string printable(std::string text) {
  text.resize(std::min(text.size(), longest_serial));
  for (char& c : text) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    if (!plain && c != '-') c = '?';
  }
  return text;
}

bool is_bulk(const libusb_endpoint_descriptor& endpoint) {
  return (endpoint.bmAttributes & LIBUSB_TRANSFER_TYPE_MASK) == LIBUSB_ENDPOINT_TRANSFER_TYPE_BULK;
}

bool is_terminal(const libusb_interface_descriptor& descriptor) {
  return descriptor.bInterfaceClass == hal::usb::interface_class &&
         descriptor.bInterfaceSubClass == hal::usb::interface_subclass &&
         descriptor.bInterfaceProtocol == hal::usb::interface_protocol;
}

// Why a device cannot be opened; and what to do, where somebody can do something.
std::string why_not_opened(int result) {
  if (result != LIBUSB_ERROR_ACCESS) return libusb_strerror(result);
  return "this account may not open it: copy setup/70-rollcall-terminal.rules to "
         "/etc/udev/rules.d, run `udevadm control --reload`, then plug the terminal in again";
}

}  // namespace

// Opening ----------------------------------------------------------------------------------------

std::expected<std::shared_ptr<UsbDevice>, std::string> UsbDevice::open(UsbThread& thread,
                                                                       libusb_device* device) {
  libusb_device_handle* handle = nullptr;
  if (const int result = libusb_open(device, &handle); result != LIBUSB_SUCCESS)
    return std::unexpected(why_not_opened(result));
  std::shared_ptr<UsbDevice> opened(new UsbDevice(thread, handle));
  if (auto claimed = opened->claim(device); !claimed) return std::unexpected(claimed.error());
  opened->identify(device);
  return opened;
}

std::expected<void, std::string> UsbDevice::claim(libusb_device* device) {
  const auto interface = find_interface(device);
  if (!interface) return std::unexpected(interface.error());
  if (!*interface) return std::unexpected("it has no interface of a terminal");
  libusb_set_auto_detach_kernel_driver(handle_, 1);
  if (const int result = libusb_claim_interface(handle_, (*interface)->number);
      result != LIBUSB_SUCCESS)
    return std::unexpected(libusb_strerror(result));
  interface_ = *interface;
  in_.endpoint = interface_->in;
  out_.endpoint = interface_->out;
  return {};
}

bool UsbDevice::is_something_else(libusb_device* device) {
  const auto interface = find_interface(device);
  return interface && !*interface;
}

std::expected<std::optional<UsbDevice::Interface>, std::string> UsbDevice::find_interface(
    libusb_device* device) {
  libusb_config_descriptor* config = nullptr;
  if (const int result = libusb_get_active_config_descriptor(device, &config);
      result != LIBUSB_SUCCESS)
    return std::unexpected(libusb_strerror(result));
  std::optional<Interface> found;
  for (int i = 0; i < config->bNumInterfaces && !found; ++i) {
    if (config->interface[i].num_altsetting < 1) continue;
    const libusb_interface_descriptor& first = config->interface[i].altsetting[0];
    if (!is_terminal(first)) continue;
    Interface one{.number = first.bInterfaceNumber};
    for (int e = 0; e < first.bNumEndpoints; ++e) {
      const libusb_endpoint_descriptor& endpoint = first.endpoint[e];
      if (!is_bulk(endpoint)) continue;
      const bool in = (endpoint.bEndpointAddress & LIBUSB_ENDPOINT_IN) != 0;
      (in ? one.in : one.out) = endpoint.bEndpointAddress;
      if (in) one.packet = endpoint.wMaxPacketSize;
    }
    if (one.in != 0 && one.out != 0 && one.packet > 0) found = one;
  }
  libusb_free_config_descriptor(config);
  return found;
}

void UsbDevice::identify(libusb_device* device) {
  libusb_device_descriptor descriptor{};
  libusb_get_device_descriptor(device, &descriptor);
  std::array<char, 16> ids{};
  std::snprintf(ids.data(), ids.size(), "%04x:%04x", descriptor.idVendor, descriptor.idProduct);
  peer_ = std::string{"usb "} + ids.data();
  std::array<unsigned char, 128> text{};
  const int size = descriptor.iSerialNumber == 0
                       ? 0
                       : libusb_get_string_descriptor_ascii(handle_, descriptor.iSerialNumber,
                                                            text.data(), int{text.size()});
  if (size > 0) peer_ += " serial " + printable({text.begin(), text.begin() + size});
}

// Working ----------------------------------------------------------------------------------------

void UsbDevice::begin(Events events) {
  events_ = std::move(events);
  write_.device = this;
  write_.transfer = libusb_alloc_transfer(0);
  for (Transfer& read : reads_) {
    read.device = this;
    read.transfer = libusb_alloc_transfer(0);
    read.buffer.resize(interface_->packet);
  }
  for (Transfer& read : reads_) submit(read, in_);
}

void UsbDevice::more() {
  const auto idle = std::ranges::find_if(
      reads_, [](const Transfer& read) { return !read.flying && !read.failed; });
  if (idle != reads_.end()) submit(*idle, in_);
}

void UsbDevice::write(std::vector<std::uint8_t> data) {
  write_.buffer = std::move(data);
  write_.done = 0;
  submit(write_, out_);
}

void UsbDevice::submit(Transfer& transfer, Way& way) {
  if (closing_ || lost_) return;
  transfer.failed = false;
  libusb_fill_bulk_transfer(
      transfer.transfer, handle_, way.endpoint, transfer.buffer.data() + transfer.done,
      static_cast<int>(transfer.buffer.size() - transfer.done), &on_done, &transfer, 0);
  transfer.flying = libusb_submit_transfer(transfer.transfer) == LIBUSB_SUCCESS;
  if (!transfer.flying) give_up();
}

void UsbDevice::on_done(libusb_transfer* transfer) {
  Transfer& own = *static_cast<Transfer*>(transfer->user_data);
  UsbDevice& self = *own.device;
  own.flying = false;
  const bool reads = &own != &self.write_;
  Way& way = reads ? self.in_ : self.out_;
  if (self.closing_) {
    // Not from within a callback: the handle goes with it.
    self.thread_.run([device = self.shared_from_this()] { device->free_if_done(); });
  } else if (transfer->status != LIBUSB_TRANSFER_COMPLETED) {
    self.failed(own, way);
  } else {
    way.failures = 0;
    reads ? self.read_done(own) : self.write_done();
  }
}

void UsbDevice::read_done(Transfer& read) {
  const int size = read.transfer->actual_length;
  if (size == 0) return submit(read, in_);  // a zero-length packet means nothing
  events_.received({read.buffer.begin(), read.buffer.begin() + size});
}

void UsbDevice::write_done() {
  events_.written();
}

// An unplugged device shows as an error, a stall or as gone, depending on the controller and the
// moment; a stall also happens to one that is there (USB 2.0, 8.4.5). All are treated alike: if the
// endpoint can be cleared, it goes on.
void UsbDevice::failed(Transfer& transfer, Way& way) {
  transfer.failed = true;
  if (&transfer == &write_)
    transfer.done += static_cast<std::size_t>(transfer.transfer->actual_length);
  if (++way.failures > max_failures) return give_up();
  if (way.recovering || lost_) return;
  way.recovering = true;
  thread_.run([self = shared_from_this(), &way] { self->recover(way); });
}

void UsbDevice::recover(Way& way) {
  way.recovering = false;
  if (closing_ || lost_) return;
  if (libusb_clear_halt(handle_, way.endpoint) != LIBUSB_SUCCESS) return give_up();
  if (&way == &out_) {
    if (write_.failed) submit(write_, out_);
    return;
  }
  for (Transfer& read : reads_) {
    if (read.failed) submit(read, in_);
  }
}

void UsbDevice::give_up() {
  if (lost_) return;
  lost_ = true;
  events_.lost();
}

// Closing ----------------------------------------------------------------------------------------

void UsbDevice::close() {
  if (closing_) return;
  closing_ = true;
  events_ = {};
  for (Transfer& read : reads_) {
    if (read.flying) libusb_cancel_transfer(read.transfer);
  }
  if (write_.flying) libusb_cancel_transfer(write_.transfer);
  free_if_done();
}

bool UsbDevice::flying() const {
  return write_.flying || std::ranges::any_of(reads_, &Transfer::flying);
}

void UsbDevice::free_if_done() {
  if (closed() || flying()) return;
  for (Transfer& read : reads_) libusb_free_transfer(std::exchange(read.transfer, nullptr));
  libusb_free_transfer(std::exchange(write_.transfer, nullptr));
  if (interface_) libusb_release_interface(handle_, interface_->number);
  libusb_close(std::exchange(handle_, nullptr));
}

// What was not closed was never begun.
UsbDevice::~UsbDevice() {
  closing_ = true;
  free_if_done();
}

}  // namespace rollcall::links
