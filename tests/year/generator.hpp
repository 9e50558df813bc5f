// A made-up site over many days: people, a timetable that changes, and what people did, as
// terminals handed it over. The same seed makes the same site. No code of the daemon.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "tests/year/reference.hpp"

namespace rollcall::year {

struct Size {
  unsigned seed = 1;
  Day first = 0, last = 0;
  int people = 300;
};

struct Session {
  std::string id, course, room, kind, half_day, programme;
  std::string trainer;
  std::array<bool, 7> weekdays{};  // from Monday
  int start = 0, end = 0;          // minutes on the wall; above 1440 on the next day
};

// From this day on the session has these hours.
struct NewHours {
  Day since = 0;
  std::size_t session = 0;
  int start = 0, end = 0;
};

struct OneDay {
  bool cancelled = false;
  int start = 0, end = 0;
};

struct Person {
  std::string id;
  bool trainer = false;
  std::vector<std::string> courses;
  std::array<std::uint8_t, 4> chip{};
};

struct Tap {
  std::string terminal;
  std::uint64_t number = 0;
  std::uint32_t boot = 0;
  Ms monotonic = 0;  // since that start
  Ms wall = 0;       // 0 = none
  enum class Trust { unproven, drifting, synced } trust = Trust::synced;
  bool live = true;
  // What the host knows of the terminal's start when it takes the tap: the monotonic time at an
  // instant.
  struct StartPoint {
    std::uint32_t boot = 0;
    Ms monotonic = 0, at = 0;
  };
  std::optional<StartPoint> start;
};

// In the order in which the host comes to know: at `host`.
struct Deed {
  Ms host = 0;
  std::size_t person = 0;
  Day lived = 0;             // the day that it is a part of in truth
  std::optional<Tap> tap;    // nothing: staff state a movement at that moment
  bool in = false;           // of a statement
  std::optional<Seen> seen;  // as it is judged; nothing = nobody can say when it was
};

// What truly happened, of a day of which everything was tapped as it should be.
struct TruePresence {
  std::size_t person = 0;
  Day day = 0;
  std::map<std::string, int> minutes;  // by session
};

inline constexpr std::array terminals = {"DOOR", "T-SENNE", "T-MEUSE", "T-LYS"};
std::string room_of(const std::string& terminal);

struct Site {
  Size size;
  std::vector<Session> sessions;
  std::vector<NewHours> changes;  // in order of their days
  std::map<std::pair<std::size_t, Day>, OneDay> single_days;
  std::vector<Person> people;
  std::vector<Deed> deeds;
  std::vector<TruePresence> truth;

  // What takes place on that day of the courses of this person, or is given by them; in order of
  // start, room and id.
  std::vector<Held> held(const Person& person, Day day) const;
};

Site make_site(const Size& size);

}  // namespace rollcall::year
