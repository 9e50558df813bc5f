// Takes the taps of a terminal's queue: opens each sealed reading, records it, and only then has it
// acknowledged. In their own order; what cannot be read goes to the staff inbox and blocks nobody.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "daemon/terminals/services.hpp"
#include "daemon/terminals/signal.hpp"
#include "protocol/messages.hpp"

namespace rollcall::terminals {

class QueuedTaps {
 public:
  static constexpr std::size_t max_waiting = 32;  // full: the session reads no further
  static constexpr int max_tries = 5;             // then a tap counts as unreadable
  static constexpr std::chrono::milliseconds retry_pause{1000};

  struct Done {
    protocol::StorageEpoch epoch{};
    std::uint64_t number = 0;
    bool conflict = false;    // the identity was used for another tap before
    bool unreadable = false;  // it is in the staff inbox
  };

  // `done` is called on `executor` once a tap is durable; `start` says what is known of the clock
  // of the terminal's present start.
  QueuedTaps(const Services& services, const boost::asio::any_io_executor& executor,
             std::string serial, std::string room, std::function<void(const Done&)> done,
             std::function<std::optional<attendance::ProvenPoint>()> start);

  bool full() const { return waiting_.size() >= max_waiting; }
  bool idle() const { return waiting_.empty() && !busy_; }
  void push(const protocol::QueuedTap& tap);
  // Called whenever taps were taken out: there may be room again.
  void on_room(std::function<void()> room) { on_room_ = std::move(room); }

  // Until close(). What is under way then is finished, the rest is left to the terminal.
  boost::asio::awaitable<void> run();
  void close();

 private:
  struct Item {
    protocol::QueuedTap queued;
    std::optional<protocol::Tap> tap;  // when it could be opened and recorded
    bool opened = false;
    int tries = 0;
  };
  boost::asio::awaitable<void> open(std::vector<Item>& batch);
  boost::asio::awaitable<std::vector<Item>> record(std::vector<Item> batch);
  boost::asio::awaitable<bool> keep(const Item& item);

  const Services& services_;
  boost::asio::any_io_executor executor_;
  std::string serial_;
  std::string room_;
  std::function<void(const Done&)> done_;
  std::function<std::optional<attendance::ProvenPoint>()> start_;
  std::function<void()> on_room_ = [] {};
  std::deque<Item> waiting_;
  bool busy_ = false;
  bool closed_ = false;
  Signal signal_;
};

// Whether this is a tap that can be recorded as one: known kind, trust, reading and a possible
// time.
bool recordable(const protocol::Tap& tap);
// Whether these times of a tap are ones that can be told.
bool has_possible_time(std::int64_t wall_ms, std::uint64_t monotonic_ms);
// Whether it has an identity at all: numbers run from 1 to 2^53 - 1.
bool has_identity(std::uint64_t number);

}  // namespace rollcall::terminals
