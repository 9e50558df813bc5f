// The desk's wait for the next card at one terminal, which is then issued to a person: one at a
// time, for a limited time. What the card has become is durable before it is told.
#pragma once

#include <chrono>
#include <expected>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "daemon/cards/site_cards.hpp"
#include "daemon/terminals/live_terminals.hpp"
#include "protocol/messages.hpp"

namespace rollcall::terminals {

// Reactor thread only.
class CardIssuing {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::seconds window_time{60};

  // `cards` outlives this; what is being stored at the end is waited for by the writer's end.
  CardIssuing(boost::asio::any_io_executor executor, cards::SiteCards& cards)
      : executor_(std::move(executor)), cards_(cards) {}

  // For staff. open(): refused with a clause while another one is open.
  std::expected<void, std::string> open(IssueWish wish);
  std::optional<IssueView> view() const;
  // False: none waits for its card.
  bool cancel();

  // For sessions: whether the next card at this terminal is to be issued.
  bool expects(const std::string& serial) const;
  // The card is there and is being written; `room`: where the terminal stands.
  void begun(const Bounded<protocol::max_reading>& uid, const std::string& room);
  // What became of it. The token is stored for the person.
  void ended(const credentials::TokenOrError& result);

 private:
  struct Order {
    IssueWish wish;
    IssueState state = IssueState::waiting_for_card;
    std::string reason;
    Clock::time_point until{};
    Bounded<protocol::max_reading> uid;
    std::string room;
  };
  static boost::asio::awaitable<void> store(std::shared_ptr<Order> order, cards::SiteCards& cards,
                                            credentials::Token token);
  bool waits() const;

  boost::asio::any_io_executor executor_;
  cards::SiteCards& cards_;
  std::shared_ptr<Order> order_;  // the newest, over or not
};

}  // namespace rollcall::terminals
