#include "daemon/flows/waiting.hpp"

namespace rollcall::flows {

namespace asio = boost::asio;

asio::awaitable<std::expected<std::string, Interruption>> Waiting::choice(
    std::chrono::milliseconds limit) {
  const auto given = co_await wait(limit);
  if (!given) co_return std::unexpected(given.error());
  co_return std::get<std::string>(*given);
}

asio::awaitable<std::expected<Sign, Interruption>> Waiting::signature(
    std::chrono::milliseconds limit) {
  wants_signature_ = true;
  auto given = co_await wait(limit);
  wants_signature_ = false;
  co_return given;
}

asio::awaitable<std::expected<Sign, Interruption>> Waiting::wait(std::chrono::milliseconds limit) {
  const auto until = Signal::Clock::now() + limit;
  waits_ = true;
  while (!interrupted_ && !given_ && Signal::Clock::now() < until) co_await signal_.wait(until);
  waits_ = false;
  if (interrupted_) co_return std::unexpected(*interrupted_);
  if (given_) co_return *std::exchange(given_, std::nullopt);
  co_return std::unexpected(Interruption::timeout);
}

asio::awaitable<std::optional<Interruption>> Waiting::pause(std::chrono::milliseconds time) {
  const auto until = Signal::Clock::now() + time;
  while (!interrupted_ && Signal::Clock::now() < until) co_await signal_.wait(until);
  co_return interrupted_;
}

}  // namespace rollcall::flows
