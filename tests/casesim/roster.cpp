#include "tests/casesim/roster.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>

#include <nlohmann/json.hpp>

namespace rollcall::casesim {
namespace {

using nlohmann::json;

constexpr std::string_view cursor_prefix = "r-";

std::optional<std::size_t> position_of(std::string_view cursor) {
  if (cursor.empty()) return 0;
  if (!cursor.starts_with(cursor_prefix)) return std::nullopt;
  cursor.remove_prefix(cursor_prefix.size());
  std::size_t position = 0;
  const auto [end, error] = std::from_chars(cursor.begin(), cursor.end(), position);
  if (error != std::errc() || end != cursor.end()) return std::nullopt;
  return position;
}

}  // namespace

std::expected<Roster, std::string> Roster::open(const std::string& path, const Schemas& schemas) {
  std::ifstream in(path);
  if (!in) return std::unexpected(path + ": cannot be read");
  Roster roster;
  std::size_t number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (line.empty()) continue;
    const json record = json::parse(line, nullptr, false);
    const json page = {{"records", json::array({record})}, {"cursor", "r-1"}, {"more", false}};
    if (record.is_discarded() || schemas.fault("roster.json", page)) {
      return std::unexpected(path + ":" + std::to_string(number) +
                             ": not a roster record (docs/api/events/roster.json)");
    }
    roster.records_.push_back(record.dump());
  }
  return roster;
}

std::optional<std::string> Roster::page(std::string_view cursor, std::size_t limit) const {
  const auto from = position_of(cursor);
  if (!from || *from > records_.size()) return std::nullopt;
  const std::size_t to = std::min(records_.size(), *from + limit);
  json page = {{"records", json::array()},
               {"cursor", std::string(cursor_prefix) + std::to_string(to)},
               {"more", to < records_.size()}};
  for (std::size_t at = *from; at < to; ++at) page["records"].push_back(json::parse(records_[at]));
  return page.dump();
}

}  // namespace rollcall::casesim
