#include "daemon/terminals/hub.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <set>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "daemon/in_pool.hpp"
#include "daemon/log/log.hpp"
#include "daemon/terminals/alarms.hpp"
#include "daemon/terminals/doors.hpp"
#include "daemon/terminals/enrolment.hpp"
#include "daemon/terminals/session.hpp"
#include "daemon/terminals/update.hpp"

namespace rollcall::terminals {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds stop_limit{1000};
constexpr std::chrono::minutes alarm_interval{5};

}  // namespace

struct Hub::Impl final : public SessionOwner, public std::enable_shared_from_this<Hub::Impl> {
  // What is known of a terminal of the registry beside its live session.
  struct Known {
    Session* session = nullptr;  // after its greeting, while it lasts
    TerminalStatus past;         // sums of ended connections, and when it was last there
  };

  Impl(asio::io_context& context, Services with) : io(context), services(std::move(with)) {}

  // Sessions -----------------------------------------------------------------------------------

  // Until the session has ended; why it did.
  static asio::awaitable<protocol::CloseReason> serve(std::weak_ptr<Impl> hub,
                                                      std::shared_ptr<links::Link> link) {
    const auto self = hub.lock();
    if (!self || !self->admits()) co_return protocol::CloseReason::local;
    const auto session =
        std::make_shared<Session>(*self, self->services, self->io.get_executor(), std::move(link));
    self->sessions.insert(session);
    try {
      co_await session->run();
    } catch (const std::exception&) {
      logging::error("a connection ended in an unexpected fault");
    }
    self->ended(session);
    co_return session->closed_why();
  }

  bool admits() {
    ++totals.connections;
    if (!stopping && sessions.size() < spare_connections + 2 * services.registry.size())
      return true;
    ++totals.over_limit;
    return false;
  }

  void proven(Session& session) override {
    Known& known = terminals[session.serial()];
    if (known.session != nullptr) {
      Session& older = *known.session;
      retire(known);
      // One whose link has ended may still wait for a drawing that was under way then.
      if (older.closed_why() == protocol::CloseReason::none) displace(older, session);
    }
    known.session = &session;
  }

  void displace(Session& older, Session& newer) {
    ++totals.displaced;
    static logging::Limited log(1, std::chrono::seconds{1});
    log.warning("a newer connection of the same terminal replaces an older one",
                {{"terminal", newer.serial()}});
    older.displace(newer);
  }

  Enrolment& enrolment() override { return window; }
  Update& update() override { return firmware; }
  Alarms& alarms() override { return security; }
  Presence& presence() override { return comings; }

  Session* serving(const std::string& serial) const;

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

  // The registry changed: a revoked terminal goes at once; one that was moved is told.
  void registry_changed(const registry::Entry& entry, registry::Change what) {
    if (what == registry::Change::proven) window.proven(entry.serial);
    const auto found = terminals.find(entry.serial);
    if (found != terminals.end() && found->second.session != nullptr) {
      Session& session = *found->second.session;
      if (what == registry::Change::revoked) session.revoke();
      if (what == registry::Change::configured) session.configure();
    }
    if (what == registry::Change::revoked) firmware.revoked(entry.serial);
    changed();
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
      std::int64_t& last = terminals[serial].past.last_seen_ms;
      last = std::max(last, at);
    }
  }

  // Repeats of an alarm are told within minutes after their hour.
  asio::awaitable<void> tell_alarms() {
    while (!stopping) {
      co_await alarm_pause.wait(Clock::now() + alarm_interval);
      if (!stopping) security.flush(false);
    }
  }

  asio::io_context& io;
  const Services services;
  HubCounters totals;
  std::map<std::string, Known, std::less<>> terminals;
  std::set<std::shared_ptr<Session>> sessions;
  std::shared_ptr<Doors> doors;
  std::function<void()> on_change;
  bool stopping = false;
  Signal all_ended{io.get_executor()};
  Signal alarm_pause{io.get_executor()};
  Enrolment window{io.get_executor(), services.registry};
  Update firmware{io.get_executor()};
  Presence comings;
  Alarms security{services.writer, services.config.site, services.now};
};

Hub::Hub(asio::io_context& io, Services services)
    : impl_(std::make_shared<Impl>(io, std::move(services))) {
  impl_->doors =
      std::make_shared<Doors>(io, [weak = std::weak_ptr(impl_)](std::shared_ptr<links::Link> link) {
        return Impl::serve(weak, std::move(link));
      });
}
Hub::~Hub() {
  impl_->doors->close();
  impl_->doors->end_usb();
}

std::expected<void, std::string> Hub::start() {
  const auto impl = impl_;
  if (auto opened = impl->doors->open(impl->services.config.links); !opened) return opened;
  impl->services.registry.on_change(
      [weak = std::weak_ptr(impl)](const registry::Entry& entry, registry::Change what) {
        if (const auto self = weak.lock()) self->registry_changed(entry, what);
      });
  asio::co_spawn(impl->io, [impl] { return impl->tell_alarms(); }, asio::detached);
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
  impl->alarm_pause.notify();
  impl->doors->close();
  co_await impl->window.cancel();
  impl->firmware.cancel();
  const auto open = impl->sessions;
  for (const auto& session : open) session->finish(flows::Interruption::shutdown);
  const auto until = Clock::now() + stop_limit;
  while (!impl->sessions.empty() && Clock::now() < until) co_await impl->all_ended.wait(until);
  for (const auto& session : impl->sessions) session->abort();
  // What is left waits for a commit; nothing may be torn down under it.
  while (!impl->sessions.empty()) co_await impl->all_ended.wait();
  impl->security.flush(true);
}

std::vector<TerminalStatus> Hub::snapshot() const {
  std::vector<TerminalStatus> all;
  for (const registry::Entry* entry : impl_->services.registry.all()) {
    const auto known = impl_->terminals.find(entry->serial);
    TerminalStatus status;
    if (known != impl_->terminals.end()) status = known->second.past;
    status.serial = entry->serial;
    status.room = entry->room;
    status.mode = entry->mode;
    if (known != impl_->terminals.end() && known->second.session != nullptr)
      known->second.session->describe(status);
    all.push_back(std::move(status));
  }
  return all;
}

HubCounters Hub::counters() const {
  HubCounters counters = impl_->totals;
  counters.alarms = impl_->security.raised();
  return counters;
}

std::uint16_t Hub::port() const {
  return impl_->doors->port();
}

void Hub::on_change(std::function<void()> changed) {
  impl_->on_change = std::move(changed);
}

void Hub::ask_for_missing() {
  for (const auto& session : impl_->sessions) session->ask_for_missing();
}

// For staff --------------------------------------------------------------------------------------

Session* Hub::Impl::serving(const std::string& serial) const {
  const auto known = terminals.find(serial);
  if (known == terminals.end() || known->second.session == nullptr) return nullptr;
  return known->second.session->serving() ? known->second.session : nullptr;
}

std::expected<void, std::string> Hub::open_window(EnrolmentWish wish) {
  const std::string serial = wish.serial;
  const auto& readers = impl_->services.config.readers;
  if (std::ranges::find(readers, serial, &config::Reader::id) != readers.end())
    return std::unexpected(serial + " is the id of a card reader in the configuration");
  const registry::Entry* entry = impl_->services.registry.find(serial);
  if (entry != nullptr && entry->pending_origin == registry::Origin::rotation) {
    return std::unexpected(registry::rotation_under_way(serial));
  }
  const auto opened = impl_->window.open(std::move(wish));
  if (opened && impl_->serving(serial) != nullptr) impl_->window.met(serial);
  return opened;
}

std::optional<Window> Hub::window() const {
  return impl_->window.window();
}

asio::awaitable<std::expected<bool, std::string>> Hub::submit_number(std::string number) {
  return impl_->window.submit_number(std::move(number));
}

asio::awaitable<bool> Hub::cancel_window() {
  return impl_->window.cancel();
}

std::expected<void, std::string> Hub::can_take_key(const std::string& serial) const {
  if (impl_->serving(serial) == nullptr) return std::unexpected(serial + " is not connected");
  return {};
}

asio::awaitable<std::expected<void, std::string>> Hub::hand_over_key(std::string serial,
                                                                     crypto::Key key) {
  Session* session = impl_->serving(serial);
  if (session == nullptr) co_return std::unexpected(serial + " is not connected");
  co_return co_await session->hand_over_key(key);
}

asio::awaitable<std::expected<void, std::string>> Hub::begin_update(UpdateWish wish) {
  const auto impl = impl_;
  auto work = [&wish] { return crypto::sha256(wish.image); };
  const crypto::Digest digest = co_await in_pool(impl->services.pool, work);
  Session* session = impl->serving(wish.serial);
  co_return impl->firmware.begin(std::move(wish), digest,
                                 session != nullptr ? &session->for_update() : nullptr);
}

std::optional<UpdateView> Hub::update() const {
  return impl_->firmware.view();
}

bool Hub::cancel_update() {
  return impl_->firmware.cancel();
}

std::expected<void, std::string> Hub::can_issue(const std::string& serial) const {
  const Session* session = impl_->serving(serial);
  if (session == nullptr) return std::unexpected(serial + " is not connected");
  if (!session->talks_to_cards())
    return std::unexpected("the reader of " + serial + " cannot talk to cards");
  return {};
}

asio::awaitable<std::expected<void, std::string>> Hub::identify(std::string serial,
                                                                std::chrono::seconds time) {
  Session* session = impl_->serving(serial);
  if (session == nullptr) co_return std::unexpected(serial + " is not connected");
  co_return co_await session->identify(time);
}

asio::awaitable<std::expected<protocol::Stats, std::string>> Hub::stats(std::string serial) {
  Session* session = impl_->serving(serial);
  if (session == nullptr) co_return std::unexpected(serial + " is not connected");
  co_return co_await session->stats();
}

asio::awaitable<std::expected<std::string, std::string>> Hub::log(std::string serial) {
  Session* session = impl_->serving(serial);
  if (session == nullptr) co_return std::unexpected(serial + " is not connected");
  co_return co_await session->log();
}

}  // namespace rollcall::terminals
