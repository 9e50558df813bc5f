// Accounts as managers see them, and the record of views and changes.
#include <charconv>
#include <limits>

#include <nlohmann/json.hpp>

#include "daemon/accounts/audit.hpp"
#include "daemon/console/body.hpp"
#include "daemon/console/impl.hpp"
#include "daemon/console/refusal.hpp"
#include "daemon/events/contract.hpp"
#include "daemon/events/event.hpp"
#include "daemon/roster/timetable.hpp"

namespace rollcall::console {
namespace {

using accounts::Account;
using accounts::AuditRow;
using accounts::Role;
using Kind = accounts::Refusal::Kind;

constexpr int most_audit_rows = 200;

Json to_json(const Account& account) {
  return {{"account", account.id},
          {"name", account.name},
          {"role", to_text(account.role)},
          {"person", account.person ? Json(*account.person) : Json()},
          {"pin", account.pin.has_value()},
          {"created", events::rfc3339(account.created_ms)},
          {"disabled", account.disabled_ms ? Json(events::rfc3339(*account.disabled_ms)) : Json()}};
}

Json to_json(const AuditRow& row) {
  const accounts::AuditEntry& entry = row.entry;
  return {{"id", row.id},
          {"time", events::rfc3339(entry.time_ms)},
          {"account", row.name ? Json(*row.name) : Json()},
          {"actor", entry.actor},
          {"role", entry.role},
          {"action", entry.action},
          {"subject", entry.subject ? Json(*entry.subject) : Json()},
          {"detail", entry.detail},
          {"status", entry.status ? Json(*entry.status) : Json()}};
}

Role role_of(const Json& body) {
  const auto role = accounts::role_from(text_of(body, "role"));
  if (!role) throw BadRequest{R"("role" is none of viewer, desk, trainer, manager)"};
  return *role;
}

std::optional<std::string> person_of(const Json& body) {
  if (!body.contains("person") || body["person"].is_null()) return std::nullopt;
  std::string person = text_of(body, "person");
  if (!events::is_pseudonym(person)) throw BadRequest{R"("person" is a pseudonym of the roster)"};
  return person;
}

http::Response shown(const accounts::Result<Account>& done) {
  return done ? answer(to_json(*done)) : refusal(done.error());
}

// As it was changed: who signs in with a card meanwhile begins again.
http::Response after_change(const accounts::Result<Account>& done, cards::CardSignIns& waits) {
  if (done) waits.end_of_account(done->id);
  return shown(done);
}

// With the secret in it, which stands in no other answer.
http::Response shown(const accounts::Result<accounts::WithSecret>& done, const char* as) {
  if (!done) return refusal(done.error());
  Json out = to_json(done->account);
  out[as] = done->secret;
  return answer(out);
}

}  // namespace

http::Response refusal(const accounts::Refusal& refusal) {
  const std::string text = refusal.text + "; nothing was changed";
  switch (refusal.kind) {
    case Kind::wrong:
      return http::problem(401, "Unauthorized", text);
    case Kind::wait: {
      http::Response response = http::problem(429, "Too Many Requests", text);
      response.headers["Retry-After"] = std::to_string(refusal.seconds.count());
      return response;
    }
    case Kind::busy:
      return http::problem(503, "Service Unavailable", text);
    case Kind::unknown:
      return http::problem(404, "Not Found", text);
    case Kind::conflict:
      return http::problem(409, "Conflict", text);
    case Kind::bad:
      break;
  }
  return http::problem(400, "Bad Request", text);
}

awaitable<http::Response> Api::Impl::list_accounts(const http::Request&) {
  Json all = Json::array();
  for (const Account& account : parts.accounts.all()) all.push_back(to_json(account));
  co_return answer({{"accounts", std::move(all)}});
}

awaitable<http::Response> Api::Impl::add_account(const http::Request& request) {
  accounts::NewAccount wanted;
  try {
    const Json body = parse_body(request);
    wanted.name = text_of(body, "name");
    wanted.role = role_of(body);
    wanted.person = person_of(body);
  } catch (const BadRequest& bad) {
    co_return http::problem(400, "Bad Request", bad.detail);
  }
  co_return shown(co_await parts.accounts.add(std::move(wanted)), "password");
}

awaitable<http::Response> Api::Impl::reset_password(const http::Request& request) {
  const std::string name = request.params.at("name");
  co_return shown(co_await parts.accounts.reset_password(name), "password");
}

awaitable<http::Response> Api::Impl::reset_pin(const http::Request& request) {
  const std::string name = request.params.at("name");
  const auto done = co_await parts.accounts.reset_pin(name);
  if (done) parts.sign_ins.end_of_account(done->account.id);
  co_return shown(done, "new_pin");
}

awaitable<http::Response> Api::Impl::remove_pin(const http::Request& request) {
  const std::string name = request.params.at("name");
  co_return after_change(co_await parts.accounts.remove_pin(name), parts.sign_ins);
}

awaitable<http::Response> Api::Impl::change_role(const http::Request& request) {
  Role role{};
  std::optional<std::string> person;
  try {
    const Json body = parse_body(request);
    role = role_of(body);
    person = person_of(body);
  } catch (const BadRequest& bad) {
    co_return http::problem(400, "Bad Request", bad.detail);
  }
  const std::string name = request.params.at("name");
  co_return after_change(co_await parts.accounts.change_role(name, role, person), parts.sign_ins);
}

awaitable<http::Response> Api::Impl::enable_account(const http::Request& request) {
  bool enabled = false;
  try {
    const Json body = parse_body(request);
    const auto given = body.find("enabled");
    if (given == body.end() || !given->is_boolean())
      throw BadRequest{R"("enabled" is true or false)"};
    enabled = given->get<bool>();
  } catch (const BadRequest& bad) {
    co_return http::problem(400, "Bad Request", bad.detail);
  }
  const std::string name = request.params.at("name");
  co_return after_change(co_await parts.accounts.enable(name, enabled), parts.sign_ins);
}

awaitable<http::Response> Api::Impl::make_link(const http::Request&) {
  const auto link = co_await parts.accounts.make_link();
  if (!link) co_return refusal(link.error());
  co_return answer({{"address", address() + "#first-manager=" + *link},
                    {"hours", accounts::Accounts::link_lasts.count()}});
}

awaitable<http::Response> Api::Impl::list_audit(const http::Request& request) {
  std::int64_t before = std::numeric_limits<std::int64_t>::max();
  accounts::AuditFilter filter;
  if (const auto given = request.query.find("before"); given != request.query.end()) {
    const std::string& text = given->second;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), before);
    if (error != std::errc{} || end != text.data() + text.size() || before < 1) {
      co_return http::problem(400, "Bad Request",
                              "\"before\" is no number from \"next\" of an earlier answer");
    }
  }
  if (const auto given = request.query.find("subject"); given != request.query.end())
    filter.subject = given->second;
  if (const auto given = request.query.find("actor"); given != request.query.end())
    filter.actor = given->second;
  if (const auto given = request.query.find("day"); given != request.query.end()) {
    const std::string& day = given->second;
    if (!roster::is_day(day))
      co_return http::problem(400, "Bad Request", "\"day\" is a date such as 2026-03-02");
    filter.from_ms = zone.instant(day, 0);
    filter.until_ms = zone.instant(roster::day_after(day, 1), 0);
  }
  Query query = [before, filter](store::Database& db) {
    Json rows = Json::array();
    for (const AuditRow& row : accounts::read_audit(db, before, filter, most_audit_rows))
      rows.push_back(to_json(row));
    const bool more = rows.size() == static_cast<std::size_t>(most_audit_rows);
    const Json next = more ? rows.back().at("id") : Json();
    return Json{{"rows", std::move(rows)}, {"next", next}};
  };
  const Json body = co_await parts.readers.query<Json>(std::move(query));
  co_return answer(body);
}

}  // namespace rollcall::console
