// What a flow needs of the place where a person stands. A terminal implements it
// (daemon/terminals/terminal_kiosk.hpp), and so does a fake in the flows' unit tests.
#pragma once

#include <chrono>
#include <expected>
#include <optional>
#include <string>
#include <variant>

#include <boost/asio/awaitable.hpp>

#include "daemon/halfdays/own_tap.hpp"
#include "daemon/screens/screen.hpp"
#include "daemon/sheets/sheet.hpp"

namespace rollcall::flows {

enum class Interruption {
  timeout,         // nobody touched a target in time
  another_person,  // somebody tapped: the place is theirs now, show nothing more
  link_lost,       // the terminal is gone
  shutdown,        // the daemon stops
};

// The card that began the flow, held there again. It is recorded, and no movement.
struct OwnCard {
  halfdays::OwnTap tap;
  std::chrono::milliseconds seen{0};  // so long the screen shown last was up before
};
// A choice that was touched, the own card, or points that were drawn.
using Sign = std::variant<std::string, OwnCard, sheets::Drawing>;

class Kiosk {
 public:
  virtual ~Kiosk() = default;

  // Puts up a screen in place of the one before. When the kiosk is taken or gone nothing happens,
  // and the next wait says so at once.
  virtual boost::asio::awaitable<void> show(const screens::Live& screen) = 0;

  // The choice that was touched on the screen shown last.
  virtual boost::asio::awaitable<std::expected<std::string, Interruption>> choice(
      std::chrono::milliseconds limit) = 0;

  // The same; and how the person who began the flow signs what that screen states. Meanwhile a tap
  // is another person's only when it is known to be: then it ends the flow, and nothing was signed.
  virtual boost::asio::awaitable<std::expected<Sign, Interruption>> signature(
      std::chrono::milliseconds limit) = 0;

  // Lets time pass. Nothing when it passed undisturbed, otherwise what ended it (never `timeout`).
  virtual boost::asio::awaitable<std::optional<Interruption>> pause(
      std::chrono::milliseconds time) = 0;

  // Answers as a tap is answered: picture, light and tone, in place of the screen before. Nothing
  // when the kiosk is taken or gone.
  virtual boost::asio::awaitable<void> answer(protocol::Outcome outcome) = 0;

  // Back to the idle screen, unless the place is somebody else's by now.
  virtual boost::asio::awaitable<void> finish() = 0;
};

}  // namespace rollcall::flows
