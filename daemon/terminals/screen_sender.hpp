// Screens on their way to one terminal.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "daemon/screens/screen.hpp"
#include "daemon/terminals/transfers.hpp"
#include "protocol/messages.hpp"

namespace rollcall::terminals {

class ScreenSender {
 public:
  // Where the messages go that announce and show a screen.
  struct Messages {
    std::function<void(const protocol::Screen&)> announce;
    std::function<void(const protocol::ScreenShow&)> show;
  };

  // `transfers` outlives this.
  ScreenSender(Transfers& transfers, Messages messages)
      : transfers_(transfers), messages_(std::move(messages)) {}

  // A screen for a slot; a `live` one is shown as soon as it has arrived. False when too many wait:
  // the caller closes the session.
  bool put(std::uint32_t id, protocol::ScreenSlot slot,
           std::shared_ptr<const screens::Screen> screen);
  // Back to the idle screen, after what waits before it.
  bool show_idle();
  // Live screens that nobody needs any more, also a half-sent one.
  void drop_live() { transfers_.drop(Transfer::Rank::live); }

  std::uint32_t refused() const { return refused_; }  // screens that the terminal did not take

 private:
  void ended(std::uint32_t id, bool live, protocol::BulkResult result);

  Transfers& transfers_;
  Messages messages_;
  std::uint32_t refused_ = 0;
};

}  // namespace rollcall::terminals
