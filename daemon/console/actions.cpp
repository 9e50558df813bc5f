// What staff can change. Each is one writer job: done and durable, or
// not done at all.
#include <array>
#include <expected>
#include <optional>

#include <nlohmann/json.hpp>

#include "daemon/console/body.hpp"
#include "daemon/console/impl.hpp"
#include "daemon/events/event.hpp"
#include "daemon/log/log.hpp"

namespace rollcall::console {
namespace {

constexpr std::size_t shortest_token_start = 8;  // hex digits
constexpr std::size_t token_digits = 64;

struct TapName {
  std::string terminal;
  std::vector<std::uint8_t> epoch;
  std::int64_t number = 0;
};

TapName tap_of(const Json& tap) {
  if (!tap.is_object()) throw BadRequest{R"("tap" must be {"terminal", "epoch", "number"})"};
  const auto number = tap.find("number");
  const auto epoch = events::unhex(text_of(tap, "epoch"));
  if (number == tap.end() || !number->is_number_integer() || !epoch || epoch->size() != 16) {
    throw BadRequest{R"("tap" needs "epoch" with 32 hex digits and a whole "number")"};
  }
  return {text_of(tap, "terminal"), *epoch, number->get<std::int64_t>()};
}

using Token = std::array<std::uint8_t, 32>;

// Which card is meant: by one of its taps, or by the first digits of its token.
struct CardChoice {
  std::optional<TapName> tap;
  std::string token_start;
};

CardChoice card_of(const Json& body) {
  if (body.contains("tap") == body.contains("token")) {
    throw BadRequest{"give either \"token\" or \"tap\" to say which card is meant"};
  }
  if (body.contains("tap")) return {tap_of(body["tap"]), {}};
  std::string digits = text_of(body, "token");
  if (digits.size() < shortest_token_start || digits.size() > token_digits) {
    throw BadRequest{"a card token has 64 hex digits; its first 8 or more will do"};
  }
  return {std::nullopt, std::move(digits)};
}

// The one card that was tapped here and fits the choice; otherwise a sentence.
std::expected<Token, std::string> find_card(store::Database& db, const CardChoice& choice) {
  if (choice.tap) {
    auto row = db.prepare("SELECT card FROM tap WHERE serial = ? AND epoch = ? AND number = ?");
    if (row.bind(choice.tap->terminal, choice.tap->epoch, choice.tap->number).step())
      return row.fixed<32>(0);
    return std::unexpected("there is no such tap");
  }
  const std::string& start = choice.token_start;
  const std::string missing(token_digits - start.size(), '0');
  const auto first = events::unhex(start + missing);
  const auto last = events::unhex(start + std::string(missing.size(), 'f'));
  if (!first || !last) return std::unexpected("a card token is written in hex digits");
  auto row = db.prepare("SELECT DISTINCT card FROM tap WHERE card BETWEEN ? AND ? LIMIT 2");
  row.bind(*first, *last);
  if (!row.step())
    return std::unexpected("no card whose token starts with " + start + " was ever tapped here");
  const Token token = row.fixed<32>(0);
  if (row.step())
    return std::unexpected("more than one card starts with " + start + "; give more digits");
  return token;
}

}  // namespace

http::Response not_committed(const store::Written& outcome) {
  if (outcome.queue_full) {
    return http::problem(503, "Service Unavailable",
                         "the daemon is too busy to take this now; nothing was changed, try again");
  }
  return http::problem(500, "Internal Server Error", "nothing was changed: " + outcome.error);
}

// GCC 12 destroys a temporary lambda with captures twice when it is part of a co_await expression:
// each job below is therefore a variable first.
awaitable<store::Written> Api::Impl::commit(store::Writer::Job job) {
  const auto self = shared_from_this();  // jobs look at it
  co_return co_await store::written(parts.writer, std::move(job));
}

awaitable<http::Response> Api::Impl::attach(const http::Request& request) {
  attendance::AttachRequest wanted;
  CardChoice choice;
  try {
    const Json body = parse_body(request);
    wanted.person = text_of(body, "person");
    wanted.reason = text_of(body, "reason");
    wanted.actor = actor_of(request, body);
    choice = card_of(body);
  } catch (const BadRequest& bad) {
    co_return http::problem(400, "Bad Request", bad.detail);
  }
  struct Result {
    attendance::Attached attached;
    Token token{};
  };
  const auto result = std::make_shared<Result>();
  store::Writer::Job job = [this, wanted, choice, result](store::Database& db) mutable {
    const auto token = find_card(db, choice);
    if (!token) {
      result->attached.error = token.error();
      return;
    }
    wanted.token = result->token = *token;
    result->attached = attendance::attach_card(db, parts.config, wanted, parts.now());
  };
  const store::Written outcome = co_await commit(std::move(job));
  if (outcome.committed != store::Committed::yes) co_return not_committed(outcome);
  const attendance::Attached& attached = result->attached;
  if (!attached.error.empty()) {
    co_return http::problem(409, "Conflict", attached.error + "; nothing was changed");
  }
  logging::info("card attached",
                {{"person", wanted.person}, {"earlier_taps", attached.earlier_taps}});
  co_return answer({{"token", events::hex(result->token)},
                    {"person", wanted.person},
                    {"earlier_taps", attached.earlier_taps}});
}

awaitable<http::Response> Api::Impl::close_notice(const http::Request& request) {
  std::int64_t id = 0;
  std::string actor;
  try {
    const Json body = parse_body(request);
    const auto given = body.find("id");
    if (given == body.end() || !given->is_number_integer())
      throw BadRequest{"\"id\" must be a whole number"};
    id = given->get<std::int64_t>();
    actor = actor_of(request, body);
  } catch (const BadRequest& bad) {
    co_return http::problem(400, "Bad Request", bad.detail);
  }
  enum class Found : std::uint8_t { open, closed, none };
  const auto found = std::make_shared<Found>(Found::none);
  store::Writer::Job job = [this, id, actor, found](store::Database& db) {
    {
      auto row = db.prepare("SELECT closed_ms FROM inbox WHERE id = ?");
      if (!row.bind(id).step()) return;
      *found = row.is_null(0) ? Found::open : Found::closed;
    }
    if (*found == Found::closed) return;
    db.prepare("UPDATE inbox SET closed_ms = ?, closed_by = ? WHERE id = ?")
        .bind(parts.now().wall_ms, actor, id)
        .run();
  };
  const store::Written outcome = co_await commit(std::move(job));
  if (outcome.committed != store::Committed::yes) co_return not_committed(outcome);
  if (*found == Found::none) {
    co_return http::problem(404, "Not Found",
                            "there is no matter with the number " + std::to_string(id));
  }
  co_return answer({{"id", id}, {"closed", true}, {"was_open", *found == Found::open}});
}

awaitable<http::Response> Api::Impl::retry(const http::Request& request) {
  std::optional<std::string> reason;
  std::string actor;
  try {
    const Json body = parse_body(request);
    actor = actor_of(request, body);
    if (body.contains("reason") && !body["reason"].is_null()) reason = text_of(body, "reason");
  } catch (const BadRequest& bad) {
    co_return http::problem(400, "Bad Request", bad.detail);
  }
  const std::uint64_t events = co_await parts.retry_rejected(reason);
  logging::info("rejected events are sent again", {{"events", events}, {"by", actor}});
  co_return answer({{"events", events}});
}

}  // namespace rollcall::console
