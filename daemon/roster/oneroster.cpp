#include "daemon/roster/oneroster.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "daemon/events/event.hpp"
#include "daemon/roster/timetable.hpp"
#include "protocol/messages.hpp"

namespace rollcall::roster {
namespace {

using Row = std::vector<std::string>;
using Errors = std::vector<std::string>;

constexpr int usual_start = 9 * 60, usual_end = 17 * 60;  // of a class that states no hours

std::optional<std::string> or_nothing(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

const File* find(const std::vector<File>& files, std::string_view name) {
  const auto found = std::ranges::find(files, name, &File::name);
  return found == files.end() ? nullptr : &*found;
}

std::string role_of(std::string_view role) {
  if (role == "student") return "participant";
  if (role == "teacher" || role == "aide" || role == "proctor") return "trainer";
  if (role == "parent" || role == "guardian" || role == "relative") return "guardian";
  return "staff";
}

struct Dates {
  std::string first = "0001-01-01", last = "9999-12-31";
};

class Export {
 public:
  Export(const std::vector<File>& files, const CardHash& hash) : files_(files), hash_(hash) {
    reading_.source = "oneroster";
  }

  std::expected<Reading, Errors> read() && {
    read_manifest();
    read_orgs();
    read_terms();
    read_courses();
    read_roles();
    read_users();
    read_classes();
    read_enrollments();
    for (auto& [id, record] : classes_) reading_.records.push_back(std::move(record));
    if (!errors_.empty()) return std::unexpected(std::move(errors_));
    return std::move(reading_);
  }

 private:
  // Each row of a file that is not to be deleted goes to `row`, the others to `gone`; both are told
  // its place. The first two columns are sourcedId and status.
  template <class OnRow, class OnGone>
  bool each(const char* name, std::optional<Kind> kind, std::vector<std::string> needed,
            std::vector<std::string> optional, const OnRow& row, const OnGone& gone) {
    const File* file = find(files_, name);
    if (file == nullptr) return false;
    needed.insert(needed.begin(), {"sourcedId", "status"});
    auto table = parse_csv(file->text, file->name, {needed, std::move(optional)});
    if (!table) {
      errors_.push_back(table.error());
      return false;
    }
    for (Problem& problem : table->problems) {
      problem.kind = kind;
      reading_.problems.push_back(std::move(problem));
    }
    for (const CsvRow& line : table->rows) {
      const Place place{file->name, line.line};
      if (line.fields[1] == "tobedeleted") {
        gone(line.fields, place);
      } else {
        row(line.fields, place);
      }
    }
    return true;
  }
  template <class OnRow>
  bool each(const char* name, std::optional<Kind> kind, std::vector<std::string> needed,
            std::vector<std::string> optional, const OnRow& row) {
    return each(name, kind, std::move(needed), std::move(optional), row,
                [](const Row&, const Place&) {});
  }

  void skip(const Place& place, std::string what, std::optional<Kind> kind = {},
            std::string key = {}) {
    reading_.problems.push_back({place, std::move(what), kind, std::move(key)});
  }

  void read_manifest() {
    const File* file = find(files_, "manifest.csv");
    if (file == nullptr) return;
    const auto table = parse_csv(file->text, file->name, {{"propertyName", "value"}, {}});
    if (!table) return errors_.push_back(table.error());
    for (const CsvRow& row : table->rows) {
      if (row.fields[0].starts_with("file.") && row.fields[1] == "delta") reading_.whole = false;
      if (row.fields[0] == "oneroster.version" && !row.fields[1].starts_with("1."))
        errors_.push_back("manifest.csv: this is no OneRoster of version 1");
    }
  }

  void read_orgs() {
    has_orgs_ =
        each("orgs.csv", {}, {"name"}, {}, [&](const Row& f, const Place&) { orgs_.insert(f[0]); });
  }
  void read_terms() {
    each("academicSessions.csv", {}, {"startDate", "endDate"}, {},
         [&](const Row& f, const Place& place) {
           if (!is_day(f[2]) || !is_day(f[3]))
             return skip(place, "startDate and endDate are no dates such as 2026-03-02");
           terms_[f[0]] = {f[2], f[3]};
         });
  }
  void read_courses() {
    has_courses_ = each("courses.csv", {}, {"title"}, {},
                        [&](const Row& f, const Place&) { courses_.insert(f[0]); });
  }
  void read_roles() {
    each("roles.csv", {}, {"userSourcedId", "role"}, {"roleType"}, [&](const Row& f, const Place&) {
      // The primary role is the person's; without one it is the first.
      if (f[4] == "primary" || !roles_.contains(f[2])) roles_[f[2]] = f[3];
    });
  }

  void read_users() {
    const auto gone = [&](const Row& f, const Place& place) {
      PersonRecord person;
      person.id = f[0];
      reading_.records.push_back({std::move(person), true, place});
    };
    const bool there = each(
        "users.csv", Kind::person, {"enabledUser", "givenName", "familyName"},
        {"role", "preferredGivenName", "preferredFamilyName", "primaryOrgSourcedId",
         "orgSourcedIds", "metadata.language", "metadata.presentation", "metadata.programme",
         "metadata.grant", "metadata.contract", "metadata.protected", "metadata.card"},
        [&](const Row& f, const Place& place) {
          if (f[2] == "false") return gone(f, place);
          read_user(f, place);
        },
        gone);
    if (!there && errors_.empty()) errors_.push_back("users.csv: is missing");
  }

  void read_user(const Row& f, const Place& place) {
    const auto bad = [&](const char* what) { skip(place, what, Kind::person, f[0]); };
    if (has_orgs_ && !f[8].empty() && !orgs_.contains(f[8]))
      return bad("orgs.csv has no such primaryOrgSourcedId");
    const auto role = roles_.find(f[0]);
    const std::string& named = role == roles_.end() ? f[5] : role->second;
    if (named.empty()) return bad("neither users.csv nor roles.csv states a role");
    const auto presentation = presentation_from(f[11]);
    if (!presentation)
      return bad("metadata.presentation is of large_text, speech, more_time, staff_help");
    if (!f[15].empty() && f[15] != "true" && f[15] != "false")
      return bad("metadata.protected must be true or false");
    PersonRecord person;
    person.id = f[0];
    person.role = role_of(named);
    person.protected_identity = f[15] == "true";
    const std::string& given = f[6].empty() ? f[3] : f[6];
    const std::string& family = f[7].empty() ? f[4] : f[7];
    (person.protected_identity ? person.protected_name.text : person.display_name) =
        name_from(given + (given.empty() || family.empty() ? "" : " ") + family);
    person.languages = f[10];
    person.presentation = *presentation;
    person.programme = or_nothing(f[12]);
    person.grant = or_nothing(f[13]);
    person.contract = or_nothing(f[14]);
    users_.insert(person.id);
    reading_.records.push_back({std::move(person), false, place});
    if (f[16].empty()) return;
    const auto chip = events::unhex(f[16]);
    const bool sound = chip && !chip->empty() && chip->size() <= protocol::max_reading;
    reading_.records.push_back(
        {CardRecord{sound ? hash_(*chip) : std::string(), f[0]}, false, place});
  }

  void read_classes() {
    const auto gone = [&](const Row& f, const Place& place) {
      SessionRecord session;
      session.id = f[0];
      reading_.records.push_back({std::move(session), true, place});
    };
    each(
        "classes.csv", Kind::session, {"title", "courseSourcedId"},
        {"location", "schoolSourcedId", "termSourcedIds", "metadata.kind", "metadata.weekdays",
         "metadata.start", "metadata.end", "metadata.programme", "metadata.grant",
         "metadata.contract"},
        [&](const Row& f, const Place& place) { read_class(f, place); }, gone);
  }

  // From the earliest first day of the terms to the latest last one.
  std::optional<Dates> span_of(const std::string& terms) const {
    std::optional<Dates> span;
    for (std::size_t begin = 0; begin < terms.size();) {
      const std::size_t end = std::min(terms.find(',', begin), terms.size());
      const auto term = terms_.find(terms.substr(begin, end - begin));
      if (term == terms_.end()) return std::nullopt;
      if (!span) span = term->second;
      span->first = std::min(span->first, term->second.first);
      span->last = std::max(span->last, term->second.last);
      begin = end + 1;
    }
    return span ? span : Dates{};
  }

  void read_class(const Row& f, const Place& place) {
    const auto bad = [&](const char* what) { skip(place, what, Kind::session, f[0]); };
    if (has_courses_ && !courses_.contains(f[3]))
      return bad("courses.csv has no such courseSourcedId");
    if (has_orgs_ && !f[5].empty() && !orgs_.contains(f[5]))
      return bad("orgs.csv has no such schoolSourcedId");
    const auto span = span_of(f[6]);
    if (!span) return bad("academicSessions.csv has no such termSourcedIds");
    const auto weekdays = weekdays_from(f[8]);
    if (!weekdays) return bad("metadata.weekdays must be words such as mon tue wed");
    const auto start = f[9].empty() ? usual_start : minute_from(f[9]);
    const auto end = f[10].empty() ? usual_end : minute_from(f[10]);
    if (!start || !end) return bad("metadata.start and metadata.end must be times such as 09:00");
    SessionRecord session;
    session.id = f[0];
    session.course = f[0];
    session.title = f[2];
    session.room = f[4];
    if (!f[7].empty()) session.kind = f[7];
    session.weekdays = *weekdays;
    session.first_day = span->first;
    session.last_day = span->last;
    session.start_minute = *start;
    session.end_minute = end_after(*start, *end);
    session.half_day = half_day_of(*start);
    session.programme = or_nothing(f[11]);
    session.grant = or_nothing(f[12]);
    session.contract = or_nothing(f[13]);
    classes_[f[0]] = {std::move(session), false, place};
  }

  void read_enrollments() {
    each(
        "enrollments.csv", Kind::enrolment, {"classSourcedId", "userSourcedId", "role"},
        {"primary", "beginDate", "endDate"},
        [&](const Row& f, const Place& place) { read_enrollment(f, place); },
        [&](const Row& f, const Place& place) {
          if (f[4] == "student")
            reading_.records.push_back({EnrolmentRecord{f[2], f[3], {}, {}}, true, place});
        });
  }

  void read_enrollment(const Row& f, const Place& place) {
    const std::string key = f[2] + ' ' + f[3];
    const auto bad = [&](const char* what) { skip(place, what, Kind::enrolment, key); };
    // Of a delta the class or the user may have come before.
    if (reading_.whole && !classes_.contains(f[2])) return bad("classes.csv has no such class");
    if (reading_.whole && !users_.contains(f[3])) return bad("users.csv has no such user");
    if (f[4] == "teacher") {
      const auto taught = classes_.find(f[2]);
      if (taught == classes_.end()) return bad("the class of a teacher must come with it");
      auto& trainer = std::get<SessionRecord>(taught->second.content).trainer;
      if (!trainer || f[5] == "true") trainer = f[3];
      return;
    }
    if (f[4] != "student") return;  // aides and administrators have no place in a course
    reading_.records.push_back(
        {EnrolmentRecord{f[2], f[3], or_nothing(f[6]), or_nothing(f[7])}, false, place});
  }

  const std::vector<File>& files_;
  const CardHash& hash_;
  Reading reading_;
  Errors errors_;
  bool has_orgs_ = false, has_courses_ = false;
  std::set<std::string> orgs_, courses_, users_;
  std::map<std::string, Dates> terms_;
  std::map<std::string, std::string> roles_;  // by user
  std::map<std::string, Record> classes_;     // by class
};

}  // namespace

bool is_oneroster(const std::vector<File>& files) {
  return find(files, "users.csv") != nullptr;
}

std::expected<Reading, Errors> read_oneroster(const std::vector<File>& files,
                                              const CardHash& hash) {
  return Export(files, hash).read();
}

}  // namespace rollcall::roster
