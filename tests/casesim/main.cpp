// rollcall-casesim: a case system to run against, with faults on demand.
#include <chrono>
#include <csignal>
#include <iostream>
#include <string>

#include <CLI/CLI.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "hal/host/http/http.hpp"
#include "tests/casesim/service.hpp"

namespace {

namespace asio = boost::asio;
namespace casesim = rollcall::casesim;
namespace http = rollcall::http;

constexpr std::chrono::milliseconds longest_goodbye{1500};
constexpr std::chrono::milliseconds goodbye_step{10};

struct Options {
  std::string address;
  unsigned short port = 0;
  std::string listen, cert, key, db, api, reject_people, roster;
  casesim::FaultRates rates;
  unsigned latency_ms = 0;
  std::uint64_t seed = 1;
  bool discard = false;
};

int fail(const std::string& sentence) {
  std::cerr << "rollcall-casesim: " << sentence << '\n';
  return 1;
}

std::int64_t wall_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

void declare(CLI::App& app, Options& options) {
  const CLI::Range rate(0.0, 1.0);
  app.add_option("--listen", options.listen, "ADDRESS:PORT; port 0 = any free one")->required();
  app.add_option("--cert", options.cert, "PEM file with the certificate chain")->required();
  app.add_option("--key", options.key, "PEM file with the private key")->required();
  app.add_option("--db", options.db, "database file, made when it is not there")->required();
  app.add_option("--api", options.api, "folder docs/api: the schemas that decide")->required();
  app.add_option("--fail-rate", options.rates.fail, "share of requests answered 500")->check(rate);
  app.add_option("--busy-rate", options.rates.busy, "share of requests answered 503")->check(rate);
  app.add_option("--drop-after-commit-rate", options.rates.drop_after_commit,
                 "share of batches kept and then not answered")
      ->check(rate);
  app.add_option("--wrong-receipt-rate", options.rates.wrong_receipt,
                 "share of batches kept and answered with a receipt that does not match")
      ->check(rate);
  app.add_option("--latency", options.latency_ms, "milliseconds before each answer");
  app.add_option("--seed", options.seed, "of the faults");
  app.add_option("--reject-people", options.reject_people,
                 "file of pseudonyms that are answered unknown-person, read again when it changes");
  app.add_option("--roster", options.roster, "JSON Lines file of roster records");
  app.add_flag("--discard", options.discard, "keep no events and check only ranges");
}

bool split_address(Options& options) {
  const auto colon = options.listen.rfind(':');
  if (colon == std::string::npos || colon == 0) return false;
  options.address = options.listen.substr(0, colon);
  const std::string port = options.listen.substr(colon + 1);
  if (port.empty() || port.size() > 5 ||
      port.find_first_not_of("0123456789") != std::string::npos) {
    return false;
  }
  const unsigned long number = std::stoul(port);
  options.port = static_cast<unsigned short>(number);
  return number <= 65535;
}

// Waits for a signal, lets requests under way finish, ends the loop.
asio::awaitable<void> until_stopped(asio::io_context& io, http::Server& server) {
  asio::signal_set signals(io, SIGTERM, SIGINT);
  co_await signals.async_wait(asio::use_awaitable);
  server.stop();
  const auto deadline = std::chrono::steady_clock::now() + longest_goodbye;
  asio::steady_timer timer(io);
  while (server.stats().open_connections > 0 && std::chrono::steady_clock::now() < deadline) {
    timer.expires_after(goodbye_step);
    co_await timer.async_wait(asio::use_awaitable);
  }
  io.stop();
}

int run(const Options& options) {
  auto schemas = casesim::Schemas::load(options.api);
  if (!schemas) return fail(schemas.error());
  casesim::PersonList rejected_people;
  if (!options.reject_people.empty()) {
    auto list = casesim::PersonList::open(options.reject_people);
    if (!list) return fail(list.error());
    rejected_people = std::move(*list);
  }
  casesim::Roster roster;
  if (!options.roster.empty()) {
    auto records = casesim::Roster::open(options.roster, *schemas);
    if (!records) return fail(records.error());
    roster = std::move(*records);
  }

  asio::ssl::context tls(asio::ssl::context::tls_server);
  tls.set_options(asio::ssl::context::no_tlsv1 | asio::ssl::context::no_tlsv1_1);
  boost::system::error_code error;
  tls.use_certificate_chain_file(options.cert, error);
  if (error) return fail("--cert " + options.cert + ": " + error.message());
  tls.use_private_key_file(options.key, asio::ssl::context::pem, error);
  if (error) return fail("--key " + options.key + ": " + error.message());

  casesim::Ledger ledger(options.db, *schemas, rejected_people,
                         {.discard = options.discard, .now_ms = wall_ms});
  casesim::FaultRates rates = options.rates;
  rates.latency = std::chrono::milliseconds(options.latency_ms);
  casesim::Faults faults(rates, options.seed);
  casesim::Service service(ledger, roster, faults);
  http::Router router;
  service.add_routes(router);

  asio::io_context io(1);
  http::Limits limits;
  limits.body_bytes = casesim::max_body_sent;
  http::Server server(io.get_executor(), router, limits);
  server.on_handler_error([](const http::Request& request, const std::string& what) {
    std::cerr << "rollcall-casesim: " << request.method << ' ' << request.path << ": " << what
              << std::endl;
  });
  const auto port = server.listen_tls(options.address, options.port, tls);
  if (!port) return fail(port.error());

  asio::co_spawn(io, until_stopped(io, server), asio::detached);
  std::cout << "rollcall-casesim: https://" << options.address << ':' << *port << ", seed "
            << options.seed << std::endl;
  io.run();
  std::cout << "rollcall-casesim: stopped; " << service.health().body << std::endl;
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // whoever no longer listens is an error, not the end
  Options options;
  CLI::App app("A case system to run against: docs/api/case-system.yaml on SQLite over TLS");
  declare(app, options);
  CLI11_PARSE(app, argc, argv);
  if (!split_address(options)) return fail("--listen " + options.listen + ": not ADDRESS:PORT");
  try {
    return run(options);
  } catch (const std::exception& error) {
    return fail(error.what());
  }
}
