// What staff record and correct of attendance: who came without a card, one or many; what a tap
// was; what waits for them; who is to be counted when the building is left.
#include <expected>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "daemon/console/attendance_body.hpp"
#include "daemon/console/evacuation.hpp"
#include "daemon/console/impl.hpp"
#include "daemon/console/person_day.hpp"
#include "daemon/console/rows.hpp"
#include "daemon/console/waiting.hpp"
#include "daemon/events/event.hpp"
#include "daemon/log/log.hpp"

namespace rollcall::console {
namespace {

http::Response refused(const std::string& why) {
  return http::problem(409, "Conflict", why + "; nothing was changed");
}

// "2026-03-02 10:42", by the site's clocks.
std::string wall_clock(const attendance::TimeZone& zone, std::int64_t at_ms) {
  const attendance::LocalTime local = zone.at(at_ms);
  return local.day + " " + clock_text(local.minute);
}

// Taps of a terminal that is away may be missing.
Json away(const Json& terminals, const attendance::TimeZone& zone) {
  Json out = Json::array();
  for (const Json& one : terminals) {
    if (one.at("state") == "online") continue;
    const auto seen = one.at("last_seen").is_null()
                          ? std::nullopt
                          : events::parse_rfc3339(one.at("last_seen").get<std::string>());
    out.push_back({{"serial", one.at("serial")},
                   {"room", one.at("room")},
                   {"last_seen", seen ? Json(wall_clock(zone, *seen)) : Json()}});
  }
  return out;
}

}  // namespace

awaitable<http::Response> Api::Impl::see_day(const http::Request& request) {
  std::string day;
  try {
    day = day_in_path(request, zone.at(parts.now().wall_ms).day);
  } catch (const BadRequest& bad) {
    co_return http::problem(400, "Bad Request", bad.detail);
  }
  Query query = [this, day, person = request.params.at("person")](store::Database& db) {
    return read_person_day(db, view(), person, day, parts.now().wall_ms);
  };
  const Json body = co_await parts.readers.query<Json>(std::move(query));
  if (body.is_null()) co_return http::problem(404, "Not Found", "nobody here has this id");
  co_return answer(body);
}

awaitable<http::Response> Api::Impl::see_group(const http::Request& request) {
  halfdays::SheetKey key;
  try {
    key = {request.params.at("session"), day_in_path(request, zone.at(parts.now().wall_ms).day)};
  } catch (const BadRequest& bad) {
    co_return http::problem(400, "Bad Request", bad.detail);
  }
  Query query = [this, key](store::Database& db) {
    const ReadTransaction snapshot{db};
    return group_json(db, parts.config, key, parts.now().wall_ms);
  };
  const Json body = co_await parts.readers.query<Json>(std::move(query));
  if (body.is_null())
    co_return http::problem(404, "Not Found", "the timetable has no such session on that day");
  co_return answer(body);
}

awaitable<http::Response> Api::Impl::see_waiting(const http::Request&) {
  Query query = [this](store::Database& db) {
    return read_waiting(db, view(), parts.now().wall_ms);
  };
  const Json body = co_await parts.readers.query<Json>(std::move(query));
  co_return answer(body);
}

awaitable<http::Response> Api::Impl::see_evacuation(const http::Request&) {
  const attendance::HostTime now = parts.now();
  Query query = [this, now](store::Database& db) {
    Json out = read_evacuation(db, view(), now.wall_ms);
    out["stored_terminals"] = stored_terminals(db);
    return out;
  };
  const Json read = co_await parts.readers.query<Json>(std::move(query));
  Json out;
  out["site"] = site_json(now);
  out["made"] = wall_clock(zone, now.wall_ms);
  out["counts"] = read.at("counts");
  out["rooms"] = read.at("rooms");
  out["away"] = away(terminals(read.at("stored_terminals")), zone);
  co_return answer(out);
}

awaitable<http::Response> Api::Impl::assist(const http::Request& request) {
  attendance::AssistRequest wanted;
  try {
    wanted = assist_of(request);
  } catch (const BadRequest& bad) {
    co_return http::problem(400, "Bad Request", bad.detail);
  }
  using Result = std::expected<attendance::Assisted, std::string>;
  const auto result = std::make_shared<Result>();
  store::Writer::Job job = [this, wanted, result](store::Database& db) {
    *result = attendance::record_assisted(db, parts.config, wanted, parts.now());
  };
  const store::Written outcome = co_await commit(std::move(job));
  if (outcome.committed != store::Committed::yes) co_return not_committed(outcome);
  if (!*result) co_return refused(result->error());
  logging::info("a movement was recorded by staff",
                {{"person", wanted.person}, {"cause", wanted.cause}, {"by", wanted.actor}});
  co_return answer(assisted_json(wanted.person, wanted.direction, **result));
}

awaitable<http::Response> Api::Impl::assist_many(const http::Request& request) {
  ManyAssisted wanted;
  try {
    wanted = assist_many_of(request);
  } catch (const BadRequest& bad) {
    co_return http::problem(400, "Bad Request", bad.detail);
  }
  const auto result = std::make_shared<std::vector<attendance::AssistedPerson>>();
  store::Writer::Job job = [this, wanted, result](store::Database& db) {
    *result =
        attendance::record_assisted(db, parts.config, wanted.request, wanted.people, parts.now());
  };
  const store::Written outcome = co_await commit(std::move(job));
  if (outcome.committed != store::Committed::yes) co_return not_committed(outcome);
  const Json told = assisted_json(wanted.request.direction, *result);
  logging::info("movements of many were recorded by staff",
                {{"recorded", told.at("recorded").get<std::int64_t>()},
                 {"cause", wanted.request.cause},
                 {"by", wanted.request.actor}});
  co_return answer(told);
}

awaitable<http::Response> Api::Impl::correct(const http::Request& request) {
  attendance::CorrectRequest wanted;
  try {
    wanted = correction_of(request);
  } catch (const BadRequest& bad) {
    co_return http::problem(400, "Bad Request", bad.detail);
  }
  using Result = std::expected<attendance::Corrected, std::string>;
  const auto result = std::make_shared<Result>();
  store::Writer::Job job = [this, wanted, result](store::Database& db) {
    *result = attendance::correct(db, parts.config, wanted, parts.now());
  };
  const store::Written outcome = co_await commit(std::move(job));
  if (outcome.committed != store::Committed::yes) co_return not_committed(outcome);
  if (!*result) co_return refused(result->error());
  logging::info("attendance was corrected by staff",
                {{"person", (*result)->person}, {"day", (*result)->day}, {"by", wanted.actor}});
  co_return answer(corrected_json(**result));
}

}  // namespace rollcall::console
