// A server on its own thread, and clients that may misbehave.
#pragma once

#include <future>
#include <optional>
#include <string>
#include <thread>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "hal/host/http/http.hpp"

namespace rollcall::test {

// An io_context that runs on a thread of its own until the end of the test.
class Reactor {
 public:
  Reactor() : work_(boost::asio::make_work_guard(io_)), thread_([this] { io_.run(); }) {}
  ~Reactor() { finish(); }

  boost::asio::io_context& io() { return io_; }
  // Runs `work` on the reactor's thread and waits for it.
  template <class Work>
  void on_reactor(Work work) {
    std::promise<void> done;
    boost::asio::post(io_, [&] {
      work();
      done.set_value();
    });
    done.get_future().get();
  }
  template <class Result>
  Result await(boost::asio::awaitable<Result> task) {
    std::promise<Result> done;
    boost::asio::co_spawn(io_, std::move(task),
                          [&done](const std::exception_ptr& error, Result result) {
                            if (error) {
                              done.set_exception(error);
                            } else {
                              done.set_value(std::move(result));
                            }
                          });
    return done.get_future().get();
  }
  void finish() {
    if (!thread_.joinable()) return;
    work_.reset();
    io_.stop();
    thread_.join();
  }

 private:
  boost::asio::io_context io_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::thread thread_;
};

// A plain blocking socket that says exactly what it is told to.
class RawClient {
 public:
  explicit RawClient(unsigned short port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    timeval patience{5, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    connected_ = ::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0;
  }
  ~RawClient() { ::close(fd_); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  bool connected() const { return connected_; }
  // False when the server has closed already.
  bool say(std::string_view text) {
    return ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL) >= 0;
  }
  // What arrives until `until` was seen or the connection ended.
  std::string hear(std::string_view until = {}) {
    std::string all;
    char chunk[4096];
    while (until.empty() || all.find(until) == std::string::npos) {
      const ssize_t n = ::recv(fd_, chunk, sizeof chunk, 0);
      if (n <= 0) break;
      all.append(chunk, static_cast<std::size_t>(n));
    }
    return all;
  }

 private:
  int fd_;
  bool connected_ = false;
};

}  // namespace rollcall::test
