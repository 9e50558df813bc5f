#include "hal/chips/indicator_player.hpp"

#include <algorithm>

namespace rollcall::hal {

void IndicatorPlayer::set_light(const Light& light) {
  light_ = light;
  light_since_ = clock_.monotonic();
  run_light(light_since_);
}

void IndicatorPlayer::play(std::span<const Note> notes) {
  notes_ = notes;
  note_since_ = clock_.monotonic();
  run_tune(note_since_);
}

std::optional<std::chrono::milliseconds> IndicatorPlayer::run() {
  const Time now = clock_.monotonic();
  const auto light = run_light(now);
  const auto tune = run_tune(now);
  return light && tune ? std::min(light, tune) : light ? light : tune;
}

std::optional<IndicatorPlayer::Time> IndicatorPlayer::run_light(Time now) {
  const Time on{light_.on_ms}, off{light_.off_ms};
  std::optional<Time> next;
  bool lit = light_.colour != Colour::off;
  if (lit && off.count() != 0) {
    const Time into = (now - light_since_) % (on + off);
    lit = into < on;
    next = now - into + (lit ? on : on + off);
  }
  const Colour colour = lit ? light_.colour : Colour::off;
  if (shown_ != colour) {
    shown_ = colour;
    lamp_.show(colour);
  }
  return next;
}

std::optional<IndicatorPlayer::Time> IndicatorPlayer::run_tune(Time now) {
  while (!notes_.empty() && now - note_since_ >= Time{notes_.front().ms}) {
    note_since_ += Time{notes_.front().ms};
    notes_ = notes_.subspan(1);
  }
  const std::uint16_t hertz = notes_.empty() ? 0 : notes_.front().hertz;
  if (sounding_ != hertz) {
    sounding_ = hertz;
    sounder_.sound(hertz);
  }
  if (notes_.empty()) return {};
  return note_since_ + Time{notes_.front().ms};
}

}  // namespace rollcall::hal
