#include "tests/year/generator.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <tuple>
#include <utility>

namespace rollcall::year {
namespace {

constexpr int groups = 9;
constexpr std::array<bool, 7> working_days = {true, true, true, true, true, false, false};
constexpr std::array rooms = {"Senne", "Meuse", "Lys"};

// Somebody at a terminal, at a moment.
struct Touch {
  Ms at = 0;
  std::size_t terminal = 0;
  std::size_t person = 0;
  Day lived = 0;
};

// A terminal without its host for a while.
struct Spell {
  Ms from = 0, to = 0;
  enum class Clock {
    runs,       // it goes on, and drifts
    lost,       // it starts anew and knows no time
    lost_twice  // and does so again before the host is back
  } clock = Clock::runs;
  Ms drift = 0;
};

class Making {
 public:
  explicit Making(const Size& size) : random_(size.seed) { site_.size = size; }

  Site run() && {
    make_timetable();
    make_people();
    for (Day day = site_.size.first; day <= site_.size.last; ++day) {
      for (std::size_t p = 0; p < site_.people.size(); ++p) live_through(p, day);
    }
    hand_over();
    return std::move(site_);
  }

 private:
  int between(int low, int high) { return std::uniform_int_distribution(low, high)(random_); }
  bool one_in(int n) { return between(1, n) == 1; }
  Ms some_seconds(int low, int high) { return between(low, high) * second; }

  void add(const std::string& name, const std::string& course, int group, const char* half_day,
           std::array<bool, 7> weekdays, int start, int end, const char* kind = "room") {
    Session s;
    s.id = "S-" + name;
    s.course = course;
    s.room = std::string("Room ") + rooms[static_cast<std::size_t>(group) % rooms.size()];
    s.kind = kind;
    s.half_day = half_day;
    s.programme = group % 4 == 3 ? "jobs" : group % 4 == 2 ? "atelier" : "bilan";
    s.trainer = "p-trainer" + std::to_string(group);
    s.weekdays = weekdays;
    s.start = start;
    s.end = end;
    site_.sessions.push_back(s);
  }

  void make_timetable() {
    for (int g = 0; g < groups; ++g) {
      const std::string n = std::to_string(g), course = "C-" + n;
      if (g % 3 == 1) {  // two modules in a morning
        add(n + "-AM1", course, g, "am", working_days, 540, 640);
        add(n + "-AM2", course, g, "am", working_days, 650, 750);
      } else {
        add(n + "-AM", course, g, "am", working_days, 540, 750);
      }
      add(n + "-PM", course, g, "pm", {true, true, false, true, g % 2 == 0, false, false}, 810,
          990);
    }
    add("EVE", "C-EVE", 1, "eve", {false, true, false, true, false, false, false}, 1080, 1260);
    add("NIGHT", "C-NIGHT", 2, "eve", {false, false, false, false, true, true, false}, 1320, 1590);
    add("DROP-IN", "C-DROP-IN", 5, "pm", working_days, 840, 960, "drop_in");
    for (std::size_t s = 0; s < site_.sessions.size(); ++s) {
      for (Day day = site_.size.first; day <= site_.size.last; ++day) single_day(s, day);
    }
    // Twice in all that time hours change for good.
    const Day days = site_.size.last - site_.size.first;
    for (const int share : {3, 2}) {
      const std::size_t s = static_cast<std::size_t>(between(0, 8));
      const int later = 15 * between(1, 3);
      site_.changes.push_back({site_.size.first + days / share, s, site_.sessions[s].start + later,
                               site_.sessions[s].end + later});
    }
  }

  void single_day(std::size_t s, Day day) {
    if (!site_.sessions[s].weekdays[static_cast<std::size_t>(weekday(day))]) return;
    const bool holiday = day % 41 == 0;
    if (holiday || one_in(40)) {
      site_.single_days[{s, day}] = {true, site_.sessions[s].start, site_.sessions[s].end};
    } else if (one_in(60)) {
      const int moved = 10 * between(-2, 2);
      site_.single_days[{s, day}] = {false, site_.sessions[s].start + moved,
                                     site_.sessions[s].end + moved};
    }
  }

  void make_people() {
    for (int g = 0; g < groups; ++g)
      site_.people.push_back({"p-trainer" + std::to_string(g), true, {}, {}});
    for (int n = static_cast<int>(site_.people.size()); n < site_.size.people; ++n) {
      Person person{"p-" + std::to_string(1000 + n), false, {}, {}};
      person.courses.push_back("C-" + std::to_string(n % groups));
      if (one_in(6)) person.courses.push_back("C-EVE");
      if (one_in(8)) person.courses.push_back("C-NIGHT");
      if (one_in(8)) person.courses.push_back("C-DROP-IN");
      site_.people.push_back(person);
    }
    for (std::size_t p = 0; p < site_.people.size(); ++p) {
      site_.people[p].chip = {0x04, static_cast<std::uint8_t>(p >> 8), static_cast<std::uint8_t>(p),
                              0x5a};
    }
  }

  // ---- What people do

  std::size_t terminal_in(const std::string& room) const {
    for (std::size_t t = 0; t < terminals.size(); ++t)
      if (room_of(terminals[t]) == room) return t;
    return 0;
  }

  void touch(std::size_t person, Ms at, std::size_t terminal) {
    touches_.push_back({at, terminal, person, today_});
  }

  // Comes or goes: at the door or in the room, or both; forgets it; taps twice; or staff enter it.
  // Whether it was tapped once, as it should be.
  bool pass(std::size_t person, Ms at, const Held& session, bool in) {
    const std::size_t terminal = one_in(2) ? 0 : terminal_in(session.room);
    if (one_in(20)) return false;  // forgotten
    if (one_in(60)) {
      Deed stated;
      stated.host = at;
      stated.person = person;
      stated.lived = today_;
      stated.in = in;
      stated.seen.emplace();
      stated.seen->first = stated.seen->last = at;
      stated.seen->stated_in = in;
      site_.deeds.push_back(stated);
      return false;
    }
    touch(person, at, terminal);
    if (one_in(15)) {
      touch(person, at + some_seconds(2, 90), terminal);
      return false;
    }
    if (one_in(10)) {
      touch(person, at + some_seconds(30, 20 * 60), terminal == 0 ? terminal_in(session.room) : 0);
      return false;
    }
    return true;
  }

  void live_through(std::size_t p, Day day) {
    today_ = day;
    const std::vector<Held> held = site_.held(site_.people[p], day);
    if (one_in(80)) touch(p, on_the_wall(day, between(7 * 60, 22 * 60)) + some_seconds(0, 59), 0);
    TruePresence truth{p, day, {}};
    bool as_it_should_be = !held.empty();
    Ms out_before = 0, end_before = 0;
    int stays = 0;
    // One stay for each half-day.
    for (const char* half_day : {"am", "pm", "eve"}) {
      std::vector<Held> of_it;
      std::ranges::copy_if(held, std::back_inserter(of_it),
                           [&](const Held& s) { return s.half_day == half_day; });
      if (of_it.empty()) continue;
      const Held& first = of_it.front();
      const Held& last = *std::ranges::max_element(of_it, {}, &Held::end);
      if (one_in(12)) {  // absent
        end_before = last.end;
        continue;
      }
      const Ms in = first.start + some_seconds(one_in(6) ? 0 : -30 * 60, one_in(6) ? 3600 : 300);
      const Ms out =
          std::max(in + 25 * minute, last.end + some_seconds(one_in(8) ? -5400 : -300, 20 * 60));
      const bool came = pass(p, in, first, true);
      const bool left = pass(p, out, last, false);
      const bool on_time_to_go = out >= last.end - 14 * minute && out <= last.end + 14 * minute;
      const bool before_the_break = std::ranges::none_of(held, [&](const Held& s) {
        return s.start > last.start && s.start - out < std::max<Ms>(out - last.end, 0) + 2 * minute;
      });
      const bool after_the_break =
          in > out_before + 16 * minute && first.start - in + 2 * minute < in - end_before;
      as_it_should_be = as_it_should_be && came && left && on_time_to_go && before_the_break &&
                        after_the_break && of_it.size() == 1 && in < last.end - 16 * minute;
      out_before = out;
      end_before = last.end;
      ++stays;
      truth.minutes[first.id] =
          static_cast<int>(std::max<Ms>(0, std::min(first.exits ? out : last.end, first.end) -
                                               std::max(in, first.start)) /
                           minute);
    }
    if (as_it_should_be) truth_.push_back({truth, 2 * stays});
  }

  // ---- How the host comes to know

  std::vector<Spell> spells_of_a_terminal() {
    std::vector<Spell> spells;
    Ms at = on_the_wall(site_.size.first, 0);
    const Ms end = on_the_wall(site_.size.last, 0);
    while ((at += between(2, 12 * 24) * hour + some_seconds(0, 3599)) < end) {
      Spell spell;
      spell.from = at;
      spell.to = at + (one_in(3) ? between(20, 72) * hour : between(50, 300) * minute);
      spell.clock = static_cast<Spell::Clock>(between(0, 2));
      spell.drift = between(-55, 55) * second;
      spells.push_back(spell);
      at = spell.to;
    }
    return spells;
  }

  // A start of the terminal, and what its clock counts from.
  struct Start {
    std::uint32_t boot = 1;
    Ms at = 0;
  };
  static constexpr Ms before_the_host_is_back = 40 * minute;

  std::vector<Start> starts_of(const std::vector<Spell>& spells) const {
    std::vector<Start> starts = {{1, on_the_wall(site_.size.first, -60)}};
    const auto start = [&starts](Ms at) { starts.push_back({starts.back().boot + 1, at}); };
    for (const Spell& spell : spells) {
      if (spell.clock != Spell::Clock::runs) start(spell.from + 5 * second);
      if (spell.clock == Spell::Clock::lost_twice) start(spell.to - before_the_host_is_back);
    }
    return starts;
  }
  static const Start& start_at(const std::vector<Start>& starts, Ms at) {
    return *std::prev(std::ranges::upper_bound(starts, at, {}, &Start::at));
  }

  // While it starts a terminal takes no tap; nor, so that no tap lies by chance between two near
  // times, shortly before the second start.
  static bool takes_none(const Spell& spell, Ms at) {
    if (spell.clock == Spell::Clock::runs) return false;
    const Ms again = spell.to - before_the_host_is_back;
    return at <= spell.from + 10 * second ||
           (spell.clock == Spell::Clock::lost_twice && at > again - 10 * minute && at <= again);
  }

  void hand_over() {
    std::ranges::sort(touches_, {},
                      [](const Touch& t) { return std::tuple(t.at, t.terminal, t.person); });
    for (std::size_t t = 0; t < terminals.size(); ++t) hand_over(t);
    std::ranges::stable_sort(site_.deeds, {}, &Deed::host);
    keep_what_is_true();
  }

  void hand_over(std::size_t terminal) {
    const std::vector<Spell> spells = spells_of_a_terminal();
    const std::vector<Start> starts = starts_of(spells);
    auto spell = spells.begin();
    std::uint64_t number = 0;
    for (const Touch& touch : touches_) {
      if (touch.terminal != terminal) continue;
      while (spell != spells.end() && touch.at > spell->to) ++spell;
      const bool away = spell != spells.end() && touch.at > spell->from;
      if (away && takes_none(*spell, touch.at)) continue;
      const Start& start = start_at(starts, touch.at);
      Tap tap;
      tap.terminal = terminals[terminal];
      tap.number = ++number;
      tap.boot = start.boot;
      tap.monotonic = touch.at - start.at;
      tap.live = !away;
      std::optional<Seen> seen = Seen{};
      seen->terminal = tap.terminal;
      seen->room = room_of(tap.terminal);
      seen->start = static_cast<int>(start.boot);
      seen->since_start = tap.monotonic;
      if (!away || spell->clock == Spell::Clock::runs) {
        tap.trust = away ? Tap::Trust::drifting : Tap::Trust::synced;
        tap.wall = seen->first = seen->last = touch.at + (away ? spell->drift : 0);
      } else {
        tap.trust = Tap::Trust::unproven;
        const Start& back = start_at(starts, spell->to);
        tap.start = Tap::StartPoint{back.boot, spell->to - back.at, spell->to};
        // Of the start in which the host is back the time is known, but for a second and what the
        // clock may have drifted since. Of one that ended before nobody can say when it was.
        const Ms doubt = second + (spell->to - touch.at) / 10'000 + 1;
        seen->first = touch.at - doubt;
        seen->last = touch.at + doubt;
        seen->proven = false;
        if (back.boot != start.boot) seen.reset();
      }
      Deed deed;
      deed.host = away ? spell->to : touch.at;
      deed.person = touch.person;
      deed.lived = touch.lived;
      deed.tap = tap;
      deed.seen = seen;
      site_.deeds.push_back(deed);
    }
  }

  // What was tapped as it should be, and at once known with its time.
  void keep_what_is_true() {
    std::map<std::pair<std::size_t, Day>, int> taps;
    std::set<std::pair<std::size_t, Day>> in_doubt;
    for (const Deed& deed : site_.deeds) {
      const auto day = std::pair(deed.person, deed.lived);
      ++taps[day];
      if (!deed.tap || deed.tap->trust != Tap::Trust::synced) in_doubt.insert(day);
    }
    for (const auto& [truth, expected] : truth_) {
      const auto day = std::pair(truth.person, truth.day);
      if (taps[day] == expected && !in_doubt.contains(day)) site_.truth.push_back(truth);
    }
  }

  std::mt19937 random_;
  Site site_;
  std::vector<Touch> touches_;
  Day today_ = 0;
  std::vector<std::pair<TruePresence, int>> truth_;  // and how many taps it takes
};

}  // namespace

std::string room_of(const std::string& terminal) {
  if (terminal == "T-SENNE") return "Room Senne";
  if (terminal == "T-MEUSE") return "Room Meuse";
  return terminal == "T-LYS" ? "Room Lys" : "Hall";
}

std::vector<Held> Site::held(const Person& person, Day day) const {
  std::vector<Held> all;
  for (std::size_t i = 0; i < sessions.size(); ++i) {
    const Session& s = sessions[i];
    const bool concerns = s.trainer == person.id ||
                          std::ranges::find(person.courses, s.course) != person.courses.end();
    if (!concerns || !s.weekdays[static_cast<std::size_t>(weekday(day))]) continue;
    int start = s.start, end = s.end;
    for (const NewHours& change : changes)
      if (change.session == i && change.since <= day)
        std::tie(start, end) = std::pair(change.start, change.end);
    if (const auto single = single_days.find({i, day}); single != single_days.end()) {
      if (single->second.cancelled) continue;
      std::tie(start, end) = std::pair(single->second.start, single->second.end);
    }
    Held held{.id = s.id,
              .half_day = s.half_day,
              .start = on_the_wall(day, start),
              .end = on_the_wall(day, end),
              .room = s.room};
    held.exits = s.programme != "jobs";
    if (s.programme == "atelier") held.late_after = 5, held.early_before = 20;
    all.push_back(held);
  }
  std::ranges::sort(all, {}, [](const Held& h) { return std::tuple(h.start, h.room, h.id); });
  return all;
}

Site make_site(const Size& size) {
  return Making(size).run();
}

}  // namespace rollcall::year
