// The terminal: one cooperative loop over explicit state machines. It does no I/O of its own; hal
// does.
//
//   tap:   none --card--> recognised --> taken --answer--> shown
//                                             \--deadline, link lost--> amber, gave_up
//   link:  down --connection--> greeting --> handshake --> up --welcome--> welcomed
//                                       \--window open--> enrolment
//   panel: number to compare > answer > live screen > rest (idle, idle_offline, out_of_service)
//          awake --rest, nobody for panel_sleep--> dark --card, finger, key, anything to show-->
//          awake
//
// terminal.cpp has the loop, terminal_reader.cpp the way of a tap, terminal_link.cpp the link and
// what goes out, terminal_panel.cpp light and panel, terminal_input.cpp fingers, keys and sleep,
// terminal_messages.cpp and terminal_requests.cpp what the host says, terminal_settings.cpp what
// enrolment leaves.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "firmware/log/ring.hpp"
#include "firmware/log/transfer.hpp"
#include "firmware/queue/queue.hpp"
#include "firmware/settings/store.hpp"
#include "firmware/terminal/card_exchange.hpp"
#include "firmware/terminal/enrolment.hpp"
#include "firmware/terminal/feedback.hpp"
#include "firmware/terminal/incoming.hpp"
#include "firmware/terminal/observer.hpp"
#include "firmware/terminal/outbox.hpp"
#include "firmware/terminal/screens.hpp"
#include "firmware/terminal/site_clock.hpp"
#include "firmware/terminal/task.hpp"
#include "firmware/terminal/update.hpp"
#include "firmware/terminal/upload.hpp"
#include "hal/card_reader.hpp"
#include "hal/clock.hpp"
#include "hal/crash.hpp"
#include "hal/debounce.hpp"
#include "hal/display.hpp"
#include "hal/entropy.hpp"
#include "hal/indicator.hpp"
#include "hal/keys.hpp"
#include "hal/link_port.hpp"
#include "hal/recognition.hpp"
#include "hal/reset.hpp"
#include "hal/storage.hpp"
#include "hal/touch.hpp"
#include "protocol/link.hpp"

namespace rollcall::firmware {

namespace terminal_timing {
inline constexpr Millis answer_shown{1200};  // at least, or until the next tap
inline constexpr Millis answer_soon{150};    // after a tap: no picture between two answers
inline constexpr Millis acknowledgement_delay{
    1000};  // acknowledgements that arrive within go into one record
inline constexpr Millis link_restart{1000};     // after the end of a link
inline constexpr Millis link_refused{30000};    // after a host with another site key
inline constexpr Millis link_keyless{30000};    // between calls of a terminal without a key
inline constexpr Millis identify_tune{2000};    // the tune of `identify` sounds this often
inline constexpr Millis reboot_patience{2000};  // for the reply to `reboot` to arrive
inline constexpr Millis storage_retry{300000};  // from a start that could not read its storage
inline constexpr Millis panel_sleep{300000};    // at rest and nobody there: the panel goes dark
inline constexpr Millis never = Millis::max();
}  // namespace terminal_timing

struct Devices {
  hal::CardReader& reader;
  hal::Indicator& indicator;
  hal::Clock& clock;
  hal::Entropy& entropy;
  hal::LinkPort& port;
  hal::Storage& queue;
  hal::Storage& settings;
  Screens* screens = nullptr;         // null: no panel
  hal::TouchPanel* touch = nullptr;   // null: no touch
  hal::Storage* staging = nullptr;    // for a firmware image; null: no second slot
  hal::Reset* reset = nullptr;        // null: the host cannot restart this terminal
  hal::Keys* keys = nullptr;          // null: none
  hal::CrashMemory* crash = nullptr;  // null: a crash leaves no word
  LogRing* log = nullptr;             // begun; null: no log
  // Without touch: the keys below the two marks of a number to compare.
  std::uint8_t key_different = 0;
  std::uint8_t key_same = 4;
};

// What the terminal is, as its HELLO says.
struct Identity {
  Bounded<32> serial;
  Bounded<24> version;
  protocol::ResetReason reset = protocol::ResetReason::power_on;
  Update::Running running;
  protocol::UpdateOutcome last_update = protocol::UpdateOutcome::none;
  std::uint16_t max_frame = protocol::max_body;
  std::uint32_t line_rate = 0;  // bytes a second; 0 = as goes with the agreed frame size
};

struct TerminalCounters {
  std::uint32_t taps = 0;          // recorded
  std::uint32_t not_accepted = 0;  // refused visibly, nothing recorded; also several cards at once
  std::uint32_t gave_up = 0;
  std::uint32_t late_answers = 0;
  std::uint32_t touches_dropped = 0;   // no host, or more than it could take
  std::uint32_t keys = 0;              // pressed
  std::uint32_t keys_dropped = 0;      // no host, or more than it could take
  std::uint32_t cards = 0;             // that came to the reader
  std::uint32_t site_key_refused = 0;  // a host of another site
  std::uint32_t bad_messages = 0;      // not decodable, unknown, or not for this state
  std::uint32_t storage_errors = 0;    // of queue and settings
  std::uint32_t handshakes = 0;        // that proved both keys
};

class Terminal final : private protocol::LinkEvents {
 public:
  // References in `devices` and `observer` (may be null) outlive this.
  Terminal(const Devices& devices, const Identity& identity, Observer* observer);
  ~Terminal() = default;

  // Reads the settings. The first step() greets the host, then shows the rest screen.
  void start();
  // Whether the storage could be read back. If not, the terminal is out of service: step() goes on
  // and every tap is refused visibly. Where the device failed, it starts anew after storage_retry:
  // a loose contact mends itself.
  const std::expected<void, QueueError>& recovered() const { return recovered_; }

  // One turn of the loop: call on any event of a device and when the returned time (of the clock
  // device) has come; terminal_timing::never = only on events.
  Millis step();

  // Counters since the start, as the host is told them.
  protocol::Stats stats();

  // Opens the provisioning window, as the button inside the housing does. What becomes of it is
  // told to the observer.
  void open_window() { enrolment_.open(devices_.clock.monotonic()); }
  // The person at the terminal compared the numbers; also done by touch on the panel.
  void agree(bool same) { enrolment_.agree(same); }
  void close_window() { enrolment_.cancel(); }
  const Enrolment& enrolment() const { return enrolment_; }

  // What enrolment and host left; nothing while the terminal belongs to no site.
  const std::optional<Settings>& settings() const { return settings_; }
  // Why there are none.
  std::optional<SettingsError> settings_problem() const { return settings_problem_; }
  bool welcomed() const { return welcomed_; }
  // A tap waits for its answer; one more is taken after that.
  bool awaiting_answer() const { return waiting_.has_value(); }
  const Queue& queue() const { return queue_; }
  const SiteClock& clock() const { return clock_; }
  const Update& update() const { return update_; }
  const TerminalCounters& counters() const { return counters_; }
  const protocol::LinkCounters& link_counters() const { return link_.counters(); }
  protocol::LinkState link_state() const { return link_.state(); }
  const hal::Debounce& debounce() const { return debounce_; }
  // What the panel shows: a kept slot, or `live` with the screen's id.
  protocol::ScreenSlot shown_slot() const { return panel_.slot; }
  std::uint32_t shown_live() const { return panel_.live; }
  // The last feedback, while it shows.
  std::optional<Shown> shown() const { return answer_; }
  bool asleep() const { return asleep_; }
  // The position of the key that was pressed last.
  std::uint8_t last_key() const { return last_key_; }

  // Somebody else has used panel and light: all is shown anew.
  void redraw();
  // Restarts the board as the host's `reboot` does. Without effect on a board that cannot.
  void restart();

 private:
  // A tap that waits for its answer.
  struct Waiting {
    hal::Card card;
    protocol::Tap tap;
    std::uint64_t index = 0;
    Millis taken_at{0};
    bool sent = false;
  };
  struct Panel {
    protocol::ScreenSlot slot = protocol::ScreenSlot::live;
    std::uint32_t live = 0;
    std::optional<std::uint32_t> number;  // to be compared
    friend bool operator==(const Panel&, const Panel&) = default;
  };
  struct Reboot {
    Millis at{0};
    Millis latest{0};
  };

  // LinkEvents (terminal_link.cpp)
  protocol::Admission on_greeting(const protocol::Hello& peer, protocol::LinkKeys& keys) override;
  void on_up(const protocol::Hello& peer, std::size_t key) override;
  void on_message(Bytes payload) override;
  void on_sent() override {}
  void on_down(protocol::CloseReason reason) override;

  // terminal_messages.cpp
  void handle(const protocol::Welcome& welcome);
  void handle(const protocol::Answer& answer);
  void handle(const protocol::TapAck& ack);
  void handle(const protocol::ResendTaps& resend);
  void handle(const protocol::OpenEpoch& open);
  void leave_epoch();
  void handle(const protocol::Screen& screen);
  void handle(const protocol::ScreenShow& show);
  void handle(const protocol::TimeReply& reply);
  template <class Message>
  void decode_and_handle(Bytes payload);
  // terminal_requests.cpp
  void handle(const protocol::Feedback& feedback);
  void handle(const protocol::CardWatch& watch);
  void handle(const protocol::ApduRequest& request);
  void handle(const protocol::Identify& identify);
  void handle(const protocol::StatsRequest&);
  void handle(const protocol::LogRequest&);
  void handle(const protocol::UpdateOffer& offer);
  void handle(const protocol::Configure& configure);
  void handle(const protocol::RotateKey& rotate);
  void handle(const protocol::Reboot& reboot);
  void reply(protocol::Op to, protocol::ReplyStatus status);
  bool send_log();

  // terminal_link.cpp
  void run_link();
  void run_handshake();
  void run_window();
  void run_uplink();
  bool send_next();
  bool send_reply();
  bool send_queued();
  void run_output();
  protocol::Hello hello() const;
  protocol::TerminalState state() const;
  Millis restart_at(protocol::CloseReason reason) const;
  template <class Message>
  bool send(const Message& message);

  // terminal_reader.cpp
  void run_deadline();
  void run_reader();
  void watch(const Sight& seen);
  void take(const Sight& seen);
  void give_up();
  void show(const hal::Card& card, const protocol::Tap* tap, Shown shown, Millis taken_at);

  // terminal_settings.cpp
  void load_settings();
  bool save(const Settings& settings);
  void take_site_key();
  bool in_service() const;
  bool storage_failed() const;
  void run_enrolment();

  // terminal_input.cpp
  void run_input();
  void touched(const hal::TouchPoint& point);
  void pressed(const hal::KeyPress& press);
  bool only_wakes();
  void agree_if_shown(bool same);
  void run_sleep();
  void wake();
  bool panel_asks() const;
  bool at_rest() const;

  // terminal_panel.cpp
  void run_panel();
  void draw_panel();
  void run_identify();
  void show_outcome(Shown shown, Millis until);
  protocol::ScreenSlot rest_slot() const;
  void set_rest_light();

  // terminal.cpp
  void run(Task task, void (Terminal::*work)());
  void log(Event event, std::uint32_t a = 0, std::uint32_t b = 0);
  void log_start();
  void run_storage();
  void run_reboot();
  Millis next_deadline();

  Devices devices_;
  Identity identity_;
  Observer* observer_;
  EphemeralUnitKeys unit_keys_;
  Queue queue_;
  std::expected<void, QueueError> recovered_;
  SettingsStore store_;
  std::optional<Settings> settings_;
  std::optional<SettingsError> settings_problem_;
  SiteClock clock_;
  hal::Recognition recognition_;
  CardExchange exchange_;
  hal::Debounce debounce_;
  Upload upload_;
  LogTransfer log_transfer_;
  Update update_;
  Incoming incoming_;
  protocol::BulkChannel bulk_;
  Enrolment enrolment_;
  protocol::Link link_;

  Millis now_{0};

  std::uint32_t connection_ = 0;
  Millis link_restart_at_{0};
  Millis link_started_at_{0};
  bool enrolling_ = false;  // as the HELLO of this link says
  bool state_due_ = false;
  Millis state_sent_at_{0};  // of the clock's counter
  protocol::StorageEpoch told_epoch_{};
  bool welcomed_ = false;
  bool refused_ = false;  // this host holds another site's key
  bool disconnect_due_ = false;

  std::optional<Waiting> waiting_;
  std::optional<Sight> next_;  // came while a tap waits for its answer
  Outbox<protocol::GaveUp, 4> gave_up_;
  Outbox<protocol::Touch, 8> touches_;
  Outbox<protocol::Key, 8> keys_;
  Outbox<protocol::Card, 4> cards_;
  Outbox<protocol::Reply, 8> replies_;
  bool stats_due_ = false;
  bool log_due_ = false;
  // So that one trouble does not push everything else out of the log.
  std::uint32_t storage_errors_logged_ = 0;
  std::optional<protocol::CloseReason> down_logged_;
  std::optional<QueueError> not_accepted_logged_;
  bool watching_cards_ = false;
  Sight watched_;  // the card that the host knows of
  std::optional<Reboot> reboot_;

  std::optional<Shown> answer_;
  Millis answer_until_{0};
  std::optional<protocol::Feedback> feedback_due_;
  Millis identify_until_{0};
  Millis identify_tune_at_{0};
  hal::Light light_;
  std::uint32_t live_wanted_ = 0;
  Panel panel_;
  bool draw_due_ = false;  // an answer's, also after one that looks the same
  std::uint8_t last_key_ = 0;
  bool asleep_ = false;
  Millis active_at_{0};  // somebody was there, or something else than rest was shown

  bool prepare_due_ = true;
  std::optional<Millis> acknowledgements_due_;

  TerminalCounters counters_;
};

}  // namespace rollcall::firmware
