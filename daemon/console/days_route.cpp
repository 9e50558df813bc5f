// Whether the log says of each day what its facts come to.
#include <string>

#include <nlohmann/json.hpp>

#include "daemon/attendance/check_days.hpp"
#include "daemon/console/body.hpp"
#include "daemon/console/impl.hpp"
#include "daemon/roster/timetable.hpp"

namespace rollcall::console {
namespace {

std::string day_in(const http::Request& request, const char* key) {
  const auto asked = request.query.find(key);
  if (asked == request.query.end() || !roster::is_day(asked->second))
    throw BadRequest{'"' + std::string(key) + "\" is a date such as 2026-03-02"};
  return asked->second;
}

Json to_json(const attendance::CheckedDays& checked) {
  Json differences = Json::array();
  for (const attendance::DayDifference& one : checked.differences)
    differences.push_back({{"person", one.person}, {"day", one.day}, {"text", one.text}});
  return {{"people", checked.people},       {"days", checked.days},
          {"movements", checked.movements}, {"waiting", checked.waiting},
          {"differ", checked.differ},       {"differences", std::move(differences)}};
}

}  // namespace

awaitable<http::Response> Api::Impl::check_attendance(const http::Request& request) {
  attendance::DayRange range;
  try {
    range = {day_in(request, "from"), day_in(request, "until")};
  } catch (const BadRequest& bad) {
    co_return http::problem(400, "Bad Request", bad.detail);
  }
  Query query = [this, range](store::Database& db) {
    return to_json(attendance::check_days(db, parts.config, range, parts.now().wall_ms));
  };
  co_return answer(co_await parts.readers.query<Json>(std::move(query)));
}

}  // namespace rollcall::console
