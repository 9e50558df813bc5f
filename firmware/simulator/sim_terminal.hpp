// One simulated terminal: the firmware, its devices, its cable and its power switch.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "firmware/log/ring.hpp"
#include "firmware/simulator/card_module.hpp"
#include "firmware/simulator/connection.hpp"
#include "firmware/simulator/report.hpp"
#include "firmware/terminal/terminal.hpp"
#include "hal/host/file_storage.hpp"
#include "hal/host/system.hpp"
#include "hal/sim/devices.hpp"
#include "hal/sim/fake_flash.hpp"
#include "hal/sim/framebuffer.hpp"
#include "hal/sim/power_cut.hpp"

namespace rollcall::simulator {

// An SD card as the boards have it: 512-byte blocks; about 32 000 taps.
inline constexpr hal::Geometry file_geometry{32768, 512, 512};
inline constexpr hal::Geometry screens_geometry{4096, 640, 512};  // 22 areas of 116 KiB
inline constexpr hal::Geometry settings_geometry{4096, 4, 512};
inline constexpr hal::Geometry slot_geometry{4096, 1024, 512};  // 4 MiB
inline constexpr hal::Size panel_size{800, 480};

struct SimSettings {
  std::string serial;
  Endpoint endpoint;
  std::optional<Endpoint> card_module;  // where cards come; without it tap() brings them
  std::string queue_file;               // empty: in memory
  std::string settings_file;            // likewise; a terminal that is not enrolled records nothing
  hal::Geometry memory_geometry = file_geometry;
  bool panel = true;
  bool second_slot = true;  // for a firmware image: QUEUE.slot, or in memory
  std::uint16_t max_frame = protocol::max_body;
  std::uint32_t line_rate = 0;  // bytes a second; 0 = as goes with the frame size
};

class SimTerminal final : private firmware::Observer, private hal::Reset {
 public:
  // `io` and `report` outlive this.
  SimTerminal(asio::io_context& io, SimSettings settings, Report& report);
  ~SimTerminal();

  // Opens the storage and switches on. An error is a sentence.
  std::expected<void, std::string> start();

  // Holds a card to the reader as soon as the reader is free, for as long as it takes to be read.
  // Not with a card module, whose cards come by themselves.
  void tap(const hal::Card& card);
  bool has_card_module() const { return card_module_ != nullptr; }
  void touch(hal::TouchPoint point);
  void set_plugged(bool plugged) { connection_.set_plugged(plugged); }
  // Power off, everything in RAM gone, and on again.
  void cut_power();
  // The power goes while the next record is being written, and comes back.
  void cut_power_during_next_write() { power_cut_->cut_next_program(); }

  // The button inside the housing, and what the person says who compares the numbers.
  void open_window();
  void agree(bool same);
  void close_window();
  // What became of the last provisioning window, while none is open.
  std::optional<firmware::EnrolResult> enrolment_result() const { return enrolment_result_; }
  // Id of the site that this terminal belongs to; empty = of none.
  std::string site() const;

  // Called after anything may have changed.
  void on_change(std::function<void()> callback) { on_change_ = std::move(callback); }

  // What became of a tap; without `shown` the power went before anything was shown.
  struct Answer {
    std::int64_t wall_ms = 0;
    hal::Card card;
    std::optional<firmware::Shown> shown;
    const char* light() const;
    const char* outcome() const;
  };
  const std::string& serial() const { return settings_.serial; }
  const firmware::Terminal& terminal() const { return *terminal_; }
  const hal::sim::RecordedIndicator& indicator() const { return indicator_; }
  const hal::sim::Framebuffer* display() const { return display_.get(); }
  const std::deque<Answer>& answers() const { return answers_; }  // newest first, the last 20
  bool plugged() const { return connection_.plugged(); }
  // Taps asked for and not read by the reader yet.
  std::size_t taps_pending() const { return cards_.size() + (reader_.occupied() ? 1 : 0); }
  std::uint64_t taps_taken() const { return taps_taken_; }  // read by the reader
  std::uint64_t taps_shown() const {
    return taps_shown_;
  }  // with light and tone on, or interrupted
  unsigned starts() const { return starts_; }
  void add_to(Report::Totals& totals) const;

 private:
  // Observer
  void on_taken(const hal::Card& card, const protocol::Tap& tap) override;
  void on_shown(const hal::Card& card, const protocol::Tap* tap, firmware::Shown shown,
                std::chrono::milliseconds after_tap) override;
  void on_late_answer(const protocol::Answer& answer) override;
  void on_link(bool, protocol::CloseReason) override {}
  void on_enrolment(firmware::EnrolResult result) override { enrolment_result_ = result; }
  // hal::Reset: the host asked for it. Happens after the present step.
  void restart() override;

  std::expected<hal::Storage*, std::string> open_storage(
      const std::string& file, hal::Geometry geometry,
      std::unique_ptr<hal::host::FileStorage>& in_file,
      std::unique_ptr<hal::sim::FakeFlash>& in_memory);

  void switch_on();
  void keep_counters();
  void interrupted();
  void remember(const hal::Card& card, std::optional<firmware::Shown> shown);
  void run();
  void hold_next_card();
  void arm(firmware::Millis deadline);

  asio::io_context& io_;
  SimSettings settings_;
  Report& report_;
  std::function<void()> on_change_;

  // What keeps its content without power.
  std::unique_ptr<hal::host::FileStorage> queue_file_;
  std::unique_ptr<hal::host::FileStorage> screens_file_;
  std::unique_ptr<hal::host::FileStorage> settings_file_;
  std::unique_ptr<hal::host::FileStorage> slot_file_;
  std::unique_ptr<hal::sim::FakeFlash> queue_memory_;
  std::unique_ptr<hal::sim::FakeFlash> screens_memory_;
  std::unique_ptr<hal::sim::FakeFlash> settings_memory_;
  std::unique_ptr<hal::sim::FakeFlash> slot_memory_;
  hal::Storage* screens_storage_ = nullptr;
  hal::Storage* settings_storage_ = nullptr;
  hal::Storage* slot_storage_ = nullptr;  // null: no second slot
  std::unique_ptr<hal::sim::PowerCut> power_cut_;

  hal::host::SystemEntropy entropy_;
  hal::sim::ManualCardReader reader_;
  std::unique_ptr<CardModule> card_module_;  // in its place
  hal::sim::ManualTouchPanel touch_;
  hal::sim::RecordedIndicator indicator_;
  hal::sim::BufferPort port_;
  std::unique_ptr<hal::sim::Framebuffer> display_;
  using PanelRoom = firmware::ScreenRoom<panel_size.width, panel_size.height>;
  std::unique_ptr<PanelRoom> screen_room_;
  Connection connection_;

  firmware::LogRing log_{};  // survives a restart

  // What a power cut takes.
  std::optional<hal::host::SystemClock> clock_;
  std::unique_ptr<firmware::Screens> screens_;
  std::unique_ptr<firmware::Terminal> terminal_;

  std::deque<hal::Card> cards_;
  std::optional<hal::Card> last_card_;
  std::optional<firmware::Millis> reader_empty_since_;
  struct Taken {
    hal::Card card;
    protocol::Tap tap;
  };
  std::optional<Taken> taken_;  // recorded, nothing shown yet

  asio::steady_timer timer_;
  bool running_ = false;
  bool again_ = false;
  std::deque<Answer> answers_;
  std::uint64_t taps_taken_ = 0;
  std::uint64_t taps_shown_ = 0;
  unsigned starts_ = 0;
  protocol::ResetReason reset_ = protocol::ResetReason::power_on;
  std::optional<firmware::EnrolResult> enrolment_result_;
  Report::Totals before_;  // of earlier starts
};

}  // namespace rollcall::simulator
