#include "firmware/log/text.hpp"

#include <algorithm>
#include <charconv>

namespace rollcall::firmware {
namespace {

constexpr std::string_view severity_names[] = {"info", "warning", "error"};

// The longest numbers: 48 bits of milliseconds, 32 bits in decimal.
constexpr std::size_t longest_head = 12 + 1 + 3 + 1 + 7 + 1;
constexpr std::size_t longest_number = 10;
consteval bool lines_fit() {
  for (const EventText& text : event_texts) {
    if (longest_head + text.text.size() + 2 * longest_number + 1 > max_log_line) return false;
  }
  return true;
}
static_assert(lines_fit());

class Line {
 public:
  explicit Line(std::span<char, max_log_line> out) : out_(out) {}
  void add(char c) { out_[size_++] = c; }
  void add(std::string_view text) {
    for (const char c : text) add(c);
  }
  void add(std::uint64_t number, int base, std::size_t digits = 1) {
    char text[20];
    const auto end = std::to_chars(text, text + sizeof text, number, base).ptr;
    for (auto size = static_cast<std::size_t>(end - text); size < digits; ++size) add('0');
    add(std::string_view(text, end));
  }
  std::size_t size() const { return size_; }

 private:
  std::span<char, max_log_line> out_;
  std::size_t size_ = 0;
};

}  // namespace

std::size_t write_line(const LogEntry& entry, std::span<char, max_log_line> out) {
  const EventText& event = event_texts[static_cast<std::size_t>(entry.event)];
  Line line(out);
  const auto ms = static_cast<std::uint64_t>(entry.uptime.count());
  line.add(ms / 1000, 10);
  line.add('.');
  line.add(ms % 1000, 10, 3);
  line.add(' ');
  line.add(severity_names[static_cast<std::size_t>(event.severity)]);
  line.add(' ');
  std::size_t number = 0;
  for (std::string_view rest = event.text; !rest.empty();) {
    if (rest.starts_with("{}")) {
      line.add(entry.numbers[number++], 10);
      rest.remove_prefix(2);
    } else if (rest.starts_with("{x}")) {
      line.add("0x");
      line.add(entry.numbers[number++], 16);
      rest.remove_prefix(3);
    } else {
      line.add(rest.front());
      rest.remove_prefix(1);
    }
  }
  line.add('\n');
  return line.size();
}

}  // namespace rollcall::firmware
