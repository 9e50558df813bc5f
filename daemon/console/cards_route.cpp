// Cards that the site issues: who has one, what ends one, and the wait for the next to be issued.
#include <nlohmann/json.hpp>

#include "daemon/attendance/issued_card.hpp"
#include "daemon/console/impl.hpp"
#include "daemon/console/terminal_body.hpp"
#include "daemon/events/contract.hpp"
#include "daemon/events/event.hpp"
#include "daemon/log/log.hpp"

namespace rollcall::console {
namespace {

using attendance::CardState;

Json to_json(const attendance::IssuedCard& card) {
  return {{"person", card.person},
          {"card", events::hex(card.chip)},
          {"state", attendance::to_text(card.state)},
          {"issued", events::rfc3339(card.issued_ms)},
          {"since", events::rfc3339(card.since_ms)},
          {"by", card.actor},
          {"reason", card.reason}};
}

http::Response conflict(const std::string& why) {
  return http::problem(409, "Conflict", why + "; nothing was changed");
}

http::Response issue_answer(const std::optional<cards::IssueView>& issue) {
  if (!issue) {
    return http::problem(404, "Not Found", "no card was issued since the daemon started");
  }
  return answer({{"serial", issue->serial},
                 {"person", issue->person},
                 {"state", cards::to_text(issue->state)},
                 {"reason", issue->reason.empty() ? Json() : Json(issue->reason)},
                 {"seconds_left", (issue->time_left.count() + 999) / 1000}});
}

std::string person_of(const Json& body) {
  std::string person = text_of(body, "person");
  if (!events::is_pseudonym(person)) throw BadRequest{"\"person\" is the pseudonym of a person"};
  return person;
}

// What staff can say of a card; `replaced` comes with another card alone.
CardState withdrawn_state_of(const Json& body) {
  const std::string text = text_of(body, "state");
  if (text == "lost") return CardState::lost;
  if (text == "revoked") return CardState::revoked;
  throw BadRequest{"\"state\" is none of lost, revoked"};
}

bool replaces_of(const Json& body) {
  const auto given = body.find("replaces");
  if (given == body.end()) return false;
  if (!given->is_boolean()) throw BadRequest{"\"replaces\" is true or false"};
  return given->get<bool>();
}

}  // namespace

awaitable<http::Response> Api::Impl::list_cards(const http::Request& request) {
  const auto asked = request.query.find("person");
  const auto person = asked == request.query.end() ? std::nullopt : std::optional(asked->second);
  Query query = [person](store::Database& db) {
    Json all = Json::array();
    for (const attendance::IssuedCard& card : attendance::issued_cards(db))
      if (!person || card.person == *person) all.push_back(to_json(card));
    return all;
  };
  Json all = co_await parts.readers.query<Json>(std::move(query));
  co_return answer({{"cards", std::move(all)}});
}

awaitable<http::Response> Api::Impl::withdraw_card(const http::Request& request) {
  attendance::Withdrawal withdrawal;
  try {
    const Json body = parse_body(request);
    withdrawal = {.person = person_of(body),
                  .to = withdrawn_state_of(body),
                  .actor = actor_of(request, body),
                  .reason = reason_of(body)};
  } catch (const BadRequest& bad) {
    co_return http::problem(400, "Bad Request", bad.detail);
  }
  try {
    const auto done = co_await parts.cards.withdraw(withdrawal);
    if (!done) co_return conflict(done.error());
  } catch (const store::StoreError& error) {
    co_return not_stored(error);
  }
  const std::string_view state = attendance::to_text(withdrawal.to);
  logging::info("card withdrawn",
                {{"person", withdrawal.person}, {"state", state}, {"by", withdrawal.actor}});
  co_return answer({{"person", withdrawal.person}, {"state", state}});
}

// Asked of the database first, so that no card is written for somebody who cannot have one.
awaitable<http::Response> Api::Impl::begin_issue(const http::Request& request) {
  cards::IssueWish wish;
  try {
    const Json body = parse_body(request);
    wish = {.serial = serial_of(body),
            .person = person_of(body),
            .replaces = replaces_of(body),
            .actor = actor_of(request, body),
            .reason = reason_of(body)};
  } catch (const BadRequest& bad) {
    co_return http::problem(400, "Bad Request", bad.detail);
  }
  try {
    const auto may = co_await parts.cards.may_issue(wish.person, wish.replaces);
    if (!may) co_return conflict(may.error());
  } catch (const store::StoreError& error) {
    co_return not_stored(error);
  }
  if (const auto able = parts.can_issue(wish.serial); !able) co_return conflict(able.error());
  if (const auto begun = parts.issuing.open(std::move(wish)); !begun)
    co_return conflict(begun.error());
  co_return issue_answer(parts.issuing.view());
}

awaitable<http::Response> Api::Impl::see_issue(const http::Request&) {
  co_return issue_answer(parts.issuing.view());
}

awaitable<http::Response> Api::Impl::cancel_issue(const http::Request&) {
  if (!parts.issuing.cancel()) co_return conflict("no card is waited for");
  co_return issue_answer(parts.issuing.view());
}

}  // namespace rollcall::console
