// A terminal's panel as the place where a flow happens.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/flows/kiosk.hpp"
#include "daemon/flows/waiting.hpp"
#include "daemon/screens/screens.hpp"
#include "protocol/messages.hpp"

namespace rollcall::terminals {

// The panel end of a session.
class Panel {
 public:
  // Sends a live screen in place of any other, and shows it; returns its id.
  virtual std::uint32_t put(std::shared_ptr<const screens::Screen> screen) = 0;
  virtual void put_idle() = 0;
  // The terminal answers as if it had been tapped, with what it keeps.
  virtual void give_answer(protocol::Outcome outcome) = 0;

 protected:
  ~Panel() = default;
};

class TerminalKiosk final : public flows::Kiosk {
 public:
  // A second touch of the same target within this time is a bounce (EN 301 549, 5.8).
  static constexpr std::chrono::milliseconds double_strike{300};

  // Of the five keys the middle one is the other way (docs/hardware.md).
  static constexpr std::uint8_t other_way_key = 2;

  // All outlive the kiosk. `size` is drawable. `since_ms`: of the terminal's clock, when the person
  // tapped; a key that went down before it was somebody else's.
  TerminalKiosk(Panel& panel, screens::Screens& screens, screens::Size size, std::uint64_t since_ms,
                const boost::asio::any_io_executor& executor)
      : panel_(panel), screens_(screens), size_(size), since_ms_(since_ms), waiting_(executor) {}

  boost::asio::awaitable<void> show(const screens::Live& screen) override;
  boost::asio::awaitable<std::expected<std::string, flows::Interruption>> choice(
      std::chrono::milliseconds limit) override;
  boost::asio::awaitable<std::expected<flows::Sign, flows::Interruption>> signature(
      std::chrono::milliseconds limit) override;
  boost::asio::awaitable<std::optional<flows::Interruption>> pause(
      std::chrono::milliseconds time) override;
  boost::asio::awaitable<void> answer(protocol::Outcome outcome) override;
  boost::asio::awaitable<void> finish() override;

  // From the session: a finger, a key; and what ends the flow (the first one counts).
  void touched(const protocol::Touch& touch);
  void pressed(const protocol::Key& key);
  // A card of the person who began the flow is waited for; it was held there; the screen `id` is
  // up.
  bool wants_card() const { return waiting_.wants_signature(); }
  void held(halfdays::OwnTap tap, std::chrono::steady_clock::time_point at);
  void is_up(std::uint32_t id);
  void interrupt(flows::Interruption why) { waiting_.interrupt(why); }

 private:
  Panel& panel_;
  screens::Screens& screens_;
  screens::Size size_;
  std::uint64_t since_ms_;
  flows::Waiting waiting_;
  std::uint32_t shown_ = 0;                                        // id of the screen in front
  std::optional<std::chrono::steady_clock::time_point> up_since_;  // of that screen
  bool key_turns_ = false;  // what is asked is whether it was the other way
  std::vector<screens::Target> targets_;
  std::string last_choice_;
  std::uint64_t last_touch_ms_ = 0;  // terminal's clock
};

}  // namespace rollcall::terminals
