// Reads one calendar. The one file here that sees toml++.
#include <algorithm>
#include <array>
#include <map>
#include <span>
#include <utility>

#include <toml++/toml.h>

#include "daemon/config/values.hpp"
#include "daemon/sheets/calendar.hpp"

namespace rollcall::sheets {
namespace {

constexpr std::string_view top_keys[] = {"id", "name", "source", "extends", "holiday"};
constexpr std::string_view weekdays[] = {"sunday",   "monday", "tuesday", "wednesday",
                                         "thursday", "friday", "saturday"};

// Which keys each rule has beside those of all.
struct RuleKeys {
  std::string_view rule;
  std::vector<std::string_view> needs;
  std::vector<std::string_view> may_have;
};
const std::vector<RuleKeys>& rules() {
  static const std::vector<RuleKeys> all{{"fixed", {"month", "day"}, {"monday_too"}},
                                         {"easter", {"days"}, {}},
                                         {"orthodox_easter", {"days"}, {}},
                                         {"weekday", {"weekday", "month", "day"}, {}},
                                         {"once", {"date"}, {}}};
  return all;
}

std::string quoted(std::string_view text) {
  return "\"" + std::string{text} + "\"";
}

std::string listed(std::span<const std::string_view> words) {
  std::string out;
  for (const std::string_view word : words) out += (out.empty() ? "" : ", ") + std::string{word};
  return out;
}

class Reader {
 public:
  explicit Reader(std::string file) : file_(std::move(file)) {}

  std::expected<Calendar::File, std::vector<std::string>> run(std::string_view text) {
    Calendar::File out;
    try {
      const toml::table root = toml::parse(text, file_);
      out = read(root);
    } catch (const toml::parse_error& error) {
      problem(static_cast<int>(error.source().begin.line),
              std::string{error.description()} + "; nothing below this line was checked");
    }
    if (problems_.empty()) return out;
    std::vector<std::string> lines;
    for (auto& [line, sentence] : problems_) lines.push_back(std::move(sentence));
    return std::unexpected(std::move(lines));
  }

 private:
  void problem(int line, const std::string& sentence) {
    problems_.emplace(line, file_ + ":" + std::to_string(std::max(line, 1)) + ": " + sentence);
  }
  static int line(const toml::node& node) { return static_cast<int>(node.source().begin.line); }

  Calendar::File read(const toml::table& root) {
    Calendar::File out;
    unknown_keys(root, top_keys);
    out.id = text(root, "id", true);
    out.name = text(root, "name", true);
    out.source = text(root, "source", true);
    if (root.contains("extends")) out.extends = text(root, "extends", true);
    const toml::node* list = root.get("holiday");
    const toml::array* holidays = list == nullptr ? nullptr : list->as_array();
    if (list != nullptr && holidays == nullptr)
      problem(line(*list), "holiday: must repeat, one section per day, each written [[holiday]]");
    if (list == nullptr && !out.extends)
      problem(1, "holiday: there is none; write one [[holiday]] section per day");
    if (holidays == nullptr) return out;
    for (const toml::node& one : *holidays) {
      if (const toml::table* table = one.as_table()) {
        if (auto holiday = read_holiday(*table)) out.holidays.push_back(std::move(*holiday));
      } else {
        problem(line(one), "holiday: is no section; write [[holiday]]");
      }
    }
    return out;
  }

  std::optional<Holiday> read_holiday(const toml::table& table) {
    const std::size_t before = problems_.size();
    Holiday out;
    out.name = text(table, "name", true);
    const std::string name = text(table, "rule", true);
    std::vector<std::string_view> names;
    for (const RuleKeys& one : rules()) names.push_back(one.rule);
    const auto found = std::ranges::find(rules(), name, &RuleKeys::rule);
    if (found == rules().end()) {
      if (!name.empty())
        problem(line(*table.get("rule")),
                "rule: " + quoted(name) + " is none; write one of " + listed(names));
      return std::nullopt;
    }
    std::vector<std::string_view> known{"name", "rule", "from", "until"};
    std::ranges::copy(found->needs, std::back_inserter(known));
    std::ranges::copy(found->may_have, std::back_inserter(known));
    unknown_keys(table, known);
    out.from = number(table, "from", 1583, 9999).value_or(out.from);
    out.until = number(table, "until", 1583, 9999).value_or(out.until);
    if (out.from > out.until)
      problem(line(table), "from: is after until, so there is no such day; put them in order");
    for (const std::string_view key : found->needs) {
      if (!table.contains(key))
        problem(line(table), std::string{key} + ": is missing; the rule " + name + " needs it");
    }
    if (problems_.size() == before) read_rule(table, name, out);
    return problems_.size() == before ? std::optional(std::move(out)) : std::nullopt;
  }

  void read_rule(const toml::table& table, const std::string& name, Holiday& out) {
    if (name == "fixed") {
      out.rule = Fixed{month_day(table), flag(table, "monday_too")};
    } else if (name == "weekday") {
      out.rule = FirstWeekday{weekday(table), month_day(table)};
    } else if (name == "once") {
      const std::string written = text(table, "date", true);
      if (const auto date = date_from_iso(written)) {
        out.rule = Once{*date};
      } else if (!written.empty()) {
        problem(line(*table.get("date")),
                "date: " + quoted(written) + " is no day; write it as \"2026-03-02\"");
      }
    } else {
      out.rule = FromEaster{number(table, "days", -70, 70).value_or(0), name == "orthodox_easter"};
    }
  }

  std::chrono::month_day month_day(const toml::table& table) {
    const auto month = static_cast<unsigned>(number(table, "month", 1, 12).value_or(1));
    const auto day = static_cast<unsigned>(number(table, "day", 1, 31).value_or(1));
    const std::chrono::month_day out{std::chrono::month{month}, std::chrono::day{day}};
    if (!out.ok())
      problem(line(*table.get("day")),
              "day: that month has no day " + std::to_string(day) + "; write one that it has");
    return out;
  }

  std::chrono::weekday weekday(const toml::table& table) {
    const std::string written = text(table, "weekday", true);
    const auto found = std::ranges::find(weekdays, written);
    if (found == std::end(weekdays) && !written.empty())
      problem(line(*table.get("weekday")),
              "weekday: " + quoted(written) + " is none; write one of " + listed(weekdays));
    return std::chrono::weekday{static_cast<unsigned>(found - std::begin(weekdays)) % 7};
  }

  std::string text(const toml::table& table, std::string_view key, bool required) {
    const toml::node* node = table.get(key);
    if (node == nullptr) {
      if (required) problem(line(table), std::string{key} + ": is missing; add a text in quotes");
      return {};
    }
    const auto value = node->value_exact<std::string>();
    if (!value || value->empty() || value->size() > 200) {
      problem(line(*node), std::string{key} + ": must be a text in quotes, 1 to 200 bytes");
      return {};
    }
    return *value;
  }

  std::optional<int> number(const toml::table& table, std::string_view key, int least, int most) {
    const toml::node* node = table.get(key);
    if (node == nullptr) return std::nullopt;
    const auto value = node->value_exact<std::int64_t>();
    if (value && *value >= least && *value <= most) return static_cast<int>(*value);
    problem(line(*node), std::string{key} + ": must be a whole number from " +
                             std::to_string(least) + " to " + std::to_string(most));
    return std::nullopt;
  }

  bool flag(const toml::table& table, std::string_view key) {
    const toml::node* node = table.get(key);
    if (node == nullptr) return false;
    const auto value = node->value_exact<bool>();
    if (!value) problem(line(*node), std::string{key} + ": must be true or false");
    return value.value_or(false);
  }

  void unknown_keys(const toml::table& table, std::span<const std::string_view> known) {
    for (const auto& [name, node] : table) {
      if (std::ranges::find(known, name.str()) != known.end()) continue;
      const auto close = config::nearest(name.str(), known);
      problem(static_cast<int>(name.source().begin.line),
              std::string{name.str()} + ": is no key here; " +
                  (close ? "did you mean " + quoted(*close) + "?" : "write " + listed(known)));
    }
  }

  std::string file_;
  std::multimap<int, std::string> problems_;
};

}  // namespace

std::expected<Calendar::File, std::vector<std::string>> Calendar::parse(std::string_view text,
                                                                        const std::string& file) {
  return Reader(file).run(text);
}

}  // namespace rollcall::sheets
