// Simulated devices that a script, a web page or a test works by hand.
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "hal/card_reader.hpp"
#include "hal/clock.hpp"
#include "hal/indicator.hpp"
#include "hal/keys.hpp"
#include "hal/link_port.hpp"
#include "hal/touch.hpp"

namespace rollcall::hal::sim {

class ManualCardReader final : public CardReader {
 public:
  // What a card says to a command APDU; nothing = it is silent for ever.
  using Talk = std::function<std::optional<std::vector<std::uint8_t>>(Bytes)>;

  InField poll() override;
  bool exchanges() const override { return talk_ != nullptr; }
  bool begin_exchange(Bytes command) override;
  Exchange exchange() const override { return exchange_; }
  Bytes response() const override { return response_; }
  void cancel_exchange() override { exchange_ = Exchange::none; }
  bool working() const override { return working_; }
  std::uint32_t errors() const override { return errors_; }

  void hold(const Card& card) { hold({InField::Count::one, card}); }
  void hold_several() { hold({InField::Count::several, {}}); }
  void remove() { hold(InField{}); }
  bool occupied() const { return field_.count != InField::Count::none; }
  const Card& held() const { return field_.card; }
  bool seen() const { return seen_; }  // what is in the field was read since it came

  // From now on it exchanges APDUs with cards that say they can.
  void set_talk(Talk talk) { talk_ = std::move(talk); }
  void ask_more_time() { exchange_ = Exchange::extended; }  // the card, in a running exchange
  void set_working(bool working) { working_ = working; }
  void set_errors(std::uint32_t errors) { errors_ = errors; }

 private:
  void hold(const InField& field) {
    field_ = field;
    seen_ = false;
  }

  InField field_;
  bool seen_ = false;
  Talk talk_;
  Exchange exchange_ = Exchange::none;
  Card spoken_to_;
  Bytes command_;
  std::vector<std::uint8_t> response_;
  bool working_ = true;
  std::uint32_t errors_ = 0;
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

class ManualKeys final : public Keys {
 public:
  std::optional<KeyPress> poll() override {
    if (presses_.empty()) return std::nullopt;
    const KeyPress press = presses_.front();
    presses_.pop_front();
    return press;
  }
  void press(KeyPress press) { presses_.push_back(press); }

 private:
  std::deque<KeyPress> presses_;
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
