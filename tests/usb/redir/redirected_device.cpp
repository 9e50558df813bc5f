#include "tests/usb/redir/redirected_device.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <stdexcept>
#include <utility>

#include <sys/socket.h>
#include <unistd.h>
#include <usbredirparser.h>

#include "tests/usb/terminals.hpp"

namespace rollcall::usb_bus {
namespace {

using hal::sim::TerminalDevice;
using hal::sim::Urb;

constexpr std::uint8_t towards_host = 0x80;

constexpr std::uint8_t low(std::uint16_t value) {
  return static_cast<std::uint8_t>(value & 0xff);
}
constexpr std::uint8_t high(std::uint16_t value) {
  return static_cast<std::uint8_t>(value >> 8);
}
constexpr std::uint16_t word(std::uint8_t low_byte, std::uint8_t high_byte) {
  return static_cast<std::uint16_t>(low_byte | high_byte << 8);
}

std::uint8_t status_of(int error) {
  switch (error) {
    case 0:
      return usb_redir_success;
    case -EPIPE:
      return usb_redir_stall;
    case -ENOENT:
      return usb_redir_cancelled;
    case -EOVERFLOW:
      return usb_redir_babble;
    default:
      return usb_redir_ioerror;
  }
}

// Of an endpoint's address in usbredir's tables: those towards the host come second.
constexpr std::size_t place_of(std::uint8_t endpoint) {
  return (endpoint & 0x0f) + ((endpoint & towards_host) != 0 ? 16 : 0);
}

}  // namespace

// QEMU, as long as it is connected.
class RedirectedDevice::Machine {
 public:
  Machine(TerminalDevice& model, int connection)
      : model_(model), connection_(connection), parser_(usbredirparser_create()) {
    set_callbacks();
    std::array<std::uint32_t, USB_REDIR_CAPS_SIZE> can{};
    for (const int one :
         {usb_redir_cap_connect_device_version, usb_redir_cap_ep_info_max_packet_size,
          usb_redir_cap_64bits_ids, usb_redir_cap_32bits_bulk_length})
      usbredirparser_caps_set_cap(can.data(), one);
    usbredirparser_init(parser_, "rollcall-usb-redir", can.data(), USB_REDIR_CAPS_SIZE,
                        usbredirparser_fl_usb_host);
  }
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;
  ~Machine() {
    usbredirparser_destroy(parser_);
    ::close(connection_);
  }

  pollfd watched() const {
    const bool full = usbredirparser_has_data_to_write(parser_) != 0;
    return {connection_, static_cast<short>(full ? POLLIN | POLLOUT : POLLIN), 0};
  }

  // False: it is gone.
  bool serve() {
    if (usbredirparser_do_read(parser_) != 0) return false;
    return follow();
  }

  // Tells what has changed in the model. False: it is gone.
  bool follow() {
    if (greeted_ && model_.plugged() != connected_) {
      connected_ ? usbredirparser_send_device_disconnect(parser_) : connect();
      connected_ = !connected_;
    }
    // A disconnection takes with it all that is under way.
    for (Urb& urb : model_.take_done()) {
      if (connected_) answer(urb);
    }
    return usbredirparser_has_data_to_write(parser_) == 0 || usbredirparser_do_write(parser_) == 0;
  }

 private:
  static Machine& self(void* user) { return *static_cast<Machine*>(user); }

  void set_callbacks() {
    usbredirparser& on = *parser_;
    on.priv = this;
    on.log_func = [](void*, int level, const char* text) {
      if (level <= usbredirparser_warning) std::fprintf(stderr, "%s\n", text);
    };
    on.read_func = [](void* user, std::uint8_t* into, int room) {
      const ssize_t size =
          ::recv(self(user).connection_, into, static_cast<std::size_t>(room), MSG_DONTWAIT);
      if (size > 0) return static_cast<int>(size);
      return size < 0 && errno == EAGAIN ? 0 : -1;
    };
    on.write_func = [](void* user, std::uint8_t* data, int length) {
      const ssize_t size = ::send(self(user).connection_, data, static_cast<std::size_t>(length),
                                  MSG_DONTWAIT | MSG_NOSIGNAL);
      if (size >= 0) return static_cast<int>(size);
      return errno == EAGAIN ? 0 : -1;
    };
    on.hello_func = [](void* user, usb_redir_hello_header*) { self(user).greeted_ = true; };
    on.reset_func = [](void* user) { self(user).model_.reset(); };
    on.set_configuration_func = [](void* user, std::uint64_t id,
                                   usb_redir_set_configuration_header* asked) {
      usb_redir_configuration_status_header told{usb_redir_success, asked->configuration};
      usbredirparser_send_configuration_status(self(user).parser_, id, &told);
    };
    on.get_configuration_func = [](void* user, std::uint64_t id) {
      usb_redir_configuration_status_header told{usb_redir_success, 1};
      usbredirparser_send_configuration_status(self(user).parser_, id, &told);
    };
    on.set_alt_setting_func = [](void* user, std::uint64_t id,
                                 usb_redir_set_alt_setting_header* asked) {
      usb_redir_alt_setting_status_header told{usb_redir_success, asked->interface, asked->alt};
      usbredirparser_send_alt_setting_status(self(user).parser_, id, &told);
    };
    on.get_alt_setting_func = [](void* user, std::uint64_t id,
                                 usb_redir_get_alt_setting_header* asked) {
      usb_redir_alt_setting_status_header told{usb_redir_success, asked->interface, 0};
      usbredirparser_send_alt_setting_status(self(user).parser_, id, &told);
    };
    on.cancel_data_packet_func = [](void* user, std::uint64_t id) { self(user).model_.cancel(id); };
    on.control_packet_func = [](void* user, std::uint64_t id,
                                usb_redir_control_packet_header* asked, std::uint8_t* data,
                                int size) {
      self(user).submit({.id = id,
                         .endpoint = static_cast<std::uint8_t>(asked->endpoint & towards_host),
                         .setup = {asked->requesttype, asked->request, low(asked->value),
                                   high(asked->value), low(asked->index), high(asked->index),
                                   low(asked->length), high(asked->length)},
                         .data = {}},
                        asked->length, data, size);
    };
    on.bulk_packet_func = [](void* user, std::uint64_t id, usb_redir_bulk_packet_header* asked,
                             std::uint8_t* data, int size) {
      self(user).submit({.id = id, .endpoint = asked->endpoint, .data = {}},
                        static_cast<std::size_t>(asked->length | asked->length_high << 16), data,
                        size);
    };
  }

  // `data` is the parser's; there is none when bytes go to the host, but room for so many.
  void submit(Urb urb, std::size_t room, std::uint8_t* data, int size) {
    if ((urb.endpoint & towards_host) != 0) {
      urb.data.resize(room);
    } else if (data != nullptr) {
      urb.data.assign(data, data + size);
    }
    usbredirparser_free_packet_data(parser_, data);
    model_.submit(std::move(urb));
  }

  // Its interface and endpoints first: QEMU looks at them when it connects the device.
  void connect() {
    usb_redir_interface_info_header interface{};
    interface.interface_count = 1;
    interface.interface_class[0] = hal::usb::interface_class;
    interface.interface_subclass[0] = model_.subclass();
    interface.interface_protocol[0] = hal::usb::interface_protocol;
    usb_redir_ep_info_header endpoints{};
    std::ranges::fill(endpoints.type, usb_redir_type_invalid);
    const auto add = [&](std::uint8_t endpoint, std::uint8_t type) {
      endpoints.type[place_of(endpoint)] = type;
      endpoints.max_packet_size[place_of(endpoint)] = hal::usb::packet_bytes;
    };
    add(0, usb_redir_type_control);
    add(towards_host, usb_redir_type_control);
    add(hal::usb::endpoint_out, usb_redir_type_bulk);
    add(hal::usb::endpoint_in, usb_redir_type_bulk);
    usb_redir_device_connect_header device{};
    device.speed = usb_redir_speed_full;
    device.vendor_id = hal::usb::vendor_id;
    device.product_id = hal::usb::product_id;
    device.device_version_bcd = 0x0100;
    usbredirparser_send_interface_info(parser_, &interface);
    usbredirparser_send_ep_info(parser_, &endpoints);
    usbredirparser_send_device_connect(parser_, &device);
  }

  void answer(Urb& urb) {
    const bool in = (urb.endpoint & towards_host) != 0;
    std::uint8_t* const data = in && urb.actual > 0 ? urb.data.data() : nullptr;
    const int size = data != nullptr ? static_cast<int>(urb.actual) : 0;
    const auto length = static_cast<std::uint16_t>(urb.actual);
    if ((urb.endpoint & ~towards_host) != 0) {
      usb_redir_bulk_packet_header told{};
      told.endpoint = urb.endpoint;
      told.status = status_of(urb.status);
      told.length = length;
      told.length_high = static_cast<std::uint16_t>(urb.actual >> 16);
      return usbredirparser_send_bulk_packet(parser_, urb.id, &told, data, size);
    }
    usb_redir_control_packet_header told{};
    told.endpoint = urb.endpoint;
    told.request = urb.setup[1];
    told.requesttype = urb.setup[0];
    told.status = status_of(urb.status);
    told.value = word(urb.setup[2], urb.setup[3]);
    told.index = word(urb.setup[4], urb.setup[5]);
    told.length = length;
    usbredirparser_send_control_packet(parser_, urb.id, &told, data, size);
  }

  TerminalDevice& model_;
  const int connection_;
  usbredirparser* const parser_;
  bool greeted_ = false;
  bool connected_ = false;  // as far as the machine knows
};

RedirectedDevice::RedirectedDevice(std::string serial, const std::string& path)
    : model_(std::move(serial)), listener_(listen_at(path)) {
  model_.unplug();
}

RedirectedDevice::~RedirectedDevice() {
  machine_.reset();
  ::close(listener_);
}

void RedirectedDevice::plug() {
  change([](TerminalDevice& model) { model.plug(); });
}

void RedirectedDevice::unplug() {
  change([](TerminalDevice& model) { model.unplug(); });
}

bool RedirectedDevice::plugged() {
  return model_.plugged();
}

std::size_t RedirectedDevice::send(hal::Bytes data) {
  std::size_t taken = 0;
  change([&](TerminalDevice& model) { taken = model.send(data); });
  return taken;
}

std::vector<std::uint8_t> RedirectedDevice::receive() {
  std::vector<std::uint8_t> data;
  change([&](TerminalDevice& model) { data = model.receive(); });
  return data;
}

void RedirectedDevice::change(const std::function<void(TerminalDevice&)>& how) {
  how(model_);
  if (machine_ && !machine_->follow()) machine_.reset();
}

pollfd RedirectedDevice::watched() const {
  return machine_ ? machine_->watched() : pollfd{listener_, POLLIN, 0};
}

void RedirectedDevice::serve() {
  if (!machine_) {
    const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (connection < 0) return;
    machine_ = std::make_unique<Machine>(model_, connection);
  }
  if (!machine_->serve()) machine_.reset();
}

}  // namespace rollcall::usb_bus
