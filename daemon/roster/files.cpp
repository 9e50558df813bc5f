#include "daemon/roster/files.hpp"

#include <utility>

#include "daemon/events/event.hpp"
#include "protocol/messages.hpp"

namespace rollcall::roster {
namespace {

using Row = std::vector<std::string>;

std::optional<std::string> or_nothing(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

// yes or no; an optional column may be empty.
std::optional<bool> yes_or_no(const std::string& text, std::optional<bool> when_empty = {}) {
  if (text.empty()) return when_empty;
  if (text == "yes") return true;
  if (text == "no") return false;
  return std::nullopt;
}

// A row as a record, or what is wrong with it and which record was meant.
struct Refusal {
  std::string what;
  std::string key = {};
};
using Read = std::expected<Content, Refusal>;

Read person(const Row& f) {
  const auto is_protected = yes_or_no(f[7]);
  const auto presentation = presentation_from(f[8]);
  if (!is_protected) return std::unexpected(Refusal{"protected must be yes or no", f[0]});
  if (!presentation)
    return std::unexpected(
        Refusal{"presentation is of the words large_text, speech, more_time, staff_help", f[0]});
  return PersonRecord{f[0],
                      f[1],
                      *is_protected ? std::string() : name_from(f[2]),
                      f[3],
                      *presentation,
                      or_nothing(f[4]),
                      or_nothing(f[5]),
                      or_nothing(f[6]),
                      *is_protected,
                      true,
                      {*is_protected ? name_from(f[2]) : std::string()}};
}

Read session(const Row& f) {
  const auto refuse = [&f](const char* what) { return std::unexpected(Refusal{what, f[0]}); };
  const auto weekdays = weekdays_from(f[5]);
  const auto start = minute_from(f[8]);
  const auto end = minute_from(f[9]);
  const auto open = yes_or_no(f[15], false);
  if (!weekdays) return refuse("weekdays must be words such as mon tue wed");
  if (!start || !end) return refuse("start and end must be times such as 09:00");
  if (!open) return refuse("open_event must be yes or no");
  SessionRecord record;
  record.id = f[0];
  record.course = f[1];
  record.title = f[2];
  record.room = f[3];
  record.trainer = or_nothing(f[4]);
  record.weekdays = *weekdays;
  record.first_day = f[6];
  record.last_day = f[7];
  record.start_minute = *start;
  record.end_minute = end_after(*start, *end);
  record.half_day = f[10];
  record.programme = or_nothing(f[11]);
  record.grant = or_nothing(f[12]);
  record.contract = or_nothing(f[13]);
  if (!f[14].empty()) record.kind = f[14];
  record.open_event = *open;
  return record;
}

Read session_day(const Row& f) {
  const std::string key = f[0] + ' ' + f[1];
  const auto refuse = [&key](const char* what) { return std::unexpected(Refusal{what, key}); };
  if (f[2] != "held" && f[2] != "cancelled") return refuse("state must be held or cancelled");
  SessionDayRecord record;
  record.session = f[0];
  record.day = f[1];
  record.cancelled = f[2] == "cancelled";
  if (!f[3].empty() || !f[4].empty()) {
    const auto start = minute_from(f[3]);
    const auto end = minute_from(f[4]);
    if (!start || !end) return refuse("start and end must both be times such as 09:00, or empty");
    record.start_minute = *start;
    record.end_minute = end_after(*start, *end);
  }
  record.half_day = or_nothing(f[5]);
  record.room = or_nothing(f[6]);
  record.trainer = or_nothing(f[7]);
  return record;
}

Read guardianship(const Row& f) {
  const auto may_collect = yes_or_no(f[2], true);
  if (!may_collect)
    return std::unexpected(Refusal{"may_collect must be yes or no", f[0] + ' ' + f[1]});
  return GuardianshipRecord{f[0], f[1], *may_collect, or_nothing(f[3]), or_nothing(f[4])};
}

// One file after another into one reading.
class Reader {
 public:
  explicit Reader(Reading& reading) : reading_(reading) {}

  template <class ToRecord>
  void take(const std::optional<File>& file, Kind kind, const Columns& columns,
            const ToRecord& to_record) {
    if (!file) return;
    auto table = parse_csv(file->text, file->name, columns);
    if (!table) return errors.push_back(table.error());
    for (Problem& problem : table->problems) {
      problem.kind = kind;
      reading_.problems.push_back(std::move(problem));
    }
    for (const CsvRow& row : table->rows) {
      const Place place{file->name, row.line};
      Read record = to_record(row.fields);
      if (record) {
        reading_.records.push_back({std::move(*record), false, place});
      } else {
        reading_.problems.push_back(
            {place, std::move(record.error().what), kind, std::move(record.error().key)});
      }
    }
  }

  std::vector<std::string> errors;

 private:
  Reading& reading_;
};

}  // namespace

std::expected<Reading, std::vector<std::string>> read_files(const Files& files, std::string source,
                                                            const CardHash& hash) {
  Reading reading;
  reading.source = std::move(source);
  Reader reader(reading);
  reader.take(files.people, Kind::person,
              {{"person", "role", "display_name", "language", "programme", "grant", "contract",
                "protected"},
               {"presentation"}},
              person);
  reader.take(files.sessions, Kind::session,
              {{"session", "course", "title", "room", "trainer", "weekdays", "first_day",
                "last_day", "start", "end", "half_day", "programme", "grant", "contract"},
               {"kind", "open_event"}},
              session);
  reader.take(files.days, Kind::session_day,
              {{"session", "day", "state"}, {"start", "end", "half_day", "room", "trainer"}},
              session_day);
  reader.take(files.cards, Kind::card, {{"card", "person"}, {}}, [&hash](const Row& f) -> Read {
    const auto chip = events::unhex(f[0]);
    const bool sound = chip && !chip->empty() && chip->size() <= protocol::max_reading;
    return CardRecord{sound ? hash(*chip) : std::string(), f[1]};
  });
  reader.take(files.enrolments, Kind::enrolment, {{"course", "person"}, {"first_day", "last_day"}},
              [](const Row& f) -> Read {
                return EnrolmentRecord{f[0], f[1], or_nothing(f[2]), or_nothing(f[3])};
              });
  reader.take(files.guardians, Kind::guardianship,
              {{"guardian", "child"}, {"may_collect", "first_day", "last_day"}}, guardianship);
  reader.take(files.merges, Kind::merge, {{"from", "into"}, {}},
              [](const Row& f) -> Read { return MergeRecord{f[0], f[1]}; });
  if (!reader.errors.empty()) return std::unexpected(std::move(reader.errors));
  return reading;
}

}  // namespace rollcall::roster
