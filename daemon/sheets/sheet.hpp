// One half-day sheet: what an audit asks of one session on one half-day, with hours, module title,
// trainer, and for each person the mark, what it rests on and the signature or why there is none.
// A value that others fill from the tables and that this folder draws, digests and checks.
//
// Times are Unix ms. `shown` is what paper says of a person: a name, or the pseudonym where the
// person's identity is protected or the site shows none. Nothing else tells such a person apart:
// lines stand in the order of `person`, and who is protected signs by card, as a drawn
// signature can be read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "daemon/sheets/dates.hpp"
#include "protocol/crypto/crypto.hpp"

namespace rollcall::sheets {

enum class Part { am, pm, eve };
enum class Kind { room, drop_in, one_to_one, work_site, online };
enum class Mark { present, late, left_early, excused, absent };
enum class Method { card, code, assisted, import, online };

std::string_view name(Part part);  // as in events: "am", "pm", "eve"
// The state in events: "present" (also late or left early), "excused", "absent".
std::string_view state(Mark mark);
constexpr bool was_there(Mark mark) {
  return mark == Mark::present || mark == Mark::late || mark == Mark::left_early;
}

struct Person {
  std::string id;     // pseudonym
  std::string shown;  // name or pseudonym
};

// When somebody came or went. An unproven clock leaves a span of which `at_ms` is what counts.
struct Moment {
  std::int64_t at_ms = 0;
  struct Span {
    std::int64_t not_before_ms = 0;
    std::int64_t not_after_ms = 0;
  };
  std::optional<Span> between = std::nullopt;
};

// A signature drawn with a finger: points without times. x and y are 0 to 1 from the left and the
// top of the field that was drawn in; a point alone is a dot.
struct Point {
  double x = 0, y = 0;
};
struct Drawing {
  std::vector<std::vector<Point>> strokes;
  double aspect = 3;  // width of the field over its height
};
struct ByCard {};  // own card at the screen that states module and hours
struct Witnessed {
  Person witness;
  std::string reason;
};

struct Signature {
  std::string id;  // of the halfday.signed event
  std::int64_t at_ms = 0;
  std::variant<Drawing, ByCard, Witnessed> form;
};

enum class WhyNot { left_early, unable, refused, absent };
struct NotSigned {
  WhyNot why = WhyNot::absent;
  std::string reason;
};
struct Open {};  // neither yet

struct Line {
  Person person;
  Mark mark = Mark::absent;
  std::optional<Moment> arrived = std::nullopt;
  std::optional<Moment> left = std::nullopt;  // nothing = none, or no exit tap
  bool no_exit_tap = false;                   // closed as such at the end of the half-day
  std::optional<int> minutes = std::nullopt;  // that count within the half-day
  std::vector<Method> methods = {};           // of the movements it rests on, each once
  std::vector<std::string> rests_on = {};     // ids of attendance events, in order
  std::variant<Open, Signature, NotSigned> closing = Open{};
};

struct Withdrawn {  // a signature that was taken back; it stays on record
  Person person;
  std::int64_t signed_ms = 0;
  std::int64_t withdrawn_ms = 0;
  Person by;
  std::string reason;  // as stated
};

struct Correction {
  std::int64_t at_ms = 0;
  Person by;
  std::optional<Person> person = std::nullopt;  // whose line; nothing = the sheet as a whole
  std::string what;                             // "left"
  std::string old_value, new_value;             // "no exit tap", "12:31"
  std::string reason;
};

struct Confirmation {
  Person by;
  std::int64_t at_ms = 0;
};

struct Foreman {  // of a work placement
  Person person;
  std::optional<Signature> signature;
};

struct Sheet {
  std::string id;  // UUID, the same for all its versions
  int version = 1;
  std::optional<std::string> replaces = std::nullopt;  // id of the confirmation this one replaces
  // When this version was replaced or withdrawn; the lines then stand as they stood before that.
  std::optional<std::int64_t> ended_ms = std::nullopt;
  std::string organisation, site, time_zone;  // time_zone: IANA name
  std::string session, course;
  std::string title;  // of the module, worded as on the other papers
  Kind kind = Kind::room;
  std::optional<std::string> room = std::nullopt;
  Date date;  // local
  Part part = Part::am;
  std::int64_t start_ms = 0, end_ms = 0;  // of the timetable
  std::optional<std::string> programme = std::nullopt, grant = std::nullopt,
                             contract = std::nullopt;
  Person trainer;
  std::optional<Confirmation> confirmed = std::nullopt;
  std::optional<Signature> trainer_signature = std::nullopt;
  std::optional<Foreman> foreman = std::nullopt;
  std::vector<Line> lines = {};
  std::vector<Withdrawn> withdrawn = {};
  std::vector<Correction> corrections = {};
};

// Minutes that the timetable plans.
int planned_minutes(const Sheet& sheet);

// What signers are shown, as docs/api/events/halfday.confirmed.v1.json has it: session, half_day,
// title, planned and people; the members of that event's data with these names are this.
nlohmann::json signed_content(const Sheet& sheet);

// SHA-256 of the deterministic CBOR of signed_content(): names, marks beyond the state, signatures
// and corrections are outside it, so that it stays the same while people sign.
crypto::Digest digest(const Sheet& sheet);

// SHA-256 of the deterministic CBOR of an array of the sheets' digests as byte strings, in order:
// what a certificate is held against.
crypto::Digest digest(const std::vector<crypto::Digest>& sheets);

}  // namespace rollcall::sheets
