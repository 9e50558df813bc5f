#include "daemon/accounts/turnstile.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace rollcall::accounts {

namespace asio = boost::asio;

asio::awaitable<void> Turnstile::enter() {
  if (!taken_) {
    taken_ = true;
    co_return;
  }
  const auto turn = std::make_shared<asio::steady_timer>(executor_);
  turn->expires_at(asio::steady_timer::time_point::max());
  waiting_.push_back(turn);
  co_await turn->async_wait(asio::as_tuple(asio::use_awaitable));  // cancelled by leave()
}

void Turnstile::leave() {
  if (waiting_.empty()) {
    taken_ = false;
    return;
  }
  waiting_.front()->cancel();
  waiting_.pop_front();
}

}  // namespace rollcall::accounts
