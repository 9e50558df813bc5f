// Simulated devices that a script, a web page or a test works by hand.
#pragma once

#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "hal/card_reader.hpp"
#include "hal/clock.hpp"
#include "hal/indicator.hpp"
#include "hal/link_port.hpp"
#include "hal/touch.hpp"

namespace rollcall::hal::sim {

class ManualCardReader final : public CardReader {
 public:
  std::optional<Card> poll() override {
    if (card_) seen_ = true;
    return card_;
  }
  void hold(const Card& card) {
    card_ = card;
    seen_ = false;
  }
  void remove() { card_.reset(); }
  bool occupied() const { return card_.has_value(); }
  bool seen() const { return seen_; }  // the card in the field was read since it came

 private:
  std::optional<Card> card_;
  bool seen_ = false;
};

class ManualTouchPanel final : public TouchPanel {
 public:
  std::optional<TouchPoint> poll() override {
    if (presses_.empty()) return std::nullopt;
    const TouchPoint point = presses_.front();
    presses_.pop_front();
    return point;
  }
  void press(TouchPoint point) { presses_.push_back(point); }

 private:
  std::deque<TouchPoint> presses_;
};

class RecordedIndicator final : public Indicator {
 public:
  void set_light(const Light& light) override {
    light_ = light;
    lights_.push_back(light);
    if (lights_.size() > kept) lights_.pop_front();
  }
  void play(std::span<const Note> notes) override {
    ++tunes_;
    tune_ = notes;
  }

  const Light& light() const { return light_; }
  const std::deque<Light>& lights() const { return lights_; }  // the last ones, oldest first
  std::span<const Note> tune() const { return tune_; }         // the last one
  unsigned tunes() const { return tunes_; }

 private:
  static constexpr std::size_t kept = 64;
  Light light_;
  std::deque<Light> lights_;
  std::span<const Note> tune_;
  unsigned tunes_ = 0;
};

// A clock that moves when told to.
class ManualClock final : public Clock {
 public:
  std::chrono::milliseconds monotonic() override { return now_; }
  std::optional<std::chrono::milliseconds> calendar() override { return calendar_; }
  void advance(std::chrono::milliseconds by) {
    now_ += by;
    if (calendar_) *calendar_ += by;
  }
  void set_monotonic(std::chrono::milliseconds now) { now_ = now; }
  void set_calendar(std::optional<std::chrono::milliseconds> calendar) { calendar_ = calendar; }

 private:
  std::chrono::milliseconds now_{0};
  std::optional<std::chrono::milliseconds> calendar_;
};

// The terminal's end of a byte pipe; whoever owns it moves bytes to and from the host.
class BufferPort final : public LinkPort {
 public:
  std::uint32_t connection() override { return connected_ ? connection_ : 0; }
  std::size_t read(MutableBytes out) override;
  std::size_t write(Bytes data) override;
  void disconnect() override { drop_wanted_ = true; }

  // The owner's side.
  void connected();
  void lost();
  bool is_connected() const { return connected_; }
  void receive(Bytes data) { inbound_.insert(inbound_.end(), data.begin(), data.end()); }
  // Bytes to be sent; the owner takes them all.
  std::vector<std::uint8_t> take_output() { return std::exchange(outbound_, {}); }
  bool has_output() const { return !outbound_.empty(); }
  // The firmware asked to drop the connection; asking clears it.
  bool take_drop_request() { return std::exchange(drop_wanted_, false); }

 private:
  static constexpr std::size_t limit = 64 * 1024;  // unsent bytes; above, the port is busy

  bool connected_ = false;
  bool drop_wanted_ = false;
  std::uint32_t connection_ = 0;
  std::deque<std::uint8_t> inbound_;
  std::vector<std::uint8_t> outbound_;
};

}  // namespace rollcall::hal::sim
