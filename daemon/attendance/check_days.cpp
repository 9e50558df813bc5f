#include "daemon/attendance/check_days.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "daemon/attendance/person_day.hpp"

namespace rollcall::attendance {
namespace {

// A movement as the facts come to it, or as the newest event that states it has it.
struct Told {
  std::int64_t fact = 0;
  bool closes = false;
  std::string direction;
  std::optional<std::string> session;
  std::int64_t time_ms = 0;

  auto operator<=>(const Told&) const = default;
};

struct LoggedDay {
  std::set<Told> movements;
  bool purged = false;
};

// By day. What the table keeps for deciding and what the event says are the same, or it is told as
// a movement without a time.
std::map<std::string, LoggedDay> logged_days(store::Database& db, const std::string& person,
                                             const DayRange& range) {
  auto row = db.prepare(
      "SELECT m.day, m.fact, m.closes, m.direction, m.session, m.time_ms, p.position IS NULL,"
      " json_extract(p.data, '$.direction', '$.session') = json_array(m.direction, m.session)"
      " FROM movement m LEFT JOIN payload_attendance p ON p.position = m.newest"
      " WHERE m.person = ? AND m.day BETWEEN ? AND ?");
  row.bind(person, range.from, range.until);
  std::map<std::string, LoggedDay> days;
  while (row.step()) {
    LoggedDay& day = days[row.text(0)];
    const bool purged = row.integer(6) != 0;
    const bool as_the_event = row.integer(7) != 0;
    day.purged |= purged;
    day.movements.insert({row.integer(1), row.integer(2) != 0, row.text(3), row.optional_text(4),
                          purged || as_the_event ? row.integer(5) : 0});
  }
  return days;
}

std::set<std::string> waiting_days(store::Database& db, const std::string& person) {
  auto row = db.prepare("SELECT day FROM unsettled WHERE person = ?");
  row.bind(person);
  std::set<std::string> days;
  while (row.step()) days.insert(row.text(0));
  return days;
}

std::set<Told> told_of(const ConcludedDay& concluded) {
  std::set<Told> all;
  for (const DayMovement& m : concluded.movements) {
    all.insert({m.fact, m.closes, std::string(to_text(*m.decision.direction)),
                m.decision.session ? std::optional(m.decision.session->id) : std::nullopt,
                m.at_ms});
  }
  return all;
}

std::string words(const std::set<Told>& movements, const TimeZone& zone) {
  std::vector<Told> in_order(movements.begin(), movements.end());
  std::ranges::sort(in_order, {}, [](const Told& m) { return std::tie(m.time_ms, m.closes); });
  const auto two = [](int n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  std::string out;
  for (const Told& m : in_order) {
    const int minute = zone.at(m.time_ms).minute;
    out += (out.empty() ? "" : ", ") + m.direction + ' ' +
           (m.time_ms == 0 ? "otherwise" : two(minute / 60) + ':' + two(minute % 60)) +
           (m.session ? ' ' + *m.session : "") + (m.closes ? " by rule" : "");
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
    for (const std::string& id : people) check(id);
    return std::move(found_);
  }

 private:
  void check(const std::string& id) {
    const auto person = person_by_id(db_, id);
    std::map<std::string, LoggedDay> logged = logged_days(db_, id, range_);
    const std::set<std::string> waiting = waiting_days(db_, id);
    std::map<std::string, std::set<Told>> comes_to;
    for (const PersonDay& day : reader_.read(*person, range_.from, range_.until))
      comes_to[day.day] = told_of(conclude_day(day.facts, now_ms_));
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
                "comes to " + words(movements, zone_) + "; the log says " +
                    words(log.movements, zone_)});
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
  CheckedDays found_;
};

}  // namespace

CheckedDays check_days(store::Database& db, const config::Config& config, const DayRange& range,
                       std::int64_t now_ms) {
  return Checking(db, config, range, now_ms).run();
}

}  // namespace rollcall::attendance
