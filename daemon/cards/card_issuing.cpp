#include "daemon/cards/card_issuing.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "daemon/log/log.hpp"

namespace rollcall::cards {
namespace {

namespace asio = boost::asio;
using credentials::CardError;

IssueState state_for(CardError error) {
  switch (error) {
    case CardError::taken:
      return IssueState::taken;
    case CardError::card_gone:
      return IssueState::card_gone;
    default:
      return IssueState::refused;
  }
}

}  // namespace

bool is_over(IssueState state) {
  return state != IssueState::waiting_for_card && state != IssueState::issuing &&
         state != IssueState::storing;
}

std::string_view to_text(IssueState state) {
  switch (state) {
    case IssueState::waiting_for_card:
      return "waiting_for_card";
    case IssueState::issuing:
      return "issuing";
    case IssueState::storing:
      return "storing";
    case IssueState::done:
      return "done";
    case IssueState::taken:
      return "taken";
    case IssueState::refused:
      return "refused";
    case IssueState::card_gone:
      return "card_gone";
    case IssueState::expired:
      return "expired";
    case IssueState::cancelled:
      return "cancelled";
    case IssueState::failed:
      break;
  }
  return "failed";
}

bool CardIssuing::waits() const {
  return order_ && order_->state == IssueState::waiting_for_card && Clock::now() < order_->until;
}

std::expected<void, std::string> CardIssuing::open(IssueWish wish) {
  const bool busy = order_ && !is_over(order_->state) &&
                    (order_->state != IssueState::waiting_for_card || waits());
  if (busy) return std::unexpected("another card is being issued at " + order_->wish.serial);
  order_ = std::make_shared<Order>();
  order_->wish = std::move(wish);
  order_->until = Clock::now() + window_time;
  return {};
}

std::optional<IssueView> CardIssuing::view() const {
  if (!order_) return std::nullopt;
  IssueView view{.serial = order_->wish.serial,
                 .person = order_->wish.person,
                 .state = order_->state,
                 .reason = order_->reason,
                 .time_left = {}};
  if (view.state != IssueState::waiting_for_card) return view;
  const auto left = order_->until - Clock::now();
  view.time_left = std::max(std::chrono::duration_cast<std::chrono::milliseconds>(left),
                            std::chrono::milliseconds{0});
  if (!waits()) view.state = IssueState::expired;
  return view;
}

bool CardIssuing::cancel() {
  if (!waits()) return false;
  order_->state = IssueState::cancelled;
  return true;
}

bool CardIssuing::expects(const std::string& serial) const {
  return waits() && order_->wish.serial == serial;
}

void CardIssuing::begun(const Bounded<protocol::max_reading>& uid, const std::string& room) {
  order_->state = IssueState::issuing;
  order_->uid = uid;
  order_->room = room;
}

void CardIssuing::ended(const credentials::TokenOrError& result) {
  if (!result) {
    order_->state = state_for(result.error());
    return;
  }
  order_->state = IssueState::storing;
  asio::co_spawn(executor_, store(order_, cards_, *result), asio::detached);
}

asio::awaitable<void> CardIssuing::store(std::shared_ptr<Order> order, SiteCards& cards,
                                         credentials::Token token) {
  const IssueWish& wish = order->wish;
  attendance::NewCard card{.chip = {},
                           .token = {},
                           .person = wish.person,
                           .replaces = wish.replaces,
                           .terminal = wish.serial,
                           .room = order->room,
                           .actor = wish.actor,
                           .reason = wish.reason};
  try {
    const auto stored = co_await cards.issue(order->uid, token, std::move(card));
    order->state = stored ? IssueState::done : IssueState::failed;
    if (!stored) order->reason = stored.error();
  } catch (const store::StoreError& error) {
    order->reason = std::string("the database did not take it: ") + error.what();
    order->state = IssueState::failed;
  }
  if (order->state == IssueState::done) {
    logging::info("card issued",
                  {{"person", wish.person}, {"terminal", wish.serial}, {"by", wish.actor}});
  } else {
    logging::warning("a card was written and is not issued", {{"why", order->reason}});
  }
}

}  // namespace rollcall::cards
