// Makes lines of the characters that a reader prints. Pure.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "hal/host/readers/line_format.hpp"

namespace rollcall::readers {

class LineCollector {
 public:
  // A line, when `c` has ended one that is not empty. Lines end at CR, LF or ETX and begin anew at
  // STX, as serial readers frame them. One that is too long is cut a character behind the longest.
  std::optional<std::string> put(char c) {
    constexpr char begin_of_text = 0x02;
    constexpr char end_of_text = 0x03;
    if (c == '\r' || c == '\n' || c == end_of_text) return take();
    if (c == begin_of_text) {
      line_.clear();
    } else if (line_.size() <= longest_line) {
      line_.push_back(c);
    }
    return std::nullopt;
  }
  // What has come since the last end, if anything.
  std::optional<std::string> take() {
    if (line_.empty()) return std::nullopt;
    return std::exchange(line_, {});
  }
  bool empty() const { return line_.empty(); }

 private:
  std::string line_;
};

}  // namespace rollcall::readers
