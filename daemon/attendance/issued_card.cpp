#include "daemon/attendance/issued_card.hpp"

#include <array>
#include <utility>

#include <nlohmann/json.hpp>

#include "daemon/attendance/desk_deed.hpp"
#include "daemon/attendance/facts.hpp"
#include "daemon/events/json.hpp"

namespace rollcall::attendance {
namespace {

using json = nlohmann::ordered_json;

constexpr std::array<std::pair<CardState, std::string_view>, 4> states{
    {{CardState::issued, "issued"},
     {CardState::lost, "lost"},
     {CardState::revoked, "revoked"},
     {CardState::replaced, "replaced"}}};

constexpr const char* columns =
    "SELECT token, chip, person, state, issued_ms, since_ms, actor, reason FROM issued_card ";

IssuedCard card_from(const store::Statement& row) {
  return {.token = row.fixed<32>(0),
          .chip = row.fixed<32>(1),
          .person = row.text(2),
          .state = card_state_from(row.text_view(3)).value_or(CardState::revoked),
          .issued_ms = row.integer(4),
          .since_ms = row.integer(5),
          .actor = row.text(6),
          .reason = row.text(7)};
}

json text_or_null(const std::string& text) {
  return text.empty() ? json() : json(text);
}

void withdraw(store::Database& db, const config::Site& site, const IssuedCard& card,
              const Withdrawal& withdrawal, const events::TimeBlock& now) {
  db.prepare(
        "UPDATE issued_card SET state = ?, since_ms = ?, actor = ?, reason = ? WHERE token = ?")
      .bind(to_text(withdrawal.to), now.wall_ms.value_or(0), withdrawal.actor, withdrawal.reason,
            card.token)
      .run();
  const json data = {{"organisation", site.organisation},
                     {"site", site.id},
                     {"room", nullptr},
                     {"terminal", nullptr},
                     {"card", events::hex(card.chip)},
                     {"token", events::hex(card.token)},
                     {"state", to_text(withdrawal.to)},
                     {"reason", withdrawal.reason},
                     {"actor", withdrawal.actor},
                     {"time", events::to_json(now)}};
  append_deed(db, "card.revoked", card.person, data.dump(), now);
}

// The chip number of the person's newest card, of whatever state.
std::optional<CardToken> newest_chip(store::Database& db, const std::string& person) {
  auto row = db.prepare(
      "SELECT chip FROM issued_card WHERE person = ? ORDER BY issued_ms DESC, rowid DESC LIMIT 1");
  if (!row.bind(person).step()) return std::nullopt;
  return row.fixed<32>(0);
}

}  // namespace

std::string_view to_text(CardState state) {
  for (const auto& [one, text] : states)
    if (one == state) return text;
  return "revoked";
}

std::optional<CardState> card_state_from(std::string_view text) {
  for (const auto& [state, name] : states)
    if (name == text) return state;
  return std::nullopt;
}

std::optional<IssuedCard> issued_card(store::Database& db, const CardToken& token) {
  auto row = db.prepare(std::string(columns) + "WHERE token = ?");
  if (!row.bind(token).step()) return std::nullopt;
  return card_from(row);
}

std::optional<IssuedCard> issued_card_of_chip(store::Database& db, const CardToken& chip) {
  auto row = db.prepare(std::string(columns) +
                        "WHERE chip = ? ORDER BY state = 'issued' DESC, issued_ms DESC, rowid DESC "
                        "LIMIT 1");
  if (!row.bind(chip).step()) return std::nullopt;
  return card_from(row);
}

std::optional<IssuedCard> card_in_force(store::Database& db, const std::string& person) {
  auto row = db.prepare(std::string(columns) + "WHERE person = ? AND state = 'issued'");
  if (!row.bind(person).step()) return std::nullopt;
  return card_from(row);
}

std::vector<IssuedCard> issued_cards(store::Database& db) {
  std::vector<IssuedCard> all;
  auto row = db.prepare(std::string(columns) + "ORDER BY person, issued_ms DESC, rowid DESC");
  while (row.step()) all.push_back(card_from(row));
  return all;
}

bool any_card_issued(store::Database& db) {
  return db.prepare("SELECT 1 FROM issued_card LIMIT 1").step();
}

void keep_issued(store::Database& db, const IssuedCard& card) {
  db.prepare(
        "INSERT INTO issued_card (token, chip, person, state, issued_ms, since_ms, actor, reason)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
      .bind(card.token, card.chip, card.person, to_text(card.state), card.issued_ms, card.since_ms,
            card.actor, card.reason)
      .run();
}

std::expected<void, std::string> may_issue(store::Database& db, const std::string& person,
                                           bool replaces) {
  if (!person_by_id(db, person)) return std::unexpected("nobody here has the id " + person);
  if (replaces && !newest_chip(db, person))
    return std::unexpected(person + " never had an issued card; use `rollcall card issue`");
  if (!replaces && card_in_force(db, person)) {
    return std::unexpected(person +
                           " has an issued card already; use `rollcall card replace`, or "
                           "withdraw it first");
  }
  return {};
}

std::expected<void, std::string> issue_card(store::Database& db, const config::Site& site,
                                            const NewCard& card, const events::TimeBlock& now) {
  if (auto may = may_issue(db, card.person, card.replaces); !may) return may;
  if (const auto known = issued_card(db, card.token)) {
    return std::unexpected("the card was issued before and is " +
                           std::string(to_text(known->state)));
  }
  const auto older = card_in_force(db, card.person);
  const auto same_chip = issued_card_of_chip(db, card.chip);
  if (same_chip && same_chip->state == CardState::issued && same_chip->person != card.person)
    return std::unexpected("the card is issued to another person");
  const std::optional<CardToken> replaced =
      card.replaces ? newest_chip(db, card.person) : std::nullopt;
  if (older)
    withdraw(db, site, *older, {card.person, CardState::replaced, card.actor, card.reason}, now);
  const std::int64_t now_ms = now.wall_ms.value_or(0);
  keep_issued(db, {.token = card.token,
                   .chip = card.chip,
                   .person = card.person,
                   .state = CardState::issued,
                   .issued_ms = now_ms,
                   .since_ms = now_ms,
                   .actor = card.actor,
                   .reason = card.reason});
  const json data = {{"organisation", site.organisation},
                     {"site", site.id},
                     {"room", text_or_null(card.room)},
                     {"terminal", text_or_null(card.terminal)},
                     {"card", events::hex(card.chip)},
                     {"token", events::hex(card.token)},
                     {"replaces", replaced ? json(events::hex(*replaced)) : json()},
                     {"reason", card.reason},
                     {"actor", card.actor},
                     {"time", events::to_json(now)}};
  append_deed(db, "card.issued", card.person, data.dump(), now);
  db.prepare(
        "UPDATE inbox SET closed_ms = ?, closed_by = ? WHERE kind = 'unknown-card' AND subject = ?"
        " AND closed_ms IS NULL")
      .bind(now_ms, card.actor, events::hex(card.chip))
      .run();
  return {};
}

std::expected<void, std::string> withdraw_card(store::Database& db, const config::Site& site,
                                               const Withdrawal& withdrawal,
                                               const events::TimeBlock& now) {
  const auto card = card_in_force(db, withdrawal.person);
  if (!card) return std::unexpected(withdrawal.person + " has no issued card in force");
  withdraw(db, site, *card, withdrawal, now);
  return {};
}

}  // namespace rollcall::attendance
