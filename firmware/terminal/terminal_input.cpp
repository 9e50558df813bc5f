// Fingers and keys, and the panel's sleep.
#include "firmware/terminal/digits.hpp"
#include "firmware/terminal/terminal.hpp"

namespace rollcall::firmware {

using namespace terminal_timing;

void Terminal::run_input() {
  if (devices_.touch) {
    while (const auto point = devices_.touch->poll()) touched(*point);
  }
  if (devices_.keys) {
    while (const auto press = devices_.keys->poll()) pressed(*press);
  }
}

void Terminal::touched(const hal::TouchPoint& point) {
  if (only_wakes()) return;
  if (panel_.number) {
    const Comparison said = number_touched(devices_.screens->size(), point);
    if (said != Comparison::none) agree_if_shown(said == Comparison::same);
    return;
  }
  const protocol::Touch touch{panel_.live, point.x, point.y,
                              static_cast<std::uint64_t>(point.at.count())};
  if (!welcomed_ || !touches_.push(touch)) ++counters_.touches_dropped;
}

void Terminal::pressed(const hal::KeyPress& press) {
  ++counters_.keys;
  last_key_ = press.key;
  if (only_wakes()) return;
  if (panel_.number && !devices_.touch) {
    if (press.key == devices_.key_same) agree_if_shown(true);
    if (press.key == devices_.key_different) agree_if_shown(false);
    return;
  }
  const protocol::Key key{press.key, static_cast<std::uint64_t>(press.at.count())};
  if (!welcomed_ || !keys_.push(key)) ++counters_.keys_dropped;
}

// Only for the very number that is on the panel.
void Terminal::agree_if_shown(bool same) {
  if (enrolment_.number() == panel_.number) enrolment_.agree(same);
}

// A finger or key on a dark panel wakes it and does nothing else: nobody saw what it was meant for.
bool Terminal::only_wakes() {
  active_at_ = now_;
  const bool was_asleep = asleep_;
  wake();
  return was_asleep;
}

void Terminal::wake() {
  if (!asleep_) return;
  asleep_ = false;
  devices_.screens->sleep(false);
}

// On a small panel a live screen asks nothing: it is the time.
bool Terminal::panel_asks() const {
  const hal::Size panel = devices_.screens ? devices_.screens->size() : hal::Size{};
  return panel_.live != 0 && !protocol::small_panel(panel.width, panel.height);
}

bool Terminal::at_rest() const {
  return !waiting_ && !answer_ && !panel_.number && !panel_asks() && !enrolment_.calling() &&
         now_ >= identify_until_;
}

void Terminal::run_sleep() {
  if (!devices_.screens) return;
  if (!at_rest()) {
    active_at_ = now_;
    wake();
  } else if (!asleep_ && now_ - active_at_ >= panel_sleep) {
    asleep_ = true;
    devices_.screens->sleep(true);
  }
}

}  // namespace rollcall::firmware
