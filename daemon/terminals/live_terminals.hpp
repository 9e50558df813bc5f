// What staff can have done with terminals that are there. The hub does it, the control socket asks
// for it. Everything runs on the reactor.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "daemon/registry/changes.hpp"
#include "protocol/crypto/crypto.hpp"
#include "protocol/messages.hpp"

namespace rollcall::terminals {

// What staff want to enrol: serial, room, actor as the registry takes them.
struct EnrolmentWish {
  std::string serial;
  registry::Placement placement;
  std::string actor;
};

enum class WindowState : std::uint8_t {
  waiting_for_terminal,
  terminal_not_in_window,  // it was here, but not with its own enrolment window open
  number_ready,            // both ends have computed the number; the terminal shows it
  number_wrong,            // over: what was typed is not the number of this end
  granted,                 // the numbers agree; the terminal's own confirmation is awaited
  done,                    // over: it has connected with its new key
  failed,                  // over: `reason` says why
  expired,                 // over: the time is up
};
bool is_over(WindowState state);

struct Window {
  std::string serial;
  registry::Placement placement;
  WindowState state = WindowState::waiting_for_terminal;
  std::string reason;                     // of `failed`, a clause for staff
  std::string number;                     // six digits, only after they were typed and agreed
  std::chrono::milliseconds time_left{};  // 0 when it is over
};

// A firmware image larger than this is not taken; one is held in memory at a time.
inline constexpr std::size_t max_image_bytes = std::size_t{4} << 20;

// A firmware image for one terminal. Nothing here looks at a signature, and nothing starts it.
struct UpdateWish {
  std::string serial;
  std::string version;                 // 1 to 24 bytes
  std::uint32_t security_counter = 0;  // of the image
  std::optional<std::uint8_t> slot;    // that it is built for; nothing = the one not in use
  std::vector<std::uint8_t> image;     // 1 to max_image_bytes
  std::string actor;
};

enum class UpdateStep : std::uint8_t {
  waiting_for_terminal,  // the connection broke; it goes on when the terminal is back
  offered,               // the terminal was asked whether it wants the image
  transferring,
  staged,   // over: it is in the terminal's other slot, whole; the terminal runs on as before
  refused,  // over: `problem` says why
  failed,   // over: `reason` says why
};
bool is_over(UpdateStep step);

struct UpdateView {
  std::string serial;
  std::string version;
  std::uint32_t bytes = 0;  // of the image
  crypto::Digest digest{};  // SHA-256 of the image
  std::uint32_t security_counter = 0;
  std::uint8_t slot = 0;
  UpdateStep step = UpdateStep::waiting_for_terminal;
  protocol::UpdateProblem problem = protocol::UpdateProblem::none;  // of `refused`
  std::string reason;                                               // of `failed`, a clause
  std::uint32_t sent = 0;                     // of `bytes`; what the terminal held before counts
  std::chrono::milliseconds patience_left{};  // for the next sign of progress; 0 when it is over
};

class LiveTerminals {
 public:
  // Opens the host's window for one serial: one attempt, for a limited time. Refused with a clause
  // while another window is open.
  virtual std::expected<void, std::string> open_window(EnrolmentWish wish) = 0;
  // The newest window since the daemon's start, over or not.
  virtual std::optional<Window> window() const = 0;
  // Compares what a person read off the terminal. Wrong: the attempt is over. Right: the key is
  // durable in the registry and the terminal asks for its own confirmation. Refused with a clause
  // when there is no number to compare with; nothing was compared then. May throw
  // store::StoreError: the attempt is over then.
  virtual boost::asio::awaitable<std::expected<bool, std::string>> submit_number(
      std::string number) = 0;
  // Ends the attempt; a key that was granted and not yet proven is forgotten. False: none was open.
  virtual boost::asio::awaitable<bool> cancel_window() = 0;

  // Whether a new link key could be handed over now; otherwise a clause that says why not.
  virtual std::expected<void, std::string> can_take_key(const std::string& serial) const = 0;
  // Hands a key (the pending one of the registry) to the terminal inside its session and waits
  // until it says that it has stored it. Otherwise a clause; the terminal may have stored it all
  // the same.
  virtual boost::asio::awaitable<std::expected<void, std::string>> hand_over_key(
      std::string serial, crypto::Key key) = 0;

  // Offers an image to a connected terminal and sends it when it is wanted, also over several
  // connections. Refused with a clause: the terminal is not connected, or another update runs.
  virtual boost::asio::awaitable<std::expected<void, std::string>> begin_update(
      UpdateWish wish) = 0;
  // The newest update since the daemon's start, over or not.
  virtual std::optional<UpdateView> update() const = 0;
  // Stops sending; what the terminal holds of the image is of no effect. False: none was running.
  virtual bool cancel_update() = 0;

  // Has the terminal blink and sound for so long, at most 60 s; 0 stops it. Otherwise a clause.
  virtual boost::asio::awaitable<std::expected<void, std::string>> identify(
      std::string serial, std::chrono::seconds time) = 0;
  // Its counters since its start, asked now. Otherwise a clause.
  virtual boost::asio::awaitable<std::expected<protocol::Stats, std::string>> stats(
      std::string serial) = 0;
  // Its log, UTF-8, newest line last, asked for now: at most 64 KiB of lines without control
  // characters. Otherwise a clause.
  virtual boost::asio::awaitable<std::expected<std::string, std::string>> log(
      std::string serial) = 0;

 protected:
  ~LiveTerminals() = default;
};

}  // namespace rollcall::terminals
