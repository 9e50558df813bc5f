#include <algorithm>
#include <atomic>
#include <map>
#include <utility>
#include <vector>

#include <boost/asio/post.hpp>
#include <libusb.h>

#include "hal/host/links/usb.hpp"
#include "hal/host/links/usb_link.hpp"
#include "hal/usb_terminal.hpp"

namespace rollcall::links {
namespace {

namespace asio = boost::asio;
using Reactor = asio::any_io_executor;

// What is plugged in; all of it belongs to the USB thread.
class Plugged {
 public:
  using Gone = std::shared_ptr<std::atomic<bool>>;

  // Takes over a reference.
  void arrived(std::uint64_t id, libusb_device* device, Gone gone) {
    terminals_[id] = {device, std::move(gone), {}};
  }

  void left(const libusb_device* device) {
    std::erase_if(terminals_, [&](const auto& entry) {
      const Terminal& terminal = entry.second;
      if (terminal.device != device) return false;
      terminal.gone->store(true);
      if (const auto opened = terminal.opened.lock()) opened->unplugged();
      libusb_unref_device(terminal.device);
      return true;
    });
  }

  UsbLink::Opened open(UsbThread& thread, std::uint64_t id) {
    const auto found = terminals_.find(id);
    if (found == terminals_.end()) return std::unexpected("it was unplugged");
    Terminal& terminal = found->second;
    std::erase_if(opened_, [](const auto& device) { return device->closed(); });
    if (UsbDevice::is_something_else(terminal.device)) {
      terminal.gone->store(true);
      return std::unexpected("it is no terminal");
    }
    if (const auto before = terminal.opened.lock(); before && !before->closed())
      return std::unexpected("the connection before is still being closed");
    auto opened = UsbDevice::open(thread, terminal.device);
    if (opened) {
      terminal.opened = *opened;
      opened_.push_back(*opened);
    }
    return opened;
  }

  // True when all are closed and nothing of libusb's is held any more.
  bool close() {
    for (const auto& device : opened_) device->close();
    if (!std::ranges::all_of(opened_, [](const auto& device) { return device->closed(); }))
      return false;
    for (auto& [id, terminal] : terminals_) libusb_unref_device(terminal.device);
    terminals_.clear();
    return true;
  }

 private:
  struct Terminal {
    libusb_device* device;
    Gone gone;
    std::weak_ptr<UsbDevice> opened;
  };
  std::map<std::uint64_t, Terminal> terminals_;  // by a number that is used once
  std::vector<std::shared_ptr<UsbDevice>> opened_;
};

class UsbPort final : public Port {
 public:
  UsbPort(Reactor reactor, std::shared_ptr<UsbThread> thread, std::shared_ptr<Plugged> plugged,
          std::uint64_t id, std::string name, Plugged::Gone gone)
      : reactor_(std::move(reactor)),
        thread_(std::move(thread)),
        plugged_(std::move(plugged)),
        id_(id),
        name_(std::move(name)),
        gone_(std::move(gone)) {}

  asio::awaitable<std::expected<std::shared_ptr<Link>, std::string>> open() override {
    const auto link = std::make_shared<UsbLink>(reactor_, thread_);
    const std::function<UsbLink::Opened()> opens = [thread = thread_.get(), plugged = plugged_,
                                                    id = id_] {
      return plugged->open(*thread, id);
    };
    const auto opened = co_await link->open(opens);
    if (!opened) co_return std::unexpected(opened.error());
    co_return link;
  }
  bool gone() const override { return gone_->load(); }
  const std::string& name() const override { return name_; }

 private:
  const Reactor reactor_;
  const std::shared_ptr<UsbThread> thread_;
  const std::shared_ptr<Plugged> plugged_;
  const std::uint64_t id_;
  const std::string name_;
  const Plugged::Gone gone_;
};

// Tells the reactor what arrives. Belongs to the USB thread, which keeps it as long as it runs.
struct Watch {
  void begin() {
    libusb_hotplug_register_callback(
        thread->context(), LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED | LIBUSB_HOTPLUG_EVENT_DEVICE_LEFT,
        LIBUSB_HOTPLUG_ENUMERATE, hal::usb::vendor_id, hal::usb::product_id,
        LIBUSB_HOTPLUG_MATCH_ANY, &on_change, this, nullptr);
  }

  // Only posts: libusb is in the middle of its own work.
  static int LIBUSB_CALL on_change(libusb_context*, libusb_device* device,
                                   libusb_hotplug_event event, void* user) {
    Watch& self = *static_cast<Watch*>(user);
    libusb_ref_device(device);
    self.thread->run([&self, device, event] {
      if (event == LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED) return self.arrive(device);
      self.plugged->left(device);
      libusb_unref_device(device);
    });
    return 0;  // and go on watching
  }

  void arrive(libusb_device* device) {
    const std::uint64_t id = ++ids;
    const auto gone = std::make_shared<std::atomic<bool>>(false);
    plugged->arrived(id, device, gone);
    const std::string name = "usb bus " + std::to_string(libusb_get_bus_number(device)) +
                             " device " + std::to_string(libusb_get_device_address(device));
    auto port = std::make_shared<UsbPort>(reactor, thread, plugged, id, name, gone);
    asio::post(reactor, [tell = arrived, port = std::move(port)] { tell(port); });
  }

  const Reactor reactor;
  const std::shared_ptr<UsbThread> thread;
  const std::function<void(std::shared_ptr<Port>)> arrived;
  const std::shared_ptr<Plugged> plugged = std::make_shared<Plugged>();
  std::uint64_t ids = 0;
};

class Bus final : public UsbBus {
 public:
  explicit Bus(std::shared_ptr<Watch> watch) : watch_(std::move(watch)) {
    watch_->thread->run([watch = watch_] { watch->begin(); });
  }
  ~Bus() override {
    watch_->thread->stop([watch = watch_] { return watch->plugged->close(); });
  }

 private:
  const std::shared_ptr<Watch> watch_;
};

}  // namespace

std::expected<std::unique_ptr<UsbBus>, std::string> watch_usb(
    Reactor reactor, std::function<void(std::shared_ptr<Port>)> arrived) {
  auto thread = UsbThread::start();
  if (!thread) return std::unexpected(thread.error());
  return std::make_unique<Bus>(
      std::make_shared<Watch>(std::move(reactor), std::move(*thread), std::move(arrived)));
}

}  // namespace rollcall::links
