// The instruments of this site and who is due for which.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "daemon/assessments/instrument.hpp"
#include "daemon/config/config.hpp"
#include "daemon/store/database.hpp"
#include "daemon/store/readers.hpp"

namespace rollcall::assessments {

struct Assignment {
  std::string person;      // pseudonym
  std::string instrument;  // id
  std::string due;         // ISO date from which it is offered
};

// CSV with the header "person,instrument,due"; fields have no quotes, the ids have no commas.
// Problems: "FILE:LINE: what is wrong; what would be right".
std::expected<std::vector<Assignment>, std::vector<std::string>> parse_assignments(
    std::string_view file, std::string_view csv);

// Somebody is due for an instrument now.
struct Due {
  std::string person;  // pseudonym
  std::shared_ptr<const Instrument> instrument;
  std::string date;  // ISO date from which it is due
  int earlier_offers = 0;
  std::optional<std::string> programme, grant, contract;  // that the person's records count for
};

class Library {
 public:
  Library() = default;

  // Reads the configured folder (*.json) and CSV file. Touches no database. All problems at once;
  // two files with the same id and an assignment of an instrument that is not there are problems.
  static std::expected<Library, std::vector<std::string>> read(const config::Assessments& config);

  // Brings tables `instrument` and `assignment` up to date, in the caller's transaction; completed
  // assignments stay completed. Returns the problems: a file that was changed without a new
  // version. Nothing is written then. Thread: the writer.
  std::vector<std::string> store(store::Database& db) const;

  // Nothing when this site has no such instrument.
  std::shared_ptr<const Instrument> find(std::string_view id) const;
  std::size_t size() const { return instruments_.size(); }

  // What `person` should be offered on local day `today` (ISO date), the oldest first; or nothing.
  boost::asio::awaitable<std::optional<Due>> due(store::Readers& readers, std::string person,
                                                 std::string today) const;
  std::optional<Due> due_now(store::Database& db, const std::string& person,
                             const std::string& today) const;

 private:
  std::map<std::string, std::shared_ptr<const Instrument>, std::less<>> instruments_;
  std::vector<Assignment> assignments_;
};

}  // namespace rollcall::assessments
