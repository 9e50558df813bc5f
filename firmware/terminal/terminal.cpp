#include "firmware/terminal/terminal.hpp"

#include <algorithm>

namespace rollcall::firmware {

using namespace terminal_timing;
using protocol::ScreenSlot;

namespace {

protocol::Hello hello_of(const Devices& devices, const Identity& identity, std::uint32_t boot) {
  protocol::Hello hello;
  hello.capabilities = protocol::capability::indicator | protocol::capability::queue;
  if (devices.screens) hello.capabilities |= protocol::capability::display;
  if (devices.touch) hello.capabilities |= protocol::capability::touch;
  hello.max_frame = protocol::max_body_tcp;
  hello.serial = identity.serial;
  hello.firmware = identity.version;
  hello.boot = boot;
  hello.reset = identity.reset;
  return hello;
}

}  // namespace

Terminal::Terminal(const Devices& devices, const Identity& identity, Observer* observer)
    : devices_(devices),
      observer_(observer),
      unit_keys_(devices.entropy),
      queue_(devices.queue, devices.entropy, unit_keys_),
      recovered_(queue_.recover()),
      clock_(devices.clock),
      upload_(queue_),
      link_(session_, *this, hello_of(devices, identity, queue_.boot())) {}

void Terminal::start() {
  now_ = devices_.clock.monotonic();
  if (devices_.screens) devices_.screens->recover();
  run_panel();
}

Millis Terminal::step() {
  now_ = devices_.clock.monotonic();
  run_link();
  run_deadline();
  run_reader();
  run_touch();
  run_uplink();
  run_output();
  run_panel();
  run_storage();
  return next_deadline();
}

void Terminal::run_link() {
  const std::uint32_t connection = devices_.port.connection();
  if (connection != connection_) {
    connection_ = connection;
    if (link_.state() != protocol::LinkState::closed) link_.transport_lost();
    if (!refused_) link_restart_at_ = now_;
  }
  if (connection_ == 0) return;
  if (link_.state() == protocol::LinkState::closed && now_ >= link_restart_at_) link_.start(now_);
  std::uint8_t received[512];
  while (const std::size_t size = devices_.port.read(received))
    link_.on_bytes({received, size}, now_);
  if (link_.state() != protocol::LinkState::closed && now_ >= link_.next_deadline())
    link_.poll(now_);
}

void Terminal::on_up(const protocol::Hello&) {
  state_due_ = true;
  refused_ = false;
}

void Terminal::on_down(protocol::CloseReason reason) {
  state_due_ = false;
  welcomed_ = false;
  gave_up_.count = 0;
  touches_.count = 0;
  live_wanted_ = 0;
  if (devices_.screens) devices_.screens->forget_live();
  link_restart_at_ = now_ + (refused_ ? link_refused : link_restart);
  disconnect_due_ = reason != protocol::CloseReason::transport;
  if (observer_) observer_->on_link(false, reason);
  if (waiting_) give_up();
}

void Terminal::run_deadline() {
  if (waiting_ && now_ - waiting_->taken_at >= protocol::answer_deadline) give_up();
}

void Terminal::run_reader() {
  if (waiting_) return;
  if (const auto card = debounce_.update(devices_.reader.poll(), now_)) take(*card);
}

void Terminal::run_touch() {
  if (!devices_.touch) return;
  while (const auto point = devices_.touch->poll()) {
    const protocol::Touch touch{panel_.live, point->x, point->y,
                                static_cast<std::uint64_t>(now_.count())};
    if (!welcomed_ || !touches_.push(touch)) ++counters_.touches_dropped;
  }
}

void Terminal::take(const hal::Card& card) {
  live_wanted_ = 0;
  answer_.reset();
  set_rest_light();
  if (!recovered_) {
    ++counters_.not_accepted;
    show(card, nullptr, Shown::not_accepted, now_);
    return;
  }
  const SiteClock::Reading time = clock_.now();
  // ISO/IEC 14443-3 6.5.4: a single-size number that begins with 0x08 is made anew for each field.
  const bool random = card.size == 4 && card.uid[0] == 0x08;
  TapFacts facts;
  facts.monotonic_ms = static_cast<std::uint64_t>(now_.count());
  facts.wall_ms = time.wall_ms;
  facts.trust = time.trust;
  facts.kind = random ? protocol::ReadingKind::uid_random : protocol::ReadingKind::uid;
  facts.reading = card.view();
  const auto tap = queue_.append(facts);
  prepare_due_ = true;
  if (!tap) {
    ++counters_.not_accepted;
    const bool unprepared = tap.error() == QueueError::no_site_key;
    show(card, nullptr, unprepared ? Shown::out_of_service : Shown::not_accepted, now_);
    return;
  }
  ++counters_.taps;
  if (observer_) observer_->on_taken(card, *tap);
  if (welcomed_) {
    waiting_ = Waiting{card, *tap, queue_.next_index() - 1, now_, false};
  } else {
    show(card, &*tap, Shown::recorded_offline, now_);
  }
}

// The person has waited long enough, or the host is gone: the tap is safe in the queue.
void Terminal::give_up() {
  const Waiting waiting = *waiting_;
  waiting_.reset();
  ++counters_.gave_up;
  // A tap that never left needs no word to the host.
  if (welcomed_ && waiting.sent) gave_up_.push({waiting.tap.epoch, waiting.tap.number});
  show(waiting.card, &waiting.tap, Shown::recorded_offline, waiting.taken_at);
}

void Terminal::show(const hal::Card& card, const protocol::Tap* tap, Shown shown, Millis taken_at) {
  const Feedback& feedback = feedback_for(shown);
  answer_ = shown;
  answer_until_ = now_ + answer_shown;
  light_ = feedback.light;
  devices_.indicator.set_light(light_);
  devices_.indicator.play(feedback.tune);
  if (observer_) observer_->on_shown(card, tap, shown, devices_.clock.monotonic() - taken_at);
}

// What can wait: acknowledgement records, the next unit and its key.
void Terminal::run_storage() {
  if (!recovered_ || waiting_) return;  // nothing slows an answer down
  if (!queue_.acknowledgements_pending()) {
    acknowledgements_due_.reset();
  } else if (!acknowledgements_due_) {
    acknowledgements_due_ = now_ + acknowledgement_delay;
  } else if (now_ >= *acknowledgements_due_) {
    acknowledgements_due_.reset();
    // When there is no room they stay in RAM until more is acknowledged; losing them costs a
    // resend.
    if (!queue_.record_acknowledgements()) acknowledgements_due_ = now_ + acknowledgement_delay;
  }
  if (prepare_due_) {
    prepare_due_ = false;
    queue_.prepare();
  }
}

template <class Message>
bool Terminal::send(const Message& message) {
  std::uint8_t bytes[protocol::max_encoded_size(Message::fields)];
  const auto size = protocol::encode(message, bytes);
  return size && link_.send(0, {bytes, *size}, now_);
}

// A person never waits for old taps: what is live goes first.
void Terminal::run_uplink() {
  if (state_due_ && link_.can_send() && send(state())) state_due_ = false;
  if (!welcomed_) return;
  while (link_.can_send()) {
    if (waiting_ && !waiting_->sent) {
      if (!send(waiting_->tap)) break;
      waiting_->sent = true;
    } else if (gave_up_.count > 0) {
      if (!send(gave_up_.items[0])) break;
      gave_up_.pop();
    } else if (touches_.count > 0) {
      if (!send(touches_.items[0])) break;
      touches_.pop();
    } else {
      const auto queued =
          upload_.next(now_, waiting_ ? std::optional(waiting_->index) : std::nullopt);
      if (!queued || !send(*queued)) break;
    }
  }
}

void Terminal::run_output() {
  while (true) {
    const Bytes output = link_.pending_output();
    if (output.empty()) break;
    const std::size_t taken = devices_.port.write(output);
    if (taken == 0) break;
    link_.consume(taken);
  }
  if (disconnect_due_) devices_.port.disconnect();  // after the goodbye
  disconnect_due_ = false;
}

void Terminal::set_rest_light() {
  const bool warn = recovered_ && queue_.has_site_key() && queue_.nearly_full();
  const hal::Light wanted = warn ? queue_nearly_full : hal::Light{};
  if (wanted == light_) return;
  light_ = wanted;
  devices_.indicator.set_light(wanted);
}

ScreenSlot Terminal::rest_slot() const {
  if (!recovered_ || !queue_.has_site_key()) return ScreenSlot::out_of_service;
  return welcomed_ ? ScreenSlot::idle : ScreenSlot::idle_offline;
}

void Terminal::run_panel() {
  if (answer_ && now_ >= answer_until_) answer_.reset();
  if (!answer_) set_rest_light();
  if (!devices_.screens) return;
  Panel wanted{rest_slot(), 0};
  if (answer_) {
    wanted.slot = feedback_for(*answer_).slot;
  } else if (live_wanted_ != 0) {
    // Until it has arrived whole, the live screen before it stays.
    const bool arrived = devices_.screens->has_live(live_wanted_);
    if (arrived) wanted = {ScreenSlot::live, live_wanted_};
    if (!arrived && panel_.live != 0) wanted = panel_;
  }
  if (wanted == panel_) return;
  panel_ = wanted;
  if (wanted.live != 0) {
    devices_.screens->show_live();
  } else {
    devices_.screens->show(wanted.slot);
  }
}

Millis Terminal::next_deadline() const {
  Millis deadline = never;
  const auto sooner = [&](Millis at) { deadline = std::min(deadline, at); };
  if (connection_ != 0) {
    sooner(link_.state() == protocol::LinkState::closed ? link_restart_at_ : link_.next_deadline());
  }
  if (waiting_) sooner(waiting_->taken_at + protocol::answer_deadline);
  if (answer_) sooner(answer_until_);
  if (acknowledgements_due_ && !waiting_) sooner(*acknowledgements_due_);
  if (welcomed_ && link_.can_send()) {
    if (const auto at = upload_.next_deadline()) sooner(*at);
  }
  return deadline;
}

protocol::TerminalState Terminal::state() const {
  protocol::TerminalState state;
  state.epoch = queue_.epoch();
  state.next_number = queue_.next_number();
  constexpr std::uint64_t most = UINT32_MAX;
  state.waiting = static_cast<std::uint32_t>(std::min(queue_.waiting(), most));
  state.capacity = static_cast<std::uint32_t>(std::min(queue_.capacity(), most));
  if (devices_.screens) {
    state.panel_width = devices_.screens->size().width;
    state.panel_height = devices_.screens->size().height;
  }
  return state;
}

}  // namespace rollcall::firmware
