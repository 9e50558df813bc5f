// The desk's wait for the next card at one terminal or reader of the host, which is then issued to
// a person: one at a time, for a limited time. What the card has become is durable before it is
// told.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "daemon/cards/site_cards.hpp"
#include "protocol/types.hpp"

namespace rollcall::cards {

// The next card that is held to this terminal or reader of the host becomes this person's.
struct IssueWish {
  std::string serial;
  std::string person;  // pseudonym
  bool replaces = false;
  std::string actor;
  std::string reason;
};

enum class IssueState : std::uint8_t {
  waiting_for_card,
  issuing,    // the card is there and is being written
  storing,    // it is written, and not durable here yet
  done,       // over: the person has it
  taken,      // over: it was issued before, here or elsewhere; nothing was changed
  refused,    // over: it is no card that can be issued
  card_gone,  // over: taken away, or the reader or the connection fell silent
  expired,    // over: no card came in time
  cancelled,  // over
  failed,     // over: `reason` says why; the card may be written, and is issued by a next attempt
};
bool is_over(IssueState state);
std::string_view to_text(IssueState state);  // as the API says it

struct IssueView {
  std::string serial;
  std::string person;
  IssueState state = IssueState::waiting_for_card;
  std::string reason;                     // of `failed`, a clause for staff
  std::chrono::milliseconds time_left{};  // for a card to come
};

// Reactor thread only.
class CardIssuing {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::seconds window_time{60};

  // `cards` outlives this; what is being stored at the end is waited for by the writer's end.
  CardIssuing(boost::asio::any_io_executor executor, SiteCards& cards)
      : executor_(std::move(executor)), cards_(cards) {}

  // For staff. open(): refused with a clause while another one is open.
  std::expected<void, std::string> open(IssueWish wish);
  std::optional<IssueView> view() const;
  // False: none waits for its card.
  bool cancel();

  // For who holds the reader: whether the next card there is to be issued.
  bool expects(const std::string& serial) const;
  // The card is there and is being written; `room`: where the reader stands.
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
  static boost::asio::awaitable<void> store(std::shared_ptr<Order> order, SiteCards& cards,
                                            credentials::Token token);
  bool waits() const;

  boost::asio::any_io_executor executor_;
  SiteCards& cards_;
  std::shared_ptr<Order> order_;  // the newest, over or not
};

}  // namespace rollcall::cards
