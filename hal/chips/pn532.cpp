#include "hal/chips/pn532.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "hal/chips/pn532_card.hpp"

namespace rollcall::hal {

using namespace pn532;

namespace {

// Commands, user manual 7.2 and 7.3, each with its fixed parameters.
constexpr std::uint8_t sam_configuration[] = {0x14, 0x01};  // normal mode: no SAM
constexpr std::uint8_t get_firmware_version[] = {0x02};
constexpr std::uint8_t set_parameters[] = {0x12, 0x14};  // automatic ATR_RES and RATS
// MaxRetries: ATR_REQ once, PSL_REQ twice, activation of a card twice.
constexpr std::uint8_t max_retries[] = {0x32, 0x05, 0x00, 0x01, 0x01};
constexpr std::uint8_t field_off[] = {0x32, 0x01, 0x00};
constexpr std::uint8_t list_passive_target[] = {0x4A, 0x02, 0x00};  // at most 2, 106 kbit/s type A
constexpr std::uint8_t data_exchange[] = {0x40, 0x01};              // with the first of them

constexpr std::array<Bytes, 4> setup{sam_configuration, get_firmware_version, set_parameters,
                                     max_retries};
constexpr unsigned firmware_step = 1;
constexpr std::uint8_t chip_id = 0x32;

// Status byte of an exchange (7.1).
constexpr std::uint8_t status_error = 0x3F;
constexpr std::uint8_t status_more = 0x40;  // more than one response holds

}  // namespace

InField Pn532::poll() {
  now_ = clock_.monotonic();
  response_ = {};
  if (dialog_.running()) {
    const Dialog::State state = dialog_.poll(now_);
    if (state == Dialog::State::running) return field_;
    if (state == Dialog::State::done) {
      answered(dialog_.response());
    } else {
      failed(state);
    }
    return field_;
  }
  start_next();
  return field_;
}

std::chrono::milliseconds Pn532::next_poll() {
  if (dialog_.running()) return dialog_.next_poll(now_);
  switch (task_) {
    case Task::setting_up:
      return setup_step_ == 0 ? next_at_ : now_;
    case Task::resting:
      return exchange_due_ ? now_ : next_at_;
    case Task::open:
      return exchange_due_ ? now_ : open_until_;
    default:
      return now_;
  }
}

void Pn532::start_next() {
  switch (task_) {
    case Task::setting_up:
      if (setup_step_ > 0 || now_ >= next_at_) begin_setup_step();
      return;
    case Task::resting:
      if (exchange_due_ || now_ >= next_at_) begin_list();
      return;
    case Task::open:
      if (exchange_due_) {
        exchange_due_ = false;
        task_ = Task::exchanging;
        given_at_ = now_;
        dialog_.begin(data_exchange, command_, exchange_timeout, now_, Dialog::How::once);
      } else if (now_ >= open_until_) {
        begin_darkening();
      }
      return;
    case Task::listing:
    case Task::exchanging:
    case Task::darkening:
      begin_darkening();  // its dialog was ended
      return;
  }
}

void Pn532::begin_setup_step() {
  dialog_.begin(setup[setup_step_], {}, setting_timeout, now_,
                setup_step_ == 0 ? Dialog::How::waking : Dialog::How::plain);
}

void Pn532::begin_list() {
  task_ = Task::listing;
  list_started_at_ = now_;
  dialog_.begin(list_passive_target, {}, list_timeout, now_);
}

void Pn532::begin_darkening() {
  task_ = Task::darkening;
  dialog_.begin(field_off, {}, setting_timeout, now_);
}

void Pn532::answered(Bytes response) {
  switch (task_) {
    case Task::setting_up:
      return setup_answered(response);
    case Task::listing:
      return listed(response);
    case Task::exchanging:
      return exchanged(response);
    default:
      break;
  }
  // The field is off.
  task_ = Task::resting;
  const bool busy = now_ - changed_at_ < in_a_row;
  next_at_ = card_silent_ ? now_ : list_started_at_ + (busy ? poll_period_in_a_row : poll_period);
}

void Pn532::setup_answered(Bytes response) {
  if (setup_step_ == firmware_step) {
    if (response.size() != 4 || response[0] != chip_id) return failed(Dialog::State::unreadable);
    firmware_ = 0;
    for (const std::uint8_t byte : response) firmware_ = firmware_ << 8 | byte;
  }
  if (++setup_step_ < setup.size()) return;
  failures_ = setups_failed_ = 0;
  task_ = Task::resting;
  next_at_ = now_;
}

void Pn532::listed(Bytes response) {
  const auto found = read_list(response);
  if (!found) return failed(Dialog::State::unreadable);
  failures_ = 0;
  const InField before = std::exchange(field_, *found);
  settle_exchange(before);
  const bool one = field_.count == InField::Count::one && field_.card.speaks_iso_dep();
  const bool came = before.count != InField::Count::one || !may_be_same(field_.card, before.card);
  if (field_.count != before.count || (field_.count == InField::Count::one && came)) {
    changed_at_ = now_;
  }
  // RF is off again after the look, unless somebody wants to talk to the card.
  if (one && (came || exchange_due_)) {
    task_ = Task::open;
    open_until_ = now_ + card_awaits;
    patience_ = patience(field_.card);
  } else {
    begin_darkening();
  }
}

// What the list says about an exchange that waits for the card.
void Pn532::settle_exchange(const InField& before) {
  const bool same = before.count == InField::Count::one && field_.count == InField::Count::one &&
                    may_be_same(field_.card, before.card);
  if (card_silent_) {
    exchange_ = same ? Exchange::timed_out : Exchange::card_gone;
  } else if (exchange_due_ && !same) {
    exchange_ = Exchange::card_gone;
    exchange_due_ = false;
  }
  card_silent_ = false;
}

void Pn532::exchanged(Bytes response) {
  failures_ = 0;
  const std::uint8_t status = response.empty() ? status_more : response[0];
  if ((status & status_error) != 0) {
    card_silent_ = true;
    begin_darkening();
    return;
  }
  const bool whole = (status & status_more) == 0 && response.size() >= 1 + 2;
  exchange_ = whole ? Exchange::done : Exchange::failed;
  if (whole) response_ = response.subspan(1);
  task_ = Task::open;
  open_until_ = now_ + card_kept;
}

void Pn532::failed(Dialog::State why) {
  ++errors_;
  ++failures_;
  if (task_ == Task::exchanging || card_silent_ || exchange_due_) {
    const bool silent = task_ == Task::exchanging && why == Dialog::State::timed_out;
    exchange_ = silent ? Exchange::timed_out : Exchange::failed;
    exchange_due_ = card_silent_ = false;
  }
  if (task_ == Task::setting_up) {
    setups_failed_ = std::min(setups_failed_ + 1, setups_before_silent);
    set_up_anew();
  } else if (failures_ >= failures_before_setup) {
    set_up_anew();
    next_at_ = now_;
  } else {
    task_ = Task::resting;
    next_at_ = now_ + retry_delay;
  }
}

// From the wake-up on. What was in the field is no longer known.
void Pn532::set_up_anew() {
  task_ = Task::setting_up;
  setup_step_ = 0;
  next_at_ = now_ + setup_delay;
  field_ = {};
}

bool Pn532::begin_exchange(Bytes command) {
  const bool possible = field_.count == InField::Count::one && field_.card.speaks_iso_dep() &&
                        exchange_ != Exchange::running && !command.empty() &&
                        command.size() <= max_apdu;
  if (!possible) return false;
  command_ = command;
  exchange_ = Exchange::running;
  exchange_due_ = true;
  return true;
}

Exchange Pn532::exchange() const {
  const bool extended = exchange_ == Exchange::running && task_ == Task::exchanging &&
                        dialog_.acknowledged() && now_ - given_at_ > patience_;
  return extended ? Exchange::extended : exchange_;
}

void Pn532::cancel_exchange() {
  if (task_ == Task::exchanging && dialog_.running()) dialog_.abort();
  exchange_ = Exchange::none;
  exchange_due_ = card_silent_ = false;
}

}  // namespace rollcall::hal
