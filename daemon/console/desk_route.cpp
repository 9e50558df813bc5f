// Who forgot the card: the desk finds the person, and gives out a code.
#include <expected>
#include <memory>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "daemon/accounts/secret.hpp"
#include "daemon/attendance/code.hpp"
#include "daemon/attendance/facts.hpp"
#include "daemon/console/body.hpp"
#include "daemon/console/code_words.hpp"
#include "daemon/console/impl.hpp"
#include "daemon/events/event.hpp"
#include "daemon/log/log.hpp"

namespace rollcall::console {
namespace {

constexpr std::size_t longest_search = 100;  // bytes

attendance::CodeWish code_of(const http::Request& request) {
  const Json body = parse_body(request);
  const auto kind = attendance::code_kind_from(text_of(body, "kind"));
  if (!kind) throw BadRequest{R"("kind" is none of lasting, day, once)"};
  return {.person = text_of(body, "person"),
          .kind = *kind,
          .actor = actor_of(request, body),
          .reason = reason_of(body)};
}

int random_digit() {
  return static_cast<int>(accounts::random_below(10));
}

http::Response refused(const std::string& why) {
  return http::problem(409, "Conflict", why + "; nothing was changed");
}

}  // namespace

awaitable<http::Response> Api::Impl::find_people(const http::Request& request) {
  const auto given = request.query.find("find");
  if (given == request.query.end() || given->second.empty() ||
      given->second.size() > longest_search) {
    co_return http::problem(400, "Bad Request",
                            "\"find\" is a part of a name, or a pseudonym, of 1 to 100 bytes");
  }
  Query query = [this, find = given->second](store::Database& db) {
    return read_people(db, view(), find, parts.now().wall_ms);
  };
  co_return answer(co_await parts.readers.query<Json>(std::move(query)));
}

// The code is in this answer and nowhere else.
awaitable<http::Response> Api::Impl::issue_code(const http::Request& request) {
  attendance::CodeWish wish;
  try {
    wish = code_of(request);
  } catch (const BadRequest& bad) {
    co_return http::problem(400, "Bad Request", bad.detail);
  }
  using Result = std::expected<attendance::NewCode, std::string>;
  const auto result = std::make_shared<Result>();
  const auto language = std::make_shared<std::string>();
  store::Writer::Job job = [this, wish, result, language](store::Database& db) {
    *result = attendance::issue_code(db, parts.config, parts.card_key, wish,
                                     parts.now().time_block(), random_digit);
    if (*result) *language = attendance::person_by_id(db, wish.person)->language;
  };
  const store::Written outcome = co_await commit(std::move(job));
  if (outcome.committed != store::Committed::yes) co_return not_committed(outcome);
  if (!*result) co_return refused(result->error());
  const attendance::NewCode& code = **result;
  logging::info(
      "a code was given out",
      {{"person", wish.person}, {"kind", attendance::to_text(wish.kind)}, {"by", wish.actor}});
  co_return answer(
      {{"person", wish.person},
       {"code", code.digits},
       {"kind", attendance::to_text(wish.kind)},
       {"expires", code.expires_ms ? Json(events::rfc3339(*code.expires_ms)) : Json()},
       {"page", code_words(parts.config.site, *language, wish.kind, code.expires_ms)}});
}

awaitable<http::Response> Api::Impl::withdraw_codes(const http::Request& request) {
  std::string person;
  std::string actor;
  std::string reason;
  try {
    const Json body = parse_body(request);
    person = text_of(body, "person");
    actor = actor_of(request, body);
    reason = reason_of(body);
  } catch (const BadRequest& bad) {
    co_return http::problem(400, "Bad Request", bad.detail);
  }
  using Result = std::expected<int, std::string>;
  const auto result = std::make_shared<Result>();
  store::Writer::Job job = [this, person, actor, reason, result](store::Database& db) {
    *result = attendance::withdraw_codes(db, parts.config, person, actor, reason,
                                         parts.now().time_block());
  };
  const store::Written outcome = co_await commit(std::move(job));
  if (outcome.committed != store::Committed::yes) co_return not_committed(outcome);
  if (!*result) co_return refused(result->error());
  logging::info("codes were withdrawn", {{"person", person}, {"by", actor}});
  co_return answer({{"person", person}, {"withdrawn", **result}});
}

}  // namespace rollcall::console
