#include "daemon/cards/site_cards.hpp"

#include <utility>

#include "daemon/credentials/card_issue.hpp"
#include "daemon/credentials/card_reading.hpp"
#include "daemon/credentials/diversification.hpp"
#include "daemon/store/on_writer.hpp"

namespace rollcall::cards {

namespace asio = boost::asio;
using attendance::CardState;
using attendance::CardToken;
using credentials::default_application;
using credentials::KeyNumber;

bool is_own_number(protocol::ReadingKind kind, std::size_t bytes) {
  return kind == protocol::ReadingKind::uid && (bytes == 4 || bytes == 7 || bytes == 10);
}

SiteCards::SiteCards(store::Writer& writer, const config::Site& site, const crypto::Key& card_key,
                     const credentials::Secret& master, std::function<events::TimeBlock()> now)
    : writer_(writer), site_(site), card_key_(card_key), master_(master), now_(std::move(now)) {}

SiteCards::~SiteCards() {
  crypto::wipe(card_key_);
}

SiteCards::Known SiteCards::read(store::Database& db) {
  Known known;
  for (const attendance::IssuedCard& card : attendance::issued_cards(db)) {
    const bool in_force = card.state == CardState::issued;
    const auto [kept, fresh] = known.states.emplace(card.chip, card.state);
    if (!fresh && in_force) kept->second = card.state;
    if (in_force) known.holders.emplace(card.token, card.person);
  }
  return known;
}

asio::awaitable<void> SiteCards::reload() {
  Known known;
  const store::Writer::Job job = [&known](store::Database& db) { known = read(db); };
  co_await store::on_writer(writer_, job);
  known_ = std::move(known);
}

asio::awaitable<SiteCards::Changed> SiteCards::change(
    std::function<Changed(store::Database&)> step) {
  Changed changed;
  Known known;
  const store::Writer::Job job = [&](store::Database& db) {
    changed = step(db);
    if (changed) known = read(db);
  };
  co_await store::on_writer(writer_, job);
  if (changed) known_ = std::move(known);
  co_return changed;
}

CardToken SiteCards::chip_of(Bytes uid) const {
  return attendance::card_token(card_key_, protocol::ReadingKind::uid, uid);
}

std::optional<CardState> SiteCards::state_of(Bytes uid) const {
  const auto found = known_.states.find(chip_of(uid));
  return found == known_.states.end() ? std::nullopt : std::optional(found->second);
}

std::optional<std::string> SiteCards::holder_of(const CardToken& token) const {
  const auto found = known_.holders.find(token);
  return found == known_.holders.end() ? std::nullopt : std::optional(found->second);
}

credentials::Secret SiteCards::key_of(Bytes uid, KeyNumber number) const {
  return credentials::card_key(master_, uid, default_application, number);
}

std::unique_ptr<credentials::Conversation> SiteCards::reading(Bytes uid) {
  return std::make_unique<credentials::CardReading>(default_application,
                                                    key_of(uid, KeyNumber::reading), entropy_);
}

std::unique_ptr<credentials::Conversation> SiteCards::issuing(Bytes uid) {
  const credentials::CardKeys keys{.issuing = key_of(uid, KeyNumber::issuing),
                                   .reading = key_of(uid, KeyNumber::reading)};
  return std::make_unique<credentials::CardIssue>(default_application, keys, entropy_);
}

CardToken SiteCards::known_by(const credentials::Token& token) const {
  return attendance::issued_token(card_key_, token.view());
}

asio::awaitable<SiteCards::Changed> SiteCards::issue(Bounded<protocol::max_reading> uid,
                                                     credentials::Token token,
                                                     attendance::NewCard card) {
  card.chip = chip_of(uid.view());
  card.token = known_by(token);
  std::function<Changed(store::Database&)> step = [&](store::Database& db) {
    return attendance::issue_card(db, site_, card, now_());
  };
  co_return co_await change(std::move(step));
}

asio::awaitable<SiteCards::Changed> SiteCards::withdraw(attendance::Withdrawal withdrawal) {
  std::function<Changed(store::Database&)> step = [&](store::Database& db) {
    return attendance::withdraw_card(db, site_, withdrawal, now_());
  };
  co_return co_await change(std::move(step));
}

asio::awaitable<SiteCards::Changed> SiteCards::may_issue(std::string person, bool replaces) {
  Changed may;
  const store::Writer::Job job = [&](store::Database& db) {
    may = attendance::may_issue(db, person, replaces);
  };
  co_await store::on_writer(writer_, job);
  co_return may;
}

}  // namespace rollcall::cards
