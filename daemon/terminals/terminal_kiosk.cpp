#include "daemon/terminals/terminal_kiosk.hpp"

#include <utility>

namespace rollcall::terminals {

namespace asio = boost::asio;
using flows::Interruption;

asio::awaitable<void> TerminalKiosk::show(const screens::Live& screen) {
  if (waiting_.interrupted()) co_return;
  const bool moved = std::holds_alternative<screens::Moved>(screen);
  if (moved && screens::is_small(size_)) {  // the terminal's own answer says it
    waiting_.begin();
    key_turns_ = true;
    co_return;
  }
  std::shared_ptr<const screens::Screen> drawn = co_await screens_.live(size_, screen);
  if (waiting_.interrupted()) co_return;
  targets_ = drawn->targets;
  waiting_.begin();
  key_turns_ = moved;
  up_since_.reset();
  shown_ = panel_.put(std::move(drawn));
}

asio::awaitable<std::expected<std::string, Interruption>> TerminalKiosk::choice(
    std::chrono::milliseconds limit) {
  return waiting_.choice(limit);
}

asio::awaitable<std::expected<flows::Sign, Interruption>> TerminalKiosk::signature(
    std::chrono::milliseconds limit) {
  return waiting_.signature(limit);
}

void TerminalKiosk::is_up(std::uint32_t id) {
  if (shown_ != 0 && id == shown_ && !up_since_) up_since_ = std::chrono::steady_clock::now();
}

void TerminalKiosk::held(halfdays::OwnTap tap, std::chrono::steady_clock::time_point at) {
  if (!wants_card()) return;
  std::chrono::milliseconds seen{0};
  if (up_since_) seen = std::chrono::duration_cast<std::chrono::milliseconds>(at - *up_since_);
  waiting_.give(flows::OwnCard{std::move(tap), seen});
}

asio::awaitable<std::optional<Interruption>> TerminalKiosk::pause(std::chrono::milliseconds time) {
  return waiting_.pause(time);
}

asio::awaitable<void> TerminalKiosk::answer(protocol::Outcome outcome) {
  if (!waiting_.interrupted()) panel_.give_answer(outcome);
  co_await finish();
}

asio::awaitable<void> TerminalKiosk::finish() {
  const bool shown = std::exchange(shown_, 0) != 0;
  targets_.clear();
  key_turns_ = false;
  if (shown && !waiting_.interrupted()) panel_.put_idle();
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
  waiting_.choose(std::move(choice));
}

void TerminalKiosk::pressed(const protocol::Key& key) {
  if (key_turns_ && key.key == other_way_key && key.monotonic_ms >= since_ms_)
    waiting_.choose(screens::choice::other_way);
}

}  // namespace rollcall::terminals
