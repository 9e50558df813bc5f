// Who may ask, and what is put on record of it.
#include <algorithm>
#include <array>
#include <exception>
#include <memory>

#include <nlohmann/json.hpp>

#include "daemon/accounts/audit.hpp"
#include "daemon/accounts/secret.hpp"
#include "daemon/console/body.hpp"
#include "daemon/console/cookie.hpp"
#include "daemon/console/impl.hpp"
#include "daemon/console/routes.hpp"
#include "daemon/events/contract.hpp"
#include "daemon/log/log.hpp"

namespace rollcall::console {
namespace {

using accounts::AuditEntry;
using accounts::Needs;
using accounts::Visitor;

constexpr const char* token_header = "X-Rollcall-Token";
constexpr std::size_t largest_looked_into = std::size_t{64} << 10;  // bytes of a body
constexpr std::size_t longest_word = 32;

bool changes(std::string_view method) {
  return method != "GET" && method != "HEAD";
}

// Null when it is none, or too large to be one of ours.
Json json_in(std::string_view body) {
  if (body.empty() || body.size() > largest_looked_into) return nullptr;
  Json parsed = Json::parse(body, nullptr, false);
  return parsed.is_object() ? parsed : Json();
}

std::optional<std::string> text_in(const Json& body, const char* key) {
  if (!body.is_object()) return std::nullopt;
  const auto found = body.find(key);
  if (found == body.end() || !found->is_string()) return std::nullopt;
  return found->get<std::string>();
}

// Whom a body is about: a person, or an account by its id.
std::optional<std::string> subject_in(const Json& body) {
  for (const char* key : {"person", "account"})
    if (auto text = text_in(body, key); text && events::is_pseudonym(*text)) return text;
  return std::nullopt;
}

bool is_word(std::string_view text) {
  return !text.empty() && text.size() <= longest_word && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == ':';
  });
}

// What a change is, in words that cannot be anybody's: only from keys that hold such.
std::string detail_of(const http::Request& request, const Json& body) {
  std::string out;
  const auto add = [&out](std::string_view key, std::string_view value) {
    out += (out.empty() ? "" : " ") + std::string{key} + "=" + std::string{value};
  };
  if (const auto serial = request.params.find("serial"); serial != request.params.end())
    add("terminal", serial->second);
  for (const char* key : {"session", "day"}) {
    const auto part = request.params.find(key);
    if (part != request.params.end() && events::is_code(part->second)) add(key, part->second);
  }
  for (const char* key : {"month", "from", "to", "version", "course"}) {
    const auto part = request.query.find(key);
    if (part != request.query.end() && events::is_code(part->second)) add(key, part->second);
  }
  if (!body.is_object()) return out;
  for (const char* key : {"session", "day"})
    if (const auto text = text_in(body, key); text && events::is_code(*text)) add(key, *text);
  for (const char* key :
       {"direction", "cause", "at", "kind", "state", "role", "was", "start", "end"})
    if (const auto text = text_in(body, key); text && is_word(*text)) add(key, *text);
  if (const auto id = body.find("id"); id != body.end() && id->is_number_integer())
    add("id", std::to_string(id->get<std::int64_t>()));
  if (const auto enabled = body.find("enabled"); enabled != body.end() && enabled->is_boolean())
    add("enabled", enabled->get<bool>() ? "true" : "false");
  return out;
}

// Who was seen by name, of an answer that looks for people.
std::string people_in(const Json& body) {
  std::string out;
  if (!body.is_object() || !body.contains("people")) return out;
  for (const Json& one : body.at("people"))
    if (const auto person = text_in(one, "person")) out += (out.empty() ? "" : " ") + *person;
  return out;
}

http::Response not_signed_in() {
  http::Response response =
      http::problem(401, "Unauthorized", "sign in first; nothing was shown or changed");
  response.headers["Cache-Control"] = "no-store";
  return response;
}

}  // namespace

std::expected<Visitor, http::Response> Api::Impl::admit(const Route& route,
                                                        const http::Request& request) const {
  auto visitor = parts.accounts.visitor(secret_in(request, tls()));
  if (!visitor) return std::unexpected(not_signed_in());
  if (!accounts::may(visitor->role, route.needs)) {
    return std::unexpected(http::problem(
        403, "Forbidden",
        "this needs the role " + std::string{to_text(route.needs)} + ", and you have the role " +
            std::string{to_text(visitor->role)} + "; nothing was shown or changed"));
  }
  if (changes(route.method)) {
    const auto token = request.headers.find(token_header);
    if (token == request.headers.end() ||
        !accounts::same_text(token->second, visitor->page_token)) {
      return std::unexpected(http::problem(
          403, "Forbidden",
          "a change carries the token of its session in X-Rollcall-Token; nothing was changed"));
    }
  }
  return *std::move(visitor);
}

void Api::Impl::add_routes() {
  for (const Route& route : table()) {
    const std::string method{route.method};
    const std::string path{route.path};
    if (route.handler == nullptr) {
      const auto let_in = [this, &route](const http::Request& request) {
        return ask_on_console(route, request);
      };
      const auto still = [this, &route](const http::Request& request) {
        const auto visitor = admit(route, request);
        return visitor ? std::nullopt : std::optional{visitor.error()};
      };
      console.add_stream(path, stream, {let_in, still});
      const auto noted = [this, &route](const http::Request& request) {
        return ask_locally(route, request);
      };
      control.add_stream(path, stream, {noted, nullptr});
      continue;
    }
    control.add(method, path, [this, &route](const http::Request& request) {
      return ask_locally(route, request);
    });
    if (route.needs == Needs::local) continue;
    console.add(method, path, [this, &route](const http::Request& request) {
      return ask_on_console(route, request);
    });
  }
}

awaitable<http::Response> Api::Impl::ask_on_console(const Route& route,
                                                    const http::Request& request) {
  if (route.needs == Needs::nobody) co_return co_await carry_out(route, request);
  const auto visitor = admit(route, request);
  if (!visitor) co_return visitor.error();
  // A page that follows the site is no sign of a person.
  if (route.handler != nullptr) parts.accounts.touch(secret_in(request, tls()));
  http::Request asked = request;
  asked.actor = visitor->actor;
  Who who{visitor->account, visitor->actor, std::string{to_text(visitor->role)}};
  co_return co_await recorded(route, asked, std::move(who));
}

// Whoever may open the control socket runs the daemon; the body says who decides, else it is the
// local account.
awaitable<http::Response> Api::Impl::ask_locally(const Route& route, const http::Request& request) {
  Who who{std::nullopt, request.peer, "local"};
  if (const auto given = text_in(json_in(request.body), "actor");
      given && events::is_actor(*given)) {
    who.actor = *given;
  }
  co_return co_await recorded(route, request, std::move(who));
}

awaitable<http::Response> Api::Impl::carry_out(const Route& route, const http::Request& request) {
  if (route.handler == nullptr) co_return http::Response{};
  co_return co_await (this->*route.handler)(request);
}

awaitable<http::Response> Api::Impl::recorded(const Route& route, const http::Request& request,
                                              Who who) {
  if (route.records == Records::nothing) co_return co_await carry_out(route, request);
  const auto entry = std::make_shared<AuditEntry>();
  entry->time_ms = parts.now().wall_ms;
  entry->account = who.account;
  entry->actor = who.actor;
  entry->role = who.role;
  entry->action = std::string{route.method} + " " + std::string{route.path};
  const auto id = std::make_shared<std::int64_t>(0);
  store::Writer::Job begin = [entry, id](store::Database& db) {
    *id = accounts::record(db, *entry);
  };

  if (route.records == Records::view) {
    const http::Response response = co_await carry_out(route, request);
    if (response.status != 200) co_return response;
    const Json seen = json_in(response.body);
    entry->detail = people_in(seen);
    if (!entry->detail.empty() && entry->detail.find(' ') == std::string::npos)
      entry->subject = entry->detail;
    for (const auto* asked : {&request.params, &request.query}) {
      if (const auto person = asked->find("person");
          person != asked->end() && events::is_pseudonym(person->second))
        entry->subject = person->second;
    }
    if (entry->detail.empty()) entry->detail = detail_of(request, nullptr);
    // Staff are asked to write reasons without names.
    if (const auto reason = text_in(json_in(request.body), "reason"))
      entry->detail += (entry->detail.empty() ? "reason: " : " reason: ") + *reason;
    entry->status = 200;
    const store::Written noted = co_await commit(std::move(begin));
    if (noted.committed != store::Committed::yes) co_return not_committed(noted);
    co_return response;
  }

  const Json asked = json_in(request.body);
  entry->detail = detail_of(request, asked);
  entry->subject = subject_in(asked);
  const store::Written begun = co_await commit(std::move(begin));
  if (begun.committed != store::Committed::yes) co_return not_committed(begun);
  http::Response response;
  std::exception_ptr failure;
  try {
    response = co_await carry_out(route, request);
  } catch (...) {
    failure = std::current_exception();
    response.status = 500;
  }
  store::Writer::Job end = [id, status = std::int64_t{response.status},
                            subject = subject_in(json_in(response.body))](store::Database& db) {
    accounts::finish(db, *id, status, subject);
  };
  const store::Written ended = co_await commit(std::move(end));
  if (ended.committed != store::Committed::yes)
    logging::warning("the record of a change has no end", {{"why", ended.error}});
  if (failure) std::rethrow_exception(failure);
  co_return response;
}

}  // namespace rollcall::console
