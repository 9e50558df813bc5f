// A site's API on real sockets: database, recorder, both servers; terminals and delivery are told.
#pragma once

#include <memory>
#include <string>
#include <thread>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "daemon/attendance/card_token.hpp"
#include "daemon/attendance/recorder.hpp"
#include "daemon/console/api.hpp"
#include "daemon/roster/protected_names.hpp"
#include "hal/host/http/http.hpp"
#include "hal/host/web/assets.hpp"
#include "tests/unit/daemon/console/fake_live.hpp"
#include "tests/unit/daemon/scratch_database.hpp"

namespace rollcall::console {

class ConsoleTest : public ::testing::Test {
 public:
  using Json = nlohmann::json;
  static constexpr std::int64_t morning_ms = 1772436600000;  // Monday 2026-03-02 08:30 in Brussels

 protected:
  ConsoleTest();
  ~ConsoleTest() override;

  void sql(const std::string& text);  // durable when it returns
  // Records a tap of the card with this number (its first byte) and waits for the commit.
  protocol::Outcome tap(const std::string& serial, std::uint8_t card, std::int64_t time_ms);
  std::string token(std::uint8_t card) const;

  // Signs in with a new account of this role; from then on requests to the console are its own.
  void sign_in_as(accounts::Role role);
  // Sent as it stands: nobody is signed in.
  http::Response console(const std::string& method, const std::string& target,
                         http::Headers headers, const std::string& body = "");
  // As who is signed in, a viewer if nobody did; a change carries its token.
  http::Response console_get(const std::string& target,
                             http::Headers headers = {{"Host", "127.0.0.1"}});
  http::Response console_post(const std::string& target, const Json& body,
                              const std::string& method = "POST");
  http::Response control(const std::string& method, const std::string& target,
                         const Json& body = nullptr);
  Json json_of(const http::Response& response);
  // Runs on the reactor and waits.
  void on_reactor(std::function<void()> work);

  testing::ScratchDatabase database_;
  config::Config config_;
  crypto::Key card_key_{};
  std::atomic<std::int64_t> now_ms_{morning_ms};
  std::unique_ptr<store::Writer> writer_;
  std::unique_ptr<store::Readers> readers_;
  std::unique_ptr<registry::Registry> registry_;
  std::unique_ptr<attendance::Recorder> recorder_;

  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{
      io_.get_executor()};
  std::vector<TerminalView> terminals_;
  FakeLive live_;
  std::unique_ptr<cards::SiteCards> cards_;
  std::unique_ptr<cards::CardIssuing> issuing_;
  cards::CardSignIns sign_ins_{{"T-1"}};
  boost::asio::thread_pool pool_{1};
  const sheets::Calendar holidays_;
  const roster::NameSeal names_{crypto::Key{9}};
  std::unique_ptr<accounts::Accounts> accounts_;
  std::string cookie_;
  std::string token_;
  terminals::HubCounters links_;
  delivery::Status delivery_;
  std::vector<std::optional<std::string>> retried_;
  std::unique_ptr<Api> api_;
  std::unique_ptr<http::Server> console_server_;
  std::unique_ptr<http::Server> control_server_;
  unsigned short port_ = 0;
  std::string socket_;
  std::thread thread_;
  std::uint64_t next_number_ = 1;
};

}  // namespace rollcall::console
