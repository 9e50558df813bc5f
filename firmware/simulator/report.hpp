// What a run of simulated terminals saw: one line of JSON per tap, written as it happens, and a
// summary.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "firmware/terminal/feedback.hpp"
#include "hal/card_reader.hpp"
#include "protocol/messages.hpp"

namespace rollcall::simulator {

std::string hex(hal::Bytes bytes, bool upper = false);
// A chip number of 4, 7 or 10 bytes in hex; nothing for anything else.
std::optional<hal::Card> parse_card(const std::string& text);

class Report {
 public:
  Report() = default;
  ~Report();
  Report(const Report&) = delete;
  Report& operator=(const Report&) = delete;

  // Lines are appended to this file, each with one write(2), so that killing the process loses
  // none.
  std::expected<void, std::string> append_to(const std::string& path);

  // Light and tone are on. `tap` is null when nothing was recorded.
  void shown(const std::string& serial, const hal::Card& card, const protocol::Tap* tap,
             firmware::Shown shown, std::chrono::milliseconds after_tap);
  // The power went before anything was shown. `tap` is null when it was not recorded either.
  void interrupted(const std::string& serial, const hal::Card& card, const protocol::Tap* tap);
  void late_answer(const std::string& serial, const protocol::Answer& answer);

  // Sums over terminals, added at the end.
  struct Totals {
    std::uint64_t terminals = 0, waiting = 0, refused = 0, damaged = 0, gave_up = 0,
                  connections = 0;
    std::uint64_t retransmissions = 0, frames_in = 0, frames_out = 0, bad_frames = 0, debounced = 0;
    std::uint64_t site_key_refused = 0, bad_messages = 0, handshakes = 0, bad_handshakes = 0,
                  bad_tags = 0;
    std::uint64_t screens_stored = 0, storage_errors = 0;
  };
  // One JSON object; see docs/terminal-script.md.
  std::string summary(const Totals& totals, std::chrono::milliseconds took) const;

  std::uint64_t taps() const { return taps_; }

 private:
  void line(const std::string& text);

  int file_ = -1;
  std::uint64_t taps_ = 0;
  std::uint64_t late_answers_ = 0;
  std::map<std::string, std::uint64_t> by_light_;
  std::map<std::string, std::uint64_t> by_outcome_;
  std::vector<std::uint32_t> green_ms_;
};

}  // namespace rollcall::simulator
