#include <chrono>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gtest/gtest.h>

#include "tests/unit/http/certificates.hpp"
#include "tests/unit/http/http_fixture.hpp"

namespace rollcall::http {
namespace {

using namespace std::chrono_literals;
using Kind = ClientError::Kind;

class Tls : public ::testing::Test {
 protected:
  void start(const std::string& subject_alt_name, Limits limits = {}) {
    server_tls_.emplace(authority_.server(subject_alt_name));
    router_.add("GET", "/count", [this](const Request&) -> asio::awaitable<Response> {
      co_return Response{200, std::to_string(++count_), "text/plain", {}, false};
    });
    router_.add("POST", "/drop-once", [this](const Request& request) -> asio::awaitable<Response> {
      Response response{200, request.body, "text/plain", {}, false};
      response.drop = ++count_ == 2;
      co_return response;
    });
    router_.add("GET", "/never", [this](const Request&) -> asio::awaitable<Response> {
      asio::steady_timer timer(reactor_.io(), 30s);
      co_await timer.async_wait(asio::use_awaitable);
      co_return Response{};
    });
    reactor_.on_reactor([&] {
      server_.emplace(reactor_.io().get_executor(), router_, limits);
      port_ = server_->listen_tls("127.0.0.1", 0, *server_tls_).value();
    });
  }
  void use(const test::Authority& trusted, const std::string& host) {
    client_tls_.emplace(trusted.client());
    reactor_.on_reactor([&] {
      client_.emplace(reactor_.io().get_executor(), *client_tls_, host, std::to_string(port_));
    });
  }
  ClientResult send(Request request, std::chrono::milliseconds deadline = 5s) {
    return reactor_.await(client_->send(std::move(request), deadline));
  }
  static Request get(std::string path) { return Request{"GET", std::move(path), {}, {}, {}, ""}; }

  void TearDown() override {
    reactor_.on_reactor([&] {
      client_.reset();
      server_.reset();
    });
    reactor_.finish();
  }

  test::TemporaryFolder folder_;
  test::Authority authority_{folder_.path(), "authority"};
  Router router_;
  test::Reactor reactor_;
  std::optional<asio::ssl::context> server_tls_, client_tls_;
  std::optional<Server> server_;
  std::optional<TlsClient> client_;
  unsigned short port_ = 0;
  int count_ = 0;
};

TEST_F(Tls, KeepsOneConnectionForManyRequests) {
  start("DNS:localhost");
  use(authority_, "localhost");
  for (int i = 1; i <= 5; ++i) EXPECT_EQ(send(get("/count")).value().body, std::to_string(i));
  EXPECT_EQ(client_->connections_opened(), 1u);
}

TEST_F(Tls, AddressInTheCertificateIsVerifiedToo) {
  start("IP:127.0.0.1");
  use(authority_, "127.0.0.1");
  EXPECT_EQ(send(get("/count")).value().body, "1");
}

TEST_F(Tls, CertificateOfAnotherAuthorityIsRefused) {
  start("DNS:localhost");
  const test::Authority other(folder_.path(), "other");
  use(other, "localhost");
  const auto answer = send(get("/count"));
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().kind, Kind::tls);
  EXPECT_NE(answer.error().text.find("cannot be trusted"), std::string::npos)
      << answer.error().text;
  EXPECT_EQ(count_, 0);
}

TEST_F(Tls, CertificateForAnotherHostIsRefused) {
  start("DNS:case-system.example");
  use(authority_, "localhost");
  const auto answer = send(get("/count"));
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().kind, Kind::tls);
  EXPECT_EQ(answer.error().text, "the certificate is not for localhost");
  EXPECT_EQ(count_, 0);
}

TEST_F(Tls, CertificateForAnotherAddressIsRefused) {
  start("IP:127.0.0.2,DNS:localhost");
  use(authority_, "127.0.0.1");
  EXPECT_EQ(send(get("/count")).error().text, "the certificate is not for 127.0.0.1");
}

TEST_F(Tls, VerificationCannotBeSwitchedOffInTheContext) {
  start("DNS:localhost");
  const test::Authority other(folder_.path(), "other");
  client_tls_.emplace(other.client());
  client_tls_->set_verify_mode(asio::ssl::verify_none);
  reactor_.on_reactor([&] {
    client_.emplace(reactor_.io().get_executor(), *client_tls_, "localhost", std::to_string(port_));
  });
  EXPECT_EQ(send(get("/count")).error().kind, Kind::tls);
}

TEST_F(Tls, SilentServerEndsAtTheDeadline) {
  start("DNS:localhost");
  use(authority_, "localhost");
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(send(get("/never"), 200ms).error().kind, Kind::timeout);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 3s);
}

TEST_F(Tls, NobodyThereIsAConnectError) {
  start("DNS:localhost");
  use(authority_, "localhost");
  reactor_.on_reactor([&] { server_->stop(); });
  EXPECT_EQ(send(get("/count")).error().kind, Kind::connect);
}

TEST_F(Tls, ConnectionTheServerClosedWhileIdleIsReplacedUnnoticed) {
  start("DNS:localhost", Limits{.idle = 100ms});
  use(authority_, "localhost");
  EXPECT_EQ(send(get("/count")).value().body, "1");
  std::this_thread::sleep_for(400ms);
  EXPECT_EQ(send(get("/count")).value().body, "2");
  EXPECT_EQ(client_->connections_opened(), 2u);
}

TEST_F(Tls, PostIsRepeatedOnAStaleConnectionOnlyWithAnIdempotencyKey) {
  start("DNS:localhost");
  use(authority_, "localhost");
  Request post{"POST", "/drop-once", {}, {}, {}, "body"};
  EXPECT_TRUE(send(post).has_value());
  EXPECT_EQ(send(post).error().kind, Kind::closed);  // the second is dropped, and not sent again
  EXPECT_EQ(count_, 2);
  count_ = 0;
  post.headers["Idempotency-Key"] = "\"key\"";
  EXPECT_TRUE(send(post).has_value());
  EXPECT_EQ(send(post).value().body, "body");
  EXPECT_EQ(count_, 3);
}

TEST_F(Tls, CloseEndsARequestUnderWay) {
  start("DNS:localhost");
  use(authority_, "localhost");
  std::thread closing([&] {
    std::this_thread::sleep_for(200ms);
    reactor_.on_reactor([&] { client_->close(); });
  });
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_FALSE(send(get("/never"), 20s).has_value());
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
  closing.join();
}

}  // namespace
}  // namespace rollcall::http
