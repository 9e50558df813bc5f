// One terminal's connection: the link, what it says and hears, until the connection ends.
//
//   greeting --HELLO of a configured terminal--> up --terminal_state--> serving --> closed
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/generic/stream_protocol.hpp>

#include "daemon/events/event.hpp"
#include "daemon/terminals/outbox.hpp"
#include "daemon/terminals/queued_taps.hpp"
#include "daemon/terminals/services.hpp"
#include "daemon/terminals/signal.hpp"
#include "daemon/terminals/status.hpp"
#include "daemon/terminals/terminal_kiosk.hpp"
#include "protocol/link.hpp"

namespace rollcall::terminals {

class Session;

// What a session asks of the hub. Called on the reactor.
class SessionOwner {
 public:
  // The peer greeted. The configured terminal, or nothing: then the session closes. An older
  // session of the same terminal is displaced.
  virtual const config::Terminal* greeted(Session& session, const std::string& serial) = 0;
  virtual HubCounters& counters() = 0;
  // A terminal came or went.
  virtual void changed() = 0;

 protected:
  ~SessionOwner() = default;
};

class Session final : public std::enable_shared_from_this<Session>,
                      private protocol::LinkEvents,
                      private Panel {
 public:
  using Socket = boost::asio::generic::stream_protocol::socket;
  using Clock = std::chrono::steady_clock;

  static constexpr std::size_t max_live_in_flight = 16;  // not committed; then nothing more is read
  static constexpr std::uint32_t max_bad_frames = 64;  // per connection; a socket has no line noise
  static constexpr std::uint32_t max_faults = 32;      // other breaches, per connection
  static constexpr std::chrono::minutes time_interval{10};  // between `time` messages
  static constexpr std::chrono::seconds resend_quiet{10};   // without stored taps: resend is over
  static constexpr std::chrono::milliseconds finish_limit{700};
  static constexpr std::chrono::milliseconds goodbye_limit{200};
  // Nobody is offered anything when somebody else tapped less than this before: people are in line.
  static constexpr std::chrono::milliseconds line_gap{4000};

  // `peer`: for logs. The owner outlives the session.
  Session(SessionOwner& owner, const Services& services, Socket socket, std::string peer);
  ~Session();

  // The whole life of the connection; never throws.
  boost::asio::awaitable<void> run();

  // Ends the session: what is being committed is still answered, then goodbye; within finish_limit.
  void finish(flows::Interruption why);
  // Ends it now: a newer connection of the same terminal is up.
  void displace();
  // Drops the connection without a word.
  void abort();
  // A restore has marked epochs while the terminal was connected: asks for their taps.
  void ask_for_missing();

  const std::string& serial() const { return serial_; }   // "" before the greeting
  bool served() const { return serving_since_ms_ != 0; }  // it said how it is, now or before
  // This connection's part of the terminal's status.
  void describe(TerminalStatus& status) const;

 private:
  enum class Stage { greeting, up, serving, closed };
  struct TapKey {
    protocol::StorageEpoch epoch{};
    std::uint64_t number = 0;
    bool operator==(const TapKey&) const = default;
  };

  struct LastTap {
    std::uint32_t boot = 0;
    std::uint64_t monotonic_ms = 0;
    std::int64_t wall_ms = 0;
  };

  // Loops
  boost::asio::awaitable<void> transport();
  boost::asio::awaitable<void> read_loop();
  boost::asio::awaitable<void> write_loop();
  boost::asio::awaitable<void> timer_loop();
  // Starts a coroutine that run() waits for.
  void spawn(boost::asio::awaitable<void> child);

  // LinkEvents
  void on_up(const protocol::Hello& peer) override;
  void on_message(std::uint8_t channel, Bytes payload) override;
  void on_sent() override;
  void on_down(protocol::CloseReason reason) override;

  // Panel
  std::uint32_t put(std::shared_ptr<const screens::Screen> screen) override;
  void put_idle() override;

  // Messages
  template <class Message>
  void decode_and(Bytes payload, void (Session::*handle)(const Message&));
  void handle_state(const protocol::TerminalState& state);
  void handle_tap(const protocol::Tap& tap);
  void handle_queued(const protocol::QueuedTap& tap);
  void handle_gave_up(const protocol::GaveUp& gave_up);
  void handle_touch(const protocol::Touch& touch);

  boost::asio::awaitable<void> welcome(protocol::TerminalState state);
  void ask_again_for(std::vector<protocol::StorageEpoch> epochs);
  boost::asio::awaitable<void> read_missing();
  boost::asio::awaitable<void> send_kept_screens(screens::Size size);
  boost::asio::awaitable<void> offer(protocol::Tap tap, std::string person,
                                     std::string person_language);
  void answer(const protocol::Tap& tap, Clock::time_point arrived, bool alone,
              const attendance::TapResult& result);
  void queued_done(const QueuedTaps::Done& done);
  bool may_offer(const protocol::Tap& tap, Clock::time_point arrived, bool alone,
                 const attendance::TapResult& result) const;
  bool gave_up(const TapKey& tap) const;
  bool nobody_in_line(const protocol::Tap& tap) const;

  template <class Message>
  void send(const Message& message) {
    sent_or_slow(outbox_.push(message));
  }
  void sent_or_slow(bool queued);
  void pump();
  void check_frames();
  void rearm();
  void end_when_finished();
  events::TimeBlock host_time() const;
  void fault(std::uint64_t& counter, const char* what);
  void close_link();
  bool may_read() const;
  protocol::Millis now() const;
  Clock::time_point next_wake() const;
  void on_timers();
  bool has_panel() const;  // that can be touched and drawn for
  screens::Size panel_size() const { return {state_.panel_width, state_.panel_height}; }

  SessionOwner& owner_;
  const Services& services_;
  Socket socket_;
  std::string peer_;
  boost::asio::any_io_executor executor_;

  protocol::ClearSession clear_;
  protocol::Link link_;
  Outbox outbox_;
  std::array<std::uint8_t, 2048> incoming_{};
  std::vector<std::uint8_t> outgoing_;
  Signal read_signal_;
  Signal write_signal_;
  Signal timer_signal_;
  Signal children_signal_;
  int children_ = 0;

  Stage stage_ = Stage::greeting;
  Clock::time_point connected_at_ = Clock::now();
  Clock::time_point armed_until_ = Clock::time_point::max();
  std::string serial_;
  const config::Terminal* terminal_ = nullptr;
  std::optional<QueuedTaps> queued_;
  protocol::Hello hello_;
  std::string firmware_;
  protocol::TerminalState state_;
  bool welcoming_ = false;
  std::int64_t last_seen_ms_ = 0;
  std::int64_t serving_since_ms_ = 0;

  std::size_t live_in_flight_ = 0;
  std::deque<TapKey> gave_up_;  // the newest few
  std::optional<LastTap> last_tap_;

  bool offering_ = false;
  TapKey offered_tap_;
  TerminalKiosk* kiosk_ = nullptr;  // while a flow has the panel
  std::uint32_t next_live_screen_ = 1000;

  std::vector<protocol::StorageEpoch> resending_;
  Clock::time_point resend_over_at_ = Clock::time_point::max();
  Clock::time_point next_time_at_ = Clock::time_point::max();

  std::optional<Clock::time_point> finish_by_;
  flows::Interruption finish_why_ = flows::Interruption::shutdown;
  Clock::time_point closed_at_{};
  std::uint32_t faults_ = 0;
  std::uint32_t bad_frames_ = 0;
  std::uint64_t taps_live_ = 0;
  std::uint64_t taps_queued_ = 0;
};

}  // namespace rollcall::terminals
