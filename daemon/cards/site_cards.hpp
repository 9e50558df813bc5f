// The cards of this site that prove a key: which chip numbers are theirs, how they are asked, and
// their life. Reactor thread, but for load().
#pragma once

#include <cstddef>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "daemon/attendance/issued_card.hpp"
#include "daemon/config/config.hpp"
#include "daemon/credentials/conversation.hpp"
#include "daemon/store/writer.hpp"
#include "hal/host/system.hpp"
#include "protocol/crypto/crypto.hpp"
#include "protocol/messages/ops.hpp"
#include "protocol/types.hpp"

namespace rollcall::cards {

// Whether keys can be made for a card with such a number; random ones belong to no card.
bool is_own_number(protocol::ReadingKind kind, std::size_t bytes);

class SiteCards {
 public:
  using Changed = std::expected<void, std::string>;  // or a clause, and nothing was changed

  // `writer` and `site` outlive this. `now` is called on the writer's thread.
  SiteCards(store::Writer& writer, const config::Site& site, const crypto::Key& card_key,
            const credentials::Secret& master, std::function<events::TimeBlock()> now);
  ~SiteCards();
  SiteCards(const SiteCards&) = delete;
  SiteCards& operator=(const SiteCards&) = delete;

  // At the start, before the reactor runs.
  void load(store::Database& db) { known_ = read(db); }
  // After a restore. May throw store::StoreError.
  boost::asio::awaitable<void> reload();

  // Of the card in force with this chip number, otherwise of the newest; nothing: none was issued.
  std::optional<attendance::CardState> state_of(Bytes uid) const;

  // Whose card in force this is.
  std::optional<std::string> holder_of(const attendance::CardToken& token) const;

  // With a card of this number (is_own_number()).
  std::unique_ptr<credentials::Conversation> reading(Bytes uid);
  std::unique_ptr<credentials::Conversation> issuing(Bytes uid);
  attendance::CardToken known_by(const credentials::Token& token) const;

  // `card` without its tokens. These may throw store::StoreError.
  boost::asio::awaitable<Changed> issue(Bounded<protocol::max_reading> uid,
                                        credentials::Token token, attendance::NewCard card);
  boost::asio::awaitable<Changed> withdraw(attendance::Withdrawal withdrawal);
  boost::asio::awaitable<Changed> may_issue(std::string person, bool replaces);

 private:
  struct Known {
    std::map<attendance::CardToken, attendance::CardState> states;  // by chip number
    std::map<attendance::CardToken, std::string> holders;           // in force, by what is on it
  };
  static Known read(store::Database& db);
  boost::asio::awaitable<Changed> change(std::function<Changed(store::Database&)> step);
  credentials::Secret key_of(Bytes uid, credentials::KeyNumber number) const;
  attendance::CardToken chip_of(Bytes uid) const;

  store::Writer& writer_;
  const config::Site& site_;
  crypto::Key card_key_;
  credentials::Secret master_;
  std::function<events::TimeBlock()> now_;
  hal::host::SystemEntropy entropy_;
  Known known_;
};

}  // namespace rollcall::cards
