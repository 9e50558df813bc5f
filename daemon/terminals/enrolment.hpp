// The host's side of an enrolment: one window at a time, one attempt in it, one typed number.
//
//   waiting -> number_ready -> granted -> done        (each may end in failed or expired)
//                    \-> number_wrong
//
// Staff open the window and type the number; the session in which the terminal computes the same
// number tells what it sees. The link key is granted only when the typed number is this end's own.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include "daemon/registry/registry.hpp"
#include "daemon/terminals/live_terminals.hpp"

namespace rollcall::terminals {

// The session that carries the attempt. It calls lost() before it is destroyed.
class EnrolmentPeer {
 public:
  // The numbers agree and the key is durable here: the terminal may ask for its own confirmation.
  virtual void numbers_agree() = 0;
  // The attempt is over without success: the session ends.
  virtual void attempt_over() = 0;

 protected:
  ~EnrolmentPeer() = default;
};

// One window and what has become of it.
struct EnrolmentAttempt {
  EnrolmentWish wish;
  WindowState state = WindowState::waiting_for_terminal;
  std::chrono::steady_clock::time_point until;
  bool begun = false;
  bool granting = false;  // the right number was typed, the grant is being committed
  bool granted = false;   // it was committed, whatever came of it
  EnrolmentPeer* peer = nullptr;
  std::string number;
  crypto::Key key{};
  std::string reason;
};

class Enrolment {
 public:
  static constexpr std::chrono::seconds usual_window{120};

  // The registry outlives it, and so does all work of `executor`.
  Enrolment(const boost::asio::any_io_executor& executor, registry::Registry& registry,
            std::chrono::milliseconds window_time = usual_window);

  // For staff; as LiveTerminals has it.
  std::expected<void, std::string> open(EnrolmentWish wish);
  std::optional<Window> window() const;
  boost::asio::awaitable<std::expected<bool, std::string>> submit_number(std::string number);
  boost::asio::awaitable<bool> cancel();

  // For sessions. The terminal was here outside its own enrolment window.
  void met(const std::string& serial);
  // The terminal asks to be enrolled. True: the next attempt is this session's.
  bool begin(const std::string& serial, EnrolmentPeer& peer);
  // Both ends have the number: the one attempt of the window has begun. `key` is the link key that
  // the terminal gets.
  void number_ready(const EnrolmentPeer& peer, std::string number, const crypto::Key& key);
  // The person at the terminal said no, or the exchange failed; `why` is a clause for staff.
  void refused(const EnrolmentPeer& peer, std::string why);
  // The connection is gone. Before the attempt another may come; in it, before the grant, that ends
  // the attempt; after it the terminal may have what it needs and connect with its new key.
  void lost(const EnrolmentPeer& peer);
  // The registry says that a pending key was proven.
  void proven(const std::string& serial);

 private:
  bool open_now() const { return attempt_ && !is_over(attempt_->state); }
  bool carried_by(const EnrolmentPeer& peer) const { return open_now() && attempt_->peer == &peer; }
  void end(WindowState state, std::string reason = {});
  void forget_grant(const std::string& serial);

  boost::asio::any_io_executor executor_;
  registry::Registry& registry_;
  std::chrono::milliseconds window_time_;
  boost::asio::steady_timer timer_;
  std::optional<EnrolmentAttempt> attempt_;
  std::uint64_t count_ = 0;  // of windows; tells whether a window is still the one it was
};

}  // namespace rollcall::terminals
