// What a manager sees of one person: certificates of attendance, and a name that is not shown.
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "daemon/attendance/facts.hpp"
#include "daemon/console/body.hpp"
#include "daemon/console/impl.hpp"
#include "daemon/console/sheets_body.hpp"
#include "daemon/halfdays/certificate.hpp"
#include "daemon/roster/protected_names.hpp"
#include "daemon/sheets/draw.hpp"

namespace rollcall::console {
namespace {

using halfdays::Certificates;
using sheets::Certificate;

http::Response nobody() {
  return http::problem(404, "Not Found", "the roster has nobody with this id");
}

halfdays::Period period_of(const http::Request& request) {
  const auto date = [&](const char* key) {
    const auto given = request.query.find(key);
    if (given == request.query.end() || !roster::is_day(given->second))
      throw BadRequest{std::string{"\""} + key + "\" is a date such as 2026-03-02"};
    return given->second;
  };
  halfdays::Period period{date("from"), date("to")};
  if (period.to < period.from) throw BadRequest{R"("to" is before "from")"};
  if (roster::day_after(period.from, halfdays::longest_period) < period.to)
    throw BadRequest{"a certificate is for three years at most"};
  return period;
}

Json to_json(const Certificate& certificate) {
  Json modules = Json::array();
  for (const sheets::ModuleHours& one : sheets::modules_of(certificate)) {
    modules.push_back({{"title", one.title},
                       {"minutes", one.minutes},
                       {"planned_minutes", one.planned_minutes},
                       {"attended", one.attended},
                       {"held", one.held}});
  }
  return {{"course", certificate.course},
          {"id", certificate.id},
          {"first", sheets::iso(certificate.half_days.front().date)},
          {"last", sheets::iso(certificate.half_days.back().date)},
          {"modules", std::move(modules)}};
}

using Found = std::optional<Certificates>;

}  // namespace

awaitable<http::Response> Api::Impl::see_certificates(const http::Request& request) {
  halfdays::Period period;
  try {
    period = period_of(request);
  } catch (const BadRequest& bad) {
    co_return http::problem(400, "Bad Request", bad.detail);
  }
  const std::string person = request.params.at("person");
  Query query = [this, person, period](store::Database& db) -> Json {
    if (!attendance::person_by_id(db, person)) return nullptr;
    const Certificates found = halfdays::certificates_of(db, {parts.config, parts.holidays}, person,
                                                         period, parts.now().wall_ms);
    Json courses = Json::array();
    for (const Certificate& one : found.courses) courses.push_back(to_json(one));
    Json left_out = Json::array();
    for (const halfdays::SheetKey& key : found.left_out)
      left_out.push_back({{"session", key.session}, {"day", key.day}});
    return {{"person", person},
            {"from", period.from},
            {"to", period.to},
            {"courses", std::move(courses)},
            {"left_out", std::move(left_out)}};
  };
  const Json body = co_await parts.readers.query<Json>(std::move(query));
  if (body.is_null()) co_return nobody();
  co_return answer(body);
}

// One that is not asked for by its course has to be the only one.
awaitable<http::Response> Api::Impl::print_certificate(const http::Request& request) {
  halfdays::Period period;
  try {
    period = period_of(request);
  } catch (const BadRequest& bad) {
    co_return http::problem(400, "Bad Request", bad.detail);
  }
  const std::string language = language_of(request, parts.config.site);
  const auto asked = request.query.find("course");
  const auto course = asked == request.query.end() ? std::nullopt : std::optional(asked->second);
  struct Drawn {
    bool known = false;
    std::optional<std::string> file = std::nullopt;
    std::string why = {};
  };
  std::function<Drawn(store::Database&)> query = [this, person = request.params.at("person"),
                                                  period, language,
                                                  course](store::Database& db) -> Drawn {
    if (!attendance::person_by_id(db, person)) return {};
    Certificates found = halfdays::certificates_of(db, {parts.config, parts.holidays}, person,
                                                   period, parts.now().wall_ms);
    if (course)
      std::erase_if(found.courses, [&](const Certificate& one) { return one.course != *course; });
    if (found.courses.empty())
      return {true, std::nullopt, "no half-day of this person is confirmed in that time"};
    if (found.courses.size() > 1) {
      std::string courses;
      for (const Certificate& one : found.courses)
        courses += (courses.empty() ? "" : ", ") + one.course;
      return {true, std::nullopt, "there are several courses in that time, say which: " + courses};
    }
    return {true, sheets::draw_certificate(found.courses.front(), language), {}};
  };
  Drawn drawn = co_await parts.readers.query<Drawn>(std::move(query));
  if (!drawn.known) co_return nobody();
  if (!drawn.file) co_return http::problem(409, "Conflict", drawn.why);
  co_return pdf_answer(std::move(*drawn.file), "certificate.pdf");
}

// On record before it is answered, with the reason: like every view, but for the asking.
awaitable<http::Response> Api::Impl::see_name(const http::Request& request) {
  try {
    const Json body = parse_body(request);
    actor_of(request, body);
    reason_of(body);
  } catch (const BadRequest& bad) {
    co_return http::problem(400, "Bad Request", bad.detail);
  }
  const std::string person = request.params.at("person");
  Query query = [this, person](store::Database& db) -> Json {
    if (!attendance::person_by_id(db, person)) return nullptr;
    const sheets::Person known = halfdays::shown(db, person);
    std::optional<std::string> name;
    if (known.shown != known.id) name = known.shown;
    if (!name && parts.names != nullptr) name = roster::protected_name(db, *parts.names, person);
    return {{"person", person}, {"name", name ? Json(*name) : Json()}};
  };
  const Json body = co_await parts.readers.query<Json>(std::move(query));
  if (body.is_null()) co_return nobody();
  if (body.at("name").is_null())
    co_return http::problem(404, "Not Found", "no name of this person is kept here");
  co_return answer(body);
}

}  // namespace rollcall::console
