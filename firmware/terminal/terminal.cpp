#include "firmware/terminal/terminal.hpp"

#include <algorithm>

namespace rollcall::firmware {

using namespace terminal_timing;

namespace {

// Until a host was told of a crash, it is why this terminal started.
Identity after_crash(Identity identity, const hal::CrashMemory* memory) {
  const auto crash = memory ? memory->crash() : std::nullopt;
  if (!crash) return identity;
  identity.reset = crash->cause == hal::CrashCause::watchdog ? protocol::ResetReason::watchdog
                                                             : protocol::ResetReason::crash;
  return identity;
}

}  // namespace

Terminal::Terminal(const Devices& devices, const Identity& identity, Observer* observer)
    : devices_(devices),
      identity_(after_crash(identity, devices.crash)),
      observer_(observer),
      unit_keys_(devices.entropy),
      queue_(devices.queue, devices.entropy, unit_keys_),
      recovered_(queue_.recover()),
      store_(devices.settings),
      clock_(devices.clock),
      recognition_(devices.reader),
      exchange_(devices.reader),
      upload_(queue_),
      update_(devices.staging, identity.running),
      incoming_(devices.screens, update_),
      bulk_(&incoming_),
      enrolment_(devices.entropy),
      link_(protocol::Role::terminal, *this, &bulk_, hello()) {
  link_.set_line_rate(identity.line_rate);
}

void Terminal::start() {
  now_ = active_at_ = devices_.clock.monotonic();
  if (devices_.crash) devices_.crash->set_boot(queue_.boot());
  load_settings();
  log_start();
  take_site_key();
  if (devices_.screens) devices_.screens->recover();
  if (storage_failed() && devices_.reset) {
    reboot_ = {now_ + storage_retry, now_ + storage_retry + reboot_patience};
  }
}

Millis Terminal::step() {
  now_ = devices_.clock.monotonic();
  run(Task::link, &Terminal::run_link);
  run(Task::deadline, &Terminal::run_deadline);
  run(Task::reader, &Terminal::run_reader);
  run(Task::input, &Terminal::run_input);
  run(Task::enrolment, &Terminal::run_enrolment);
  run(Task::uplink, &Terminal::run_uplink);
  run(Task::window, &Terminal::run_window);
  run(Task::output, &Terminal::run_output);
  run(Task::panel, &Terminal::run_panel);
  run(Task::storage, &Terminal::run_storage);
  run(Task::reboot, &Terminal::run_reboot);
  if (devices_.crash) devices_.crash->enter(static_cast<std::uint8_t>(Task::outside));
  return next_deadline();
}

void Terminal::log(Event event, std::uint32_t a, std::uint32_t b) {
  if (devices_.log) devices_.log->add(devices_.clock.monotonic(), event, a, b);
}

// A crash is told once here, and in each greeting until a host has it.
void Terminal::log_start() {
  log(Event::started, queue_.boot(), static_cast<std::uint32_t>(identity_.reset));
  const auto crash = devices_.crash ? devices_.crash->crash() : std::nullopt;
  if (crash && !devices_.crash->logged()) {
    log(Event::crash, static_cast<std::uint32_t>(crash->cause), crash->task);
    log(Event::crash_place, crash->pc, crash->lr);
    log(Event::crash_time, crash->uptime_ms, crash->boot);
    devices_.crash->set_logged();
  }
  if (!recovered_) log(Event::not_recovered, static_cast<std::uint32_t>(recovered_.error()));
  if (settings_problem_ && settings_problem_ != SettingsError::none) {
    log(Event::settings_unreadable, static_cast<std::uint32_t>(*settings_problem_));
  }
  if (!devices_.entropy.seeded()) log(Event::not_seeded);
}

void Terminal::run(Task task, void (Terminal::*work)()) {
  if (devices_.crash) devices_.crash->enter(static_cast<std::uint8_t>(task));
  (this->*work)();
}

// What can wait: acknowledgement records, the next unit and its key.
void Terminal::run_storage() {
  if (counters_.storage_errors != storage_errors_logged_) {
    storage_errors_logged_ = counters_.storage_errors;
    log(Event::storage_failed, storage_errors_logged_);
  }
  if (!recovered_ || waiting_) return;  // nothing slows an answer down
  if (!queue_.acknowledgements_pending()) {
    acknowledgements_due_.reset();
  } else if (!acknowledgements_due_) {
    acknowledgements_due_ = now_ + acknowledgement_delay;
  } else if (now_ >= *acknowledgements_due_) {
    acknowledgements_due_.reset();
    // When there is no room they stay in RAM until more is acknowledged; losing them costs a
    // resend.
    if (const auto done = queue_.record_acknowledgements(); !done) {
      acknowledgements_due_ = now_ + acknowledgement_delay;
      if (done.error() == QueueError::storage) ++counters_.storage_errors;
    }
  }
  if (prepare_due_) {
    prepare_due_ = false;
    take_site_key();
    queue_.prepare();
  }
}

Millis Terminal::next_deadline() {
  Millis deadline = never;
  const auto sooner = [&](Millis at) { deadline = std::min(deadline, at); };
  if (connection_ != 0) {
    sooner(link_.state() == protocol::LinkState::closed ? link_restart_at_ : link_.next_deadline());
  }
  sooner(devices_.reader.next_poll());
  sooner(recognition_.next_look());
  sooner(exchange_.next_deadline(now_));
  if (waiting_) {
    const Millis since = now_ - waiting_->taken_at;
    sooner(waiting_->taken_at + (since < answer_soon ? answer_soon : protocol::answer_deadline));
  }
  if (answer_) sooner(answer_until_);
  if (!answer_ && now_ < identify_until_) sooner(std::min(identify_until_, identify_tune_at_));
  if (devices_.screens && !asleep_ && at_rest()) sooner(active_at_ + panel_sleep);
  if (acknowledgements_due_ && !waiting_) sooner(*acknowledgements_due_);
  sooner(enrolment_.next_deadline());
  if (reboot_ && !waiting_) sooner(now_ < reboot_->at ? reboot_->at : reboot_->latest);
  if (welcomed_ && link_.can_send()) {
    if (const auto at = upload_.next_deadline()) sooner(*at);
    sooner(clock_.next_request_at());
  }
  return deadline;
}

}  // namespace rollcall::firmware
