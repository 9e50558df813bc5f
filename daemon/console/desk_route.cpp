// Who forgot the card: the desk finds the person and records the movement, or gives out a code.
#include <expected>
#include <memory>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "daemon/attendance/assist.hpp"
#include "daemon/attendance/code.hpp"
#include "daemon/attendance/facts.hpp"
#include "daemon/console/code_words.hpp"
#include "daemon/console/impl.hpp"
#include "daemon/console/terminal_body.hpp"
#include "daemon/events/event.hpp"
#include "daemon/log/log.hpp"
#include "hal/host/system.hpp"

namespace rollcall::console {
namespace {

using attendance::AssistRequest;
using attendance::Direction;

constexpr std::size_t longest_search = 100;  // bytes

Direction direction_of(const Json& body) {
  const std::string text = text_of(body, "direction");
  if (text == "in") return Direction::in;
  if (text == "out") return Direction::out;
  throw BadRequest{R"("direction" is "in" or "out")"};
}

// "HH:MM", as minutes after midnight.
int minute_of(const Json& body) {
  const std::string text = text_of(body, "at");
  const auto digits = [&](std::size_t at) {
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    if (!digit(text[at]) || !digit(text[at + 1])) throw BadRequest{R"("at" is written as "08:55")"};
    return (text[at] - '0') * 10 + text[at + 1] - '0';
  };
  if (text.size() != 5 || text[2] != ':') throw BadRequest{R"("at" is written as "08:55")"};
  const int hours = digits(0);
  const int minutes = digits(3);
  if (hours > 23 || minutes > 59) throw BadRequest{R"("at" is no time of a day)"};
  return hours * 60 + minutes;
}

AssistRequest assist_of(const http::Request& request) {
  const Json body = parse_body(request);
  AssistRequest wanted;
  wanted.person = text_of(body, "person");
  wanted.direction = direction_of(body);
  wanted.cause = text_of(body, "cause");
  wanted.actor = actor_of(request, body);
  if (body.contains("room")) wanted.room = room_of(body);
  if (body.contains("at")) wanted.minute = minute_of(body);
  return wanted;
}

attendance::CodeWish code_of(const http::Request& request) {
  const Json body = parse_body(request);
  const auto kind = attendance::code_kind_from(text_of(body, "kind"));
  if (!kind) throw BadRequest{R"("kind" is none of lasting, day, once)"};
  return {.person = text_of(body, "person"),
          .kind = *kind,
          .actor = actor_of(request, body),
          .reason = reason_of(body)};
}

// Each of the ten as likely as the others: what is above 249 is drawn again.
int random_digit() {
  constexpr std::uint8_t end_of_even = 250;
  std::uint8_t byte = 0;
  do {
    hal::host::SystemEntropy{}.fill({&byte, 1});
  } while (byte >= end_of_even);
  return byte % 10;
}

Json text_or_null(const std::string& text) {
  return text.empty() ? Json() : Json(text);
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

awaitable<http::Response> Api::Impl::assist(const http::Request& request) {
  AssistRequest wanted;
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
  const attendance::Assisted& assisted = **result;
  logging::info("a movement was recorded by staff",
                {{"person", wanted.person}, {"cause", wanted.cause}, {"by", wanted.actor}});
  co_return answer({{"person", wanted.person},
                    {"direction", wanted.direction == Direction::in ? "in" : "out"},
                    {"time", events::rfc3339(assisted.time_ms)},
                    {"room", text_or_null(assisted.room)},
                    {"session", assisted.session ? Json(*assisted.session) : Json()}});
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
