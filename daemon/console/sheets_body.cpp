#include "daemon/console/sheets_body.hpp"

#include <algorithm>
#include <charconv>

#include <nlohmann/json.hpp>

#include "daemon/attendance/local_time.hpp"
#include "daemon/console/body.hpp"
#include "daemon/events/event.hpp"
#include "daemon/halfdays/forms.hpp"
#include "daemon/halfdays/months.hpp"
#include "daemon/halfdays/rows.hpp"
#include "daemon/roster/timetable.hpp"

namespace rollcall::console {
namespace {

using halfdays::SheetKey;
using sheets::Line;
using sheets::Sheet;

Json clock_or_null(const attendance::TimeZone& zone, const std::optional<sheets::Moment>& moment) {
  return moment ? Json(attendance::clock_of(zone, moment->at_ms)) : Json();
}

std::string_view to_text(sheets::Mark mark) {
  switch (mark) {
    case sheets::Mark::present:
      return "present";
    case sheets::Mark::late:
      return "late";
    case sheets::Mark::left_early:
      return "left_early";
    case sheets::Mark::excused:
      return "excused";
    case sheets::Mark::absent:
      break;
  }
  return "absent";
}

// Null where it is the pseudonym: then nobody's name is known, or to be shown.
Json name_of(const sheets::Person& person) {
  return person.shown == person.id ? Json() : Json(person.shown);
}

Json signature_json(const attendance::TimeZone& zone, const sheets::Signature& signature) {
  Json out = {{"event", signature.id}, {"at", attendance::clock_of(zone, signature.at_ms)}};
  if (const auto* drawing = std::get_if<sheets::Drawing>(&signature.form)) {
    Json strokes = Json::array();
    for (const auto& stroke : drawing->strokes) {
      Json points = Json::array();
      for (const sheets::Point& point : stroke) points.push_back({point.x, point.y});
      strokes.push_back(std::move(points));
    }
    out["form"] = "drawn";
    out["strokes"] = std::move(strokes);
    out["aspect"] = drawing->aspect;
  } else if (const auto* witnessed = std::get_if<sheets::Witnessed>(&signature.form)) {
    out["form"] = "witnessed";
    out["reason"] = witnessed->reason;
  } else {
    out["form"] = "card";
  }
  return out;
}

Json line_json(const attendance::TimeZone& zone, const Line& line) {
  Json out = {
      {"person", line.person.id},
      {"name", name_of(line.person)},
      {"mark", to_text(line.mark)},
      {"arrived", clock_or_null(zone, line.arrived)},
      {"left", clock_or_null(zone, line.left)},
      {"minutes", line.minutes ? Json(*line.minutes) : Json()},
      {"no_exit_tap", line.no_exit_tap},
      {"assisted", std::ranges::find(line.methods, sheets::Method::assisted) != line.methods.end()},
      {"signature", nullptr},
      {"not_signed", nullptr}};
  if (const auto* signature = std::get_if<sheets::Signature>(&line.closing))
    out["signature"] = signature_json(zone, *signature);
  if (const auto* why = std::get_if<sheets::NotSigned>(&line.closing))
    out["not_signed"] = {{"why", halfdays::to_text(why->why)}, {"reason", why->reason}};
  return out;
}

// What a sheet waits for.
std::string_view state_of(const Sheet& sheet, const halfdays::HalfDayState& half_day,
                          std::int64_t now_ms) {
  if (half_day.cancelled) return "cancelled";
  if (half_day.confirmed && half_day.outdated) return "outdated";
  if (half_day.closed) return "closed";
  if (half_day.holiday) return "holiday";
  if (half_day.confirmed) return "confirmed";
  return now_ms < sheet.start_ms ? "to_come" : "open";
}

struct Counts {
  int expected = 0, present = 0, done = 0;  // done: signed, or closed as not signed
};
Counts count(const Sheet& sheet) {
  Counts counts;
  for (const Line& line : sheet.lines) {
    ++counts.expected;
    if (!sheets::was_there(line.mark)) continue;
    ++counts.present;
    if (!std::holds_alternative<sheets::Open>(line.closing)) ++counts.done;
  }
  return counts;
}

struct Read {
  halfdays::SheetNow now;
  halfdays::HalfDayState half_day;
};
std::optional<Read> read_one(store::Database& db, const config::Config& config,
                             const sheets::Calendar& holidays, const SheetKey& key,
                             const attendance::HostTime& now) {
  auto sheet = halfdays::read_sheet_now(db, config, key, now.wall_ms);
  auto state = halfdays::state_of(db, {config, holidays}, key);
  if (!sheet || !state) return std::nullopt;
  state->outdated = sheet->outdated;
  return Read{std::move(*sheet), *state};
}

Json short_json(const Read& read, const SheetKey& key, const attendance::TimeZone& zone,
                const attendance::HostTime& now) {
  const Sheet& sheet = read.now.sheet;
  const Counts counts = count(sheet);
  return {{"session", sheet.session},
          {"day", key.day},
          {"half_day", sheets::name(sheet.part)},
          {"title", sheet.title},
          {"room", sheet.room ? Json(*sheet.room) : Json()},
          {"trainer", sheet.trainer.id.empty() ? Json() : Json(sheet.trainer.id)},
          {"trainer_name", sheet.trainer.id.empty() ? Json() : name_of(sheet.trainer)},
          {"start", attendance::clock_of(zone, sheet.start_ms)},
          {"end", attendance::clock_of(zone, sheet.end_ms)},
          {"state", state_of(sheet, read.half_day, now.wall_ms)},
          {"expected", counts.expected},
          {"present", counts.present},
          {"done", counts.done}};
}

Json versions_json(store::Database& db, const attendance::TimeZone& zone, const SheetKey& key) {
  Json all = Json::array();
  for (const halfdays::Version& one : halfdays::read_versions(db, key)) {
    all.push_back({{"version", one.number},
                   {"event", one.event},
                   {"by", one.confirmation.by.id},
                   {"name", name_of(one.confirmation.by)},
                   {"day", zone.at(one.confirmation.at_ms).day},
                   {"at", attendance::clock_of(zone, one.confirmation.at_ms)},
                   {"digest", one.digest}});
  }
  return all;
}

int number_of(const Json& value) {
  if (!value.is_number_integer()) throw BadRequest{R"("minutes" has whole numbers)"};
  return value.get<int>();
}

sheets::Drawing drawn_in(const Json& body) {
  if (auto drawing = halfdays::drawing_of(body)) return std::move(*drawing);
  throw BadRequest{
      R"("strokes" are lists of points [x, y] between 0 and 1, and "aspect" is a number)"};
}

const std::string& checked_month(const std::string& month) {
  if (!roster::is_day(month + "-01")) throw BadRequest{R"("month" is a month such as 2026-03)"};
  return month;
}

Json keys_json(const std::vector<SheetKey>& keys) {
  Json all = Json::array();
  for (const SheetKey& key : keys) all.push_back({{"session", key.session}, {"day", key.day}});
  return all;
}

}  // namespace

SheetKey key_of(const http::Request& request) {
  return {request.params.at("session"), request.params.at("day")};
}

std::string day_of(const http::Request& request, const std::string& today) {
  const auto asked = request.query.find("day");
  if (asked == request.query.end()) return today;
  if (!roster::is_day(asked->second)) throw BadRequest{R"("day" is a date such as 2026-03-02)"};
  return asked->second;
}

std::string month_of(const http::Request& request) {
  const auto asked = request.query.find("month");
  return checked_month(asked == request.query.end() ? "" : asked->second);
}

std::string month_in_path(const http::Request& request) {
  return checked_month(request.params.at("month"));
}

std::string language_of(const http::Request& request, const config::Site& site) {
  const auto asked = request.query.find("language");
  return asked == request.query.end() ? site.languages.front() : asked->second;
}

std::optional<int> version_of(const http::Request& request) {
  const auto asked = request.query.find("version");
  if (asked == request.query.end()) return std::nullopt;
  const std::string& text = asked->second;
  int version = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), version);
  if (error != std::errc{} || end != text.data() + text.size() || version < 1)
    throw BadRequest{R"("version" is a whole number from 1 on)"};
  return version;
}

halfdays::ConfirmRequest confirmation_of(const http::Request& request) {
  const Json body = parse_body(request);
  halfdays::ConfirmRequest wanted{key_of(request), actor_of(request, body), {}};
  if (const auto minutes = body.find("minutes"); minutes != body.end()) {
    if (!minutes->is_object()) throw BadRequest{R"("minutes" names minutes by pseudonym)"};
    for (const auto& [person, value] : minutes->items()) wanted.minutes[person] = number_of(value);
  }
  return wanted;
}

halfdays::SignRequest signature_of(const http::Request& request) {
  const Json body = parse_body(request);
  halfdays::SignRequest wanted;
  wanted.sheet = key_of(request);
  wanted.person = text_of(body, "person");
  if (body.contains("role")) wanted.role = text_of(body, "role");
  if (wanted.role != "participant" && wanted.role != "trainer")
    throw BadRequest{R"("role" is participant or trainer)"};
  wanted.actor = actor_of(request, body);
  const std::string form = text_of(body, "form");
  if (form == "drawn") {
    wanted.form = halfdays::DrawnForm{drawn_in(body)};
  } else if (form == "witnessed") {
    wanted.form = halfdays::WitnessedForm{reason_of(body)};
  } else {
    throw BadRequest{R"("form" is drawn or witnessed)"};
  }
  return wanted;
}

halfdays::WithdrawRequest withdrawal_of(const http::Request& request) {
  const Json body = parse_body(request);
  return {text_of(body, "event"), text_of(body, "why"), reason_of(body), actor_of(request, body)};
}

halfdays::NotSignedRequest not_signed_of(const http::Request& request) {
  const Json body = parse_body(request);
  return {key_of(request), text_of(body, "person"), text_of(body, "why"), reason_of(body),
          actor_of(request, body)};
}

halfdays::ExcuseRequest excuse_of(const http::Request& request) {
  const Json body = parse_body(request);
  const auto excused = body.find("excused");
  if (excused == body.end() || !excused->is_boolean())
    throw BadRequest{R"("excused" is true or false)"};
  return {key_of(request), text_of(body, "person"), excused->get<bool>(), actor_of(request, body)};
}

Json sheets_json(store::Database& db, const config::Config& config,
                 const sheets::Calendar& holidays, const std::string& day,
                 const attendance::HostTime& now) {
  const attendance::TimeZone zone(config.site.timezone);
  Json all = Json::array();
  for (const roster::SessionOn& session : roster::sessions_on(db, day)) {
    const SheetKey key{session.id, day};
    if (const auto found = read_one(db, config, holidays, key, now))
      all.push_back(short_json(*found, key, zone, now));
  }
  return {{"day", day}, {"sheets", std::move(all)}};
}

Json month_json(store::Database& db, const config::Config& config, const sheets::Calendar& holidays,
                const std::string& month, const std::string& language,
                const attendance::HostTime& now) {
  const attendance::TimeZone zone(config.site.timezone);
  halfdays::MonthNow read = halfdays::check_month(db, {config, holidays}, month, now.wall_ms);
  Json all = Json::array();
  for (halfdays::SheetNow& sheet : read.sheets) {
    const SheetKey key{sheet.sheet.session, sheets::iso(sheet.sheet.date)};
    if (auto state = halfdays::state_of(db, {config, holidays}, key)) {
      state->outdated = sheet.outdated;
      all.push_back(short_json(Read{std::move(sheet), *state}, key, zone, now));
    }
  }
  Json findings = Json::array();
  for (const sheets::Finding& finding : read.findings) {
    findings.push_back(
        {{"kind", sheets::name(finding.kind)},
         {"severity",
          sheets::severity(finding.kind) == sheets::Severity::rejected ? "rejected" : "doubtful"},
         {"sheet", finding.sheet},
         {"session", finding.session},
         {"day", sheets::iso(finding.date)},
         {"half_day", sheets::name(finding.part)},
         {"person", finding.person ? Json(*finding.person) : Json()},
         {"name", finding.person ? name_of(halfdays::shown(db, *finding.person)) : Json()},
         {"clause", sheets::clause(finding, language)},
         {"text", sheets::in_words(finding, language)}});
  }
  return {{"month", month}, {"sheets", std::move(all)}, {"findings", std::move(findings)}};
}

Json month_state_json(store::Database& db, const config::Config& config,
                      const sheets::Calendar& holidays, const std::string& month,
                      const attendance::HostTime& now) {
  const halfdays::MonthState state = halfdays::month_state(db, {config, holidays}, month, now);
  Json closed = Json::array();
  for (const halfdays::MonthSheet& sheet : state.closed) {
    closed.push_back({{"session", sheet.key.session},
                      {"day", sheet.key.day},
                      {"sheet", sheet.id},
                      {"version", sheet.version},
                      {"digest", events::hex(sheet.digest)}});
  }
  return {{"month", month},
          {"over", state.over},
          {"closed", std::move(closed)},
          {"open", keys_json(state.open)},
          {"lapsed", keys_json(state.lapsed)},
          {"sent", state.sent ? Json({{"version", state.sent->version},
                                      {"at", events::rfc3339(state.sent->sent_ms)},
                                      {"digest", state.sent->digest}})
                              : Json()},
          {"changed", state.changed()}};
}

Json sheet_json(store::Database& db, const config::Config& config, const sheets::Calendar& holidays,
                const SheetKey& key, const attendance::HostTime& now) {
  const attendance::TimeZone zone(config.site.timezone);
  const auto found = read_one(db, config, holidays, key, now);
  if (!found) return nullptr;
  const Sheet& sheet = found->now.sheet;
  Json out = short_json(*found, key, zone, now);
  const auto may = halfdays::refuse_confirmation(
      found->half_day, {now.wall_ms, now.trust == protocol::ClockTrust::unproven});
  out["waits_because"] = may ? Json(halfdays::phrase(*may)) : Json();
  out["month_sent"] =
      halfdays::newest_sent(db, key.day.substr(0, halfdays::month_length)).has_value();
  out["sheet"] = sheet.id.empty() ? Json() : Json(sheet.id);
  out["version"] = sheet.version;
  out["digest"] = sheet.confirmed ? Json(events::hex(sheets::digest(sheet))) : Json();
  out["confirmed"] = sheet.confirmed
                         ? Json({{"by", sheet.confirmed->by.id},
                                 {"name", name_of(sheet.confirmed->by)},
                                 {"at", attendance::clock_of(zone, sheet.confirmed->at_ms)},
                                 {"event", found->half_day.confirmation}})
                         : Json();
  out["trainer_signature"] =
      sheet.trainer_signature ? signature_json(zone, *sheet.trainer_signature) : Json();
  Json people = Json::array();
  const auto programme = config::programme_of(config, sheet.programme);
  const auto& lines = found->now.participants;
  for (const Line& line : sheet.lines) {
    Json one = line_json(zone, line);
    const auto known = std::ranges::find(lines, line.person.id, &halfdays::Participant::person);
    const bool is_known = known != lines.end();
    const bool here = is_known && known->half_day.here;
    one["here"] = here;
    one["draws"] = halfdays::forms_of(db, programme, line.person.id).drawn;
    one["no_exit_tap"] = line.no_exit_tap && !here;
    one["possible_minutes"] =
        is_known ? Json(known->half_day.minutes + known->half_day.unproven_minutes) : Json();
    people.push_back(std::move(one));
  }
  out["people"] = std::move(people);
  out["versions"] = versions_json(db, zone, key);
  Json withdrawn = Json::array();
  for (const sheets::Withdrawn& one : sheet.withdrawn) {
    withdrawn.push_back({{"person", one.person.id},
                         {"name", name_of(one.person)},
                         {"signed", attendance::clock_of(zone, one.signed_ms)},
                         {"withdrawn", attendance::clock_of(zone, one.withdrawn_ms)},
                         {"by", one.by.id},
                         {"reason", one.reason}});
  }
  out["withdrawn"] = std::move(withdrawn);
  return out;
}

}  // namespace rollcall::console
