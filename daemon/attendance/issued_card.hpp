// Cards that were issued at this site: rows of `issued_card` and the events of their life. Thread:
// the writer; the questions also a reader's.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/attendance/card_token.hpp"
#include "daemon/config/config.hpp"
#include "daemon/events/event.hpp"
#include "daemon/store/database.hpp"

namespace rollcall::attendance {

enum class CardState : std::uint8_t {
  issued,  // in force
  lost,
  revoked,
  replaced,
};
std::string_view to_text(CardState state);
std::optional<CardState> card_state_from(std::string_view text);

struct IssuedCard {
  CardToken token{};  // issued_token() of what is on it
  CardToken chip{};   // card_token() of its chip number
  std::string person;
  CardState state = CardState::issued;
  std::int64_t issued_ms = 0;
  std::int64_t since_ms = 0;  // in this state
  std::string actor;          // who brought it there
  std::string reason;
};

std::optional<IssuedCard> issued_card(store::Database& db, const CardToken& token);
// The one in force with this chip number, otherwise the newest.
std::optional<IssuedCard> issued_card_of_chip(store::Database& db, const CardToken& chip);
std::optional<IssuedCard> card_in_force(store::Database& db, const std::string& person);
std::vector<IssuedCard> issued_cards(store::Database& db);  // by person, the newest first
bool any_card_issued(store::Database& db);
void keep_issued(store::Database& db, const IssuedCard& card);

// Whether a card can be issued to this person: they are known here and have none in force, or, for
// `replaces`, have or had one. A clause otherwise.
std::expected<void, std::string> may_issue(store::Database& db, const std::string& person,
                                           bool replaces);

// A card that has its keys and its token now.
struct NewCard {
  CardToken chip{};
  CardToken token{};
  std::string person;
  bool replaces = false;  // the person's card in force becomes `replaced`
  std::string terminal;   // where it was held
  std::string room;
  std::string actor;
  std::string reason;
};
// Event card.issued, and card.revoked of the one it replaces. A clause when nothing was changed.
std::expected<void, std::string> issue_card(store::Database& db, const config::Site& site,
                                            const NewCard& card, const events::TimeBlock& now);

// Event card.revoked. A clause when nothing was changed.
struct Withdrawal {
  std::string person;
  CardState to = CardState::revoked;  // not `issued`
  std::string actor;
  std::string reason;
};
std::expected<void, std::string> withdraw_card(store::Database& db, const config::Site& site,
                                               const Withdrawal& withdrawal,
                                               const events::TimeBlock& now);

}  // namespace rollcall::attendance
