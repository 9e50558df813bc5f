// Lets a coroutine sleep until another one on the same executor has something for it.
#pragma once

#include <chrono>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace rollcall::flows {

// Check the condition, then wait: what is notified while nobody waits is not remembered.
class Signal {
 public:
  using Clock = std::chrono::steady_clock;

  explicit Signal(const boost::asio::any_io_executor& executor) : timer_(executor) {}

  void notify() { timer_.cancel(); }
  boost::asio::awaitable<void> wait(Clock::time_point until = Clock::time_point::max()) {
    timer_.expires_at(until);
    co_await timer_.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
  }

 private:
  boost::asio::steady_timer timer_;
};

}  // namespace rollcall::flows
