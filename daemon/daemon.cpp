#include "daemon/daemon.hpp"

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <iostream>
#include <optional>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>

#include "daemon/accounts/accounts.hpp"
#include "daemon/assessments/library.hpp"
#include "daemon/attendance/recorder.hpp"
#include "daemon/cards/card_issuing.hpp"
#include "daemon/cards/card_sign_ins.hpp"
#include "daemon/cards/site_cards.hpp"
#include "daemon/clock/host_clock.hpp"
#include "daemon/console/api.hpp"
#include "daemon/console/tls.hpp"
#include "daemon/data_folder.hpp"
#include "daemon/delivery/delivery.hpp"
#include "daemon/halfdays/to_sign.hpp"
#include "daemon/keys/site_keys.hpp"
#include "daemon/log/log.hpp"
#include "daemon/metrics/metrics.hpp"
#include "daemon/registry/registry.hpp"
#include "daemon/roster/case_feed.hpp"
#include "daemon/roster/imports.hpp"
#include "daemon/roster/protected_names.hpp"
#include "daemon/roster/roster.hpp"
#include "daemon/screens/screens.hpp"
#include "daemon/settling.hpp"
#include "daemon/sheets/calendar.hpp"
#include "daemon/stations/stations.hpp"
#include "daemon/store/readers.hpp"
#include "daemon/store/writer.hpp"
#include "daemon/terminals/hub.hpp"
#include "hal/host/http/http.hpp"
#include "hal/host/web/assets.hpp"

namespace rollcall {
namespace {

namespace asio = boost::asio;
using Started = std::expected<void, std::string>;

constexpr std::size_t reader_connections = 3;
constexpr std::size_t pool_threads = 2;
constexpr std::chrono::milliseconds stop_limit{1800};

std::string join(const std::vector<std::string>& lines) {
  std::string all;
  for (const std::string& line : lines) all += (all.empty() ? "" : "\n") + line;
  return all;
}

}  // namespace

struct Daemon::Impl {
  explicit Impl(config::Config given) : config(std::move(given)) {}
  ~Impl();

  Started open_store();
  Started load_site();
  Started open_doors();
  asio::awaitable<void> stop();
  void invite_manager();
  std::vector<console::TerminalView> terminal_views() const;
  std::vector<console::StationView> station_views() const;
  Started can_issue(const std::string& place) const;
  void reload_cards();

  // In the order in which each may use those above it.
  const config::Config config;
  asio::io_context io{1};
  asio::thread_pool pool{pool_threads};
  std::optional<DataFolder> folder;
  keys::SiteKeys site_keys;
  std::optional<roster::NameSeal> names;  // none: names of protected people are not kept
  const roster::NameSeal* names_kept() const { return names ? &*names : nullptr; }
  std::optional<clock::HostClock> clock;
  assessments::Library assessments;
  std::unique_ptr<asio::ssl::context> tls;
  std::shared_ptr<asio::ssl::context> console_tls;
  sheets::Calendar holidays;
  std::unique_ptr<store::Writer> writer;
  std::unique_ptr<store::Readers> readers;
  std::unique_ptr<registry::Registry> registry;
  std::unique_ptr<accounts::Accounts> accounts;
  std::unique_ptr<cards::SiteCards> cards;
  std::unique_ptr<cards::CardIssuing> issuing;
  std::unique_ptr<cards::CardSignIns> sign_ins;
  std::unique_ptr<attendance::Recorder> recorder;
  std::unique_ptr<screens::Screens> screens;
  std::unique_ptr<delivery::Delivery> delivery;
  std::unique_ptr<terminals::Hub> hub;
  std::unique_ptr<stations::Stations> stations;
  std::unique_ptr<Settling> settling;
  std::unique_ptr<roster::Imports> imports;
  std::unique_ptr<roster::CaseFeed> feed;
  std::unique_ptr<console::Api> api;
  std::unique_ptr<http::Server> console_server;
  std::unique_ptr<http::Server> control_server;
  metrics::Hold server_counters;
};

Daemon::Impl::~Impl() {
  // What was taken is committed before anything goes; completions then find a reactor that no
  // longer runs, which is where they stop.
  writer.reset();
  pool.join();
}

Started Daemon::Impl::open_store() {
  auto opened = DataFolder::open(config.data_dir);
  if (!opened) return std::unexpected(opened.error());
  folder.emplace(std::move(*opened));

  auto keys = keys::load_or_create(config.data_dir);
  if (!keys) return std::unexpected(keys.error());
  site_keys = *keys;
  if (config.roster.protected_names == "sealed") names.emplace(site_keys.site_private);

  try {
    store::Database database(folder->database(), store::Database::Mode::read_write);
    store::migrate(database);
    clock.emplace(database);
    const auto added =
        keys::add_card_master(config.data_dir, site_keys, attendance::any_card_issued(database));
    if (!added) return added;
  } catch (const store::StoreError& error) {
    return std::unexpected(error.what());
  }
  writer = std::make_unique<store::Writer>(folder->database());
  readers = std::make_unique<store::Readers>(folder->database(), reader_connections);
  registry = std::make_unique<registry::Registry>(*writer, config.site, site_keys.site_private,
                                                  [this] { return clock->now().time_block(); });
  cards = std::make_unique<cards::SiteCards>(*writer, config.site, site_keys.card_key,
                                             *site_keys.card_master,
                                             [this] { return clock->now().time_block(); });
  writer->run_now([this](store::Database& db) { cards->load(db); });
  accounts = std::make_unique<accounts::Accounts>(
      io.get_executor(), pool, *writer,
      accounts::Accounts::Clocks{[this] { return clock->now().wall_ms; }});
  writer->run_now([this](store::Database& db) { accounts->load(db); });
  issuing = std::make_unique<cards::CardIssuing>(io.get_executor(), *cards);
  sign_ins = std::make_unique<cards::CardSignIns>(config.console.card_readers);
  std::vector<std::string> unopened;
  writer->run_now([&](store::Database& db) { unopened = registry->load(db); });
  for (const std::string& serial : unopened) {
    logging::error(
        "the link key of a terminal does not open with this site's key; put site.key back "
        "from its backup, or enrol the terminal again",
        {{"terminal", serial}});
  }
  for (const std::string& id : config.console.card_readers) {
    const auto here = std::ranges::find(config.readers, id, &config::Reader::id);
    const registry::Entry* terminal = registry->find(id);
    if (here != config.readers.end() && !(here->pcsc.empty() && here->pn532.empty())) continue;
    if (terminal != nullptr && terminal->state == registry::State::active) continue;
    logging::warning(
        "nobody can sign in by card there: console.card_readers names no enrolled terminal and no "
        "reader of this host that talks to cards",
        {{"reader", id}});
  }
  return {};
}

Started Daemon::Impl::load_site() {
  const auto reading = roster::read(config.roster, roster::card_hash(site_keys.card_key));
  if (!reading) return std::unexpected(join(reading.error()));
  auto library = assessments::Library::read(config.assessments);
  if (!library) return std::unexpected(join(library.error()));
  assessments = std::move(*library);
  if (!config.attendance.holidays.empty()) {
    const std::filesystem::path file{config.attendance.holidays};
    auto calendar = sheets::load_calendar(file.parent_path().string(), file.stem().string());
    if (!calendar) return std::unexpected(join(calendar.error()));
    holidays = std::move(*calendar);
  }

  roster::Outcome loaded;
  std::vector<std::string> problems;
  const std::int64_t now_ms = clock->now().wall_ms;
  const roster::Moment now{now_ms, attendance::TimeZone(config.site.timezone).at(now_ms).day};
  writer->run_now([&](store::Database& db) {
    loaded = roster::apply(db, *reading, now, {}, names_kept());
    problems = assessments.store(db);
  });
  if (!problems.empty()) return std::unexpected(join(problems));
  Started kept;
  writer->run_now([&](store::Database& db) { kept = stations::keep_readers(db, config.readers); });
  if (!kept) return kept;
  roster::log(reading->source, loaded);
  return {};
}

Started Daemon::Impl::open_doors() {
  const auto now = [this] { return clock->now(); };
  if (!config.delivery.url.empty()) {
    auto context = delivery::tls_context(config.delivery.ca_file);
    if (!context) return std::unexpected(context.error());
    tls = std::move(*context);
  }
  recorder = std::make_unique<attendance::Recorder>(
      *writer, config, site_keys.card_key, now,
      [this](store::Database& db, const std::string& person, const attendance::SigningForms& place,
             const attendance::HostTime& at) {
        return !halfdays::offered(halfdays::to_sign(db, {config, holidays}, person, at), place)
                    .empty();
      });
  screens = std::make_unique<screens::Screens>(pool, config.site.languages);
  delivery = std::make_unique<delivery::Delivery>(io.get_executor(), *writer, *readers, config,
                                                  tls.get(), now);
  hub = std::make_unique<terminals::Hub>(
      io, terminals::Services{pool,
                              config,
                              *registry,
                              *recorder,
                              *cards,
                              *issuing,
                              *sign_ins,
                              *readers,
                              *writer,
                              *screens,
                              assessments,
                              holidays,
                              {site_keys.site_private, site_keys.site_public},
                              now});
  stations = std::make_unique<stations::Stations>(
      io.get_executor(), stations::Services{config, *recorder, *cards, *issuing, *sign_ins,
                                            *readers, *writer, assessments, holidays, now});
  imports = std::make_unique<roster::Imports>(roster::ImportServices{
      pool, *writer, *readers, config, roster::card_hash(site_keys.card_key),
      [this] { return clock->now().wall_ms; }, names_kept(), [this] { reload_cards(); }});
  api = std::make_unique<console::Api>(
      console::Parts{io.get_executor(),
                     config,
                     *writer,
                     *readers,
                     *registry,
                     *cards,
                     *issuing,
                     *sign_ins,
                     *accounts,
                     holidays,
                     [this](const std::string& place) { return can_issue(place); },
                     site_keys.card_key,
                     now,
                     [this] { return terminal_views(); },
                     *hub,
                     [this] { return hub->counters(); },
                     [this] { return delivery->status(); },
                     [this](std::optional<std::string> reason) {
                       return delivery->retry_rejected(std::move(reason));
                     },
                     [this] { return station_views(); },
                     imports.get(),
                     names_kept()});
  api->add_pages([this](http::Router& router) { stations->add_routes(router); });
  writer->on_committed([this] {
    delivery->wake();
    api->changed();
  });
  hub->on_change([this] { api->changed(); });
  stations->on_change([this] { api->changed(); });
  delivery->on_recovered([this] {
    reload_cards();
    hub->ask_for_missing();
  });

  settling = std::make_unique<Settling>(io.get_executor(), *writer, config, now,
                                        [this] { return delivery->status().recovering; });

  delivery->start();
  settling->start();
  if (auto listening = hub->start(); !listening) return listening;
  const auto report = [](const http::Request& request, const std::string& what) {
    logging::error("a request failed", {{"path", request.path}, {"why", what}});
  };
  std::vector<std::string> displays;
  for (const config::SimulatedTerminal& simulated : config.simulated_terminals)
    displays.push_back(simulated.page);
  console_server = std::make_unique<http::Server>(io.get_executor(), api->console(), http::Limits{},
                                                  web::security_headers(displays));
  console_server->on_handler_error(report);
  auto context = console::tls_context(config.console);
  if (!context) return std::unexpected(context.error());
  console_tls = std::move(*context);
  const auto port =
      console_tls
          ? console_server->listen_tls(config.console.address, config.console.port, *console_tls)
          : console_server->listen_tcp(config.console.address, config.console.port);
  if (!port) return std::unexpected(port.error());
  api->opened(*port);
  control_server = std::make_unique<http::Server>(io.get_executor(), api->control(),
                                                  console::Api::control_limits());
  control_server->on_handler_error(report);
  if (auto listening = control_server->listen_unix(config.control_socket, 0600); !listening)
    return listening;
  server_counters = metrics::at_scrape([this] {
    const http::Server::Stats stats = console_server->stats();
    metrics::raise_to(metrics::Counter::http_refused,
                      static_cast<double>(stats.refused_connections), "connections");
    metrics::raise_to(metrics::Counter::http_refused, static_cast<double>(stats.bad_requests),
                      "bad_request");
  });
  api->start();
  stations->start();
  if (accounts->needs_manager()) invite_manager();
  if (config.roster.case_system && tls) {
    feed = std::make_unique<roster::CaseFeed>(io.get_executor(), *tls, config, *imports, *readers);
    feed->start();
  }
  logging::info("ready", {{"site", config.site.id}, {"console_port", *port}});
  return {};
}

// On standard output, not in the log, which others may read.
void Daemon::Impl::invite_manager() {
  std::string link;
  writer->run_now([&](store::Database& db) { link = accounts->make_link(db); });
  std::cout << "Nobody can sign in at the console yet. Within "
            << accounts::Accounts::link_lasts.count()
            << " hours, and once, this makes the first manager:\n  "
            << api->first_manager_address(link) << "\n`rollcall account link` makes another.\n"
            << std::flush;
}

std::vector<console::TerminalView> Daemon::Impl::terminal_views() const {
  std::vector<console::TerminalView> views;
  for (const terminals::TerminalStatus& status : hub->snapshot()) {
    views.push_back({status.serial, status.connected, status.last_seen_ms, status.firmware,
                     status.waiting, status.capacity});
  }
  return views;
}

std::vector<console::StationView> Daemon::Impl::station_views() const {
  std::vector<console::StationView> views;
  for (const stations::StationStatus& status : stations->status()) {
    views.push_back(
        {status.id, status.room, status.mode, status.working, status.last_seen_ms, status.reader});
  }
  return views;
}

// What the tables say of issued cards was changed by others than SiteCards: a restore, a merge.
void Daemon::Impl::reload_cards() {
  asio::co_spawn(io, cards->reload(), [](const std::exception_ptr& failure) {
    if (failure) logging::error("which cards were issued could not be read again; start again");
  });
}

// At a reader of this machine, or at a terminal.
Started Daemon::Impl::can_issue(const std::string& place) const {
  const auto here = stations->can_issue(place);
  return here ? *here : hub->can_issue(place);
}

// Terminals first, so that nothing new comes in; what they sent is committed and answered.
asio::awaitable<void> Daemon::Impl::stop() {
  co_await hub->stop();
  co_await stations->stop();
  settling->stop();
  delivery->stop();
  if (feed) feed->stop();
  api->stop();
  console_server->stop();
  control_server->stop();
}

Daemon::Daemon(config::Config config) : impl_(std::make_unique<Impl>(std::move(config))) {}
Daemon::~Daemon() = default;

Started Daemon::start() {
  for (const auto step : {&Impl::open_store, &Impl::load_site, &Impl::open_doors}) {
    if (Started done = (*impl_.*step)(); !done) return done;
  }
  return {};
}

void Daemon::run() {
  asio::signal_set signals(impl_->io, SIGTERM, SIGINT);
  asio::steady_timer limit(impl_->io);
  signals.async_wait([&](const boost::system::error_code& error, int signal) {
    if (error) return;
    logging::info("stopping", {{"signal", signal}});
    limit.expires_after(stop_limit);
    limit.async_wait([&](const boost::system::error_code& cancelled) {
      if (cancelled) return;
      logging::warning("stopped before everything had closed; what was answered is durable");
      impl_->io.stop();
    });
    asio::co_spawn(impl_->io, impl_->stop(), [&](const std::exception_ptr&) { limit.cancel(); });
  });
  impl_->io.run();
  logging::info("stopped");
}

}  // namespace rollcall
