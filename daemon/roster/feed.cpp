#include "daemon/roster/feed.hpp"

#include <nlohmann/json.hpp>

namespace rollcall::roster {
namespace {

using json = nlohmann::json;

// Throws json::exception where the record is not as the contract has it.
std::optional<std::string> optional_text(const json& record, const char* key) {
  const auto found = record.find(key);
  if (found == record.end() || found->is_null()) return std::nullopt;
  return found->get<std::string>();
}
std::string text(const json& record, const char* key) {
  return record.at(key).get<std::string>();
}
std::string text_or_empty(const json& record, const char* key) {
  return optional_text(record, key).value_or("");
}
std::string words(const json& record, const char* key) {
  std::string out;
  if (const auto found = record.find(key); found != record.end()) {
    for (const json& word : *found) out += (out.empty() ? "" : " ") + word.get<std::string>();
  }
  return out;
}
bool is_removed(const json& record) {
  return record.at("removed").get<bool>();
}
int minute(const json& record, const char* key) {
  return minute_from(text(record, key)).value_or(-1);
}

Record person(const json& r) {
  PersonRecord person;
  person.id = text(r, "id");
  person.role = text(r, "role");
  person.protected_identity = r.at("protected").get<bool>();
  (person.protected_identity ? person.protected_name.text : person.display_name) =
      name_from(text_or_empty(r, "display_name"));
  person.languages = words(r, "languages");
  if (person.languages.empty()) person.languages = text_or_empty(r, "language");
  person.presentation = presentation_from(words(r, "presentation")).value_or("");
  person.programme = optional_text(r, "programme");
  person.grant = optional_text(r, "grant");
  person.contract = optional_text(r, "contract");
  return {std::move(person), !r.at("active").get<bool>(), {}};
}

Record session(const json& r) {
  SessionRecord session;
  session.id = text(r, "id");
  if (is_removed(r)) return {std::move(session), true, {}};
  session.course = text(r, "course");
  session.title = text(r, "title");
  session.kind = optional_text(r, "form").value_or("room");
  session.room = text(r, "room");
  session.trainer = optional_text(r, "trainer");
  session.weekdays = weekdays_from(words(r, "weekdays")).value_or("");
  session.first_day = text(r, "first_day");
  session.last_day = text(r, "last_day");
  session.start_minute = minute(r, "start");
  session.end_minute = end_after(session.start_minute, minute(r, "end"));
  session.half_day = text(r, "half_day");
  session.programme = optional_text(r, "programme");
  session.grant = optional_text(r, "grant");
  session.contract = optional_text(r, "contract");
  session.open_event = r.value("open_event", false);
  return {std::move(session), false, {}};
}

Record session_day(const json& r) {
  SessionDayRecord day;
  day.session = text(r, "session");
  day.day = text(r, "day");
  if (is_removed(r)) return {std::move(day), true, {}};
  day.cancelled = text(r, "state") == "cancelled";
  if (optional_text(r, "start")) {
    day.start_minute = minute(r, "start");
    day.end_minute = end_after(*day.start_minute, minute(r, "end"));
  }
  day.half_day = optional_text(r, "half_day");
  day.room = optional_text(r, "room");
  day.trainer = optional_text(r, "trainer");
  return {std::move(day), false, {}};
}

Record enrolment(const json& r) {
  return {EnrolmentRecord{text(r, "course"), text(r, "person"), {}, {}}, is_removed(r), {}};
}

Record guardianship(const json& r) {
  return {GuardianshipRecord{text(r, "guardian"), text(r, "child"), r.at("may_collect").get<bool>(),
                             optional_text(r, "from"), optional_text(r, "until")},
          is_removed(r),
          {}};
}

// Nothing for a kind that is not taken.
std::optional<Record> record_from(const json& r) {
  const std::string kind = text(r, "kind");
  if (kind == "person") return person(r);
  if (kind == "session") return session(r);
  if (kind == "session_day") return session_day(r);
  if (kind == "enrolment") return enrolment(r);
  if (kind == "guardianship") return guardianship(r);
  if (kind == "person.merged")
    return Record{MergeRecord{text(r, "from"), text(r, "into")}, false, {}};
  return std::nullopt;
}

}  // namespace

std::expected<Page, std::string> read_page(std::string_view body, Reading& reading,
                                           std::size_t& passed) {
  const json page = json::parse(body, nullptr, false);
  Page out;
  try {
    out = {text(page, "cursor"), page.at("more").get<bool>()};
    const json& records = page.at("records");
    if (!records.is_array() || records.size() > records_of_page || out.cursor.empty() ||
        out.cursor.size() > 200) {
      return std::unexpected("the answer is no page of a roster");
    }
    for (const json& one : records) {
      const Place place{reading.source,
                        static_cast<unsigned>(reading.records.size() + reading.problems.size() +
                                              reading.revoked.size() + passed + 1)};
      try {
        if (text(one, "kind") == "card.revoked") {
          reading.revoked.push_back(text(one, "card"));
          continue;
        }
        auto record = record_from(one);
        if (!record) {
          ++passed;
          continue;
        }
        record->place = place;
        reading.records.push_back(std::move(*record));
      } catch (const json::exception&) {  // its text quotes the record
        reading.problems.push_back({place, "the record is not as the contract has it"});
      }
    }
  } catch (const json::exception&) {
    return std::unexpected("the answer is no page of a roster");
  }
  return out;
}

}  // namespace rollcall::roster
