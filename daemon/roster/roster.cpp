#include "daemon/roster/roster.hpp"

#include <algorithm>
#include <cctype>
#include <functional>
#include <initializer_list>
#include <optional>
#include <set>

#include "daemon/attendance/card_token.hpp"
#include "daemon/events/contract.hpp"
#include "daemon/events/event.hpp"
#include "daemon/roster/csv.hpp"
#include "protocol/messages.hpp"

namespace rollcall::roster {
namespace {

std::optional<std::string> or_null(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

// "09:05" -> minutes after midnight.
std::optional<int> minutes(const std::string& text) {
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  for (const std::size_t i : {0u, 1u, 3u, 4u}) {
    if (!std::isdigit(static_cast<unsigned char>(text[i]))) return std::nullopt;
  }
  const int hour = (text[0] - '0') * 10 + text[1] - '0';
  const int minute = (text[3] - '0') * 10 + text[4] - '0';
  if (hour > 23 || minute > 59) return std::nullopt;
  return hour * 60 + minute;
}

bool is_date(const std::string& text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  for (const std::size_t i : {0u, 1u, 2u, 3u, 5u, 6u, 8u, 9u}) {
    if (!std::isdigit(static_cast<unsigned char>(text[i]))) return false;
  }
  return true;
}

const std::set<std::string> roles = {"participant", "guardian", "child", "trainer", "staff"};
const std::set<std::string> half_days = {"am", "pm", "eve"};
const std::set<std::string> weekday_names = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

bool are_weekdays(const std::string& text) {
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    if (!weekday_names.contains(text.substr(begin, end - begin))) return false;
    begin = end + 1;
  }
  return true;
}

}  // namespace

class Files {
 public:
  CsvTable people, cards, sessions, enrolments, guardians;
};

std::expected<std::shared_ptr<const Files>, std::vector<std::string>> read(
    const config::Roster& config) {
  auto files = std::make_shared<Files>();
  std::vector<std::string> problems;
  const auto take = [&](const std::string& path, CsvTable& table,
                        const std::vector<std::string>& columns) {
    if (path.empty()) return;
    if (auto read = read_csv(path, columns)) {
      table = std::move(*read);
    } else {
      problems.push_back(read.error());
    }
  };
  take(config.people, files->people,
       {"person", "role", "display_name", "language", "programme", "grant", "contract",
        "protected"});
  take(config.cards, files->cards, {"card", "person"});
  take(config.sessions, files->sessions,
       {"session", "course", "title", "room", "trainer", "weekdays", "first_day", "last_day",
        "start", "end", "half_day", "programme", "grant", "contract"});
  take(config.enrolments, files->enrolments, {"course", "person"});
  take(config.guardians, files->guardians, {"guardian", "child"});
  if (!problems.empty()) return std::unexpected(std::move(problems));
  return files;
}

namespace {

// One file on its way into the tables: each row in turn, with a way to say what is wrong with it.
class Applier {
 public:
  Applier(store::Database& db, Loaded& loaded) : db_(db), loaded_(loaded) {}

  // `row` returns what is wrong with a row, or nothing when it was applied.
  void each(const CsvTable& table, const std::string& file, int& count,
            const std::function<std::string(const std::vector<std::string>&)>& row) {
    loaded_.problems.insert(loaded_.problems.end(), table.problems.begin(), table.problems.end());
    for (const CsvRow& line : table.rows) {
      std::string problem = row(line.fields);
      if (problem.empty()) {
        ++count;
      } else {
        loaded_.problems.push_back(file + ":" + std::to_string(line.line) + ": " + problem +
                                   "; the row was skipped");
      }
    }
  }

  bool known_person(const std::string& id) {
    auto find = db_.prepare("SELECT 1 FROM person WHERE id = ?");
    return find.bind(id).step();
  }

 private:
  store::Database& db_;
  Loaded& loaded_;
};

constexpr const char* labels_too_long = "programme, grant and contract have at most 100 bytes";

// Each is empty or a label that events may carry.
bool are_labels(std::initializer_list<std::string_view> texts) {
  return std::ranges::all_of(texts,
                             [](auto text) { return text.empty() || events::is_label(text); });
}

std::string apply_person(store::Database& db, const std::vector<std::string>& f) {
  if (f[0].empty()) return "the person has no id";
  if (!events::is_pseudonym(f[0])) return "the person's id is not 1 to 64 letters, digits, _ . : -";
  if (!are_labels({f[4], f[5], f[6]})) return labels_too_long;
  if (!roles.contains(f[1]))
    return "role \"" + f[1] + "\" is none of participant, guardian, child, trainer, staff";
  if (f[7] != "yes" && f[7] != "no") return "protected must be yes or no";
  db.prepare(
        "INSERT INTO person (id, role, display_name, language, programme, grant_id, contract, "
        "protected, active)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1) ON CONFLICT (id) DO UPDATE SET role = excluded.role,"
        " display_name = excluded.display_name, language = excluded.language, programme = "
        "excluded.programme,"
        " grant_id = excluded.grant_id, contract = excluded.contract, protected = "
        "excluded.protected, active = 1")
      .bind(f[0], f[1], f[7] == "yes" ? std::string() : f[2], f[3], or_null(f[4]), or_null(f[5]),
            or_null(f[6]), f[7] == "yes")
      .run();
  return {};
}

std::string apply_session(store::Database& db, const std::vector<std::string>& f) {
  const auto start = minutes(f[8]);
  const auto end = minutes(f[9]);
  if (f[0].empty() || f[1].empty()) return "session and course need an id";
  if (!events::is_code(f[0]) || !events::is_code(f[1]))
    return "ids of session and course are 1 to 64 letters, digits, _ . : / + -";
  if (!are_labels({f[11], f[12], f[13]})) return labels_too_long;
  if (!are_weekdays(f[5])) return "weekdays \"" + f[5] + "\" must be words such as mon tue wed";
  if (!is_date(f[6]) || !is_date(f[7]))
    return "first_day and last_day must be dates such as 2026-03-02";
  if (!start || !end || *end <= *start)
    return "start and end must be times such as 09:00, the end after the start";
  if (!half_days.contains(f[10])) return "half_day \"" + f[10] + "\" is none of am, pm, eve";
  db.prepare(
        "INSERT INTO session (id, course, title, room, trainer, weekdays, first_day, last_day, "
        "start_min, end_min,"
        " half_day, programme, grant_id, contract) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
        "?)")
      .bind(f[0], f[1], f[2], f[3], or_null(f[4]), f[5], f[6], f[7], *start, *end, f[10],
            or_null(f[11]), or_null(f[12]), or_null(f[13]))
      .run();
  return {};
}

std::string apply_card(store::Database& db, Applier& applier, const crypto::Key& card_key,
                       const std::vector<std::string>& f) {
  const auto chip = events::unhex(f[0]);
  // No chip number in the message: it would end up in a log.
  if (!chip || chip->empty() || chip->size() > protocol::max_reading)
    return "the card is not a chip number in hex";
  if (!applier.known_person(f[1])) return "nobody has the id " + f[1];
  const auto token = attendance::card_token(card_key, protocol::ReadingKind::uid, *chip);
  db.prepare(
        "INSERT INTO card (token, person, source) VALUES (?, ?, 'roster')"
        " ON CONFLICT (token) DO UPDATE SET person = excluded.person, source = 'roster' WHERE "
        "source = 'roster'")
      .bind(token, f[1])
      .run();
  return {};
}

}  // namespace

Loaded apply(store::Database& db, const Files& files, const crypto::Key& card_key) {
  Loaded loaded;
  Applier applier(db, loaded);
  db.exec("UPDATE person SET active = 0");
  db.exec("DELETE FROM enrolment");
  db.exec("DELETE FROM session");
  db.exec("DELETE FROM guardianship");
  db.exec("DELETE FROM card WHERE source = 'roster'");
  applier.each(files.people, "people", loaded.people,
               [&](const auto& f) { return apply_person(db, f); });
  applier.each(files.sessions, "sessions", loaded.sessions,
               [&](const auto& f) { return apply_session(db, f); });
  applier.each(files.cards, "cards", loaded.cards,
               [&](const auto& f) { return apply_card(db, applier, card_key, f); });
  applier.each(
      files.enrolments, "enrolments", loaded.enrolments, [&](const auto& f) -> std::string {
        if (!applier.known_person(f[1])) return "nobody has the id " + f[1];
        db.prepare("INSERT INTO enrolment (course, person) VALUES (?, ?) ON CONFLICT DO NOTHING")
            .bind(f[0], f[1])
            .run();
        return {};
      });
  applier.each(
      files.guardians, "guardians", loaded.guardianships, [&](const auto& f) -> std::string {
        if (!applier.known_person(f[0]) || !applier.known_person(f[1]))
          return "guardian or child is not in people";
        db.prepare(
              "INSERT INTO guardianship (guardian, child) VALUES (?, ?) ON CONFLICT DO NOTHING")
            .bind(f[0], f[1])
            .run();
        return {};
      });
  return loaded;
}

}  // namespace rollcall::roster
