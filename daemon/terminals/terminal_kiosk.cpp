#include "daemon/terminals/terminal_kiosk.hpp"

#include <utility>

namespace rollcall::terminals {

namespace asio = boost::asio;
using flows::Interruption;

asio::awaitable<void> TerminalKiosk::show(const screens::Live& screen) {
  if (interrupted_) co_return;
  std::shared_ptr<const screens::Screen> drawn = co_await screens_.live(size_, screen);
  if (interrupted_) co_return;
  targets_ = drawn->targets;
  chosen_.reset();
  shown_ = panel_.put(std::move(drawn));
}

asio::awaitable<std::expected<std::string, Interruption>> TerminalKiosk::choice(
    std::chrono::milliseconds limit) {
  const auto until = Signal::Clock::now() + limit;
  for (;;) {
    if (interrupted_) co_return std::unexpected(*interrupted_);
    if (chosen_) co_return *std::exchange(chosen_, std::nullopt);
    if (Signal::Clock::now() >= until) co_return std::unexpected(Interruption::timeout);
    co_await signal_.wait(until);
  }
}

asio::awaitable<std::optional<Interruption>> TerminalKiosk::pause(std::chrono::milliseconds time) {
  const auto until = Signal::Clock::now() + time;
  while (!interrupted_ && Signal::Clock::now() < until) co_await signal_.wait(until);
  co_return interrupted_;
}

asio::awaitable<void> TerminalKiosk::finish() {
  shown_ = 0;
  targets_.clear();
  if (!interrupted_) panel_.put_idle();
  co_return;
}

void TerminalKiosk::touched(const protocol::Touch& touch) {
  if (shown_ == 0 || touch.screen != shown_) return;
  std::string choice = screens::choice_at(targets_, touch.x, touch.y);
  if (choice.empty()) return;
  const auto limit = static_cast<std::uint64_t>(double_strike.count());
  const bool bounce = choice == last_choice_ && touch.monotonic_ms - last_touch_ms_ < limit;
  if (bounce) return;
  last_choice_ = choice;
  last_touch_ms_ = touch.monotonic_ms;
  chosen_ = std::move(choice);
  signal_.notify();
}

void TerminalKiosk::interrupt(Interruption why) {
  if (!interrupted_) interrupted_ = why;
  signal_.notify();
}

}  // namespace rollcall::terminals
