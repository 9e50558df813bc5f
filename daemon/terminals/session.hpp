// One terminal's connection: the link, what it says and hears, until the connection ends.
// session.cpp has its life, session_messages.cpp what the terminal says, session_keys.cpp
// enrolment, session_requests.cpp what staff ask for, session_cards.cpp cards that prove a key,
// session_screens.cpp the screens, session_flows.cpp what follows the answer to a tap and
// session_signing.cpp the signing of half-days.
//
//   greeting --handshake with a key of the registry--> up --terminal_state--> serving --> closed
//           \--provisioning window--> enrolling --> closed
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "daemon/cards/card_visits.hpp"
#include "daemon/events/event.hpp"
#include "daemon/flows/other_way.hpp"
#include "daemon/flows/sign_half_day.hpp"
#include "daemon/registry/registry.hpp"
#include "daemon/terminals/alarms.hpp"
#include "daemon/terminals/enrolment.hpp"
#include "daemon/terminals/incoming.hpp"
#include "daemon/terminals/journal.hpp"
#include "daemon/terminals/outbox.hpp"
#include "daemon/terminals/presence.hpp"
#include "daemon/terminals/queued_taps.hpp"
#include "daemon/terminals/screen_sender.hpp"
#include "daemon/terminals/services.hpp"
#include "daemon/terminals/signal.hpp"
#include "daemon/terminals/start_clock.hpp"
#include "daemon/terminals/status.hpp"
#include "daemon/terminals/terminal_kiosk.hpp"
#include "daemon/terminals/transfers.hpp"
#include "daemon/terminals/update.hpp"
#include "hal/host/links/link.hpp"
#include "protocol/enrolment.hpp"
#include "protocol/link.hpp"

namespace rollcall::terminals {

class Session;

// What a session asks of the hub. Called on the reactor.
class SessionOwner {
 public:
  // The peer has proven a key of this terminal. An older session of it is displaced.
  virtual void proven(Session& session) = 0;
  virtual Enrolment& enrolment() = 0;
  virtual Update& update() = 0;
  virtual Alarms& alarms() = 0;
  virtual Presence& presence() = 0;
  virtual HubCounters& counters() = 0;
  // A terminal came or went.
  virtual void changed() = 0;

 protected:
  ~SessionOwner() = default;
};

class Session final : public std::enable_shared_from_this<Session>,
                      private protocol::LinkEvents,
                      private EnrolmentPeer,
                      private UpdatePeer,
                      private Panel {
 public:
  using Clock = std::chrono::steady_clock;

  static constexpr std::size_t max_live_in_flight = 16;  // not committed; then nothing more is read
  static constexpr std::uint32_t max_bad_frames =
      64;  // per connection; on a line as many as noise makes
  static constexpr std::uint32_t max_faults = 32;          // other breaches, per connection
  static constexpr std::chrono::seconds resend_quiet{10};  // without stored taps: resend is over
  static constexpr std::uint32_t max_tampers = 50;         // that are recorded of a connection
  static constexpr std::chrono::milliseconds finish_limit{700};
  static constexpr std::chrono::milliseconds answer_limit{5000};  // to what staff ask for
  static constexpr std::chrono::milliseconds log_limit{30000};    // for a log to arrive
  static constexpr std::size_t max_questions = 8;                 // of staff's at a time
  static constexpr std::chrono::milliseconds goodbye_limit{200};
  // Nobody is offered anything when somebody else tapped less than this before: people are in line.
  static constexpr std::chrono::milliseconds line_gap{4000};
  // For how long it shows what a person said instead.
  static constexpr std::chrono::milliseconds other_answer{2000};

  // The owner outlives the session, which closes the link at its end.
  Session(SessionOwner& owner, const Services& services, boost::asio::any_io_executor reactor,
          std::shared_ptr<links::Link> wire);
  ~Session();

  // The whole life of the connection; never throws.
  boost::asio::awaitable<void> run();

  // Ends the session: what is being committed is still answered, then goodbye; within finish_limit.
  void finish(flows::Interruption why);
  // Ends it now: `newer`, of the same terminal, is up.
  void displace(Session& newer);
  // Ends it now: the terminal was revoked.
  void revoke();
  // The registry says something else about this terminal: it is told.
  void configure();
  // Gives the terminal another link key (registry::Registry::rotate made it), and waits until it
  // says that it has stored it. Otherwise a clause.
  boost::asio::awaitable<std::expected<void, std::string>> hand_over_key(crypto::Key key);
  // As LiveTerminals has it.
  boost::asio::awaitable<std::expected<void, std::string>> identify(std::chrono::seconds time);
  boost::asio::awaitable<std::expected<protocol::Stats, std::string>> stats();
  boost::asio::awaitable<std::expected<std::string, std::string>> log();
  UpdatePeer& for_update() { return *this; }
  bool talks_to_cards() const { return (hello_.capabilities & protocol::capability::apdu) != 0; }
  // Drops the connection without a word.
  void abort();
  // A restore has marked epochs while the terminal was connected: asks for their taps.
  void ask_for_missing();

  const std::string& serial() const { return serial_; }  // "" before the greeting
  bool serving() const { return stage_ == Stage::serving; }
  bool served() const { return serving_since_ms_ != 0; }  // it said how it is, now or before
  protocol::CloseReason closed_why() const { return closed_why_; }
  // This connection's part of the terminal's status.
  void describe(TerminalStatus& status) const;

 private:
  enum class Stage { greeting, up, serving, enrolling, closed };
  struct TapKey {
    protocol::StorageEpoch epoch{};
    std::uint64_t number = 0;
    bool operator==(const TapKey&) const = default;
  };

  // Of staff's, until the terminal has answered.
  struct Question {
    protocol::Op op;
    Signal signal;
    std::optional<protocol::ReplyStatus> answer;
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
  boost::asio::awaitable<void> run_handshake(protocol::Handshake step);
  // Starts a coroutine that run() waits for.
  void spawn(boost::asio::awaitable<void> child);

  // LinkEvents
  protocol::Admission on_greeting(const protocol::Hello& peer, protocol::LinkKeys& keys) override;
  void on_up(const protocol::Hello& peer, std::size_t key) override;
  void on_message(Bytes payload) override;
  void on_sent() override;
  void on_down(protocol::CloseReason reason) override;

  // Panel
  std::uint32_t put(std::shared_ptr<const screens::Screen> screen) override;
  void put_idle() override;
  void give_answer(protocol::Outcome outcome) override;

  // EnrolmentPeer
  void numbers_agree() override;
  void attempt_over() override;

  // UpdatePeer
  void offer_update(const protocol::UpdateOffer& offer) override;
  void send_image(std::shared_ptr<const std::vector<std::uint8_t>> image,
                  const crypto::Digest& digest) override;
  void drop_image() override;
  bool image_waits() const override { return transfers_.firmware_waits(); }
  std::uint8_t slot_in_use() const override { return hello_.slot; }

  // Messages
  template <class Message>
  void decode_and(Bytes payload, void (Session::*handle)(const Message&));
  void handle_state(const protocol::TerminalState& state);
  void handle_tap(const protocol::Tap& tap);
  void handle_queued(const protocol::QueuedTap& tap);
  void handle_gave_up(const protocol::GaveUp& gave_up);
  void handle_touch(const protocol::Touch& touch);
  void handle_key(const protocol::Key& key);
  void handle_time_request(const protocol::TimeRequest& request);
  void handle_reply(const protocol::Reply& reply);
  void handle_stats(const protocol::Stats& stats);
  void handle_update_state(const protocol::UpdateState& state);
  void handle_tamper(const protocol::Tamper& tamper);
  // session_cards.cpp
  void handle_apdu_response(const protocol::ApduResponse& response);
  void handle_apdu_wait(const protocol::ApduWait& wait);
  cards::CardVisits::Hooks card_hooks();
  void submit(const cards::LiveTap& live, const attendance::CardProof& proof);
  void dispatch(protocol::Op op, Bytes payload);

  // Waits for the answer to a message that was sent just now; a clause when there is none in time.
  boost::asio::awaitable<std::expected<protocol::ReplyStatus, std::string>> answer_to(
      protocol::Op op, std::chrono::milliseconds limit = answer_limit);
  bool answered(std::uint16_t op, protocol::ReplyStatus status);
  bool asked_for_log() const;
  void log_ended(std::optional<std::string> text);
  boost::asio::awaitable<void> welcome(protocol::TerminalState state);
  void ask_again_for(std::vector<protocol::StorageEpoch> epochs);
  boost::asio::awaitable<void> read_missing();
  // session_screens.cpp
  void begin_screens();
  void send_screens_again();
  boost::asio::awaitable<void> send_kept_screens(screens::Size size);
  boost::asio::awaitable<void> show_time(screens::Size size);
  void answer(const cards::LiveTap& live, const attendance::TapResult& result);
  void queued_done(const QueuedTaps::Done& done);
  // session_flows.cpp
  bool may_turn_round(const attendance::TapResult& result) const;
  bool may_be_asked(const cards::LiveTap& live, const attendance::TapResult& result) const;
  void follow(const cards::LiveTap& live, const attendance::TapResult& result);
  boost::asio::awaitable<void> after_answer(protocol::Tap tap, attendance::TapResult result,
                                            bool may_be_asked);
  attendance::TurnRequest turn_of(const protocol::Tap& tap,
                                  const attendance::TapResult& result) const;
  boost::asio::awaitable<flows::OtherWay> offer_other_way(TerminalKiosk& kiosk,
                                                          const protocol::Tap& tap,
                                                          const attendance::TapResult& result);
  boost::asio::awaitable<void> offer_assessment(TerminalKiosk& kiosk, const protocol::Tap& tap,
                                                const attendance::TapResult& result);
  // session_signing.cpp
  attendance::SigningForms signing_forms() const;
  bool may_sign(const attendance::TapResult& result) const;
  halfdays::OwnTap own_tap(const protocol::Tap& tap, const attendance::TapResult& result) const;
  std::optional<std::string> asked_for_card();
  void heard_of_card(const cards::LiveTap& live, const attendance::TapResult& result);
  boost::asio::awaitable<flows::SigningEnd> offer_signing(TerminalKiosk& kiosk,
                                                          const protocol::Tap& tap,
                                                          const attendance::TapResult& result);
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
  void fault(std::uint64_t& counter, const char* what);
  void close_link();
  void begin_enrolment();
  void enrolment_went_on();
  boost::asio::awaitable<void> prove_enrolled();
  void alarm(protocol::CloseReason reason);
  // Who came and went (session_presence.cpp).
  Arrival arrival(const protocol::TerminalState& state) const;
  void note_departure();
  void note_clock_set(const protocol::QueuedTap& tap);
  attendance::HeardOf last_heard() const;
  const char* cause_of_end() const;
  Alarms::Source source() const;
  bool may_read() const;
  protocol::Millis now() const;
  Clock::time_point next_wake() const;
  bool must_greet() const;
  void on_timers();
  bool has_panel() const;  // that can be touched and has room for questions
  screens::Size panel_size() const { return {state_.panel_width, state_.panel_height}; }

  SessionOwner& owner_;
  const Services& services_;
  const std::shared_ptr<links::Link> wire_;
  boost::asio::any_io_executor executor_;

  QueueTransfers queue_transfers_;
  LogTransfer log_transfer_;
  Incoming incoming_transfers_{queue_transfers_, log_transfer_};
  protocol::BulkChannel bulk_{&incoming_transfers_};
  protocol::Link link_;
  Outbox outbox_;
  Transfers transfers_{bulk_};
  ScreenSender screens_;
  std::array<std::uint8_t, 2048> incoming_{};
  std::vector<std::uint8_t> outgoing_;
  Signal read_signal_;
  Signal write_signal_;
  Signal timer_signal_;
  Signal children_signal_;
  Signal rest_signal_;  // the end, for who waits for the next minute
  int children_ = 0;

  Stage stage_ = Stage::greeting;
  Clock::time_point connected_at_ = Clock::now();  // on a line: when it was greeted
  Clock::time_point armed_until_ = Clock::time_point::max();
  std::string serial_;
  const registry::Entry* terminal_ = nullptr;
  protocol::LinkKeys offered_;  // the keys given to the link
  crypto::Key proven_key_{};    // the one that the terminal has shown to hold
  std::optional<protocol::HostEnrolment> enrolment_;
  crypto::Key granted_key_{};
  std::optional<QueuedTaps> queued_;
  protocol::Hello hello_;
  std::string firmware_;
  protocol::TerminalState state_;
  bool welcoming_ = false;
  StartClock start_clock_;
  bool clock_may_be_set_ = false;  // this session is the first of a start, and has not told so yet
  // When the kept screens last went, or began to.
  std::optional<Clock::time_point> screens_sent_at_;
  std::int64_t last_seen_ms_ = 0;  // also when the bytes arrived that are being read
  protocol::ClockTrust last_seen_trust_ = protocol::ClockTrust::unproven;  // of the host, then
  std::int64_t serving_since_ms_ = 0;
  Clock::time_point serving_since_{};
  bool arrival_due_ = false;            // to be written with the first greeting
  bool arrival_told_ = false;           // written, and its end is not
  std::optional<Displaced> took_over_;  // the connection that this one displaced
  bool displaced_ = false;
  bool revoked_ = false;
  protocol::CloseReason closed_why_ = protocol::CloseReason::none;
  std::size_t unanswered_ = 0;  // live taps, at the end

  std::size_t live_in_flight_ = 0;
  std::deque<TapKey> gave_up_;  // the newest few
  cards::CardVisits visits_;
  std::optional<LastTap> last_tap_;

  TapKey newest_tap_;
  TerminalKiosk* kiosk_ = nullptr;  // while a flow has the panel
  std::string signer_;              // who is asked to sign there
  Signal flow_over_signal_;
  std::uint32_t next_live_screen_ = 1000;

  std::vector<protocol::StorageEpoch> resending_;
  Clock::time_point resend_over_at_ = Clock::time_point::max();
  std::vector<Question*> questions_;  // in the order they were asked
  std::uint32_t tampers_ = 0;
  std::optional<protocol::Stats> stats_;  // the newest
  std::string log_;                       // likewise

  std::optional<Clock::time_point> finish_by_;
  flows::Interruption finish_why_ = flows::Interruption::shutdown;
  Clock::time_point closed_at_{};
  std::uint32_t faults_ = 0;
  std::uint32_t bad_frames_ = 0;
  std::uint64_t taps_live_ = 0;
  std::uint64_t taps_queued_ = 0;
};

}  // namespace rollcall::terminals
