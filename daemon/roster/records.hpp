// What a roster says, whatever it was read from: records of seven kinds, each with a key, and the
// place where it stands. Pure: no database, no files.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace rollcall::roster {

// The name of a person with protected identity: no part of the record as it is compared, shown and
// written; it may be sealed apart (protected_names.hpp).
struct ProtectedName {
  std::string text = {};
  bool operator==(const ProtectedName&) const { return true; }
};

struct PersonRecord {
  std::string id;            // pseudonym
  std::string role;          // participant, guardian, child, trainer or staff
  std::string display_name;  // for staff at the site; empty for a protected person
  std::string languages;     // such as "fr en", the best first; empty = the site's own
  std::string presentation;  // of presentations, in their order, divided by spaces
  std::optional<std::string> programme, grant, contract;
  bool protected_identity = false;
  bool active = true;
  ProtectedName protected_name = {};

  bool operator==(const PersonRecord&) const = default;
};

struct SessionRecord {
  std::string id;
  std::string course;  // people are enrolled in courses
  std::string title;   // as on the other papers
  std::string kind = "room";
  std::string room;
  std::optional<std::string> trainer;
  std::string weekdays;             // such as "mon tue"; empty = on single days only
  std::string first_day, last_day;  // ISO dates
  int start_minute = 0;             // after local midnight, 0 to 1439
  int end_minute = 0;               // after the start; above 1440 = on the next day
  std::string half_day;             // am, pm or eve
  std::optional<std::string> programme, grant, contract;
  bool open_event = false;

  bool operator==(const SessionRecord&) const = default;
};

// A day on which a session differs from its weekdays, or takes place besides.
struct SessionDayRecord {
  std::string session;
  std::string day;  // ISO date it begins on
  bool cancelled = false;
  std::optional<int> start_minute, end_minute;  // both or none; nothing = as the session says
  std::optional<std::string> half_day, room, trainer;

  bool operator==(const SessionDayRecord&) const = default;
};

struct CardRecord {
  std::string token;  // keyed hash of the chip number, 64 hex digits; the number itself is not kept
  std::string person;

  bool operator==(const CardRecord&) const = default;
};

struct EnrolmentRecord {
  std::string course;
  std::string person;
  std::optional<std::string> from_day, until_day;  // ISO dates, both included; nothing = open

  bool operator==(const EnrolmentRecord&) const = default;
};

struct GuardianshipRecord {
  std::string guardian;
  std::string child;
  bool may_collect = true;  // false = a restriction
  std::optional<std::string> from_day, until_day;

  bool operator==(const GuardianshipRecord&) const = default;
};

// Two ids that are one person: `from` ends, `into` stays.
struct MergeRecord {
  std::string from;
  std::string into;

  bool operator==(const MergeRecord&) const = default;
};

using Content = std::variant<PersonRecord, SessionRecord, SessionDayRecord, CardRecord,
                             EnrolmentRecord, GuardianshipRecord, MergeRecord>;

// In the order of Content.
enum class Kind { person, session, session_day, card, enrolment, guardianship, merge };
inline constexpr std::size_t kinds = std::variant_size_v<Content>;
inline constexpr std::array<std::string_view, kinds> kind_names = {
    "person", "session", "session_day", "card", "enrolment", "guardianship", "merge"};

inline Kind kind_of(const Content& content) {
  return static_cast<Kind>(content.index());
}
inline std::size_t index_of(Kind kind) {
  return static_cast<std::size_t>(kind);
}
// What two records of a kind that speak of the same have in common; parts divided by a space.
std::string key_of(const Content& content);

// Where a record stands, for messages.
struct Place {
  std::string file;   // without its folder
  unsigned line = 0;  // from 1; in a feed the number of the record
};

struct Record {
  Content content;
  bool removed = false;  // it no longer holds; only the key counts
  Place place;
};

// A record that was skipped, and why. `what` names no field's content but ids: it may be logged.
struct Problem {
  Place place;
  std::string what;
  std::optional<Kind> kind = {};
  std::string key = {};  // empty = it cannot be told which record was meant

  std::string text() const;  // "FILE:LINE: what; the row was skipped"
};

// All that one source says now.
struct Reading {
  std::string source;    // one word: files, oneroster, calendar:NAME, case-system
  bool whole = true;     // what it does not name is gone; false = only changes are named
  bool ordered = false;  // of two records of one key the later counts; false = they contradict
  std::string days_from = {};  // ISO date; of single days before it nothing is said. Empty = of all
  std::vector<Record> records = {};
  std::vector<std::string> revoked = {};  // tokens of cards that no source may bring back
  std::vector<Problem> problems = {};
};

// Needs of people: how a screen is best shown to them, never why.
inline constexpr std::array<std::string_view, 4> presentations = {"large_text", "speech",
                                                                  "more_time", "staff_help"};
inline constexpr std::array<std::string_view, 5> session_kinds = {"room", "drop_in", "one_to_one",
                                                                  "work_site", "online"};

inline constexpr std::size_t longest_name = 200;  // characters of a display name, title, room

// What is wrong with a record on its own, as a clause; empty when nothing is.
std::string fault_of(const Content& content);

// Words of `known` out of a text divided by spaces, each once and in the order of `known`; nothing
// when another word is among them.
std::optional<std::string> in_order(std::string_view text, const std::string_view* known,
                                    std::size_t count);
std::optional<std::string> presentation_from(std::string_view text);
std::optional<std::string> weekdays_from(std::string_view text);

// "09:05" -> minutes after midnight.
std::optional<int> minute_from(std::string_view text);
// am before 12:00, pm before 17:00, then eve.
std::string half_day_of(int start_minute);
// An end that is not after the start is one of the next day.
inline int end_after(int start_minute, int end_minute) {
  return end_minute <= start_minute ? end_minute + 1440 : end_minute;
}

// A name as it is kept: without the characters that turn the direction of what stands beside them
// (U+202A to U+202E, U+2066 to U+2069). No name needs them, and they could turn a sentence round.
std::string name_from(std::string_view text);

// RFC 3629.
bool is_utf8(std::string_view text);

}  // namespace rollcall::roster
