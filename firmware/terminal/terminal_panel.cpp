// Light, tone and panel.
#include "firmware/terminal/digits.hpp"
#include "firmware/terminal/terminal.hpp"

namespace rollcall::firmware {

using namespace terminal_timing;
using protocol::ScreenSlot;

void Terminal::show_outcome(Shown shown, Millis until) {
  const Feedback& feedback = feedback_for(shown);
  answer_ = shown;
  answer_until_ = until;
  draw_due_ = true;
  light_ = feedback.light;
  devices_.indicator.set_light(light_);
  devices_.indicator.play(feedback.tune);
}

void Terminal::set_rest_light() {
  hal::Light wanted;
  if (queue_.nearly_full() && in_service()) wanted = queue_nearly_full;
  if (now_ < identify_until_) wanted = identify_light;
  if (wanted == light_) return;
  light_ = wanted;
  devices_.indicator.set_light(wanted);
}

void Terminal::run_identify() {
  if (answer_ || now_ >= identify_until_ || now_ < identify_tune_at_) return;
  devices_.indicator.play(identify_notes());
  identify_tune_at_ = now_ + identify_tune;
}

ScreenSlot Terminal::rest_slot() const {
  if (!in_service() || !devices_.reader.working()) return ScreenSlot::out_of_service;
  return welcomed_ ? ScreenSlot::idle : ScreenSlot::idle_offline;
}

void Terminal::run_panel() {
  if (answer_ && now_ >= answer_until_) answer_.reset();
  // Nothing that could be taken for the answer to a tap while one is waited for.
  if (feedback_due_ && !answer_ && !waiting_) {
    const Millis shown_for =
        feedback_due_->for_ms == 0 ? answer_shown : Millis(feedback_due_->for_ms);
    show_outcome(firmware::shown_for(feedback_due_->outcome), now_ + shown_for);
    feedback_due_.reset();
  }
  if (!answer_) set_rest_light();
  run_identify();
  if (!devices_.screens) return;
  Panel wanted{rest_slot(), 0, std::nullopt};
  if (const auto number = enrolment_.number()) {
    wanted = {rest_slot(), 0, number};
  } else if (answer_) {
    wanted.slot = feedback_for(*answer_).slot;
  } else if (live_wanted_ != 0) {
    // Until it has arrived whole, the live screen before it stays.
    const bool arrived = devices_.screens->has_live(live_wanted_);
    if (arrived) wanted = {ScreenSlot::live, live_wanted_, std::nullopt};
    if (!arrived && panel_.live != 0) wanted = panel_;
  } else if (waiting_ && !panel_asks() &&
             (panel_.live != 0 || now_ - waiting_->taken_at < answer_soon)) {
    // A picture of rest before the answer's would only delay that. What somebody else was asked is
    // not for the next one, and takes no finger any more.
    wanted = panel_;
  }
  if (wanted != panel_ || draw_due_) {
    draw_due_ = false;
    panel_ = wanted;
    draw_panel();
  }
  run_sleep();
}

void Terminal::redraw() {
  devices_.indicator.set_light(light_);
  if (!devices_.screens) return;
  draw_panel();
  if (asleep_) devices_.screens->sleep(true);
}

void Terminal::draw_panel() {
  if (panel_.number) {
    devices_.screens->show_number(*panel_.number);
  } else if (panel_.live != 0) {
    devices_.screens->show_live();
  } else if (!devices_.screens->show(panel_.slot)) {
    state_due_ = state_due_ || welcomed_;  // asks for the kept screens again
  }
}

}  // namespace rollcall::firmware
