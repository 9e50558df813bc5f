// Opening hours as the configuration writes them.
#include <algorithm>
#include <iterator>
#include <span>

#include "daemon/config/values.hpp"

namespace rollcall::config {
namespace {

constexpr int minutes_of_day = 24 * 60;
constexpr std::array<std::string_view, 7> names = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

std::vector<std::string_view> parts_of(std::string_view text, char mark) {
  std::vector<std::string_view> parts;
  for (;;) {
    const auto at = text.find(mark);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

std::optional<std::size_t> day_from(std::string_view text) {
  const auto* found = std::ranges::find(names, text);
  if (found == names.end()) return std::nullopt;
  return static_cast<std::size_t>(found - names.begin());
}

// "mon-fri", "sat,sun"; a week begins on any day.
std::optional<std::vector<std::size_t>> days_from(std::string_view text) {
  std::vector<std::size_t> days;
  for (const std::string_view part : parts_of(text, ',')) {
    const auto ends = parts_of(part, '-');
    const auto first = day_from(ends.front());
    const auto last = day_from(ends.back());
    if (!first || !last || ends.size() > 2) return std::nullopt;
    for (std::size_t day = *first;; day = (day + 1) % names.size()) {
      days.push_back(day);
      if (day == *last) break;
    }
  }
  return days;
}

// "08:30"; also 24:00.
std::optional<int> minute_from(std::string_view text) {
  const auto digit = [&](std::size_t at) { return text[at] >= '0' && text[at] <= '9'; };
  if (text.size() != 5 || text[2] != ':' || !digit(0) || !digit(1) || !digit(3) || !digit(4))
    return std::nullopt;
  const int hours = (text[0] - '0') * 10 + text[1] - '0';
  const int minutes = (text[3] - '0') * 10 + text[4] - '0';
  const int minute = hours * 60 + minutes;
  return minutes > 59 || minute > minutes_of_day ? std::nullopt : std::optional(minute);
}

std::optional<OpenHours> hours_from(std::string_view text) {
  const auto ends = parts_of(text, '-');
  if (ends.size() != 2) return std::nullopt;
  const auto from = minute_from(ends[0]);
  const auto to = minute_from(ends[1]);
  if (!from || !to || *from == minutes_of_day) return std::nullopt;
  return OpenHours{*from, *to > *from ? *to : *to + minutes_of_day};
}

}  // namespace

std::optional<Opening> parse_opening(std::string_view text) {
  const auto words = parts_of(text, ' ');
  const auto days = days_from(words.front());
  if (!days || words.size() < 2) return std::nullopt;
  Opening out;
  for (const std::string_view word : std::span(words).subspan(1)) {
    const auto hours = hours_from(word);
    if (!hours) return std::nullopt;
    for (const std::size_t day : *days) out[day].push_back(*hours);
  }
  return out;
}

std::string check_opening(const std::string& text) {
  if (parse_opening(text)) return {};
  return "\"" + text +
         "\" are no opening hours; write days and hours, such as \"mon-fri "
         "08:00-12:30 13:30-18:00\"";
}

Opening together(const std::vector<std::string>& texts) {
  Opening out;
  for (const std::string& text : texts) {
    const auto one = parse_opening(text).value_or(Opening{});
    for (std::size_t day = 0; day < out.size(); ++day)
      std::ranges::copy(one[day], std::back_inserter(out[day]));
  }
  for (std::vector<OpenHours>& day : out) {
    std::ranges::sort(day, {}, &OpenHours::from);
    std::vector<OpenHours> apart;
    for (const OpenHours& hours : day) {
      if (!apart.empty() && hours.from <= apart.back().to) {
        apart.back().to = std::max(apart.back().to, hours.to);
      } else {
        apart.push_back(hours);
      }
    }
    day = std::move(apart);
  }
  return out;
}

}  // namespace rollcall::config
