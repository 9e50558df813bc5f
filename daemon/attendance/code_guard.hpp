// Against guessing codes at a terminal: five that are wrong, and it takes none for a minute. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>

namespace rollcall::attendance {

class CodeGuard {
 public:
  using Millis = std::chrono::milliseconds;

  static constexpr int tries = 5;
  static constexpr Millis closed_for{60'000};
  static constexpr Millis remembered{10 * 60'000};  // since the last wrong one

  // Whether codes are refused at this terminal now. `now`: a monotonic clock.
  bool closed(const std::string& terminal, Millis now) const;
  // True when this was one too many: staff are to be told.
  bool wrong(const std::string& terminal, Millis now);
  // Somebody has typed a right one: those before were slips.
  void right(const std::string& terminal) { terminals_.erase(terminal); }

 private:
  struct Tries {
    int wrong = 0;
    Millis last{};
    Millis closed_until{};
  };
  std::map<std::string, Tries> terminals_;  // no more than the site has
};

}  // namespace rollcall::attendance
