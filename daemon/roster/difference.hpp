// What a reading of one source changes. A pure function of what is known and what is read.
//
// Additions and changes stand on their own, row by row. What the source no longer names is removed,
// unless that is more than a tenth of what it named of the kind: then it is held until a person
// agrees, and delays nothing. A day gone by stays as it was.
#pragma once

#include <array>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "daemon/roster/records.hpp"

namespace rollcall::roster {

template <class T>
using PerKind = std::array<T, kinds>;

// What the tables hold, from whatever source. Merges are in `merged` alone.
struct Known {
  PerKind<std::map<std::string, Content>> records;  // by key
  PerKind<std::set<std::string>> stated;            // keys that this source stated so far
  PerKind<std::set<std::string>> stated_elsewhere;  // keys that another source states
  std::set<std::string> desk_cards;                 // tokens that the desk gave out: never touched
  std::set<std::string> revoked;                    // tokens that were revoked for good
  std::map<std::string, std::string> merged;        // id that ended -> id that stays
  std::set<std::string> over;  // keys of single days gone by that the timetable has
};

struct Change {
  Content content;
  Place place;
  bool added = false;  // otherwise it takes the place of what is known
};

struct Key {
  Kind kind = Kind::person;
  std::string key;

  bool operator==(const Key&) const = default;
};

struct Counts {
  int added = 0, changed = 0, unchanged = 0, removed = 0, held = 0, bad = 0;

  bool operator==(const Counts&) const = default;
};

struct Difference {
  std::vector<Change> changes;  // in the order in which they can be applied
  std::vector<Key> stated;      // what the source states now, changed or not
  std::vector<Key> withdrawn;   // the source no longer states it, another one does: it stays
  std::vector<Key> removed;     // to be removed now
  std::vector<Key> held;        // to be removed when a person agrees
  std::vector<Problem> problems;
  PerKind<Counts> counts;
};

inline constexpr std::size_t held_above = 10;  // removals above one in so many wait for a person

Difference difference(const Known& known, const Reading& reading);

}  // namespace rollcall::roster
