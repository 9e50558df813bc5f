// Lets one coroutine of a reactor through at a time, and says so when too many wait.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

namespace rollcall::accounts {

class Turnstile {
 public:
  Turnstile(boost::asio::any_io_executor executor, std::size_t most_waiting)
      : executor_(std::move(executor)), most_waiting_(most_waiting) {}

  bool full() const { return waiting_.size() >= most_waiting_; }
  // Returns when it is this coroutine's turn; leave() ends it. Not called while it is full.
  boost::asio::awaitable<void> enter();
  void leave();

 private:
  boost::asio::any_io_executor executor_;
  std::size_t most_waiting_;
  bool taken_ = false;
  std::deque<std::shared_ptr<boost::asio::steady_timer>> waiting_;
};

// Leaves at the end of its scope.
class Turn {
 public:
  explicit Turn(Turnstile& turnstile) : turnstile_(turnstile) {}
  ~Turn() { turnstile_.leave(); }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  Turnstile& turnstile_;
};

}  // namespace rollcall::accounts
