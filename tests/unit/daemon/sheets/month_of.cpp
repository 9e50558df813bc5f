#include "tests/unit/daemon/sheets/month_of.hpp"

#include <random>

#include "tests/unit/daemon/sheets/samples.hpp"

namespace rollcall::sheets::testing {
namespace {

struct Course {
  const char* session;
  const char* title;
  const char* trainer;
  const char* room;
  Kind kind;
  Part part;
  int from, to;  // hours
};

// The first trainer gives a morning and the afternoon that follows; mornings run side by side.
constexpr Course courses[] = {
    {"S-1", "First steps", "t-1", "Senne", Kind::room, Part::am, 9, 12},
    {"S-2", "Digital tools", "t-1", "Maelbeek", Kind::room, Part::pm, 12, 16},
    {"S-3", "French", "t-2", "Maelbeek", Kind::room, Part::am, 8, 12},
    {"S-4", "Coaching", "t-2", "Senne", Kind::one_to_one, Part::pm, 14, 15},
    {"S-5", "Placement", "t-3", nullptr, Kind::work_site, Part::am, 6, 13},
    {"S-6", "Office", "t-4", nullptr, Kind::online, Part::eve, 20, 22},
};

constexpr std::uint32_t odd = 2'654'435'761;  // so that no two seeds of drawings are the same

class Maker {
 public:
  explicit Maker(std::uint32_t seed) : random_(seed) {}

  Sheet sheet(const Course& course, Date date) {
    Sheet out = morning(date, 0);
    out.id = uuid(++ids_);
    out.session = course.session;
    out.title = course.title;
    out.trainer = {course.trainer, course.trainer};
    out.room = course.room == nullptr ? std::nullopt : std::optional<std::string>(course.room);
    out.kind = course.kind;
    out.part = course.part;
    out.start_ms = summer(date, course.from, 0);
    out.end_ms = summer(date, course.to, 0);
    out.confirmed = Confirmation{out.trainer, out.end_ms};
    out.trainer_signature = signature(out.end_ms, 0);
    const int people = course.kind == Kind::one_to_one ? 1 : up_to(4) + 10;
    const int assisted = chance(3) && people >= 10 ? up_to(people) : people;  // one at most
    for (int i = 0; i < people; ++i) out.lines.push_back(line(out, i, i == assisted));
    return out;
  }

 private:
  static std::int64_t summer(Date date, int hour, int minute) {
    return winter(date, hour - 1, minute);  // UTC+2
  }
  int up_to(int most) { return std::uniform_int_distribution<int>(0, most)(random_); }
  bool chance(int one_in) { return up_to(one_in - 1) == 0; }

  // Of one of the three forms, `minutes` after.
  Signature signature(std::int64_t after_ms, int minutes) {
    Signature out{uuid(++ids_), after_ms + minutes * 60'000 + up_to(50'000), ByCard{}};
    if (chance(2)) out.form = scribble(ids_ * odd);
    if (chance(12)) out.form = Witnessed{{"t-9", "t-9"}, "cannot hold a pen"};
    return out;
  }

  Line line(const Sheet& sheet, int number, bool assisted) {
    Line out;
    const std::string id = "p-" + sheet.session + "-" + std::to_string(number);
    out.person = {id, id};
    const int fate = up_to(19);
    if (fate == 0 || fate == 1) {
      out.mark = fate == 0 ? Mark::absent : Mark::excused;
      if (chance(2)) out.closing = NotSigned{WhyNot::absent, ""};
      return out;
    }
    out.mark = fate == 2 ? Mark::late : fate == 3 ? Mark::left_early : Mark::present;
    out.arrived = Moment{sheet.start_ms + (fate == 2 ? 20 : 0) * 60'000};
    out.left = Moment{sheet.end_ms - (fate == 3 ? 40 : 0) * 60'000};
    out.methods = {assisted ? Method::assisted : Method::card};
    out.closing = signature(out.left->at_ms, up_to(15) - 4);
    if (chance(15)) out.closing = NotSigned{WhyNot::unable, "left in a hurry"};
    if (chance(15)) {
      out.left.reset();
      out.no_exit_tap = true;
    }
    return out;
  }

  std::mt19937 random_;
  unsigned ids_ = 100;
};

}  // namespace

Month CleanMonth::month() const {
  Month out{.sheets = sheets, .holidays = holidays};
  for (std::size_t day = 1; day <= 5; ++day) out.opening[day] = {{8 * 60, 17 * 60}};
  out.titles = titles;
  out.cancelled = cancelled;
  out.now_ms = winter(*date_from_iso("2026-12-31"), 12, 0);
  return out;
}

CleanMonth clean_month(std::uint32_t seed) {
  CleanMonth out;
  out.holidays = load_calendar(CALENDARS_FOLDER, "be").value();
  Maker maker(seed);
  for (const Course& course : courses) out.titles[course.session] = course.title;
  const Date first = *date_from_iso("2026-05-01");
  for (Date date = first; date.month() == first.month(); date = days_after(date, 1)) {
    const auto weekday = weekday_of(date);
    if (weekday == std::chrono::Saturday || weekday == std::chrono::Sunday) continue;
    for (const Course& course : courses) {
      if (!out.holidays.is_holiday(date)) out.sheets.push_back(maker.sheet(course, date));
    }
  }
  return out;
}

}  // namespace rollcall::sheets::testing
