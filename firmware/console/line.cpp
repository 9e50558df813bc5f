#include "firmware/console/line.hpp"

#include <algorithm>
#include <charconv>

namespace rollcall::firmware::console {

std::optional<std::expected<std::string_view, Error>> LineReader::add(std::uint8_t byte) {
  constexpr std::uint8_t backspace = 0x08, rubout = 0x7f;
  if (byte == '\r' || byte == '\n') {
    const std::size_t size = size_;
    const auto problem = problem_;
    size_ = 0;
    problem_.reset();
    if (problem) return std::unexpected(*problem);
    if (size == 0) return std::nullopt;
    return std::string_view(line_.data(), size);
  }
  if (byte == backspace || byte == rubout) {
    if (size_ > 0) --size_;
    return std::nullopt;
  }
  if (byte < 0x20 || byte > 0x7e) {
    problem_ = Error::not_text;
  } else if (size_ == max_line) {
    if (!problem_) problem_ = Error::too_long;
  } else {
    line_[size_++] = static_cast<char>(byte);
  }
  return std::nullopt;
}

LineWriter& LineWriter::begin(std::string_view text) {
  size_ = sent_ = 0;
  return add(text);
}

LineWriter& LineWriter::add(std::string_view text) {
  const std::size_t room = line_.size() - 2 - size_;  // the end always fits
  const std::size_t size = std::min(room, text.size());
  std::copy_n(text.begin(), size, line_.begin() + static_cast<std::ptrdiff_t>(size_));
  size_ += size;
  return *this;
}

LineWriter& LineWriter::add(std::uint64_t number) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  return add(std::string_view(digits, end));
}

void LineWriter::end() {
  line_[size_++] = '\r';
  line_[size_++] = '\n';
}

void LineWriter::flush(hal::SerialPort& port) {
  while (!empty()) {
    const std::size_t taken =
        port.write({reinterpret_cast<const std::uint8_t*>(line_.data()) + sent_, size_ - sent_});
    if (taken == 0) return;
    sent_ += taken;
  }
}

}  // namespace rollcall::firmware::console
