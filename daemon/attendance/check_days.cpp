#include "daemon/attendance/check_days.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "daemon/attendance/person_day.hpp"

namespace rollcall::attendance {
namespace {

// Names of sessions as numbers: a year has hundreds of thousands of movements, of a few sessions.
class SessionNames {
 public:
  static constexpr int none = -1;

  int number_of(const std::optional<std::string>& session) {
    if (!session) return none;
    const auto [found, added] = numbers_.try_emplace(*session, static_cast<int>(names_.size()));
    if (added) names_.push_back(*session);
    return found->second;
  }
  std::string name_of(int number) const {
    return number == none ? "" : names_[static_cast<std::size_t>(number)];
  }

 private:
  std::map<std::string, int> numbers_;
  std::vector<std::string> names_;
};

// A movement as the facts come to it, or as the newest event that states it has it.
struct Told {
  std::int64_t fact = 0;
  std::int64_t time_ms = 0;
  int session = SessionNames::none;
  bool closes = false;
  bool out = false;

  auto operator<=>(const Told&) const = default;
};
using Movements = std::vector<Told>;  // sorted

struct LoggedDay {
  Movements movements;
  bool purged = false;
};
using LoggedDays = std::map<std::string, LoggedDay>;  // of a person, by day

// By person. All days are read at once, in the order of the days, in which their events lie
// together. What the table keeps for deciding and what the event says are the same, or it is told
// as a movement without a time.
std::unordered_map<std::string, LoggedDays> read_log(store::Database& db, const DayRange& range,
                                                     SessionNames& sessions) {
  auto row = db.prepare(
      "SELECT m.person, m.day, m.fact, m.closes, m.direction = 'out', m.session, m.time_ms,"
      " p.position IS NULL,"
      " json_extract(p.data, '$.direction', '$.session') = json_array(m.direction, m.session)"
      " FROM movement m INDEXED BY movement_day"
      " LEFT JOIN payload_attendance p ON p.position = m.newest"
      " WHERE m.day BETWEEN ? AND ?");
  row.bind(range.from, range.until);
  std::unordered_map<std::string, LoggedDays> people;
  while (row.step()) {
    LoggedDay& day = people[row.text(0)][row.text(1)];
    const bool purged = row.integer(7) != 0;
    const bool as_the_event = row.integer(8) != 0;
    day.purged |= purged;
    day.movements.push_back({.fact = row.integer(2),
                             .time_ms = purged || as_the_event ? row.integer(6) : 0,
                             .session = sessions.number_of(row.optional_text(5)),
                             .closes = row.integer(3) != 0,
                             .out = row.integer(4) != 0});
  }
  for (auto& [person, days] : people)
    for (auto& [day, logged] : days) std::ranges::sort(logged.movements);
  return people;
}

std::set<std::string> waiting_days(store::Database& db, const std::string& person) {
  auto row = db.prepare("SELECT day FROM unsettled WHERE person = ?");
  row.bind(person);
  std::set<std::string> days;
  while (row.step()) days.insert(row.text(0));
  return days;
}

Movements told_of(const ConcludedDay& concluded, SessionNames& sessions) {
  Movements all;
  for (const DayMovement& m : concluded.movements) {
    const auto& session = m.decision.session;
    all.push_back(
        {.fact = m.fact,
         .time_ms = m.at_ms,
         .session = sessions.number_of(session ? std::optional(session->id) : std::nullopt),
         .closes = m.closes,
         .out = *m.decision.direction == Direction::out});
  }
  std::ranges::sort(all);
  return all;
}

std::string words(Movements movements, const SessionNames& sessions, const TimeZone& zone) {
  std::ranges::sort(movements, {}, [](const Told& m) { return std::tie(m.time_ms, m.closes); });
  const auto two = [](int n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  std::string out;
  for (const Told& m : movements) {
    const int minute = zone.at(m.time_ms).minute;
    const std::string session = sessions.name_of(m.session);
    out += (out.empty() ? "" : ", ") +
           std::string(to_text(m.out ? Direction::out : Direction::in)) + ' ' +
           (m.time_ms == 0 ? "otherwise" : two(minute / 60) + ':' + two(minute % 60)) +
           (session.empty() ? "" : ' ' + session) + (m.closes ? " by rule" : "");
  }
  return out.empty() ? "nothing" : out;
}

class Checking {
 public:
  Checking(store::Database& db, const config::Config& config, const DayRange& range,
           std::int64_t now_ms)
      : db_(db),
        zone_(config.site.timezone),
        reader_(db, config, zone_),
        range_(range),
        now_ms_(now_ms) {}

  CheckedDays run() {
    std::vector<std::string> people;
    {
      auto row = db_.prepare(
          "SELECT id FROM person WHERE id NOT IN (SELECT from_id FROM merged) ORDER BY id");
      while (row.step()) people.push_back(row.text(0));
    }
    log_ = read_log(db_, range_, sessions_);
    for (const std::string& id : people) check(id);
    return std::move(found_);
  }

 private:
  void check(const std::string& id) {
    const auto person = person_by_id(db_, id);
    LoggedDays& logged = log_[id];
    const std::set<std::string> waiting = waiting_days(db_, id);
    std::map<std::string, Movements> comes_to;
    for (const PersonDay& day : reader_.read(*person, range_.from, range_.until))
      comes_to[day.day] = told_of(conclude_day(day.facts, now_ms_), sessions_);
    for (const auto& [day, log] : logged) comes_to[day];  // also without a fact
    if (!comes_to.empty()) ++found_.people;
    for (const auto& [day, movements] : comes_to) {
      const LoggedDay& log = logged[day];
      ++found_.days;
      found_.movements += static_cast<int>(log.movements.size());
      if (waiting.contains(day) || log.purged) {
        ++found_.waiting;
      } else if (movements != log.movements) {
        differ({id, day,
                "comes to " + words(movements, sessions_, zone_) + "; the log says " +
                    words(log.movements, sessions_, zone_)});
      }
    }
  }

  void differ(DayDifference one) {
    ++found_.differ;
    if (found_.differences.size() < most_differences) found_.differences.push_back(std::move(one));
  }

  store::Database& db_;
  TimeZone zone_;
  DaysReader reader_;
  DayRange range_;
  std::int64_t now_ms_;
  SessionNames sessions_;
  std::unordered_map<std::string, LoggedDays> log_;
  CheckedDays found_;
};

}  // namespace

CheckedDays check_days(store::Database& db, const config::Config& config, const DayRange& range,
                       std::int64_t now_ms) {
  return Checking(db, config, range, now_ms).run();
}

}  // namespace rollcall::attendance
