// The terminal: one cooperative loop over explicit state machines. It does no I/O of its own; hal
// does.
//
//   tap:   none --card--> taken --answer--> shown
//                              \--deadline, link lost--> amber, gave_up
//   link:  down --connection--> greeting --HELLO--> up --welcome--> welcomed
//   panel: live screen > answer > rest (idle, idle_offline, out_of_service)
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

#include "firmware/queue/queue.hpp"
#include "firmware/terminal/debounce.hpp"
#include "firmware/terminal/feedback.hpp"
#include "firmware/terminal/observer.hpp"
#include "firmware/terminal/screens.hpp"
#include "firmware/terminal/site_clock.hpp"
#include "firmware/terminal/upload.hpp"
#include "hal/card_reader.hpp"
#include "hal/clock.hpp"
#include "hal/display.hpp"
#include "hal/entropy.hpp"
#include "hal/indicator.hpp"
#include "hal/link_port.hpp"
#include "hal/storage.hpp"
#include "hal/touch.hpp"
#include "protocol/link.hpp"

namespace rollcall::firmware {

namespace terminal_timing {
inline constexpr Millis answer_shown{1200};  // at least, or until the next tap
inline constexpr Millis acknowledgement_delay{
    1000};  // acknowledgements that arrive within go into one record
inline constexpr Millis link_restart{1000};   // after a link closed on a port that stays connected
inline constexpr Millis link_refused{30000};  // after a host with another site key
inline constexpr Millis never = Millis::max();
}  // namespace terminal_timing

struct Devices {
  hal::CardReader& reader;
  hal::Indicator& indicator;
  hal::Clock& clock;
  hal::Entropy& entropy;
  hal::LinkPort& port;
  hal::Storage& queue;
  Screens* screens = nullptr;        // null: no panel
  hal::TouchPanel* touch = nullptr;  // null: no touch
};

struct Identity {
  Bounded<32> serial;
  Bounded<24> version;
  protocol::ResetReason reset = protocol::ResetReason::power_on;
};

struct TerminalCounters {
  std::uint32_t taps = 0;          // recorded
  std::uint32_t not_accepted = 0;  // refused visibly, nothing recorded
  std::uint32_t gave_up = 0;
  std::uint32_t late_answers = 0;
  std::uint32_t touches_dropped = 0;   // no host, or more than it could take
  std::uint32_t site_key_refused = 0;  // a host of another site
  std::uint32_t bad_messages = 0;      // not decodable, or unknown
};

class Terminal final : private protocol::LinkEvents {
 public:
  // References in `devices` and `observer` (may be null) outlive this.
  Terminal(const Devices& devices, const Identity& identity, Observer* observer);
  ~Terminal() = default;

  // Shows the rest screen.
  void start();
  // Whether the storage could be read back. If not, the terminal is out of service: step() goes on
  // and every tap is refused visibly.
  const std::expected<void, QueueError>& recovered() const { return recovered_; }

  // One turn of the loop: call on any event of a device and when the returned time (of the clock
  // device) has come; terminal_timing::never = only on events.
  Millis step();

  bool welcomed() const { return welcomed_; }
  // A tap waits for its answer; the reader is looked at again after that.
  bool awaiting_answer() const { return waiting_.has_value(); }
  const Queue& queue() const { return queue_; }
  const TerminalCounters& counters() const { return counters_; }
  const protocol::LinkCounters& link_counters() const { return link_.counters(); }
  const Debounce& debounce() const { return debounce_; }
  // What the panel shows: a kept slot, or `live` with the screen's id.
  protocol::ScreenSlot shown_slot() const { return panel_.slot; }
  std::uint32_t shown_live() const { return panel_.live; }
  // The last feedback, while it shows.
  std::optional<Shown> shown() const { return answer_; }

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
    friend bool operator==(const Panel&, const Panel&) = default;
  };
  template <class Message, std::size_t Capacity>
  struct Outbox {
    std::array<Message, Capacity> items{};
    std::size_t count = 0;
    bool push(const Message& message) {
      if (count == Capacity) return false;
      items[count++] = message;
      return true;
    }
    void pop() {
      for (std::size_t i = 1; i < count; ++i) items[i - 1] = items[i];
      --count;
    }
  };

  // LinkEvents
  void on_up(const protocol::Hello& peer) override;
  void on_message(std::uint8_t channel, Bytes payload) override;
  void on_sent() override {}
  void on_down(protocol::CloseReason reason) override;

  void handle(const protocol::Welcome& welcome);
  void handle(const protocol::Answer& answer);
  void handle(const protocol::TapAck& ack);
  void handle(const protocol::ResendTaps& resend);
  void handle(const protocol::OpenEpoch& open);
  void handle(const protocol::ScreenBegin& begin);
  void handle(const protocol::ScreenData& data);
  void handle(const protocol::ScreenShow& show);
  void handle(const protocol::Time& time);
  template <class Message>
  void decode_and_handle(Bytes payload);

  void run_link();
  void run_reader();
  void run_touch();
  void run_deadline();
  void run_storage();
  void run_uplink();
  void run_output();
  void run_panel();
  Millis next_deadline() const;

  void take(const hal::Card& card);
  void give_up();
  void leave_epoch();
  void show(const hal::Card& card, const protocol::Tap* tap, Shown shown, Millis taken_at);
  protocol::ScreenSlot rest_slot() const;
  void set_rest_light();
  protocol::TerminalState state() const;
  template <class Message>
  bool send(const Message& message);

  Devices devices_;
  Observer* observer_;
  EphemeralUnitKeys unit_keys_;
  Queue queue_;
  std::expected<void, QueueError> recovered_;
  SiteClock clock_;
  Debounce debounce_;
  Upload upload_;
  protocol::ClearSession session_;
  protocol::Link link_;

  Millis now_{0};

  std::uint32_t connection_ = 0;
  Millis link_restart_at_{0};
  bool state_due_ = false;
  bool welcomed_ = false;
  bool refused_ = false;  // this host holds another site's key
  bool disconnect_due_ = false;

  std::optional<Waiting> waiting_;
  Outbox<protocol::GaveUp, 4> gave_up_;
  Outbox<protocol::Touch, 8> touches_;

  std::optional<Shown> answer_;
  Millis answer_until_{0};
  hal::Light light_;
  std::uint32_t live_wanted_ = 0;
  Panel panel_;

  bool prepare_due_ = true;
  std::optional<Millis> acknowledgements_due_;

  TerminalCounters counters_;
};

}  // namespace rollcall::firmware
