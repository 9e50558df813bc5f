#include "daemon/terminals/hub.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <set>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/log/log.hpp"
#include "daemon/terminals/endpoint.hpp"
#include "daemon/terminals/session.hpp"

namespace rollcall::terminals {
namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using local = asio::local::stream_protocol;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds accept_pause{
    100};  // after a failed accept, such as no free descriptor
constexpr std::chrono::milliseconds stop_limit{1000};

std::string sentence(const std::string& entry, const boost::system::error_code& error) {
  if (error == asio::error::address_in_use) {
    return "links.listen: " + entry + " is in use; stop the other program or choose another";
  }
  return "links.listen: " + entry + " cannot be opened: " + error.message();
}

// A socket file that nobody listens on any more is left over from a crash.
void remove_stale(asio::io_context& io, const std::string& path) {
  struct stat info{};
  if (::lstat(path.c_str(), &info) != 0 || !S_ISSOCK(info.st_mode)) return;
  boost::system::error_code error;
  local::socket probe(io);
  probe.connect(local::endpoint(path), error);
  if (error == asio::error::connection_refused) ::unlink(path.c_str());
}

}  // namespace

struct Hub::Impl final : public SessionOwner, public std::enable_shared_from_this<Hub::Impl> {
  // What is known of a configured terminal beside its live session.
  struct Known {
    const config::Terminal* terminal = nullptr;
    Session* session = nullptr;  // after its greeting, while it lasts
    TerminalStatus past;         // sums of ended connections, and when it was last there
  };

  Impl(asio::io_context& context, Services with) : io(context), services(std::move(with)) {
    for (const config::Terminal& terminal : services.config.terminals) {
      Known& known = terminals[terminal.serial];
      known.terminal = &terminal;
      known.past.serial = terminal.serial;
      known.past.room = terminal.room;
      known.past.mode = terminal.mode;
    }
  }

  // Listening ----------------------------------------------------------------------------------

  std::expected<void, std::string> open(const std::string& entry) {
    const auto endpoint = parse_endpoint(entry);
    if (!endpoint) return std::unexpected(endpoint.error());
    const bool allowed = services.config.links.allow_unencrypted_links;
    if (auto clear = may_serve_clear_links(*endpoint, allowed); !clear) return clear;
    boost::system::error_code error;
    if (endpoint->kind == Endpoint::Kind::tcp) {
      tcp::acceptor acceptor(io);
      const tcp::endpoint address(asio::ip::make_address(endpoint->address), endpoint->port);
      acceptor.open(address.protocol(), error);
      if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
      if (!error) acceptor.bind(address, error);
      if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
      if (error) return std::unexpected(sentence(entry, error));
      tcp_acceptors.push_back(std::move(acceptor));
      return {};
    }
    remove_stale(io, endpoint->path);
    local::acceptor acceptor(io);
    acceptor.open(local(), error);
    const auto mask = ::umask(0177);  // the file is its owner's alone from the start
    if (!error) acceptor.bind(local::endpoint(endpoint->path), error);
    ::umask(mask);
    if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (error) return std::unexpected(sentence(entry, error));
    unix_paths.push_back(endpoint->path);
    unix_acceptors.push_back(std::move(acceptor));
    return {};
  }

  template <class Acceptor>
  asio::awaitable<void> accept_loop(Acceptor& acceptor) {
    while (acceptor.is_open()) {
      auto [error, socket] = co_await acceptor.async_accept(asio::as_tuple(asio::use_awaitable));
      if (!acceptor.is_open()) co_return;
      if (error) {
        static logging::Limited log(1, std::chrono::seconds{1});
        log.warning("connection not accepted", {{"why", error.message()}});
        Signal pause(io.get_executor());
        co_await pause.wait(Clock::now() + accept_pause);
        continue;
      }
      admit(std::move(socket));
    }
  }

  void admit(tcp::socket socket) {
    boost::system::error_code error;
    socket.set_option(tcp::no_delay(true), error);
    const auto remote = socket.remote_endpoint(error);
    const std::string peer =
        error ? "tcp" : "tcp " + remote.address().to_string() + ":" + std::to_string(remote.port());
    begin(Session::Socket(std::move(socket)), peer);
  }
  void admit(local::socket socket) { begin(Session::Socket(std::move(socket)), "unix"); }

  void begin(Session::Socket socket, const std::string& peer) {
    ++totals.connections;
    if (stopping || sessions.size() >= spare_connections + 2 * terminals.size()) {
      ++totals.over_limit;
      return;
    }
    auto session = std::make_shared<Session>(*this, services, std::move(socket), peer);
    sessions.insert(session);
    asio::co_spawn(
        io, [session] { return session->run(); },
        [self = shared_from_this(), session](const std::exception_ptr& failure) {
          if (failure) logging::error("a connection ended in an unexpected fault");
          self->ended(session);
        });
  }

  // Sessions -----------------------------------------------------------------------------------

  const config::Terminal* greeted(Session& session, const std::string& serial) override {
    const auto found = terminals.find(serial);
    if (found == terminals.end()) {
      ++totals.not_configured;
      static logging::Limited log(1, std::chrono::seconds{1});
      log.warning("a terminal that is not in the configuration was turned away",
                  {{"terminal", serial}});
      return nullptr;
    }
    Known& known = found->second;
    if (known.session != nullptr) {
      ++totals.displaced;
      static logging::Limited log(1, std::chrono::seconds{1});
      log.warning("a newer connection of the same terminal replaces an older one",
                  {{"terminal", serial}});
      Session& older = *known.session;
      retire(known);
      older.displace();
    }
    known.session = &session;
    return known.terminal;
  }

  HubCounters& counters() override { return totals; }
  void changed() override {
    if (on_change) on_change();
  }

  // The session's figures become part of the past.
  void retire(Known& known) {
    const bool served = known.session->served();
    known.session->describe(known.past);
    known.session = nullptr;
    known.past.connected = false;
    known.past.peer.clear();
    if (served) known.past.since_ms = services.now().wall_ms;
    changed();
  }

  void ended(const std::shared_ptr<Session>& session) {
    const auto found = terminals.find(session->serial());
    if (found != terminals.end() && found->second.session == session.get()) retire(found->second);
    sessions.erase(session);
    all_ended.notify();
  }

  asio::awaitable<void> recall_last_seen() {
    using Seen = std::map<std::string, std::int64_t>;
    const std::function<Seen(store::Database&)> query = [](store::Database& db) {
      Seen seen;
      auto rows = db.prepare("SELECT serial, last_seen_ms FROM terminal");
      while (rows.step()) seen[rows.text(0)] = rows.integer(1);
      return seen;
    };
    const Seen seen = co_await services.readers.query<Seen>(query);
    for (const auto& [serial, at] : seen) {
      const auto found = terminals.find(serial);
      if (found != terminals.end())
        found->second.past.last_seen_ms = std::max(found->second.past.last_seen_ms, at);
    }
  }

  void close_acceptors() {
    boost::system::error_code ignored;
    for (auto& acceptor : tcp_acceptors) acceptor.close(ignored);
    for (auto& acceptor : unix_acceptors) acceptor.close(ignored);
    for (const std::string& path : unix_paths) ::unlink(path.c_str());
    unix_paths.clear();
  }

  asio::io_context& io;
  const Services services;
  HubCounters totals;
  std::map<std::string, Known, std::less<>> terminals;
  std::set<std::shared_ptr<Session>> sessions;
  std::vector<tcp::acceptor> tcp_acceptors;
  std::vector<local::acceptor> unix_acceptors;
  std::vector<std::string> unix_paths;
  std::function<void()> on_change;
  bool stopping = false;
  Signal all_ended{io.get_executor()};
};

Hub::Hub(asio::io_context& io, Services services)
    : impl_(std::make_shared<Impl>(io, std::move(services))) {}
Hub::~Hub() {
  impl_->close_acceptors();
}

std::expected<void, std::string> Hub::start() {
  for (const std::string& entry : impl_->services.config.links.listen) {
    if (auto opened = impl_->open(entry); !opened) {
      impl_->close_acceptors();
      impl_->tcp_acceptors.clear();
      impl_->unix_acceptors.clear();
      return opened;
    }
  }
  const auto impl = impl_;
  for (auto& acceptor : impl->tcp_acceptors) {
    asio::co_spawn(
        impl->io, [impl, &acceptor] { return impl->accept_loop(acceptor); }, asio::detached);
  }
  for (auto& acceptor : impl->unix_acceptors) {
    asio::co_spawn(
        impl->io, [impl, &acceptor] { return impl->accept_loop(acceptor); }, asio::detached);
  }
  asio::co_spawn(
      impl->io, [impl] { return impl->recall_last_seen(); },
      [](const std::exception_ptr& failure) {
        if (failure) logging::warning("when terminals were last seen could not be read");
      });
  return {};
}

asio::awaitable<void> Hub::stop() {
  const auto impl = impl_;
  impl->stopping = true;
  impl->close_acceptors();
  const auto open = impl->sessions;
  for (const auto& session : open) session->finish(flows::Interruption::shutdown);
  const auto until = Clock::now() + stop_limit;
  while (!impl->sessions.empty() && Clock::now() < until) co_await impl->all_ended.wait(until);
  for (const auto& session : impl->sessions) session->abort();
  // What is left waits for a commit; nothing may be torn down under it.
  while (!impl->sessions.empty()) co_await impl->all_ended.wait();
}

std::vector<TerminalStatus> Hub::snapshot() const {
  std::vector<TerminalStatus> all;
  for (const config::Terminal& terminal : impl_->services.config.terminals) {
    const auto& known = impl_->terminals.at(terminal.serial);
    all.push_back(known.past);
    if (known.session != nullptr) known.session->describe(all.back());
  }
  return all;
}

HubCounters Hub::counters() const {
  return impl_->totals;
}

std::uint16_t Hub::port() const {
  return impl_->tcp_acceptors.empty() ? std::uint16_t{0}
                                      : impl_->tcp_acceptors.front().local_endpoint().port();
}

void Hub::on_change(std::function<void()> changed) {
  impl_->on_change = std::move(changed);
}

void Hub::ask_for_missing() {
  for (const auto& session : impl_->sessions) session->ask_for_missing();
}

}  // namespace rollcall::terminals
