// Signing in and out, one's own password, and the first manager of a site.
#include <chrono>
#include <map>
#include <string>

#include <nlohmann/json.hpp>

#include "daemon/accounts/audit.hpp"
#include "daemon/accounts/secret.hpp"
#include "daemon/console/body.hpp"
#include "daemon/console/cookie.hpp"
#include "daemon/console/impl.hpp"
#include "daemon/console/refusal.hpp"

namespace rollcall::console {
namespace {

using accounts::Origin;
using accounts::SignedIn;
using accounts::Visitor;

Json to_json(const Visitor& visitor) {
  return {{"name", visitor.name},
          {"role", to_text(visitor.role)},
          {"actor", visitor.actor},
          {"token", visitor.page_token},
          {"seconds_left", visitor.left.count()}};
}

http::Response signed_in(const SignedIn& session, bool tls) {
  http::Response response = answer(to_json(session.visitor));
  response.headers["Set-Cookie"] = set_secret(session.secret, tls);
  return response;
}

Origin origin_of(const http::Request& request) {
  return {request.peer, request.from_here};
}

// Forms of other sites can send texts here, but no JSON. Throws BadRequest.
Json own_body(const http::Request& request) {
  const auto type = request.headers.find("Content-Type");
  if (type == request.headers.end() || !type->second.starts_with("application/json"))
    throw BadRequest{"the body must be JSON, and Content-Type must say so"};
  return parse_body(request);
}

constexpr const char* no_reader =
    "no reader for signing in by card works here now; sign in with your password";
constexpr const char* waited_for =
    "your card is waited for already; if that was not you, tell a manager; otherwise try again in "
    "half a minute";
constexpr const char* too_late = "no card came in time; begin again";
constexpr const char* many_wait = "many people sign in now; try again in a moment";

// Until the card must have been shown.
Json waits_for_card(const cards::CardSignIns::Wait& wait) {
  const auto left =
      std::chrono::ceil<std::chrono::seconds>(wait.until - std::chrono::steady_clock::now());
  return {{"ticket", wait.ticket}, {"seconds_left", left.count()}};
}

http::Response not_yet(const Json& body) {
  http::Response response = answer(body);
  response.status = 202;
  return response;
}

}  // namespace

awaitable<http::Response> Api::Impl::sign_in(const http::Request& request) {
  std::string name;
  std::string password;
  try {
    const Json body = own_body(request);
    name = text_of(body, "name");
    password = text_of(body, "password");
  } catch (const BadRequest& bad) {
    co_return http::problem(400, "Bad Request", bad.detail);
  }
  const Origin origin = origin_of(request);
  const auto done = co_await parts.accounts.sign_in(name, password, origin);
  co_return done ? signed_in(*done, tls()) : refusal(done.error());
}

// Where cards can be shown, of those that are there at all; `working`: now.
Json Api::Impl::card_rooms(bool working) const {
  std::map<std::string, std::string> rooms;  // by reader
  for (const registry::Entry* terminal : parts.registry.all())
    if (terminal->state == registry::State::active) rooms[terminal->serial] = terminal->room;
  if (parts.stations)
    for (const StationView& station : parts.stations()) rooms[station.id] = station.room;
  Json out = Json::array();
  for (const std::string& id : parts.sign_ins.readers())
    if (rooms.contains(id) && (!working || parts.can_issue(id))) out.push_back(rooms[id]);
  return out;
}

awaitable<http::Response> Api::Impl::see_card_rooms(const http::Request&) {
  co_return answer({{"rooms", card_rooms(false)}});
}

// That somebody has the PIN is on record before their page hears that the card is waited for.
awaitable<http::Response> Api::Impl::begin_card_sign_in(const http::Request& request) {
  std::string name;
  std::string pin;
  try {
    const Json body = own_body(request);
    name = text_of(body, "name");
    pin = text_of(body, "pin");
  } catch (const BadRequest& bad) {
    co_return http::problem(400, "Bad Request", bad.detail);
  }
  const Json rooms = card_rooms(true);
  if (rooms.empty()) co_return http::problem(404, "Not Found", no_reader);
  const Origin origin = origin_of(request);
  const auto account = co_await parts.accounts.check_pin(name, pin, origin);
  if (!account) co_return refusal(account.error());
  using Opened = cards::CardSignIns::Opened;
  const std::string ticket = accounts::new_secret();
  const Opened opened =
      parts.sign_ins.open(ticket, account->id, *account->person, std::chrono::steady_clock::now());
  const int status = opened == Opened::yes ? 202 : opened == Opened::full ? 503 : 409;
  store::Writer::Job note = [&](store::Database& db) {
    accounts::record(db, {.time_ms = parts.now().wall_ms,
                          .account = account->id,
                          .actor = account->actor(),
                          .role = std::string{to_text(account->role)},
                          .action = "POST /api/v1/session/card",
                          .subject = account->id,
                          .detail = "from " + origin.address,
                          .status = status});
  };
  if (const auto noted = co_await commit(std::move(note));
      noted.committed != store::Committed::yes) {
    parts.sign_ins.end(ticket);
    co_return not_committed(noted);
  }
  if (opened == Opened::full) co_return http::problem(503, "Service Unavailable", many_wait);
  if (opened == Opened::by_another) co_return http::problem(409, "Conflict", waited_for);
  const auto* wait = parts.sign_ins.find(ticket, std::chrono::steady_clock::now());
  if (wait == nullptr) co_return http::problem(401, "Unauthorized", too_late);
  Json body = waits_for_card(*wait);
  body["rooms"] = rooms;
  co_return not_yet(body);
}

awaitable<http::Response> Api::Impl::end_card_sign_in(const http::Request& request) {
  std::string ticket;
  try {
    ticket = text_of(own_body(request), "ticket");
  } catch (const BadRequest& bad) {
    co_return http::problem(400, "Bad Request", bad.detail);
  }
  const cards::CardSignIns::Wait* found =
      parts.sign_ins.find(ticket, std::chrono::steady_clock::now());
  if (found == nullptr) co_return http::problem(401, "Unauthorized", too_late);
  if (!found->shown) co_return not_yet(waits_for_card(*found));
  const cards::CardSignIns::Wait wait = *found;
  parts.sign_ins.end(ticket);  // it lets in once
  const Origin origin = origin_of(request);
  const auto done = co_await parts.accounts.sign_in_by_card(wait.account, wait.person, origin);
  co_return done ? signed_in(*done, tls()) : refusal(done.error());
}

awaitable<http::Response> Api::Impl::cancel_card_sign_in(const http::Request& request) {
  try {
    parts.sign_ins.end(text_of(own_body(request), "ticket"));
  } catch (const BadRequest& bad) {
    co_return http::problem(400, "Bad Request", bad.detail);
  }
  co_return answer({{"waiting", false}});
}

awaitable<http::Response> Api::Impl::see_session(const http::Request& request) {
  const auto visitor = parts.accounts.visitor(secret_in(request, tls()));
  if (!visitor) co_return http::problem(401, "Unauthorized", "nobody is signed in here");
  co_return answer(to_json(*visitor));
}

awaitable<http::Response> Api::Impl::sign_out(const http::Request& request) {
  const std::string secret = secret_in(request, tls());
  co_await parts.accounts.sign_out(secret);
  http::Response response = answer({{"signed_out", true}});
  response.headers["Set-Cookie"] = clear_secret(tls());
  co_return response;
}

awaitable<http::Response> Api::Impl::change_password(const http::Request& request) {
  std::string old_one;
  std::string new_one;
  try {
    const Json body = parse_body(request);
    old_one = text_of(body, "old");
    new_one = text_of(body, "new");
  } catch (const BadRequest& bad) {
    co_return http::problem(400, "Bad Request", bad.detail);
  }
  const std::string secret = secret_in(request, tls());
  const Origin origin = origin_of(request);
  const auto done = co_await parts.accounts.change_own_password(secret, old_one, new_one, origin);
  co_return done ? signed_in(*done, tls()) : refusal(done.error());
}

awaitable<http::Response> Api::Impl::make_first_manager(const http::Request& request) {
  std::string link;
  std::string name;
  std::string password;
  try {
    const Json body = own_body(request);
    link = text_of(body, "link");
    name = text_of(body, "name");
    password = text_of(body, "password");
  } catch (const BadRequest& bad) {
    co_return http::problem(400, "Bad Request", bad.detail);
  }
  const auto done = co_await parts.accounts.make_first_manager(link, name, password);
  co_return done ? signed_in(*done, tls()) : refusal(done.error());
}

}  // namespace rollcall::console
