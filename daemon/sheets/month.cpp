#include "daemon/sheets/month.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "daemon/attendance/local_time.hpp"

namespace rollcall::sheets {
namespace {

constexpr std::int64_t minute_ms = 60'000;
constexpr int minutes_of_day = 24 * 60;

struct Signed {
  const Sheet* sheet;
  const Person* person;
  const Signature* signature;
  const Line* line;  // null: the trainer's or the foreman's
};

std::vector<Signed> signatures_of(const Sheet& sheet) {
  std::vector<Signed> out;
  for (const Line& line : sheet.lines) {
    if (const auto* signature = std::get_if<Signature>(&line.closing))
      out.push_back({&sheet, &line.person, signature, &line});
  }
  if (sheet.trainer_signature)
    out.push_back({&sheet, &sheet.trainer, &*sheet.trainer_signature, nullptr});
  if (sheet.foreman && sheet.foreman->signature)
    out.push_back({&sheet, &sheet.foreman->person, &*sheet.foreman->signature, nullptr});
  return out;
}

bool is_at_site(const Sheet& sheet) {
  return sheet.kind != Kind::work_site && sheet.kind != Kind::online;
}

std::string two_digits(int number) {
  return (number < 10 ? "0" : "") + std::to_string(number);
}

std::string clock(int minute) {
  return two_digits(minute / 60) + ":" + two_digits(minute % 60);
}

// Points of all strokes, the drawing's own bounds being 0 to 1.
std::vector<Point> to_own_bounds(const Drawing& drawing) {
  std::vector<Point> out;
  for (const auto& stroke : drawing.strokes) out.insert(out.end(), stroke.begin(), stroke.end());
  const auto spread = [&](double Point::* axis) {
    const auto [least, most] = std::ranges::minmax(out, {}, axis);
    const double from = least.*axis;
    const double width = most.*axis - from;
    for (Point& point : out) point.*axis = width > 0 ? (point.*axis - from) / width : 0;
  };
  if (!out.empty()) {
    spread(&Point::x);
    spread(&Point::y);
  }
  return out;
}

bool close(const std::vector<Point>& one, const std::vector<Point>& other) {
  constexpr double rounding = 0.01;  // of a screen's pixels, after scaling
  return std::ranges::equal(one, other, [](const Point& a, const Point& b) {
    return std::abs(a.x - b.x) <= rounding && std::abs(a.y - b.y) <= rounding;
  });
}

std::vector<std::size_t> stroke_sizes(const Drawing& drawing) {
  std::vector<std::size_t> out;
  for (const auto& stroke : drawing.strokes) out.push_back(stroke.size());
  return out;
}

class Check {
 public:
  explicit Check(const Month& month) : month_(month) {
    for (const Sheet& sheet : month.sheets)
      std::ranges::move(signatures_of(sheet), std::back_inserter(signed_));
  }

  std::vector<Finding> run() {
    const bool opening_known =
        std::ranges::any_of(month_.opening, [](const auto& day) { return !day.empty(); });
    for (const Sheet& sheet : month_.sheets) {
      const auto signatures = signatures_of(sheet);
      check_day(sheet, signatures.size());
      check_title(sheet);
      check_closed(sheet);
      check_assisted(sheet);
      const attendance::TimeZone zone(sheet.time_zone);
      if (opening_known && is_at_site(sheet)) check_planned_hours(sheet, zone);
      for (const Signed& one : signatures) {
        check_time(one, zone);
        if (opening_known && is_at_site(sheet)) check_open_when_signed(one, zone);
      }
    }
    check_reuse();
    check_drawings();
    check_trainers();
    std::vector<Finding> out;
    for (auto& [place, finding] : found_) out.push_back(std::move(finding));
    return out;
  }

 private:
  // `person`: of a line of `sheet`, or another signer's; null: the sheet as a whole.
  void add(FindingKind kind, const Sheet& sheet, const Person* person,
           std::vector<std::string> values) {
    std::size_t place = 0;
    if (person != nullptr) {
      const auto line =
          std::ranges::find(sheet.lines, person, [](const Line& one) { return &one.person; });
      place = static_cast<std::size_t>(line - sheet.lines.begin()) + 1;
    }
    found_.emplace(std::pair(&sheet, place),
                   Finding{kind, sheet.id, sheet.session, sheet.date, sheet.part,
                           person ? std::optional(person->id) : std::nullopt, std::move(values)});
  }

  bool is_cancelled(const Sheet& sheet) const {
    return std::ranges::any_of(month_.cancelled, [&](const Month::HalfDay& one) {
      return one.session == sheet.session && one.date == sheet.date && one.part == sheet.part;
    });
  }

  void check_day(const Sheet& sheet, std::size_t signatures) {
    if (signatures == 0) return;
    const std::string count = std::to_string(signatures);
    if (const auto holiday = month_.holidays.holiday(sheet.date))
      add(half_day_on_holiday, sheet, nullptr, {iso(sheet.date), *holiday, count});
    if (is_cancelled(sheet)) add(half_day_cancelled, sheet, nullptr, {count});
  }

  void check_title(const Sheet& sheet) {
    if (month_.titles.empty()) return;
    const auto found = month_.titles.find(sheet.session);
    if (found == month_.titles.end()) {
      add(not_in_roster, sheet, nullptr, {sheet.session});
    } else if (found->second != sheet.title) {
      add(title_differs, sheet, nullptr, {sheet.title, found->second});
    }
  }

  void check_closed(const Sheet& sheet) {
    if (sheet.end_ms > month_.now_ms || is_cancelled(sheet)) return;
    for (const Line& line : sheet.lines) {
      if (was_there(line.mark) && std::holds_alternative<Open>(line.closing))
        add(line_open, sheet, &line.person, {});
    }
    if (!sheet.confirmed || !sheet.trainer_signature) add(not_confirmed, sheet, nullptr, {});
  }

  struct Share {
    int assisted = 0;
    int there = 0;
    bool is_large() const { return assisted >= 2 && assisted * 10 > there; }
  };

  static Share share_of(const Sheet& sheet) {
    Share out;
    for (const Line& line : sheet.lines) {
      if (!was_there(line.mark)) continue;
      ++out.there;
      if (std::ranges::find(line.methods, Method::assisted) != line.methods.end()) ++out.assisted;
    }
    return out;
  }

  void check_assisted(const Sheet& sheet) {
    const Share here = share_of(sheet);
    Share told = here;
    if (!here.is_large() && here.assisted > 0) {
      if (months_.empty()) {
        for (const Sheet& one : month_.sheets) {
          const Share share = share_of(one);
          if (share.is_large()) continue;  // it has its own finding, and says nothing of the others
          Share& sum = months_[one.session];
          sum.assisted += share.assisted;
          sum.there += share.there;
        }
      }
      told = months_[sheet.session];
    }
    if (told.is_large())
      add(many_assisted, sheet, nullptr,
          {std::to_string(told.assisted), std::to_string(told.there)});
  }

  void check_time(const Signed& one, const attendance::TimeZone& zone) {
    const Sheet& sheet = *one.sheet;
    const std::int64_t at = one.signature->at_ms;
    const attendance::LocalTime local = zone.at(at);
    const auto day = date_from_iso(local.day);
    if (const auto holiday = day ? month_.holidays.holiday(*day) : std::nullopt;
        holiday && *day != sheet.date)
      add(signed_on_holiday, sheet, one.person, {local.day, *holiday});

    std::int64_t earliest = sheet.end_ms;
    if (one.line != nullptr && one.line->mark == Mark::left_early)
      earliest = std::min(earliest, one.line->left ? one.line->left->at_ms : sheet.start_ms);
    if (at < earliest - month_.before_end.count() * minute_ms)
      add(signed_before_end, sheet, one.person, {in_words(local), in_words(zone.at(earliest))});
  }

  static std::string in_words(const attendance::LocalTime& time) {
    return time.day + " " + clock(time.minute);
  }

  bool is_open(Date date, int from, int to, int around) const {
    const auto within = [&](Date day, int shift) {
      return std::ranges::any_of(
          month_.opening[weekday_of(day).c_encoding()], [&](const Hours& hours) {
            return hours.from - around <= from + shift && to + shift <= hours.to + around;
          });
    };
    return within(date, 0) || within(days_after(date, -1), minutes_of_day);
  }

  void check_planned_hours(const Sheet& sheet, const attendance::TimeZone& zone) {
    const attendance::LocalTime end = zone.at(sheet.end_ms);
    const int from = zone.at(sheet.start_ms).minute;
    const int to = end.minute + (end.day == iso(sheet.date) ? 0 : minutes_of_day);
    if (!is_open(sheet.date, from, to, 0))
      add(planned_outside_hours, sheet, nullptr, {clock(from), clock(to % minutes_of_day)});
  }

  void check_open_when_signed(const Signed& one, const attendance::TimeZone& zone) {
    const attendance::LocalTime local = zone.at(one.signature->at_ms);
    const auto day = date_from_iso(local.day);
    const int around = static_cast<int>(month_.around_opening.count());
    if (day && !is_open(*day, local.minute, local.minute, around))
      add(signed_outside_hours, *one.sheet, one.person, {in_words(local)});
  }

  // By the signature's id, else by its person and instant.
  void check_reuse() {
    std::map<std::string, std::vector<const Signed*>> by_id;
    std::map<std::pair<std::string, std::int64_t>, std::vector<const Signed*>> by_instant;
    for (const Signed& one : signed_) {
      by_id[one.signature->id].push_back(&one);
      by_instant[{one.person->id, one.signature->at_ms}].push_back(&one);
    }
    for (const auto& [id, all] : by_id) add_reuse(all);
    for (const auto& [instant, all] : by_instant) add_reuse(all);
  }

  void add_reuse(const std::vector<const Signed*>& all) {
    std::set<const Sheet*> sheets;
    for (const Signed* one : all) sheets.insert(one->sheet);
    if (sheets.size() < 2) return;
    for (const Signed* one : all) {
      if (!reused_.insert(one).second) continue;
      const Sheet* other = *std::ranges::find_if(sheets, [&](auto* s) { return s != one->sheet; });
      add(one_signature_many_half_days, *one->sheet, one->person,
          {std::to_string(sheets.size()), other->id});
    }
  }

  void check_drawings() {
    struct Drawn {
      const Signed* by;
      std::vector<Point> points;
    };
    std::map<std::vector<std::size_t>, std::vector<Drawn>> groups;
    for (const Signed& one : signed_) {
      const auto* drawing = std::get_if<Drawing>(&one.signature->form);
      if (drawing == nullptr || reused_.contains(&one)) continue;
      auto points = to_own_bounds(*drawing);
      if (points.size() >= telling_points)
        groups[stroke_sizes(*drawing)].push_back({&one, std::move(points)});
    }
    for (const auto& [sizes, group] : groups) {
      for (const Drawn& one : group) {
        const auto other = std::ranges::find_if(group, [&](const Drawn& candidate) {
          return candidate.by != one.by && close(candidate.points, one.points);
        });
        if (other != group.end())
          add(identical_drawings, *one.by->sheet, one.by->person,
              {other->by->person->id, other->by->sheet->id});
      }
    }
  }

  void check_trainers() {
    std::map<std::string, std::vector<const Sheet*>> by_trainer;
    for (const Sheet& sheet : month_.sheets) {
      if (!is_cancelled(sheet)) by_trainer[sheet.trainer.id].push_back(&sheet);
    }
    for (const auto& [trainer, sheets] : by_trainer) {
      for (const Sheet* one : sheets) {
        for (const Sheet* other : sheets) {
          const bool at_once = one->start_ms < other->end_ms && other->start_ms < one->end_ms;
          if (one != other && at_once && are_apart(*one, *other))
            add(trainer_in_two_rooms, *one, nullptr, {place(*one), place(*other), other->id});
        }
      }
    }
  }

  static std::optional<std::string> known_place(const Sheet& sheet) {
    return sheet.kind == Kind::online ? "online" : sheet.room;
  }
  static std::string place(const Sheet& sheet) { return known_place(sheet).value_or(""); }
  static bool are_apart(const Sheet& one, const Sheet& other) {
    return known_place(one) && known_place(other) && place(one) != place(other);
  }

  using enum FindingKind;

  const Month& month_;
  std::vector<Signed> signed_;
  std::set<const Signed*> reused_;
  std::map<std::string, Share> months_;  // of each session
  // By sheet and place on it: 0 the sheet as a whole, then its lines, then other signers.
  std::multimap<std::pair<const Sheet*, std::size_t>, Finding> found_;
};

}  // namespace

bool same_drawing(const Drawing& one, const Drawing& other) {
  return stroke_sizes(one) == stroke_sizes(other) &&
         close(to_own_bounds(one), to_own_bounds(other));
}

std::vector<Finding> check_month(const Month& month) {
  return Check(month).run();
}

}  // namespace rollcall::sheets
