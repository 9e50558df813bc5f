#include "daemon/assessments/library.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include <date/date.h>

namespace rollcall::assessments {
namespace {

namespace fs = std::filesystem;

std::optional<std::string> read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::nullopt;
  std::ostringstream text;
  text << in.rdbuf();
  return in.bad() ? std::nullopt : std::optional(std::move(text).str());
}

std::vector<std::string> split(std::string_view line) {
  std::vector<std::string> fields(1);
  for (const char c : line) {
    if (c == ',') {
      fields.emplace_back();
    } else {
      fields.back().push_back(c);
    }
  }
  return fields;
}

bool is_date(const std::string& text) {
  std::istringstream in(text);
  date::year_month_day day;
  in >> date::parse("%F", day);
  return text.size() == 10 && !in.fail() && day.ok();
}

void read_instruments(const std::string& folder,
                      std::map<std::string, std::shared_ptr<const Instrument>, std::less<>>& out,
                      std::vector<std::string>& problems) {
  std::error_code error;
  std::vector<fs::path> files;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (it->path().extension() == ".json") files.push_back(it->path());
  }
  if (error) {
    problems.push_back(folder + ": the folder of instruments cannot be read (" + error.message() +
                       "); name an existing folder in assessments.instruments");
    return;
  }
  std::ranges::sort(files);
  for (const fs::path& file : files) {
    const auto bytes = read_file(file);
    if (!bytes) {
      problems.push_back(file.string() + ": cannot be read");
      continue;
    }
    auto parsed = parse_instrument(file.string(), *bytes);
    if (!parsed) {
      problems.insert(problems.end(), parsed.error().begin(), parsed.error().end());
      continue;
    }
    std::string id = parsed->id;
    if (!out.emplace(id, std::make_shared<const Instrument>(std::move(*parsed))).second) {
      problems.push_back(file.string() + ": /id: another file of this folder has the id \"" + id +
                         "\" too; keep one version of an instrument in the folder");
    }
  }
}

}  // namespace

std::expected<std::vector<Assignment>, std::vector<std::string>> parse_assignments(
    std::string_view file, std::string_view csv) {
  std::vector<Assignment> assignments;
  std::vector<std::string> problems;
  std::set<std::pair<std::string, std::string>> seen;
  if (csv.starts_with("\xef\xbb\xbf")) csv.remove_prefix(3);
  for (int number = 1; !csv.empty(); ++number) {
    const auto end = csv.find('\n');
    std::string_view line = csv.substr(0, end);
    csv.remove_prefix(end == std::string_view::npos ? csv.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    const auto problem = [&](const std::string& sentence) {
      problems.push_back(std::string(file) + ":" + std::to_string(number) + ": " + sentence);
    };
    if (number == 1) {
      if (line != "person,instrument,due")
        problem("the first line must be \"person,instrument,due\"");
      continue;
    }
    if (line.empty()) continue;
    const auto fields = split(line);
    if (fields.size() != 3) {
      problem("has " + std::to_string(fields.size()) +
              " fields; three are needed: person, instrument, due");
    } else if (fields[0].empty() || fields[1].empty()) {
      problem("person and instrument must not be empty");
    } else if (!is_date(fields[2])) {
      problem("\"" + fields[2] + "\" is not a date; write it as 2026-03-02");
    } else if (!seen.emplace(fields[0], fields[1]).second) {
      problem("this person has this instrument on an earlier line already");
    } else {
      assignments.push_back({fields[0], fields[1], fields[2]});
    }
  }
  if (!problems.empty()) return std::unexpected(std::move(problems));
  return assignments;
}

std::expected<Library, std::vector<std::string>> Library::read(const config::Assessments& config) {
  Library library;
  std::vector<std::string> problems;
  if (!config.instruments.empty())
    read_instruments(config.instruments, library.instruments_, problems);
  if (!config.assignments.empty()) {
    if (const auto csv = read_file(config.assignments); !csv) {
      problems.push_back(config.assignments + ": cannot be read");
    } else if (auto parsed = parse_assignments(config.assignments, *csv); !parsed) {
      problems.insert(problems.end(), parsed.error().begin(), parsed.error().end());
    } else {
      library.assignments_ = std::move(*parsed);
    }
  }
  // An instrument file with problems would otherwise be reported a second time, as missing.
  if (problems.empty()) {
    std::set<std::string> missing;
    for (const Assignment& a : library.assignments_) {
      if (library.instruments_.contains(a.instrument) || !missing.insert(a.instrument).second)
        continue;
      problems.push_back(config.assignments + ": assigns \"" + a.instrument +
                         "\", but no file in " + config.instruments + " has that id");
    }
  }
  if (!problems.empty()) return std::unexpected(std::move(problems));
  return library;
}

std::vector<std::string> Library::store(store::Database& db) const {
  std::vector<std::string> problems;
  for (const auto& [id, instrument] : instruments_) {
    auto known = db.prepare("SELECT digest FROM instrument WHERE id = ? AND version = ?");
    if (known.bind(id, instrument->version).step() && known.fixed<32>(0) != instrument->digest) {
      problems.push_back(
          "instrument \"" + id + "\" was changed, but is still version " + instrument->version +
          "; results of that version exist with the earlier text: give the file a new version");
    }
  }
  if (!problems.empty()) return problems;
  for (const auto& [id, instrument] : instruments_) {
    db.prepare(
          "INSERT INTO instrument (id, version, digest, body) VALUES (?, ?, ?, ?) ON CONFLICT DO "
          "NOTHING")
        .bind(id, instrument->version, instrument->digest, instrument->body)
        .run();
  }
  // The file says who is due; what was completed stays on record.
  db.exec("DELETE FROM assignment WHERE state = 'due'");
  for (const Assignment& a : assignments_) {
    db.prepare(
          "INSERT INTO assignment (person, instrument, due) VALUES (?, ?, ?) ON CONFLICT DO "
          "NOTHING")
        .bind(a.person, a.instrument, a.due)
        .run();
  }
  return problems;
}

std::shared_ptr<const Instrument> Library::find(std::string_view id) const {
  const auto found = instruments_.find(id);
  return found == instruments_.end() ? nullptr : found->second;
}

boost::asio::awaitable<std::optional<Due>> Library::due(store::Readers& readers, std::string person,
                                                        std::string today) const {
  if (instruments_.empty()) co_return std::nullopt;
  const std::function<std::optional<Due>(store::Database&)> query = [&](store::Database& db) {
    return due_now(db, person, today);
  };
  co_return co_await readers.query<std::optional<Due>>(query);
}

std::optional<Due> Library::due_now(store::Database& db, const std::string& person,
                                    const std::string& today) const {
  Due due;
  due.person = person;
  auto assignments = db.prepare(
      "SELECT instrument, due FROM assignment WHERE person = ? AND state = 'due' AND due <= ? "
      "ORDER BY due, instrument");
  for (assignments.bind(person, today); due.instrument == nullptr && assignments.step();) {
    due.instrument = find(assignments.text(0));
    due.date = assignments.text(1);
  }
  if (due.instrument == nullptr) return std::nullopt;

  auto offers = db.prepare(
      "SELECT count(*) FROM log JOIN payload_assessment USING (position) WHERE subject = ? AND "
      "type = "
      "'assessment.offered' AND json_extract(data, '$.instrument.id') = ?");
  if (offers.bind(person, due.instrument->id).step())
    due.earlier_offers = static_cast<int>(offers.integer(0));
  auto counts = db.prepare("SELECT programme, grant_id, contract FROM person WHERE id = ?");
  if (counts.bind(person).step()) {
    due.programme = counts.optional_text(0);
    due.grant = counts.optional_text(1);
    due.contract = counts.optional_text(2);
  }
  return due;
}

}  // namespace rollcall::assessments
