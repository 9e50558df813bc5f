// The roster feed: records of a JSON Lines file, checked against docs/api/events/roster.json.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/casesim/schemas.hpp"

namespace rollcall::casesim {

class Roster {
 public:
  Roster() = default;  // no records
  // A sentence names the first line that is not a record.
  static std::expected<Roster, std::string> open(const std::string& path, const Schemas& schemas);

  // A page after `cursor` (empty = from the beginning), nothing when the cursor is not one of ours.
  std::optional<std::string> page(std::string_view cursor, std::size_t limit) const;
  std::size_t size() const { return records_.size(); }

 private:
  std::vector<std::string> records_;  // JSON texts, in the order of the file
};

}  // namespace rollcall::casesim
