// Signing in and out, one's own password, and the first manager of a site.
#include <nlohmann/json.hpp>

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

// Forms of other sites can send texts here, but no JSON.
void must_be_json(const http::Request& request) {
  const auto type = request.headers.find("Content-Type");
  if (type == request.headers.end() || !type->second.starts_with("application/json"))
    throw BadRequest{"the body must be JSON, and Content-Type must say so"};
}

}  // namespace

awaitable<http::Response> Api::Impl::sign_in(const http::Request& request) {
  std::string name;
  std::string password;
  try {
    must_be_json(request);
    const Json body = parse_body(request);
    name = text_of(body, "name");
    password = text_of(body, "password");
  } catch (const BadRequest& bad) {
    co_return http::problem(400, "Bad Request", bad.detail);
  }
  const Origin origin = origin_of(request);
  const auto done = co_await parts.accounts.sign_in(name, password, origin);
  co_return done ? signed_in(*done, tls()) : refusal(done.error());
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
    must_be_json(request);
    const Json body = parse_body(request);
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
