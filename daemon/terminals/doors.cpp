#include "daemon/terminals/doors.hpp"

#include <chrono>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/log/log.hpp"
#include "daemon/terminals/endpoint.hpp"
#include "hal/host/links/serial.hpp"
#include "hal/host/links/socket.hpp"

namespace rollcall::terminals {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds accept_pause{
    100};  // after a failed accept, such as no free descriptor
// A line that cannot be opened is tried again after these, doubled each time.
constexpr std::chrono::milliseconds open_first{10};
constexpr std::chrono::milliseconds open_most{1000};
// From the end of a session on a line to the start of the next, as docs/protocol.md has it under
// "The way of a link"; after `restarted`, or when the line broke, from start to start.
constexpr std::chrono::milliseconds line_pause{1000};

std::string sentence(const std::string& entry, const boost::system::error_code& error) {
  if (error == asio::error::address_in_use) {
    return "links.listen: " + entry + " is in use; stop the other program or choose another";
  }
  return "links.listen: " + entry + " cannot be opened: " + error.message();
}

// A socket file that nobody listens on any more is left over from a crash.
void remove_stale(asio::io_context& io, const std::string& path) {
  using local = asio::local::stream_protocol;
  struct stat info{};
  if (::lstat(path.c_str(), &info) != 0 || !S_ISSOCK(info.st_mode)) return;
  boost::system::error_code error;
  local::socket probe(io);
  probe.connect(local::endpoint(path), error);
  if (error == asio::error::connection_refused) ::unlink(path.c_str());
}

}  // namespace

std::expected<void, std::string> Doors::open(const config::Links& links) {
  for (const std::string& entry : links.listen) {
    if (auto opened = open_entry(entry); !opened) {
      close();
      tcp_acceptors_.clear();
      unix_acceptors_.clear();
      serial_ports_.clear();
      return opened;
    }
  }
  start();
  if (links.usb == "auto") watch_usb();
  return {};
}

// A site without USB is as good as any other: no reason not to start.
void Doors::watch_usb() {
  auto bus = links::watch_usb(io_.get_executor(),
                              [weak = weak_from_this()](std::shared_ptr<links::Port> port) {
                                if (const auto self = weak.lock())
                                  self->begin_line(std::move(port));
                              });
  if (bus) {
    usb_ = std::move(*bus);
  } else {
    logging::info("terminals on USB are not served here", {{"why", bus.error()}});
  }
}

std::expected<void, std::string> Doors::open_entry(const std::string& entry) {
  const auto endpoint = parse_endpoint(entry);
  if (!endpoint) return std::unexpected(endpoint.error());
  boost::system::error_code error;
  if (endpoint->kind == Endpoint::Kind::tcp) {
    Tcp::acceptor acceptor(io_);
    const Tcp::endpoint address(asio::ip::make_address(endpoint->address), endpoint->port);
    acceptor.open(address.protocol(), error);
    if (!error) acceptor.set_option(Tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor.bind(address, error);
    if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (error) return std::unexpected(sentence(entry, error));
    tcp_acceptors_.push_back(std::move(acceptor));
    return {};
  }
  if (endpoint->kind == Endpoint::Kind::serial) {
    serial_ports_.push_back(links::serial_port(io_.get_executor(), endpoint->line));
    return {};
  }
  remove_stale(io_, endpoint->path);
  Local::acceptor acceptor(io_);
  acceptor.open(Local(), error);
  const auto mask = ::umask(0177);  // the file is its owner's alone from the start
  if (!error) acceptor.bind(Local::endpoint(endpoint->path), error);
  ::umask(mask);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) return std::unexpected(sentence(entry, error));
  unix_paths_.push_back(endpoint->path);
  unix_acceptors_.push_back(std::move(acceptor));
  return {};
}

void Doors::start() {
  const auto self = shared_from_this();
  for (auto& acceptor : tcp_acceptors_) {
    asio::co_spawn(io_, [self, &acceptor] { return self->accept_loop(acceptor); }, asio::detached);
  }
  for (auto& acceptor : unix_acceptors_) {
    asio::co_spawn(io_, [self, &acceptor] { return self->accept_loop(acceptor); }, asio::detached);
  }
  for (auto& port : serial_ports_) begin_line(std::move(port));
  serial_ports_.clear();
}

template <class Acceptor>
asio::awaitable<void> Doors::accept_loop(Acceptor& acceptor) {
  while (acceptor.is_open()) {
    auto [error, socket] = co_await acceptor.async_accept(asio::as_tuple(asio::use_awaitable));
    if (!acceptor.is_open()) co_return;
    if (error) {
      static logging::Limited log(1, std::chrono::seconds{1});
      log.warning("connection not accepted", {{"why", error.message()}});
      Signal pause(io_.get_executor());
      co_await pause.wait(Clock::now() + accept_pause);
      continue;
    }
    admit(std::move(socket));
  }
}

void Doors::admit(Tcp::socket socket) {
  boost::system::error_code error;
  socket.set_option(Tcp::no_delay(true), error);
  const auto remote = socket.remote_endpoint(error);
  std::string peer = "tcp";
  if (!error) peer += " " + remote.address().to_string() + ":" + std::to_string(remote.port());
  asio::co_spawn(io_, serve_(links::socket_link(std::move(socket), peer)), asio::detached);
}

void Doors::admit(Local::socket socket) {
  asio::co_spawn(io_, serve_(links::socket_link(std::move(socket), "unix")), asio::detached);
}

void Doors::begin_line(std::shared_ptr<links::Port> port) {
  if (closed_) return;
  lines_.push_back({std::move(port), Signal(io_.get_executor())});
  const auto line = std::prev(lines_.end());
  asio::co_spawn(
      io_, [self = shared_from_this(), line] { return self->keep_line(line); }, asio::detached);
}

// One session after the other until the line is gone for good.
asio::awaitable<void> Doors::keep_line(std::list<Line>::iterator line) {
  links::Port& port = *line->port;
  auto wait = open_first;
  std::string told;  // why it could not be opened, as far as it was logged
  while (!closed_ && !port.gone()) {
    auto link = co_await port.open();
    if (!link) {
      // A claim that is refused at first is no news; one that still is after a while is.
      if (wait >= open_most && link.error() != told) {
        told = link.error();
        logging::info("a line to a terminal cannot be opened; it is tried again",
                      {{"line", port.name()}, {"why", told}});
      }
      co_await line->pause.wait(Clock::now() + wait);
      wait = std::min(wait * 2, open_most);
      continue;
    }
    wait = open_first;
    if (!told.empty()) logging::info("a line to a terminal is open", {{"line", port.name()}});
    told.clear();
    const auto began = Clock::now();
    const auto why = co_await serve_(std::move(*link));
    const bool at_once =
        why == protocol::CloseReason::restarted || why == protocol::CloseReason::transport;
    const auto next = (at_once ? began : Clock::now()) + line_pause;
    if (!closed_) co_await line->pause.wait(next);
  }
  lines_.erase(line);
}

void Doors::close() {
  closed_ = true;
  for (Line& line : lines_) line.pause.notify();
  boost::system::error_code ignored;
  for (auto& acceptor : tcp_acceptors_) acceptor.close(ignored);
  for (auto& acceptor : unix_acceptors_) acceptor.close(ignored);
  for (const std::string& path : unix_paths_) ::unlink(path.c_str());
  unix_paths_.clear();
}

std::uint16_t Doors::port() const {
  return tcp_acceptors_.empty() ? std::uint16_t{0} : tcp_acceptors_.front().local_endpoint().port();
}

}  // namespace rollcall::terminals
