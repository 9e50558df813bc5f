#include <chrono>
#include <filesystem>
#include <fstream>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gtest/gtest.h>
#include <sys/un.h>

#include "tests/unit/http/certificates.hpp"
#include "tests/unit/http/http_fixture.hpp"

namespace rollcall::http {
namespace {

using namespace std::chrono_literals;
using test::RawClient;

class Http : public ::testing::Test {
 protected:
  void start(Limits limits = {}, Headers common = {}) {
    router_.add("GET", "/hello/{name}", [](const Request& request) -> asio::awaitable<Response> {
      co_return Response{200, "hello " + request.params.at("name"), "text/plain", {}, false};
    });
    router_.add("POST", "/echo", [](const Request& request) -> asio::awaitable<Response> {
      co_return Response{200, request.body, "text/plain", {}, false};
    });
    router_.add("GET", "/throws", [](const Request&) -> asio::awaitable<Response> {
      throw std::runtime_error("the disk is gone");
      co_return Response{};
    });
    router_.add("GET", "/drop", [](const Request&) -> asio::awaitable<Response> {
      Response response;
      response.drop = true;
      co_return response;
    });
    router_.add("GET", "/slow", [this](const Request&) -> asio::awaitable<Response> {
      asio::steady_timer timer(reactor_.io(), 200ms);
      co_await timer.async_wait(asio::use_awaitable);
      co_return Response{200, "done", "text/plain", {}, false};
    });
    router_.add_stream("/events", source_);
    router_.add_asset("/page", "text/html", "<p>page</p>");
    reactor_.on_reactor([&] {
      server_ = std::make_unique<Server>(reactor_.io().get_executor(), router_, limits,
                                         std::move(common));
      port_ = server_->listen_tcp("127.0.0.1", 0).value();
    });
  }
  void TearDown() override {
    reactor_.on_reactor([&] { server_.reset(); });
  }

  ClientResult get(const std::string& path) {
    return request_tcp("127.0.0.1", port_, Request{"GET", path, {}, {}, {}, ""}, 5s);
  }
  Server::Stats stats() {
    Server::Stats now{};
    reactor_.on_reactor([&] { now = server_->stats(); });
    return now;
  }
  bool no_connection_is_left() {
    for (int i = 0; i < 200 && stats().open_connections != 0; ++i)
      std::this_thread::sleep_for(10ms);
    return stats().open_connections == 0;
  }
  std::string say(std::string_view text) {
    RawClient client(port_);
    client.say(text);
    return client.hear();
  }

  Router router_;
  std::shared_ptr<EventSource> source_ = std::make_shared<EventSource>();
  test::Reactor reactor_;
  std::unique_ptr<Server> server_;
  unsigned short port_ = 0;
};

TEST_F(Http, RouteParametersAndQueryArePercentDecoded) {
  start();
  EXPECT_EQ(get("/hello/caf%C3%A9%2Fbar").value().body, "hello café/bar");
  EXPECT_EQ(get("/hello/100%").value().status, 400u);
  EXPECT_EQ(get("/hello/%zz").value().status, 400u);
  EXPECT_EQ(get("/hello/a%00b?x=%00").value().status, 400u);
}

TEST_F(Http, WrongMethodIsAnsweredWithTheRightOnes) {
  start();
  const auto answer =
      request_tcp("127.0.0.1", port_, Request{"DELETE", "/echo", {}, {}, {}, ""}, 5s).value();
  EXPECT_EQ(answer.status, 405u);
  EXPECT_EQ(answer.headers.at("allow"), "POST");
  EXPECT_EQ(answer.content_type, "application/problem+json");
  EXPECT_EQ(get("/nowhere").value().status, 404u);
}

TEST_F(Http, HeadAnswersWithoutBody) {
  start();
  const auto answer = say("HEAD /page HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_NE(answer.find("200 OK"), std::string::npos);
  EXPECT_NE(answer.find("Content-Length: 11"), std::string::npos);
  EXPECT_EQ(answer.find("<p>"), std::string::npos);
}

TEST_F(Http, CommonHeadersGoOnEveryAnswerAlsoOnErrors) {
  start({}, {{"X-Content-Type-Options", "nosniff"}});
  EXPECT_EQ(get("/page").value().headers.at("x-content-type-options"), "nosniff");
  EXPECT_EQ(get("/nowhere").value().headers.at("x-content-type-options"), "nosniff");
  EXPECT_NE(say("garbage\r\n\r\n").find("nosniff"), std::string::npos);
}

TEST_F(Http, GuardIsAskedBeforeEveryRoute) {
  router_.set_guard([](const Request& request) -> std::optional<Response> {
    if (request.headers.contains("Origin")) return problem(403, "Forbidden", "not from there");
    return std::nullopt;
  });
  start();
  EXPECT_EQ(get("/page").value().status, 200u);
  for (const char* path : {"/page", "/events", "/nowhere"}) {
    const auto answer =
        request_tcp("127.0.0.1", port_, Request{"GET", path, {}, {}, {{"Origin", "evil"}}, ""}, 5s);
    EXPECT_EQ(answer.value().status, 403u) << path;
  }
}

TEST_F(Http, HandlerThatThrowsAnswers500AndIsReported) {
  start();
  std::promise<std::string> reported;
  reactor_.on_reactor([&] {
    server_->on_handler_error(
        [&](const Request&, const std::string& what) { reported.set_value(what); });
  });
  const auto answer = get("/throws").value();
  EXPECT_EQ(answer.status, 500u);
  EXPECT_EQ(answer.body.find("disk"), std::string::npos);  // insides stay inside
  EXPECT_EQ(reported.get_future().get(), "the disk is gone");
}

TEST_F(Http, DropClosesWithoutAnAnswer) {
  start();
  const auto answer = get("/drop");
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().kind, ClientError::Kind::closed);
}

TEST_F(Http, MalformedRequestsAreRefusedAndCounted) {
  start();
  std::uint64_t sent = 0;
  for (const char* bad :
       {"\x16\x03\x01 not http\r\n\r\n", "GET\r\n\r\n", "GET /page HTTP/9.9\r\nHost: x\r\n\r\n",
        "GET /page HTTP/1.1\r\n\r\n", "GET /page HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
        "GET page HTTP/1.1\r\nHost: x\r\n\r\n", "GET /page HTTP/1.1\r\nHost : x\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: "
        "chunked\r\n\r\n0\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\na",
        "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n"}) {
    EXPECT_NE(say(bad).find("HTTP/1.1 400 "), std::string::npos) << bad;
    EXPECT_EQ(stats().bad_requests, ++sent) << bad;
  }
  EXPECT_EQ(get("/page").value().status, 200u);
}

TEST_F(Http, HeaderAndBodyLimitsHold) {
  start(Limits{.header_bytes = 1024, .body_bytes = 100});
  EXPECT_NE(say("GET /" + std::string(2000, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n").find(" 431 "),
            std::string::npos);
  EXPECT_NE(
      say("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 101\r\n\r\n" + std::string(101, 'b'))
          .find(" 413 "),
      std::string::npos);
  EXPECT_NE(say("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n80\r\n" +
                std::string(128, 'b') + "\r\n0\r\n\r\n")
                .find(" 413 "),
            std::string::npos);
  const auto fits = request_tcp("127.0.0.1", port_,
                                Request{"POST", "/echo", {}, {}, {}, std::string(100, 'c')}, 5s);
  EXPECT_EQ(fits.value().body.size(), 100u);
}

TEST_F(Http, LargeBodyArrivesWhole) {
  start(Limits{.body_bytes = 8 << 20});
  std::string body(5 << 20, 'x');
  for (std::size_t i = 0; i < body.size(); i += 4096)
    body[i] = static_cast<char>('a' + i / 4096 % 26);
  EXPECT_EQ(
      request_tcp("127.0.0.1", port_, Request{"POST", "/echo", {}, {}, {}, body}, 20s).value().body,
      body);
}

TEST_F(Http, ExpectContinueIsAnsweredBeforeTheBody) {
  start();
  RawClient client(port_);
  client.say(
      "POST /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: "
      "100-continue\r\nContent-Length: 3\r\n\r\n");
  EXPECT_EQ(client.hear("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.say("abc");
  EXPECT_TRUE(client.hear().ends_with("abc"));
}

TEST_F(Http, PipelinedRequestsAreAnsweredInOrder) {
  start();
  const std::string both =
      say("GET /hello/one HTTP/1.1\r\nHost: x\r\n\r\nGET /hello/two HTTP/1.1\r\nHost: "
          "x\r\nConnection: close\r\n\r\n");
  EXPECT_LT(both.find("hello one"), both.find("hello two"));
  EXPECT_NE(both.find("hello two"), std::string::npos);
}

TEST_F(Http, SlowRequestEndsAtTheDeadlineHoweverItDrips) {
  start(Limits{.idle = 300ms});
  RawClient client(port_);
  const auto begin = std::chrono::steady_clock::now();
  std::thread dripping([&] {
    for (int i = 0; i < 8; ++i) {
      client.say("G");
      std::this_thread::sleep_for(60ms);
    }
  });
  EXPECT_EQ(client.hear(), "");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 4s);
  dripping.join();
  EXPECT_EQ(stats().bad_requests, 1u);
}

TEST_F(Http, IdleConnectionIsClosedWithoutWords) {
  start(Limits{.idle = 100ms});
  RawClient client(port_);
  EXPECT_EQ(client.hear(), "");
}

TEST_F(Http, ConnectionsAboveTheLimitAreClosedAndCounted) {
  start(Limits{.connections = 2});
  RawClient first(port_), second(port_);
  first.say("GET /page HTTP/1.1\r\nHost: x\r\n\r\n");
  second.say("GET /page HTTP/1.1\r\nHost: x\r\n\r\n");
  first.hear("</p>");
  second.hear("</p>");
  RawClient third(port_);
  EXPECT_EQ(third.hear(), "");
  EXPECT_EQ(stats().refused_connections, 1u);
  EXPECT_EQ(stats().open_connections, 2u);
}

TEST_F(Http, StopLetsARequestUnderWayFinishAndClosesIdleOnes) {
  start();
  RawClient idle(port_), busy(port_);
  idle.say("GET /page HTTP/1.1\r\nHost: x\r\n\r\n");
  idle.hear("</p>");
  busy.say("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
  std::this_thread::sleep_for(50ms);
  reactor_.on_reactor([&] { server_->stop(); });
  EXPECT_EQ(idle.hear(), "");
  const std::string answer = busy.hear();
  EXPECT_TRUE(answer.ends_with("done"));
  EXPECT_NE(answer.find("Connection: close"), std::string::npos);
  EXPECT_FALSE(RawClient(port_).connected());
}

TEST_F(Http, BusyPortIsNamed) {
  start();
  reactor_.on_reactor([&] {
    const auto again = server_->listen_tcp("127.0.0.1", port_);
    ASSERT_FALSE(again.has_value());
    EXPECT_NE(again.error().find("127.0.0.1:" + std::to_string(port_)), std::string::npos);
    EXPECT_NE(again.error().find("in use"), std::string::npos);
  });
}

TEST_F(Http, EventStreamSendsTheLatestThenWhatIsPublished) {
  start();
  reactor_.on_reactor([&] { source_->publish("one"); });
  RawClient client(port_);
  client.say("GET /events HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::string head = client.hear("data: one\n\n");
  EXPECT_NE(head.find("text/event-stream"), std::string::npos);
  reactor_.on_reactor([&] { source_->publish("two"); });
  EXPECT_NE(client.hear("data: two\n\n").find("two"), std::string::npos);
}

TEST_F(Http, EventStreamForgetsAClientThatLeft) {
  start();
  const auto clients = [&] {
    std::size_t n = 0;
    reactor_.on_reactor([&] { n = source_->clients(); });
    return n;
  };
  {
    RawClient client(port_);
    client.say("GET /events HTTP/1.1\r\nHost: x\r\n\r\n");
    client.hear("\r\n\r\n:\n\n");
    EXPECT_EQ(clients(), 1u);
  }
  EXPECT_TRUE(no_connection_is_left());
  EXPECT_EQ(clients(), 0u);
}

TEST_F(Http, SlowEventClientSkipsToTheNewest) {
  start();
  RawClient client(port_);
  client.say("GET /events HTTP/1.1\r\nHost: x\r\n\r\n");
  client.hear(":\n\n");
  const std::string bulk(64 * 1024, 'x');
  reactor_.on_reactor([&] {
    for (int i = 0; i < 1000; ++i) source_->publish(bulk);
    source_->publish("newest");
  });
  const std::string heard = client.hear("data: newest\n\n");
  EXPECT_NE(heard.find("data: newest"), std::string::npos);
  EXPECT_LT(heard.size(), bulk.size() * 10);
}

TEST_F(Http, StopEndsEventStreams) {
  start();
  RawClient client(port_);
  client.say("GET /events HTTP/1.1\r\nHost: x\r\n\r\n");
  client.hear(":\n\n");
  reactor_.on_reactor([&] { server_->stop(); });
  client.hear();  // returns: the connection ended
  EXPECT_TRUE(no_connection_is_left());
}

TEST_F(Http, FilesAreServedFromTheirFolderAndNowhereElse) {
  const test::TemporaryFolder folder;
  std::filesystem::create_directories(folder.path() / "web/sub");
  std::ofstream(folder.path() / "secret.txt") << "secret";
  std::ofstream(folder.path() / "web/.hidden") << "secret";
  std::ofstream(folder.path() / "web/index.html") << "<p>index</p>";
  std::ofstream(folder.path() / "web/sub/a b.js") << "let a;";
  std::filesystem::create_symlink(folder.path() / "secret.txt", folder.path() / "web/link.txt");
  router_.add_files("/web/", (folder.path() / "web").string());
  start();
  EXPECT_EQ(get("/web/index.html").value().body, "<p>index</p>");
  EXPECT_EQ(get("/web/sub/a%20b.js").value().content_type, "text/javascript; charset=utf-8");
  for (const char* path : {"/web/../secret.txt", "/web/%2e%2e/secret.txt", "/web/..%2fsecret.txt",
                           "/web/sub/../../secret.txt", "/web/.hidden", "/web/link.txt", "/web/",
                           "/web/sub", "/web//index.html", "/web/%5c..%5csecret.txt",
                           "/web/%2fetc%2fpasswd", "/web/nothing.html"}) {
    const auto answer = get(path).value();
    EXPECT_EQ(answer.status, 404u) << path;
    EXPECT_EQ(answer.body.find("secret\n"), std::string::npos);
  }
}

TEST_F(Http, UnixSocketHasItsModeAndReplacesAStaleOne) {
  start();
  const test::TemporaryFolder folder;
  const std::string path = (folder.path() / "control.sock").string();
  reactor_.on_reactor([&] {
    ASSERT_TRUE(server_->listen_unix(path, 0600).has_value());
    const auto again = server_->listen_unix(path, 0600);
    ASSERT_FALSE(again.has_value());
    EXPECT_NE(again.error().find("in use"), std::string::npos);
  });
  EXPECT_EQ(std::filesystem::status(path).permissions(), std::filesystem::perms(0600));
  EXPECT_EQ(request_unix(path, Request{"GET", "/page", {}, {}, {}, ""}, 5s).value().body,
            "<p>page</p>");

  const std::string stale = (folder.path() / "stale.sock").string();
  {
    asio::io_context io;
    const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    stale.copy(address.sun_path, sizeof address.sun_path - 1);
    ASSERT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    ::close(fd);
  }
  std::ofstream(folder.path() / "file") << "not a socket";
  reactor_.on_reactor([&] {
    EXPECT_TRUE(server_->listen_unix(stale, 0600).has_value());
    EXPECT_FALSE(server_->listen_unix((folder.path() / "file").string(), 0600).has_value());
  });
  EXPECT_TRUE(std::filesystem::exists(folder.path() / "file"));
}

TEST(HttpText, PercentCodingRoundTrips) {
  EXPECT_EQ(percent_encode("a b/ü~"), "a%20b%2F%C3%BC~");
  EXPECT_EQ(percent_decode(percent_encode("a b/ü~+%")).value(), "a b/ü~+%");
  EXPECT_FALSE(percent_decode("%").has_value());
  EXPECT_FALSE(percent_decode("%4").has_value());
  EXPECT_FALSE(percent_decode("%g1").has_value());
}

TEST(HttpText, ProblemSurvivesBadUtf8) {
  EXPECT_NE(problem(400, "Bad", "name \xff").body.find("\"status\":400"), std::string::npos);
}

}  // namespace
}  // namespace rollcall::http
