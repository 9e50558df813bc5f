// Lines of the factory console, in and out.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>

#include "firmware/console/commands.hpp"
#include "hal/serial_port.hpp"
#include "protocol/crypto/crypto.hpp"

namespace rollcall::firmware::console {

inline constexpr std::size_t max_line = 80;  // characters without the end

// Whatever comes in: lines end with CR, LF or both; a line that is too long or no text is one
// error, at its end; backspace takes a character away. Holds a seed for a moment: forget() it.
class LineReader {
 public:
  ~LineReader() { forget(); }
  // A line, or what is wrong with it; nothing until it ends, and for an empty one. It is there
  // until the next call.
  std::optional<std::expected<std::string_view, Error>> add(std::uint8_t byte);
  void forget() { crypto::wipe({reinterpret_cast<std::uint8_t*>(line_.data()), line_.size()}); }

 private:
  std::array<char, max_line> line_{};
  std::size_t size_ = 0;
  std::optional<Error> problem_;
};

// One line at a time on its way out.
class LineWriter {
 public:
  static constexpr std::size_t capacity = 160;

  // Ready for the next line.
  bool empty() const { return sent_ == size_; }
  // Begins a line; only when empty().
  LineWriter& begin(std::string_view text);
  LineWriter& add(std::string_view text);
  LineWriter& add(std::uint64_t number);
  // Ends it with CR and LF.
  void end();
  // Gives the port as much as it takes.
  void flush(hal::SerialPort& port);

 private:
  std::array<char, capacity> line_{};
  std::size_t size_ = 0;
  std::size_t sent_ = 0;
};

}  // namespace rollcall::firmware::console
