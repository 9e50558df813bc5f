#include "tests/usb/bus/mocked_device.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <utility>

#include <fcntl.h>
#include <linux/usbdevice_fs.h>
#include <termios.h>
#include <umockdev.h>
#include <unistd.h>

#include "tests/usb/pty_node.hpp"

namespace rollcall::usb_bus {
namespace {

using hal::sim::Urb;

// Device numbers as the kernel gives them: the next that is free, from 2 (1 is the hub) to 127, and
// around. All of it belongs to the one thread that plugs.
class Numbers {
 public:
  unsigned take() {
    do last_ = last_ == 127 ? 2 : last_ + 1;
    while (!taken_.insert(last_).second);
    return last_;
  }
  void give_back(unsigned number) { taken_.erase(number); }

 private:
  unsigned last_ = 1;
  std::set<unsigned> taken_;
};
Numbers numbers;

std::string three_digits(unsigned number) {
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "%03u", number);
  return text.data();
}

std::string hex(const std::vector<std::uint8_t>& bytes) {
  std::string text;
  for (const std::uint8_t byte : bytes) {
    std::array<char, 3> digits{};
    std::snprintf(digits.data(), digits.size(), "%02x", byte);
    text += digits.data();
  }
  return text;
}

}  // namespace

// One plugging: a device node, and who has it open.
class MockedDevice::Node {
 public:
  explicit Node(MockedDevice& owner)
      : owner_(owner),
        number_(numbers.take()),
        path_("/dev/bus/usb/001/" + three_digits(number_)),
        system_("/devices/usb1/1-" + std::to_string(owner.number_)),
        node_(owner.testbed_, path_) {
    node_.plug();
    show_readiness();
    handler_ = umockdev_ioctl_base_new();
    g_signal_connect_after(handler_, "handle-ioctl", G_CALLBACK(&Node::on_ioctl), this);
    g_signal_connect(handler_, "client-connected", G_CALLBACK(&Node::on_opened), this);
    // Of whoever had the number before.
    umockdev_testbed_detach_ioctl(owner_.testbed_, path_.c_str(), nullptr);
    umockdev_testbed_attach_ioctl(owner_.testbed_, path_.c_str(), handler_, nullptr);
  }
  ~Node() {
    let_go();
    g_object_unref(handler_);
  }

  void announce() {
    const std::string description =
        "P: " + system_ +
        "\nE: SUBSYSTEM=usb\nE: DRIVER=usb\nE: BUSNUM=001\nE: DEVNUM=" + three_digits(number_) +
        "\nE: DEVNAME=" + path_ +
        "\nE: DEVTYPE=usb_device\nA: bConfigurationValue=1\\n\nA: busnum=1\\n\nA: devnum=" +
        std::to_string(number_) +
        "\\n\nA: speed=12\\n\nH: descriptors=" + hex(owner_.model_.descriptors()) + "\n";
    GError* error = nullptr;
    if (!umockdev_testbed_add_from_string(owner_.testbed_, description.c_str(), &error))
      throw std::runtime_error(error->message);
  }

  // Under the owner's lock. Whoever has it open gets POLLHUP, as usbfs gives it.
  void hang_up() { node_.unplug(); }
  void withdraw() {
    const std::string place = "/sys" + system_;
    umockdev_testbed_uevent(owner_.testbed_, place.c_str(), "remove");
    umockdev_testbed_remove_device(owner_.testbed_, place.c_str());
    numbers.give_back(number_);
  }

  // Under the owner's lock: what the model has completed may be fetched.
  void collect() {
    for (Urb& urb : owner_.model_.take_done()) done_.push_back(std::move(urb));
    show_readiness();
  }

 private:
  // What a program has submitted and gets back; its memory is umockdev's.
  struct Flight {
    UMockdevIoctlData* request;
    UMockdevIoctlData* buffer;
  };

  void let_go() {
    for (const Flight& flight : landed_) {
      g_object_unref(flight.request);
      if (flight.buffer != nullptr) g_object_unref(flight.buffer);
    }
    landed_.clear();
  }

  // poll(POLLOUT) on usbfs means that a URB can be reaped: a pseudo terminal can say yes and no to
  // it, by flow control.
  void show_readiness() {
    const bool ready = !done_.empty();
    if (ready == ready_ || node_.slave() < 0) return;
    ready_ = ready;
    ::tcflow(node_.slave(), ready ? TCOON : TCOOFF);
  }

  static gboolean on_ioctl(UMockdevIoctlBase*, UMockdevIoctlClient* client, gpointer user) {
    Node& self = *static_cast<Node*>(user);
    const std::optional<long> result = self.answer(client);
    if (!result) return FALSE;
    umockdev_ioctl_client_complete(client, *result < 0 ? -1 : *result,
                                   *result < 0 ? static_cast<int>(-*result) : 0);
    self.owner_.wake_();
    return TRUE;
  }

  // A kernel takes back the URBs of whoever closes the node or ends. umockdev does not tell of
  // that, but of the next that opens it: one program at a time has a terminal open.
  static void on_opened(UMockdevIoctlBase*, UMockdevIoctlClient*, gpointer user) {
    Node& self = *static_cast<Node*>(user);
    const std::scoped_lock lock(self.owner_.mutex_);
    for (const auto& [id, flight] : self.flights_) self.owner_.model_.cancel(id);
    (void)self.owner_.model_.take_done();
    self.done_.clear();
    for (const auto& [id, flight] : self.flights_) self.landed_.push_back(flight);
    self.flights_.clear();
    self.show_readiness();
  }

  // What the ioctl returns, or a negative errno.
  std::optional<long> answer(UMockdevIoctlClient* client) {
    const std::scoped_lock lock(owner_.mutex_);
    UMockdevIoctlData* const argument = umockdev_ioctl_client_get_arg(client);
    const bool here = owner_.node_.get() == this && owner_.model_.plugged();
    const long nothing = here ? 0 : -ENODEV;
    switch (umockdev_ioctl_client_get_request(client)) {
      case USBDEVFS_GET_CAPABILITIES:
        number_at(argument, USBDEVFS_CAP_ZERO_PACKET | USBDEVFS_CAP_NO_PACKET_SIZE_LIM |
                                USBDEVFS_CAP_REAP_AFTER_DISCONNECT);
        return 0;
      case USBDEVFS_DISCONNECT_CLAIM:
      case USBDEVFS_CLAIMINTERFACE:
        if (owner_.claims_to_refuse_ == 0 || !here) return nothing;
        --owner_.claims_to_refuse_;
        return -ENOENT;
      case USBDEVFS_CLEAR_HALT:
        if (here) owner_.model_.clear_halt(static_cast<std::uint8_t>(number_at(argument)));
        return nothing;
      case USBDEVFS_SUBMITURB:
        if (!here) return -ENODEV;
        submit(argument);
        return 0;
      case USBDEVFS_DISCARDURB: {
        const bool cancelled =
            owner_.model_.cancel(*reinterpret_cast<std::uint64_t*>(argument->data));
        collect();
        return cancelled ? 0 : -EINVAL;
      }
      case USBDEVFS_REAPURB:
      case USBDEVFS_REAPURBNDELAY:
        if (done_.empty()) return here ? -EAGAIN : -ENODEV;
        reap(argument);
        return 0;
      case USBDEVFS_IOCTL:
      case USBDEVFS_GETDRIVER:
        return -ENODATA;  // no driver has it
      case USBDEVFS_RELEASEINTERFACE:
      case USBDEVFS_SETCONFIGURATION:
      case USBDEVFS_SETINTERFACE:
        return nothing;
      default:
        return std::nullopt;
    }
  }

  // The number that an ioctl points to; `write` replaces it.
  static std::uint32_t number_at(UMockdevIoctlData* argument, std::uint32_t write = 0) {
    UMockdevIoctlData* const data =
        umockdev_ioctl_data_resolve(argument, 0, sizeof(std::uint32_t), nullptr);
    std::uint32_t number = 0;
    std::memcpy(&number, data->data, sizeof number);
    if (write != 0) std::memcpy(data->data, &write, sizeof write);
    g_object_unref(data);
    return number;
  }

  void submit(UMockdevIoctlData* argument) {
    UMockdevIoctlData* const request =
        umockdev_ioctl_data_resolve(argument, 0, sizeof(usbdevfs_urb), nullptr);
    const auto* asked = reinterpret_cast<const usbdevfs_urb*>(request->data);
    const auto size = static_cast<std::size_t>(asked->buffer_length);
    UMockdevIoctlData* buffer = nullptr;
    if (size > 0) {
      buffer = umockdev_ioctl_data_resolve(request, G_STRUCT_OFFSET(usbdevfs_urb, buffer), size,
                                           nullptr);
    }
    Urb urb;
    urb.id = request->client_addr;
    urb.endpoint = asked->endpoint;
    const std::size_t skip = asked->type == USBDEVFS_URB_TYPE_CONTROL ? urb.setup.size() : 0;
    if (skip > 0) {
      std::memcpy(urb.setup.data(), buffer->data, skip);
      urb.endpoint = urb.setup[0] & 0x80;
    }
    if (size > skip) urb.data.assign(buffer->data + skip, buffer->data + size);
    flights_[urb.id] = {request, buffer};
    owner_.model_.submit(std::move(urb));
    collect();
  }

  void reap(UMockdevIoctlData* argument) {
    const Urb urb = std::move(done_.front());
    done_.pop_front();
    const auto flight = flights_.find(urb.id);
    auto* told = reinterpret_cast<usbdevfs_urb*>(flight->second.request->data);
    told->status = urb.status;
    told->actual_length = static_cast<int>(urb.actual);
    if ((urb.endpoint & 0x80) != 0 && urb.actual > 0) {
      const std::size_t skip = told->type == USBDEVFS_URB_TYPE_CONTROL ? urb.setup.size() : 0;
      std::memcpy(flight->second.buffer->data + skip, urb.data.data(), urb.actual);
    }
    UMockdevIoctlData* const pointer =
        umockdev_ioctl_data_resolve(argument, 0, sizeof(void*), nullptr);
    umockdev_ioctl_data_set_ptr(pointer, 0, flight->second.request);
    g_object_unref(pointer);
    let_go();  // of the one before: the answer with this one has not been sent yet
    landed_.push_back(flight->second);
    flights_.erase(flight);
    show_readiness();
  }

  MockedDevice& owner_;
  const unsigned number_;
  const std::string path_;    // of the node, in the testbed
  const std::string system_;  // of the device in sysfs
  testing::PtyNode node_;
  UMockdevIoctlBase* handler_ = nullptr;
  bool ready_ = true;  // as a pseudo terminal is at first
  std::deque<Urb> done_;
  std::map<std::uint64_t, Flight> flights_;  // by the address that the program gave
  std::vector<Flight> landed_;
};

MockedDevice::MockedDevice(UMockdevTestbed* testbed, std::string serial, unsigned number,
                           std::function<void()> wake)
    : testbed_(testbed), number_(number), wake_(std::move(wake)), model_(std::move(serial)) {
  model_.unplug();
}

MockedDevice::~MockedDevice() = default;

void MockedDevice::plug() {
  if (node_) return;
  {
    const std::scoped_lock lock(mutex_);
    model_.plug();
  }
  auto node = std::make_shared<Node>(*this);
  {
    const std::scoped_lock lock(mutex_);
    node_ = node;
  }
  node->announce();
}

void MockedDevice::unplug() {
  change([](hal::sim::TerminalDevice& model) { model.unplug(); });
  plugged();
}

bool MockedDevice::plugged() {
  if (!node_) return false;
  const std::shared_ptr<Node> node = node_;
  {
    const std::scoped_lock lock(mutex_);
    if (model_.plugged()) return true;
    node->collect();
    node->hang_up();
    former_.push_back(std::exchange(node_, nullptr));
  }
  node->withdraw();
  return false;
}

bool MockedDevice::refuse_claims(unsigned times) {
  const std::scoped_lock lock(mutex_);
  claims_to_refuse_ = times;
  return true;
}

std::size_t MockedDevice::send(hal::Bytes data) {
  std::size_t taken = 0;
  change([&](hal::sim::TerminalDevice& model) { taken = model.send(data); });
  return taken;
}

std::vector<std::uint8_t> MockedDevice::receive() {
  std::vector<std::uint8_t> data;
  change([&](hal::sim::TerminalDevice& model) { data = model.receive(); });
  return data;
}

void MockedDevice::change(const std::function<void(hal::sim::TerminalDevice&)>& how) {
  const std::scoped_lock lock(mutex_);
  how(model_);
  if (node_) node_->collect();
}

}  // namespace rollcall::usb_bus
