// Which comings and goings of terminals become events: at most so many an hour of each terminal,
// the rest is counted, so that one with a loose cable cannot fill the log.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <utility>

namespace rollcall::terminals {

class Presence {
 public:
  using Clock = std::chrono::steady_clock;
  enum class Kind : std::uint8_t { connection, displacement };

  static constexpr std::size_t told_an_hour = 12;  // of a kind and a terminal

  // Whether this one is to be told. For a connection: its end, too, if it is.
  bool may_tell(Kind kind, const std::string& serial, Clock::time_point now = Clock::now()) {
    std::deque<Clock::time_point>& told = told_[{kind, serial}];
    while (!told.empty() && now - told.front() >= std::chrono::hours{1}) told.pop_front();
    if (told.size() >= told_an_hour) {
      ++untold_;
      return false;
    }
    told.push_back(now);
    return true;
  }
  std::uint64_t untold() const { return untold_; }

 private:
  // Of terminals that have proven a key of the registry: no more than it has.
  std::map<std::pair<Kind, std::string>, std::deque<Clock::time_point>> told_;
  std::uint64_t untold_ = 0;
};

}  // namespace rollcall::terminals
