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
  api_ = std::make_unique<Api>(
      Parts{io_.get_executor(), config_, *writer_, *readers_, *registry_, *cards_, *issuing_,
            can_issue, card_key_, now, [this] { return terminals_; }, live_,
            [this] { return links_; }, [this] { return delivery_; },
            [this](std::optional<std::string> reason) -> boost::asio::awaitable<std::uint64_t> {
              retried_.push_back(std::move(reason));
              co_return 7u;
            }});
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

http::Response ConsoleTest::console_get(const std::string& target, http::Headers headers) {
  http::Request request;
  request.method = "GET";
  request.path = target;
  request.headers = std::move(headers);
  const auto result = http::request_tcp("127.0.0.1", port_, request, 5s);
  if (!result) throw std::runtime_error(result.error().text);
  return *result;
}

http::Response ConsoleTest::control(const std::string& method, const std::string& target,
                                    const Json& body) {
  http::Request request;
  request.method = method;
  request.path = target;
  if (!body.is_null()) request.body = body.dump();
  const auto result = http::request_unix(socket_, request, 5s);
  if (!result) throw std::runtime_error(result.error().text);
  return *result;
}

ConsoleTest::Json ConsoleTest::json_of(const http::Response& response) {
  return Json::parse(response.body);
}

}  // namespace rollcall::console
