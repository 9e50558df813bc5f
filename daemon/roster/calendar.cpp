#include "daemon/roster/calendar.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include <libical/ical.h>

#include "daemon/events/contract.hpp"
#include "daemon/events/event.hpp"
#include "daemon/roster/csv.hpp"
#include "daemon/roster/timetable.hpp"
#include "protocol/crypto/crypto.hpp"

namespace rollcall::roster {
namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
constexpr int minutes_of_a_day = 1440;

struct FreeComponent {
  void operator()(icalcomponent* c) const { icalcomponent_free(c); }
};
struct FreeIterator {
  void operator()(icalrecur_iterator* i) const { icalrecur_iterator_free(i); }
};

std::string text_of(const char* text) {
  return text == nullptr ? std::string() : std::string(text);
}

// The value of a property of our own; empty when there is none.
std::string own_property(icalcomponent* event, const char* name) {
  for (icalproperty* p = icalcomponent_get_first_property(event, ICAL_X_PROPERTY); p != nullptr;
       p = icalcomponent_get_next_property(event, ICAL_X_PROPERTY)) {
    const char* named = icalproperty_get_x_name(p);
    if (named != nullptr && std::strcmp(named, name) == 0) return text_of(icalproperty_get_x(p));
  }
  return {};
}

std::string session_id(const std::string& uid) {
  if (events::is_code(uid)) return uid;
  const auto digest =
      crypto::sha256({reinterpret_cast<const std::uint8_t*>(uid.data()), uid.size()});
  return "cal-" + events::hex(digest).substr(0, 24);
}

std::string date_of(const icaltimetype& time) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02d-%02d", time.year, time.month, time.day);
  return text.data();
}

// One time an event takes place, on the site's clocks.
struct Occurrence {
  std::string day;
  int start = 0, end = 0;  // minutes after that day's midnight
};

struct Event {
  icalcomponent* component = nullptr;
  unsigned line = 0;
};

class Calendar {
 public:
  Calendar(std::string_view text, const CalendarWish& wish, const ToLocal& to_local)
      : wish_(wish), to_local_(to_local) {
    reading_.source = wish.source;
    first_ = reading_.days_from = day_after(wish.today, -days_back);
    last_ = day_after(wish.today, days_ahead);
    beyond_ = day_after(last_, 2);  // whatever the time zone
    find_lines(text);
  }

  std::expected<Reading, std::string> read(icalcomponent* root) && {
    collect(root);
    if (events_.size() > most_events)
      return std::unexpected("the calendar has more than 20 000 events");
    for (const Event& event : events_) sort(event);
    for (const auto& [uid, event] : masters_) take(uid, event);
    for (const auto& [uid, changes] : changes_) {
      if (masters_.contains(uid)) continue;
      for (const Event& change : changes) skip(change, "the event that it changes is not there");
    }
    return std::move(reading_);
  }

 private:
  void find_lines(std::string_view text) {
    unsigned line = 1;
    for (std::size_t at = 0; at < text.size(); ++line) {
      const std::size_t end = std::min(text.find('\n', at), text.size());
      if (text.substr(at, end - at).starts_with("BEGIN:VEVENT")) lines_.push_back(line);
      at = end + 1;
    }
  }
  // A text with several calendars has them side by side below one root.
  void collect(icalcomponent* parent) {
    std::vector<icalcomponent*> calendars;
    for (icalcomponent* c = icalcomponent_get_first_component(parent, ICAL_ANY_COMPONENT);
         c != nullptr; c = icalcomponent_get_next_component(parent, ICAL_ANY_COMPONENT)) {
      if (icalcomponent_isa(c) == ICAL_VCALENDAR_COMPONENT) calendars.push_back(c);
      if (icalcomponent_isa(c) == ICAL_VEVENT_COMPONENT)
        events_.push_back({c, events_.size() < lines_.size() ? lines_[events_.size()] : 0});
    }
    for (icalcomponent* calendar : calendars) collect(calendar);
  }

  void skip(const Event& event, std::string what) {
    const std::string uid = text_of(icalcomponent_get_uid(event.component));
    reading_.problems.push_back({{wish_.source, event.line},
                                 std::move(what),
                                 Kind::session,
                                 uid.empty() ? std::string() : session_id(uid)});
  }

  void sort(const Event& event) {
    const std::string uid = text_of(icalcomponent_get_uid(event.component));
    if (uid.empty()) return skip(event, "the event has no UID");
    const bool change =
        icalcomponent_get_first_property(event.component, ICAL_RECURRENCEID_PROPERTY) != nullptr;
    if (change) {
      changes_[uid].push_back(event);
    } else if (!masters_.emplace(uid, event).second) {
      skip(event, "another event has the same UID");
    }
  }

  // On the site's clocks; nothing when the time zone is not known.
  std::optional<LocalMinute> local(const icaltimetype& time) const {
    if (time.zone == nullptr && icaltime_is_utc(time) == 0) {  // on the clock on the wall
      return LocalMinute{date_of(time), time.hour * 60 + time.minute};
    }
    const auto* zone = time.zone != nullptr ? time.zone : icaltimezone_get_utc_timezone();
    return to_local_(std::int64_t{icaltime_as_timet_with_zone(time, zone)} * 1000);
  }
  static bool names_unknown_zone(icalcomponent* event, const icaltimetype& start) {
    icalproperty* p = icalcomponent_get_first_property(event, ICAL_DTSTART_PROPERTY);
    return p != nullptr && start.zone == nullptr && icaltime_is_utc(start) == 0 &&
           icalproperty_get_first_parameter(p, ICAL_TZID_PARAMETER) != nullptr;
  }

  // What is wrong with an event's hours, as a clause.
  static std::string hours_fault(icalcomponent* event, int minutes) {
    const icaltimetype start = icalcomponent_get_dtstart(event);
    // The library takes the 30th of February at 99:00 as a time.
    const bool on_the_clock = start.is_date != 0 || (start.hour >= 0 && start.hour < 24 &&
                                                     start.minute >= 0 && start.minute < 60);
    if (icaltime_is_null_time(start) != 0 || !is_day(date_of(start)) || !on_the_clock)
      return "the event has no start, or an impossible one";
    if (start.is_date != 0) return "an event of whole days is no session: it has no hours";
    if (names_unknown_zone(event, start)) return "the time zone of its start is not known";
    if (minutes <= 0 || minutes > minutes_of_a_day) return "the event has no end after its start";
    return {};
  }
  static int length_of(icalcomponent* event) {
    const icaldurationtype duration = icalcomponent_get_duration(event);
    const int seconds = icaldurationtype_as_int(duration);
    return seconds / 60;
  }

  void take(const std::string& uid, const Event& event) {
    icalcomponent* c = event.component;
    const int minutes = length_of(c);
    if (std::string fault = hours_fault(c, minutes); !fault.empty()) return skip(event, fault);
    const icaltimetype start = icalcomponent_get_dtstart(c);
    const auto first = local(start);
    if (!first) return skip(event, "the time zone of its start is not known");

    SessionRecord session;
    session.id = session_id(uid);
    session.title = text_of(icalcomponent_get_summary(c));
    session.room = text_of(icalcomponent_get_location(c));
    session.course = course_of(c, session.id);
    if (std::string kind = own_property(c, "X-ROLLCALL-KIND"); !kind.empty())
      session.kind = std::move(kind);
    if (std::string trainer = own_property(c, "X-ROLLCALL-TRAINER"); !trainer.empty())
      session.trainer = std::move(trainer);
    session.start_minute = first->minute;
    session.end_minute = first->minute + minutes;
    session.half_day = half_day_of(first->minute);

    const auto starts = starts_of(c, start);
    if (!starts) return skip(event, "it repeats more often than can be followed");
    std::map<std::string, SessionDayRecord> days;
    const bool all_cancelled = icalcomponent_get_status(c) == ICAL_STATUS_CANCELLED;
    for (const auto& [when, excluded] : *starts) {
      const auto at = local(when);
      if (at)
        put(days, session, {at->day, at->minute, at->minute + minutes}, excluded || all_cancelled,
            event);
    }
    for (const Event& change : changes_[uid]) apply(change, session, days, minutes);
    if (days.empty()) return;  // outside the window
    if (days_made_ + days.size() > most_days)
      return skip(event, "the calendar has more than 200 000 days");
    days_made_ += days.size();
    session.first_day = days.begin()->first;
    session.last_day = days.rbegin()->first;
    reading_.records.push_back({std::move(session), false, {wish_.source, event.line}});
    for (auto& [day, record] : days)
      reading_.records.push_back({std::move(record), false, {wish_.source, event.line}});
  }

  std::string course_of(icalcomponent* c, const std::string& session) const {
    if (std::string own = own_property(c, "X-ROLLCALL-COURSE"); !own.empty()) return own;
    icalproperty* p = icalcomponent_get_first_property(c, ICAL_CATEGORIES_PROPERTY);
    const std::string category = p == nullptr ? "" : text_of(icalproperty_get_categories(p));
    if (events::is_code(category)) return category;
    return wish_.course.empty() ? session : wish_.course;
  }

  struct Start {
    icaltimetype when;
    bool excluded;
  };
  // Every start since the first; nothing when there are too many.
  std::optional<std::vector<Start>> starts_of(icalcomponent* c, const icaltimetype& first) const {
    std::vector<Start> starts;
    const auto add = [&starts](const icaltimetype& when) {
      const bool known = std::ranges::any_of(
          starts, [&](const Start& s) { return icaltime_compare(s.when, when) == 0; });
      if (!known) starts.push_back({when, false});
    };
    icalproperty* rule = icalcomponent_get_first_property(c, ICAL_RRULE_PROPERTY);
    if (rule == nullptr) {
      add(first);
    } else {
      const icalrecurrencetype recurrence = icalproperty_get_rrule(rule);
      if (recurrence.freq < ICAL_DAILY_RECURRENCE) return std::nullopt;  // hours, minutes, seconds
      const std::unique_ptr<icalrecur_iterator, FreeIterator> it(
          icalrecur_iterator_new(recurrence, first));
      if (!it) return std::nullopt;
      for (icaltimetype next = icalrecur_iterator_next(it.get());
           icaltime_is_null_time(next) == 0 && date_of(next) <= beyond_;
           next = icalrecur_iterator_next(it.get())) {
        if (starts.size() == most_repeats) return std::nullopt;
        next.zone = first.zone;
        starts.push_back({next, false});
      }
    }
    for (icalproperty* p = icalcomponent_get_first_property(c, ICAL_RDATE_PROPERTY); p != nullptr;
         p = icalcomponent_get_next_property(c, ICAL_RDATE_PROPERTY)) {
      icaltimetype when = icalproperty_get_rdate(p).time;
      when.zone = first.zone;
      if (icaltime_is_null_time(when) == 0) add(when);
      if (starts.size() > most_repeats) return std::nullopt;
    }
    for (icalproperty* p = icalcomponent_get_first_property(c, ICAL_EXDATE_PROPERTY); p != nullptr;
         p = icalcomponent_get_next_property(c, ICAL_EXDATE_PROPERTY)) {
      const icaltimetype out = icalproperty_get_datetime_with_component(p, c);
      for (Start& start : starts) {
        const bool same = out.is_date != 0 ? icaltime_compare_date_only(start.when, out) == 0
                                           : icaltime_compare(start.when, out) == 0;
        if (same) start.excluded = true;
      }
    }
    return starts;
  }

  bool in_window(const std::string& day) const { return day >= first_ && day <= last_; }

  void put(std::map<std::string, SessionDayRecord>& days, const SessionRecord& session,
           const Occurrence& at, bool cancelled, const Event& event) {
    if (!in_window(at.day)) return;
    SessionDayRecord record;
    record.session = session.id;
    record.day = at.day;
    record.cancelled = cancelled;
    if (at.start != session.start_minute || at.end != session.end_minute) {
      record.start_minute = at.start;
      record.end_minute = at.end;
      if (const std::string half_day = half_day_of(at.start); half_day != session.half_day)
        record.half_day = half_day;
    }
    const auto before = days.find(at.day);
    if (before == days.end()) {
      days.emplace(at.day, std::move(record));
    } else if (before->second.cancelled) {
      before->second = std::move(record);
    } else if (!cancelled) {
      reading_.problems.push_back({{wish_.source, event.line},
                                   "it takes place twice on " + at.day + ": the first counts",
                                   Kind::session_day,
                                   session.id + ' ' + at.day});
    }
  }

  // One time that differs from the rule.
  void apply(const Event& change, const SessionRecord& session,
             std::map<std::string, SessionDayRecord>& days, int usual_minutes) {
    icalcomponent* c = change.component;
    icalproperty* which = icalcomponent_get_first_property(c, ICAL_RECURRENCEID_PROPERTY);
    if (icalproperty_get_first_parameter(which, ICAL_RANGE_PARAMETER) != nullptr)
      return skip(change, "a change of this and all later times is not understood");
    const auto original = local(icalproperty_get_datetime_with_component(which, c));
    if (!original) return skip(change, "the time zone of what it changes is not known");
    if (icalcomponent_get_status(c) == ICAL_STATUS_CANCELLED) {
      if (const auto day = days.find(original->day); day != days.end())
        day->second.cancelled = true;
      return;
    }
    int minutes = length_of(c);
    if (minutes == 0) minutes = usual_minutes;
    if (std::string fault = hours_fault(c, minutes); !fault.empty()) return skip(change, fault);
    const auto at = local(icalcomponent_get_dtstart(c));
    if (!at) return skip(change, "the time zone of its start is not known");
    // What was to be on that day is not, unless it is on the same day still.
    if (const auto day = days.find(original->day); day != days.end()) day->second.cancelled = true;
    put(days, session, {at->day, at->minute, at->minute + minutes}, false, change);
    const std::string room = text_of(icalcomponent_get_location(c));
    if (const auto day = days.find(at->day);
        day != days.end() && !room.empty() && room != session.room) {
      day->second.room = room;
    }
  }

  const CalendarWish& wish_;
  const ToLocal& to_local_;
  Reading reading_;
  std::string first_, last_, beyond_;  // of the window
  std::vector<unsigned> lines_;
  std::vector<Event> events_;
  std::map<std::string, Event> masters_;
  std::map<std::string, std::vector<Event>> changes_;
  std::size_t days_made_ = 0;
};

}  // namespace

bool is_calendar(std::string_view text) {
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  return text.starts_with("BEGIN:VCALENDAR");
}

std::expected<Reading, std::string> read_calendar(std::string_view text, const CalendarWish& wish,
                                                  const ToLocal& to_local) {
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  if (text.size() > longest_calendar) return std::unexpected("the calendar is larger than 16 MiB");
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    if (end - at > longest_line)
      return std::unexpected("a line of the calendar is longer than 64 KiB");
    at = end + 1;
  }
  if (text.find('\0') != std::string_view::npos)
    return std::unexpected("the calendar has zero bytes in it");
  icalerror_set_errors_are_fatal(false);
  const std::string terminated(text);
  const std::unique_ptr<icalcomponent, FreeComponent> root(
      icalparser_parse_string(terminated.c_str()));
  if (!root) return std::unexpected("this is no iCalendar file");
  return Calendar(text, wish, to_local).read(root.get());
}

}  // namespace rollcall::roster
