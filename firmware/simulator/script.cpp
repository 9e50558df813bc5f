#include "firmware/simulator/script.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <iterator>
#include <sstream>

#include "firmware/simulator/report.hpp"
#include "firmware/terminal/feedback.hpp"

namespace rollcall::simulator {
namespace {

using Words = std::vector<std::string>;
using Action = decltype(Step::action);
using Parsed = std::expected<Action, std::string>;

constexpr std::array<const char*, protocol::screen_slot_count> slot_names = {
    "live",   "idle",      "idle_offline",     "arrived",      "left",           "recorded",
    "repeat", "see_staff", "recorded_offline", "not_accepted", "out_of_service", "one_card"};

template <class Number>
bool parse_number(std::string_view text, Number& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size();
}

std::unexpected<std::string> wrong(std::string sentence) {
  return std::unexpected(std::move(sentence));
}

Parsed parse_at(const Words& words) {
  const std::string usage = "`at` takes a local time of day such as 08:05 or 08:05:30";
  if (words.size() != 2) return wrong(usage);
  std::array<unsigned, 3> part{};
  std::stringstream in(words[1]);
  std::string piece;
  std::size_t count = 0;
  while (std::getline(in, piece, ':')) {
    if (count == 3 || piece.size() != 2 || !parse_number(piece, part[count])) return wrong(usage);
    ++count;
  }
  if (count < 2 || part[0] > 23 || part[1] > 59 || part[2] > 59) return wrong(usage);
  return step::At{std::chrono::hours(part[0]) + std::chrono::minutes(part[1]) +
                  std::chrono::seconds(part[2])};
}

Parsed parse_wait(const Words& words) {
  if (words.size() == 2) {
    const std::string& text = words[1];
    const std::size_t unit = text.find_first_not_of("0123456789");
    std::uint32_t number = 0;
    if (unit != std::string::npos && parse_number(std::string_view(text).substr(0, unit), number)) {
      const std::string name = text.substr(unit);
      if (name == "ms") return step::Wait{std::chrono::milliseconds(number)};
      if (name == "s") return step::Wait{std::chrono::seconds(number)};
      if (name == "min") return step::Wait{std::chrono::minutes(number)};
    }
  }
  return wrong("`wait` takes a duration such as 500ms, 3s or 2min");
}

Parsed parse_tap(const Words& words) {
  const auto card = words.size() == 2 ? parse_card(words[1]) : std::nullopt;
  if (!card) return wrong("`tap` takes a chip number: 8, 14 or 20 hex digits");
  return step::Tap{*card};
}

Parsed parse_power_cut(const Words& words) {
  if (words.size() == 1) return step::PowerCut{false};
  if (words.size() == 2 && words[1] == "during-append") return step::PowerCut{true};
  return wrong("`power-cut` stands alone, or before `during-append`");
}

Parsed parse_touch(const Words& words) {
  hal::TouchPoint point;
  if (words.size() != 3 || !parse_number(words[1], point.x) || !parse_number(words[2], point.y)) {
    return wrong("`touch` takes x and y in pixels of the panel");
  }
  return step::Touch{point};
}

Parsed one_of(step::Expect::What what, const std::string& value,
              const std::vector<std::string>& allowed) {
  if (std::find(allowed.begin(), allowed.end(), value) != allowed.end())
    return step::Expect{what, value};
  std::string list;
  for (const std::string& name : allowed) list += (list.empty() ? "" : ", ") + name;
  return wrong("\"" + value + "\" is not one of " + list);
}

Parsed parse_expect(const Words& words) {
  using What = step::Expect::What;
  if (words.size() != 3)
    return wrong("`expect` takes what (light, outcome, screen, link, waiting) and a value");
  const std::string& what = words[1];
  const std::string& value = words[2];
  if (what == "light") return one_of(What::light, value, {"green", "amber", "blue", "none"});
  if (what == "link") return one_of(What::link, value, {"up", "down"});
  if (what == "screen") return one_of(What::screen, value, {slot_names.begin(), slot_names.end()});
  if (what == "outcome") {
    std::vector<std::string> names{"interrupted"};
    for (int i = 1; i <= int(firmware::Shown::one_card); ++i) {
      names.emplace_back(firmware::feedback_for(static_cast<firmware::Shown>(i)).name);
    }
    return one_of(What::outcome, value, names);
  }
  if (what == "waiting") {
    std::uint64_t number = 0;
    if (parse_number(value, number)) return step::Expect{What::waiting, value};
    return wrong("`expect waiting` takes a number of taps");
  }
  return wrong("`expect` knows light, outcome, screen, link and waiting, not \"" + what + "\"");
}

Parsed parse_step(const Words& words) {
  const std::string& name = words[0];
  if (name == "at") return parse_at(words);
  if (name == "wait") return parse_wait(words);
  if (name == "tap") return parse_tap(words);
  if (name == "power-cut") return parse_power_cut(words);
  if (name == "touch") return parse_touch(words);
  if (name == "expect") return parse_expect(words);
  if (name == "offline" || name == "online") {
    if (words.size() != 1) return wrong("`" + name + "` stands alone");
    return step::Cable{name == "online"};
  }
  return wrong(
      "\"" + name +
      "\" is not a step; known are at, wait, tap, offline, online, power-cut, touch, expect");
}

}  // namespace

const char* slot_name(unsigned slot) {
  return slot < slot_names.size() ? slot_names[slot] : "unknown";
}

std::expected<std::vector<Step>, std::vector<std::string>> parse_script(const std::string& text,
                                                                        const std::string& name) {
  std::vector<Step> steps;
  std::vector<std::string> problems;
  std::istringstream in(text);
  std::string line;
  for (unsigned number = 1; std::getline(in, line); ++number) {
    if (const auto comment = line.find('#'); comment != std::string::npos) line.erase(comment);
    std::istringstream split(line);
    Words words;
    for (std::string word; split >> word;) words.push_back(word);
    if (words.empty()) continue;
    std::string written;
    for (const std::string& word : words) written += (written.empty() ? "" : " ") + word;
    if (auto action = parse_step(words)) {
      steps.push_back({number, written, *action});
    } else {
      problems.push_back(name + ":" + std::to_string(number) + ": " + action.error());
    }
  }
  if (!problems.empty()) return std::unexpected(problems);
  return steps;
}

std::expected<std::vector<Step>, std::vector<std::string>> load_script(const std::string& path) {
  std::ifstream in(path);
  if (!in)
    return std::unexpected(std::vector<std::string>{"the script " + path + " cannot be read"});
  const std::string text(std::istreambuf_iterator<char>(in), {});
  return parse_script(text, path);
}

}  // namespace rollcall::simulator
