// Sheets of half-days: what the trainer sees, confirms, has signed and closes.
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "daemon/console/body.hpp"
#include "daemon/console/impl.hpp"
#include "daemon/console/sheets_body.hpp"
#include "daemon/halfdays/months.hpp"
#include "daemon/log/log.hpp"
#include "daemon/sheets/draw.hpp"

namespace rollcall::console {
namespace {

using halfdays::SheetKey;

http::Response refused(const std::string& why) {
  return http::problem(409, "Conflict", why + "; nothing was changed");
}

// Named before they are handed on: GCC 12 destroys a temporary of a co_await expression twice.
template <class T>
using Act = std::function<halfdays::Result<T>(store::Database&)>;
template <class T>
using Told = std::function<Json(const T&)>;

http::Response no_such_sheet() {
  return http::problem(404, "Not Found", "the timetable has no such session on that day");
}

}  // namespace

template <class T>
awaitable<http::Response> Api::Impl::on_sheet(
    std::function<halfdays::Result<T>(store::Database&)> act, std::function<Json(const T&)> told) {
  const auto result = std::make_shared<halfdays::Result<T>>();
  store::Writer::Job job = [act = std::move(act), result](store::Database& db) {
    *result = act(db);
  };
  const store::Written outcome = co_await commit(std::move(job));
  if (outcome.committed != store::Committed::yes) co_return not_committed(outcome);
  if (!*result) co_return refused(result->error());
  co_return answer(told(**result));
}

awaitable<http::Response> Api::Impl::list_sheets(const http::Request& request) {
  std::string day;
  try {
    day = day_of(request, zone.at(parts.now().wall_ms).day);
  } catch (const BadRequest& bad) {
    co_return http::problem(400, "Bad Request", bad.detail);
  }
  Query query = [this, day](store::Database& db) {
    return sheets_json(db, parts.config, parts.holidays, day, parts.now());
  };
  co_return answer(co_await parts.readers.query<Json>(std::move(query)));
}

awaitable<http::Response> Api::Impl::check_sheets(const http::Request& request) {
  std::string month;
  try {
    month = month_of(request);
  } catch (const BadRequest& bad) {
    co_return http::problem(400, "Bad Request", bad.detail);
  }
  const std::string language =
      request.query.contains("language") ? language_of(request, parts.config.site) : "en";
  Query query = [this, month, language](store::Database& db) {
    return month_json(db, parts.config, parts.holidays, month, language, parts.now());
  };
  co_return answer(co_await parts.readers.query<Json>(std::move(query)));
}

awaitable<http::Response> Api::Impl::see_month(const http::Request& request) {
  std::string month;
  try {
    month = month_in_path(request);
  } catch (const BadRequest& bad) {
    co_return http::problem(400, "Bad Request", bad.detail);
  }
  Query query = [this, month](store::Database& db) {
    return month_state_json(db, parts.config, parts.holidays, month, parts.now());
  };
  co_return answer(co_await parts.readers.query<Json>(std::move(query)));
}

awaitable<http::Response> Api::Impl::send_month(const http::Request& request) {
  std::string month, actor;
  try {
    month = month_in_path(request);
    actor = actor_of(request, parse_body(request));
  } catch (const BadRequest& bad) {
    co_return http::problem(400, "Bad Request", bad.detail);
  }
  Act<halfdays::SentMonth> act = [this, month, actor](store::Database& db) {
    return halfdays::send_month(db, {parts.config, parts.holidays}, month, actor, parts.now());
  };
  Told<halfdays::SentMonth> told = [month](const halfdays::SentMonth& sent) {
    return Json{{"month", month}, {"version", sent.version}, {"digest", sent.digest}};
  };
  co_return co_await on_sheet<halfdays::SentMonth>(std::move(act), std::move(told));
}

awaitable<http::Response> Api::Impl::see_sheet(const http::Request& request) {
  Query query = [this, key = key_of(request)](store::Database& db) {
    return sheet_json(db, parts.config, parts.holidays, key, parts.now());
  };
  const Json sheet = co_await parts.readers.query<Json>(std::move(query));
  if (sheet.is_null()) co_return no_such_sheet();
  co_return answer(sheet);
}

awaitable<http::Response> Api::Impl::print_sheet(const http::Request& request) {
  std::optional<int> version;
  try {
    version = version_of(request);
  } catch (const BadRequest& bad) {
    co_return http::problem(400, "Bad Request", bad.detail);
  }
  const std::string language = language_of(request, parts.config.site);
  using Drawn = std::optional<std::string>;
  std::function<Drawn(store::Database&)> query = [this, key = key_of(request), version,
                                                  language](store::Database& db) -> Drawn {
    const std::int64_t now_ms = parts.now().wall_ms;
    const auto sheet = version ? halfdays::read_version(db, parts.config, key, *version, now_ms)
                               : halfdays::read_sheet(db, parts.config, key, now_ms);
    if (!sheet) return std::nullopt;
    return sheets::draw_sheet(*sheet, language);
  };
  Drawn pdf = co_await parts.readers.query<Drawn>(std::move(query));
  if (!pdf && version) co_return http::problem(404, "Not Found", "there is no such version");
  if (!pdf) co_return no_such_sheet();
  co_return pdf_answer(std::move(*pdf), "sheet.pdf");
}

awaitable<http::Response> Api::Impl::confirm_sheet(const http::Request& request) {
  halfdays::ConfirmRequest wanted;
  try {
    wanted = confirmation_of(request);
  } catch (const BadRequest& bad) {
    co_return http::problem(400, "Bad Request", bad.detail);
  }
  Act<halfdays::Confirmed> act = [this, wanted](store::Database& db) {
    return halfdays::confirm(db, {parts.config, parts.holidays}, wanted, parts.now());
  };
  Told<halfdays::Confirmed> told = [](const halfdays::Confirmed& done) {
    return Json{{"sheet", done.sheet},
                {"event", done.event},
                {"digest", done.digest},
                {"withdrawn", done.withdrawn}};
  };
  co_return co_await on_sheet<halfdays::Confirmed>(std::move(act), std::move(told));
}

awaitable<http::Response> Api::Impl::sign_sheet(const http::Request& request) {
  halfdays::SignRequest wanted;
  try {
    wanted = signature_of(request);
  } catch (const BadRequest& bad) {
    co_return http::problem(400, "Bad Request", bad.detail);
  }
  Act<std::string> act = [this, wanted](store::Database& db) {
    return halfdays::sign(db, {parts.config, parts.holidays}, wanted, parts.now());
  };
  Told<std::string> told = [](const std::string& event) { return Json{{"event", event}}; };
  co_return co_await on_sheet<std::string>(std::move(act), std::move(told));
}

awaitable<http::Response> Api::Impl::withdraw_signature(const http::Request& request) {
  halfdays::WithdrawRequest wanted;
  try {
    wanted = withdrawal_of(request);
  } catch (const BadRequest& bad) {
    co_return http::problem(400, "Bad Request", bad.detail);
  }
  Act<int> act = [this, wanted](store::Database& db) {
    return halfdays::withdraw(db, {parts.config, parts.holidays}, wanted, parts.now());
  };
  Told<int> told = [](const int& events) { return Json{{"withdrawn", events}}; };
  co_return co_await on_sheet<int>(std::move(act), std::move(told));
}

awaitable<http::Response> Api::Impl::close_line(const http::Request& request) {
  halfdays::NotSignedRequest wanted;
  try {
    wanted = not_signed_of(request);
  } catch (const BadRequest& bad) {
    co_return http::problem(400, "Bad Request", bad.detail);
  }
  // The result of what has none, so that one way answers all.
  Act<bool> act = [this, wanted](store::Database& db) -> halfdays::Result<bool> {
    const auto done =
        halfdays::close_unsigned(db, {parts.config, parts.holidays}, wanted, parts.now());
    if (!done) return std::unexpected(done.error());
    return true;
  };
  Told<bool> told = [person = wanted.person](const bool&) { return Json{{"person", person}}; };
  co_return co_await on_sheet<bool>(std::move(act), std::move(told));
}

awaitable<http::Response> Api::Impl::close_sheet(const http::Request& request) {
  std::string actor;
  try {
    actor = actor_of(request, parse_body(request));
  } catch (const BadRequest& bad) {
    co_return http::problem(400, "Bad Request", bad.detail);
  }
  Act<std::string> act = [this, key = key_of(request), actor](store::Database& db) {
    return halfdays::close(db, {parts.config, parts.holidays}, key, actor, parts.now());
  };
  Told<std::string> told = [](const std::string& event) { return Json{{"event", event}}; };
  co_return co_await on_sheet<std::string>(std::move(act), std::move(told));
}

awaitable<http::Response> Api::Impl::excuse_person(const http::Request& request) {
  halfdays::ExcuseRequest wanted;
  try {
    wanted = excuse_of(request);
  } catch (const BadRequest& bad) {
    co_return http::problem(400, "Bad Request", bad.detail);
  }
  Act<bool> act = [this, wanted](store::Database& db) -> halfdays::Result<bool> {
    const auto done = halfdays::excuse(db, {parts.config, parts.holidays}, wanted, parts.now());
    if (!done) return std::unexpected(done.error());
    return wanted.excused;
  };
  Told<bool> told = [person = wanted.person](const bool& excused) {
    return Json{{"person", person}, {"excused", excused}};
  };
  co_return co_await on_sheet<bool>(std::move(act), std::move(told));
}

}  // namespace rollcall::console
