#include "daemon/roster/records.hpp"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <initializer_list>
#include <span>

#include "daemon/events/contract.hpp"
#include "daemon/roster/timetable.hpp"
#include "protocol/cbor.hpp"

namespace rollcall::roster {
namespace {

constexpr int minutes_of_a_day = 1440;
constexpr int longest_session = 16 * 60;
constexpr std::array<std::string_view, 5> roles = {"participant", "guardian", "child", "trainer",
                                                   "staff"};
constexpr std::array<std::string_view, 3> half_days = {"am", "pm", "eve"};
constexpr std::array<std::string_view, 7> weekdays = {"mon", "tue", "wed", "thu",
                                                      "fri", "sat", "sun"};

template <class Words>
bool is_one_of(std::string_view text, const Words& words) {
  return std::ranges::find(words, text) != std::end(words);
}

// Bytes that no name has: controls, and what is no UTF-8.
bool is_plain(std::string_view text) {
  return is_utf8(text) && std::ranges::none_of(text, [](char c) {
           const auto byte = static_cast<unsigned char>(c);
           return byte < 0x20 || byte == 0x7f;
         });
}

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

// What is wrong with a text that people read; `what` says which.
std::string text_fault(std::string_view text, const char* what) {
  if (!is_plain(text)) return std::string(what) + " has control characters or is no UTF-8";
  if (characters(text) > longest_name) return std::string(what) + " is longer than 200 characters";
  return {};
}

std::string label_fault(const std::optional<std::string>& programme,
                        const std::optional<std::string>& grant,
                        const std::optional<std::string>& contract) {
  for (const auto* label : {&programme, &grant, &contract}) {
    if (*label && (!events::is_label(**label) || !is_plain(**label)))
      return "programme, grant and contract have at most 100 bytes and no control characters";
  }
  return {};
}

bool is_language(std::string_view word) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || c == '-'; };
  return word.size() >= 2 && word.size() <= 11 && std::ranges::all_of(word, letter);
}

bool are_languages(std::string_view text) {
  if (text.empty()) return true;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    if (!is_language(text.substr(begin, end - begin))) return false;
    begin = end + 1;
  }
  return text.size() <= 100;
}

std::string first_of(std::initializer_list<std::string> faults) {
  for (const std::string& fault : faults)
    if (!fault.empty()) return fault;
  return {};
}

std::string when(bool wrong, const char* clause) {
  return wrong ? clause : std::string();
}

std::string id_fault(std::string_view id, const char* what) {
  if (events::is_pseudonym(id)) return {};
  return std::string(what) + " is not an id of 1 to 64 letters, digits and _ . : -";
}

std::string code_fault(std::string_view code, const char* what) {
  if (events::is_code(code)) return {};
  return std::string(what) + " is not an id of 1 to 64 letters, digits and _ . : / + -";
}

std::string span_fault(const std::optional<std::string>& from,
                       const std::optional<std::string>& until) {
  if ((from && !is_day(*from)) || (until && !is_day(*until)))
    return "a day is no date such as 2026-03-02";
  return when(from && until && *until < *from, "the last day is before the first");
}

std::string hours_fault(int start, int end) {
  if (start < 0 || start >= minutes_of_a_day || end <= start)
    return "start and end are times such as 09:00";
  return when(
      end - start > longest_session,
      "from start to end are more than 16 hours; an end before the start is on the next day");
}

std::string fault(const PersonRecord& r) {
  return first_of({id_fault(r.id, "the person"),
                   when(!is_one_of(r.role, roles),
                        "the role is none of participant, guardian, child, trainer, staff"),
                   text_fault(r.display_name, "the name"),
                   label_fault(r.programme, r.grant, r.contract),
                   when(!are_languages(r.languages), "a language is no code such as fr")});
}

std::string fault(const SessionRecord& r) {
  return first_of({code_fault(r.id, "the session"), code_fault(r.course, "the course"),
                   when(r.title.empty(), "the session has no title"),
                   text_fault(r.title, "the title"), text_fault(r.room, "the room"),
                   when(!is_one_of(r.kind, session_kinds),
                        "the kind is none of room, drop_in, one_to_one, work_site, online"),
                   r.trainer ? id_fault(*r.trainer, "the trainer") : std::string(),
                   when(!is_day(r.first_day) || !is_day(r.last_day),
                        "first_day and last_day are no dates such as 2026-03-02"),
                   when(r.last_day < r.first_day, "the last day is before the first"),
                   hours_fault(r.start_minute, r.end_minute),
                   when(!is_one_of(r.half_day, half_days), "the half-day is none of am, pm, eve"),
                   label_fault(r.programme, r.grant, r.contract)});
}

std::string fault(const SessionDayRecord& r) {
  return first_of(
      {code_fault(r.session, "the session"),
       when(!is_day(r.day), "the day is no date such as 2026-03-02"),
       when(r.start_minute.has_value() != r.end_minute.has_value(),
            "start and end are given together or not at all"),
       r.start_minute && r.end_minute ? hours_fault(*r.start_minute, *r.end_minute) : std::string(),
       when(r.half_day && !is_one_of(*r.half_day, half_days),
            "the half-day is none of am, pm, eve"),
       r.room ? text_fault(*r.room, "the room") : std::string(),
       r.trainer ? id_fault(*r.trainer, "the trainer") : std::string()});
}

std::string fault(const CardRecord& r) {
  const auto hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  // No chip number in the message: it would end up in a log.
  return first_of({when(r.token.size() != 64 || !std::ranges::all_of(r.token, hex),
                        "the card is not a chip number in hex"),
                   id_fault(r.person, "the person")});
}

std::string fault(const EnrolmentRecord& r) {
  return first_of({code_fault(r.course, "the course"), id_fault(r.person, "the person"),
                   span_fault(r.from_day, r.until_day)});
}

std::string fault(const GuardianshipRecord& r) {
  return first_of({id_fault(r.guardian, "the guardian"), id_fault(r.child, "the child"),
                   when(r.guardian == r.child, "guardian and child are the same person"),
                   span_fault(r.from_day, r.until_day)});
}

std::string fault(const MergeRecord& r) {
  return first_of({id_fault(r.from, "the id that ends"), id_fault(r.into, "the id that stays"),
                   when(r.from == r.into, "an id cannot be merged into itself")});
}

std::string key(const PersonRecord& r) {
  return r.id;
}
std::string key(const SessionRecord& r) {
  return r.id;
}
std::string key(const SessionDayRecord& r) {
  return r.session + ' ' + r.day;
}
std::string key(const CardRecord& r) {
  return r.token;
}
std::string key(const EnrolmentRecord& r) {
  return r.course + ' ' + r.person;
}
std::string key(const GuardianshipRecord& r) {
  return r.guardian + ' ' + r.child;
}
std::string key(const MergeRecord& r) {
  return r.from;
}

}  // namespace

std::string key_of(const Content& content) {
  return std::visit([](const auto& record) { return key(record); }, content);
}

std::string fault_of(const Content& content) {
  return std::visit([](const auto& record) { return fault(record); }, content);
}

std::string Problem::text() const {
  return place.file + ':' + std::to_string(place.line) + ": " + what + "; the row was skipped";
}

std::optional<std::string> in_order(std::string_view text, const std::string_view* known,
                                    std::size_t count) {
  const std::span words(known, count);
  std::vector<bool> found(count, false);
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    if (const std::string_view word = text.substr(begin, end - begin); !word.empty()) {
      const auto at = std::ranges::find(words, word);
      if (at == words.end()) return std::nullopt;
      found[static_cast<std::size_t>(at - words.begin())] = true;
    }
    begin = end + 1;
  }
  std::string out;
  for (std::size_t i = 0; i < count; ++i) {
    if (found[i]) out += (out.empty() ? "" : " ") + std::string(words[i]);
  }
  return out;
}

std::optional<std::string> presentation_from(std::string_view text) {
  return in_order(text, presentations.data(), presentations.size());
}

std::optional<std::string> weekdays_from(std::string_view text) {
  return in_order(text, weekdays.data(), weekdays.size());
}

std::optional<int> minute_from(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  for (const std::size_t i : {0U, 1U, 3U, 4U}) {
    if (!std::isdigit(static_cast<unsigned char>(text[i]))) return std::nullopt;
  }
  const int hour = (text[0] - '0') * 10 + text[1] - '0';
  const int minute = (text[3] - '0') * 10 + text[4] - '0';
  if (hour > 23 || minute > 59) return std::nullopt;
  return hour * 60 + minute;
}

std::string half_day_of(int start_minute) {
  constexpr int noon = 12 * 60, evening = 17 * 60;
  const int minute = start_minute % minutes_of_a_day;
  if (minute < noon) return "am";
  return minute < evening ? "pm" : "eve";
}

std::string name_from(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const std::string_view three = text.substr(at, 3);
    const bool turns =
        (three >= "\u202a" && three <= "\u202e") || (three >= "\u2066" && three <= "\u2069");
    if (turns) {
      at += 2;
    } else {
      out += text[at];
    }
  }
  return out;
}

bool is_utf8(std::string_view text) {
  return protocol::cbor::is_utf8({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

}  // namespace rollcall::roster
