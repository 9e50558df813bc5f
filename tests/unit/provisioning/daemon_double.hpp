// A daemon that answers as a test tells it, and `rollcall` run against it.
#pragma once

#include <functional>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "hal/host/http/http.hpp"
#include "provisioning/cli.hpp"
#include "tests/unit/daemon/scratch_folder.hpp"

namespace rollcall::provisioning {

struct Ran {
  int exit;
  std::string out, err;
};

class DaemonDouble : public ::testing::Test {
 protected:
  using Json = nlohmann::json;

  DaemonDouble() {
    add("GET", "/api/v1/terminals");
    for (const char* action : {"move", "rotate-key", "revoke", "identify", "update"})
      add("POST", std::string{"/api/v1/terminals/{serial}/"} + action);
    add("POST", "/api/v1/enrolment");
    add("GET", "/api/v1/enrolment");
    add("DELETE", "/api/v1/enrolment");
    add("POST", "/api/v1/enrolment/number");
    add("GET", "/api/v1/terminals/{serial}/stats");
    add("GET", "/api/v1/terminals/{serial}/log");
    add("GET", "/api/v1/update");
    add("DELETE", "/api/v1/update");
    http::Limits limits;
    limits.body_bytes = std::size_t{4} << 20;
    socket_ = (folder_.folder() / "control.sock").string();
    server_ = std::make_unique<http::Server>(io_.get_executor(), router_, limits);
    if (const auto listening = server_->listen_unix(socket_, 0600); !listening)
      throw std::runtime_error(listening.error());
    thread_ = std::thread([this] { io_.run(); });
    if (::pipe(typed_) != 0) throw std::runtime_error("no pipe");
  }
  ~DaemonDouble() override {
    boost::asio::post(io_, [this] { server_->stop(); });
    thread_.join();
    ::close(typed_[0]);
    stop_typing();
  }

  // Each request is answered by `daemon_`, and remembered as "METHOD path".
  void add(const std::string& method, const std::string& path) {
    router_.add(method, path,
                [this](const http::Request& request) -> http::asio::awaitable<http::Response> {
                  asked_.push_back(request.method + " " + request.path);
                  sent_ = request;
                  if (request.headers.contains("Content-Type") &&
                      request.headers.at("Content-Type") == "application/json")
                    body_ = Json::parse(request.body);
                  co_return daemon_(request);
                });
  }
  static http::Response ok(const Json& body) {
    http::Response response;
    response.body = body.dump();
    return response;
  }
  void type(const std::string& text) {
    ASSERT_EQ(::write(typed_[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  void stop_typing() {
    if (typed_[1] >= 0) ::close(typed_[1]);
    typed_[1] = -1;
  }

  Ran rollcall(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--socket", socket_});
    std::ostringstream out;
    std::ostringstream err;
    const int exit = run(arguments, out, err, typed_[0]);
    return {exit, out.str(), err.str()};
  }
  testing::ScratchFolder folder_;
  boost::asio::io_context io_{1};
  http::Router router_;
  std::function<http::Response(const http::Request&)> daemon_;
  std::vector<std::string> asked_;
  http::Request sent_;  // the newest
  Json body_;           // of the newest that had one in JSON
  std::unique_ptr<http::Server> server_;
  std::string socket_;
  std::thread thread_;
  int typed_[2] = {-1, -1};
};

}  // namespace rollcall::provisioning
