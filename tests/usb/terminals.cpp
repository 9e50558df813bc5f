#include "tests/usb/terminals.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <iostream>
#include <list>
#include <sstream>

#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace rollcall::usb_bus {
namespace {

using hal::sim::TerminalDevice;

constexpr std::size_t whole_packets(std::size_t bytes) {
  constexpr std::size_t one = hal::usb::packet_bytes;
  return (bytes + one - 1) / one * one;
}

// A terminal behind its socket. While it is not plugged in, what it says is lost.
struct Terminal {
  Terminal(const std::string& folder, std::string name, std::unique_ptr<PresentedDevice> presented)
      : serial(std::move(name)),
        device(std::move(presented)),
        listener(listen_at(folder + "/" + serial)) {}

  void accept() {
    const int next = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (next < 0) return;
    hang_up();
    connection = next;
  }

  void hang_up() {
    if (connection >= 0) ::close(std::exchange(connection, -1));
    waiting.clear();
  }

  // Bytes in both directions, as far as they go now.
  void move() {
    const bool plugged = device->plugged();
    if (was_plugged && !plugged) hang_up();  // the firmware notices that the cable is gone
    was_plugged = plugged;
    if (connection < 0) return;
    std::array<std::uint8_t, 4096> piece{};
    while (waiting.empty() || !plugged) {
      const ssize_t size = ::read(connection, piece.data(), piece.size());
      if (size == 0) return hang_up();
      if (size < 0) break;
      waiting.assign(piece.begin(), piece.begin() + size);
      if (plugged) give();
    }
    if (!waiting.empty()) give();
    const std::vector<std::uint8_t> received = device->receive();
    // A frame or a screen; the buffer of a socket has room for more than a device holds.
    if (!received.empty() && ::send(connection, received.data(), received.size(), MSG_NOSIGNAL) !=
                                 static_cast<ssize_t>(received.size()))
      hang_up();
  }

  void give() {
    if (pads && waiting.back() == 0)  // the end of a frame, behind which zero bytes are nothing
      waiting.resize(whole_packets(waiting.size()));
    const std::size_t taken = device->send(waiting);
    waiting.erase(waiting.begin(), waiting.begin() + static_cast<std::ptrdiff_t>(taken));
  }

  const std::string serial;
  const std::unique_ptr<PresentedDevice> device;
  const int listener;
  int connection = -1;
  bool was_plugged = false;
  bool pads = false;
  std::vector<std::uint8_t> waiting;  // for the host to read
};

std::string obey(std::list<Terminal>& terminals, const std::string& line) {
  std::istringstream words(line);
  std::string command;
  std::string serial;
  std::string how;
  words >> command >> serial >> how;
  const auto found = std::ranges::find(terminals, serial, &Terminal::serial);
  if (found == terminals.end()) return "no such terminal";
  PresentedDevice& device = *found->device;
  const auto change = [&](auto what) {
    device.change(what);
    return "ok";
  };
  const auto number = [&] { return static_cast<unsigned>(std::stoul(how)); };
  if (command == "plug") return device.plug(), "ok";
  if (command == "unplug") return device.unplug(), "ok";
  if (command == "refuse-claims")
    return device.refuse_claims(number()) ? "ok" : "the kernel decides that";
  if (command == "something-else")
    return change([](TerminalDevice& model) { model.be_something_else(); });
  if (command == "pad") return found->pads = how == "on", "ok";
  if (command == "unplug-in")
    return change([&](TerminalDevice& model) { model.unplug_in(number()); });
  if (command == "packets")
    return change([&](TerminalDevice& model) { model.limit_packets(number()); });
  if (command == "zero-packets")
    return change([&](TerminalDevice& model) { model.add_zero_packets(how == "on"); });
  if (command == "stall") {
    return change([&](TerminalDevice& model) {
      model.halt(how == "in" ? hal::usb::endpoint_in : hal::usb::endpoint_out);
    });
  }
  if (command != "state") return "no such command";
  std::string state = device.plugged() ? "plugged " : "unplugged ";
  change([&](TerminalDevice& model) { state += std::to_string(model.zero_packets_sent()); });
  return state;
}

}  // namespace

int listen_at(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(static_cast<char*>(address.sun_path), sizeof address.sun_path - 1);
  const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(listener, 1) != 0) {
    std::perror(path.c_str());
    std::exit(1);
  }
  return listener;
}

int present(const std::string& folder, const std::vector<std::string>& serials,
            const Presents& presents, const std::string& where) {
  const int moved = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  const auto wake = [moved] { (void)::eventfd_write(moved, 1); };
  std::list<Terminal> terminals;
  unsigned number = 0;
  for (const std::string& serial : serials)
    terminals.emplace_back(folder, serial, presents(serial, ++number, wake));
  std::cout << "bus " << where << std::endl;

  ::fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK);
  std::string typed;
  for (;;) {
    std::vector<pollfd> watched{{STDIN_FILENO, POLLIN, 0}, {moved, POLLIN, 0}};
    for (const Terminal& terminal : terminals) {
      watched.push_back(terminal.device->watched());
      watched.push_back({terminal.listener, POLLIN, 0});
      watched.push_back({terminal.waiting.empty() ? terminal.connection : -1, POLLIN, 0});
    }
    ::poll(watched.data(), watched.size(), -1);
    eventfd_t times = 0;
    ::eventfd_read(moved, &times);
    std::array<char, 512> piece{};
    const ssize_t size = ::read(STDIN_FILENO, piece.data(), piece.size());
    if (size == 0) return 0;
    if (size > 0) typed.append(piece.data(), static_cast<std::size_t>(size));
    for (std::size_t end = 0; (end = typed.find('\n')) != std::string::npos;
         typed.erase(0, end + 1))
      std::cout << obey(terminals, typed.substr(0, end)) << std::endl;
    for (Terminal& terminal : terminals) {
      terminal.device->serve();
      terminal.accept();
      terminal.move();
    }
  }
}

}  // namespace rollcall::usb_bus
