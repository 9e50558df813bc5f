#include "tests/unit/daemon/console/fixture.hpp"

#include <future>

#include <boost/asio/post.hpp>

#include "daemon/events/event.hpp"
#include "tests/unit/daemon/registered.hpp"

namespace rollcall::console {

using namespace std::chrono_literals;

ConsoleTest::ConsoleTest() {
  config_.site = {"brussels", "Atelier Nord", "Training centre", "Europe/Brussels", {"fr", "en"}};
  config_.simulated_terminals = {{"T-2", "http://127.0.0.1:8491/"}};
  writer_ = std::make_unique<store::Writer>(database_.path());
  readers_ = std::make_unique<store::Readers>(database_.path(), 2);
  const auto now = [this] {
    return attendance::HostTime{now_ms_.load(), protocol::ClockTrust::synced, 0, 1};
  };
  registry_ = std::make_unique<registry::Registry>(*writer_, config_.site, crypto::Key{5}, [this] {
    return events::TimeBlock{now_ms_.load(), protocol::ClockTrust::synced, 0, 1};
  });
  writer_->run_now([this](store::Database& db) {
    testing::register_terminal(db, "T-1", "Room 1");
    testing::register_terminal(db, "T-2", "Room 2");
    registry_->load(db);
  });
  cards_ = std::make_unique<cards::SiteCards>(
      *writer_, config_.site, card_key_, credentials::Secret{credentials::Block{1}},
      [this] { return events::TimeBlock{now_ms_.load(), protocol::ClockTrust::synced, 0, 1}; });
  issuing_ = std::make_unique<cards::CardIssuing>(io_.get_executor(), *cards_);
  const auto can_issue = [this](const std::string& place) -> std::expected<void, std::string> {
    if (!live_.connected) return std::unexpected(place + " is not connected");
    return {};
  };
  recorder_ = std::make_unique<attendance::Recorder>(*writer_, config_, card_key_, now);
  accounts_ = std::make_unique<accounts::Accounts>(
      io_.get_executor(), pool_, *writer_,
      accounts::Accounts::Clocks{[this] { return now_ms_.load(); }});
  api_ = std::make_unique<Api>(
      Parts{io_.get_executor(),
            config_,
            *writer_,
            *readers_,
            *registry_,
            *cards_,
            *issuing_,
            sign_ins_,
            *accounts_,
            holidays_,
            can_issue,
            card_key_,
            now,
            [this] { return terminals_; },
            live_,
            [this] { return links_; },
            [this] { return delivery_; },
            [this](std::optional<std::string> reason) -> boost::asio::awaitable<std::uint64_t> {
              retried_.push_back(std::move(reason));
              co_return 7u;
            },
            {},
            nullptr,
            &names_});
  writer_->on_committed([this] { api_->changed(); });
  console_server_ = std::make_unique<http::Server>(io_.get_executor(), api_->console(),
                                                   http::Limits{}, web::security_headers());
  control_server_ =
      std::make_unique<http::Server>(io_.get_executor(), api_->control(), Api::control_limits());
  port_ = console_server_->listen_tcp("127.0.0.1", 0).value();
  socket_ = (database_.folder() / "control.sock").string();
  if (const auto listening = control_server_->listen_unix(socket_, 0600); !listening) {
    throw std::runtime_error(listening.error());
  }
  api_->start();
  thread_ = std::thread([this] { io_.run(); });
}

ConsoleTest::~ConsoleTest() {
  on_reactor([this] {
    api_->stop();
    console_server_->stop();
    control_server_->stop();
  });
  work_.reset();
  thread_.join();
  writer_.reset();
  pool_.join();
}

void ConsoleTest::on_reactor(std::function<void()> work) {
  std::promise<void> done;
  boost::asio::post(io_, [&] {
    work();
    done.set_value();
  });
  done.get_future().wait();
}

void ConsoleTest::sql(const std::string& text) {
  writer_->run_now([&](store::Database& db) { db.exec(text); });
}

protocol::Outcome ConsoleTest::tap(const std::string& serial, std::uint8_t card,
                                   std::int64_t time_ms) {
  attendance::TapReport report;
  report.serial = serial;
  report.live = true;
  report.tap.epoch.fill(0xE1);
  report.tap.number = next_number_++;
  report.tap.wall_ms = time_ms;
  report.tap.trust = protocol::ClockTrust::synced;
  report.tap.kind = protocol::ReadingKind::uid;
  const std::array<std::uint8_t, 4> uid{card, 2, 3, 4};
  report.tap.reading.assign(uid);
  std::promise<protocol::Outcome> outcome;
  EXPECT_TRUE(recorder_->submit(
      report, [&](const attendance::TapResult& result) { outcome.set_value(result.outcome); }));
  return outcome.get_future().get();
}

std::string ConsoleTest::token(std::uint8_t card) const {
  const std::array<std::uint8_t, 4> uid{card, 2, 3, 4};
  return events::hex(attendance::card_token(card_key_, protocol::ReadingKind::uid, uid));
}

void ConsoleTest::sign_in_as(accounts::Role role) {
  static int made = 0;
  const std::string name = "name" + std::to_string(++made);
  const Json wanted = {{"name", name}, {"role", to_text(role)}, {"actor", "unix:0"}};
  const http::Response added = control("POST", "/api/v1/accounts", wanted);
  if (added.status != 200) throw std::runtime_error(added.body);
  const Json password = {{"name", name}, {"password", json_of(added)["password"]}};
  const http::Response session =
      console("POST", "/api/v1/session",
              {{"Host", "127.0.0.1"}, {"Content-Type", "application/json"}}, password.dump());
  if (session.status != 200) throw std::runtime_error(session.body);
  const std::string& cookie = session.headers.at("Set-Cookie");
  cookie_ = cookie.substr(0, cookie.find(';'));
  token_ = json_of(session)["token"];
}

http::Response ConsoleTest::console(const std::string& method, const std::string& target,
                                    http::Headers headers, const std::string& body) {
  http::Request request;
  request.method = method;
  request.path = target;
  request.headers = std::move(headers);
  request.body = body;
  const auto result = http::request_tcp("127.0.0.1", port_, request, 20s);
  if (!result) throw std::runtime_error(result.error().text);
  return *result;
}

http::Response ConsoleTest::console_get(const std::string& target, http::Headers headers) {
  if (cookie_.empty()) sign_in_as(accounts::Role::viewer);
  headers["Cookie"] = cookie_;
  return console("GET", target, std::move(headers));
}

http::Response ConsoleTest::console_post(const std::string& target, const Json& body,
                                         const std::string& method) {
  const http::Headers headers = {{"Host", "127.0.0.1"},
                                 {"Origin", "http://127.0.0.1"},
                                 {"Content-Type", "application/json"},
                                 {"Cookie", cookie_},
                                 {"X-Rollcall-Token", token_}};
  return console(method, target, headers, body.is_null() ? "" : body.dump());
}

http::Response ConsoleTest::control(const std::string& method, const std::string& target,
                                    const Json& body) {
  http::Request request;
  request.method = method;
  request.path = target;
  if (!body.is_null()) request.body = body.dump();
  const auto result = http::request_unix(socket_, request, 20s);
  if (!result) throw std::runtime_error(result.error().text);
  return *result;
}

ConsoleTest::Json ConsoleTest::json_of(const http::Response& response) {
  return Json::parse(response.body);
}

}  // namespace rollcall::console
