// The link from the terminal's side, and what goes out over it.
#include <algorithm>

#include "firmware/terminal/terminal.hpp"

namespace rollcall::firmware {

using namespace terminal_timing;
using protocol::CloseReason;
using protocol::LinkState;

namespace {

// The terminal's messages of enrolment and of bulk transfers.
constexpr std::size_t small_message = 64;
static_assert(small_message >= protocol::max_encoded_size(protocol::BulkOffer::fields) &&
              small_message >= protocol::max_encoded_size(protocol::EnrolDone::fields) &&
              small_message >= protocol::max_encoded_size(protocol::EnrolKey::fields));

}  // namespace

protocol::Hello Terminal::hello() const {
  namespace capability = protocol::capability;
  protocol::Hello hello;
  hello.capabilities = capability::indicator | capability::queue;
  if (devices_.screens) hello.capabilities |= capability::display;
  if (devices_.touch) hello.capabilities |= capability::touch;
  if (enrolment_.calling()) hello.capabilities |= capability::enrolling;
  if (devices_.reader.exchanges()) hello.capabilities |= capability::apdu;
  if (update_.possible()) hello.capabilities |= capability::update;
  hello.max_frame = identity_.max_frame;
  hello.serial = identity_.serial;
  hello.firmware = identity_.version;
  hello.boot = queue_.boot();
  hello.reset = identity_.reset;
  hello.slot = identity_.running.slot;
  hello.last_update = identity_.last_update;
  return hello;
}

void Terminal::run_link() {
  const std::uint32_t connection = devices_.port.connection();
  if (connection != connection_) {
    connection_ = connection;
    if (link_.state() != LinkState::closed) link_.transport_lost();
  }
  if (connection_ == 0) return;
  if (link_.state() == LinkState::closed && now_ >= link_restart_at_) {
    enrolling_ = enrolment_.calling();
    link_.set_hello(hello());
    link_.start(now_);
    link_started_at_ = now_;
  }
  std::uint8_t received[512];
  while (const std::size_t size = devices_.port.read(received))
    link_.on_bytes({received, size}, now_);
  if (link_.state() != LinkState::closed && now_ >= link_.next_deadline()) link_.poll(now_);
  run_handshake();
}

// A window that opens, or has closed and told the host, calls anew with the other HELLO.
void Terminal::run_window() {
  if (connection_ == 0 || enrolling_ == enrolment_.calling()) return;
  link_.close(now_);
  if (enrolment_.calling()) link_restart_at_ = now_;
}

// A long step on a board: the reader is looked at right after it.
void Terminal::run_handshake() {
  auto step = link_.take_handshake();
  if (!step) return;
  crypto::Key fresh{};
  devices_.entropy.fill(fresh);
  (void)step->run(fresh);  // handshake_done() looks at its outcome
  crypto::wipe(fresh);
  now_ = devices_.clock.monotonic();
  link_.handshake_done(*step, now_);
}

protocol::Admission Terminal::on_greeting(const protocol::Hello&, protocol::LinkKeys& keys) {
  if (enrolling_) return protocol::Admission::enrolment;
  if (!settings_ || !devices_.entropy.seeded()) return protocol::Admission::refused;
  keys.add(settings_->link_key);
  return protocol::Admission::secured;
}

void Terminal::on_up(const protocol::Hello&, std::size_t) {
  if (enrolling_) {
    enrolment_.link_up({link_.own_hello_digest(), link_.peer_hello_digest()});
    return;
  }
  ++counters_.handshakes;
  log(Event::link_up, connection_);
  down_logged_.reset();
  state_due_ = true;
  refused_ = false;
}

void Terminal::on_down(CloseReason reason) {
  if (down_logged_ != reason) log(Event::link_down, static_cast<std::uint32_t>(reason));
  down_logged_ = reason;
  if (enrolling_) enrolment_.link_down();
  state_due_ = false;
  welcomed_ = false;
  gave_up_.clear();
  touches_.clear();
  keys_.clear();
  cards_.clear();
  replies_.clear();
  exchange_.cancel();
  stats_due_ = watching_cards_ = log_due_ = false;
  log_transfer_.stop();
  live_wanted_ = 0;
  clock_.link_down();
  if (devices_.screens) devices_.screens->forget_live();
  link_restart_at_ = restart_at(reason);
  disconnect_due_ = reason != CloseReason::transport;
  if (observer_) observer_->on_link(false, reason);
  if (waiting_) give_up();
}

Millis Terminal::restart_at(CloseReason reason) const {
  if (refused_) return now_ + link_refused;
  if (!settings_ && !enrolment_.calling()) return link_started_at_ + link_keyless;
  // A line that breaks is made again by its port; one that was only just made has been refused.
  if (reason == CloseReason::transport || reason == CloseReason::restarted) {
    return std::max(now_, link_started_at_ + link_restart);
  }
  return now_ + link_restart;
}

template <class Message>
bool Terminal::send(const Message& message) {
  std::uint8_t bytes[protocol::max_encoded_size(Message::fields)];
  const auto size = protocol::encode(message, bytes);
  return size && link_.send({bytes, *size}, now_);
}

void Terminal::run_uplink() {
  while (link_.can_send() && send_next()) {
  }
}

// A person never waits for old taps: what is live goes first.
bool Terminal::send_next() {
  std::uint8_t bytes[small_message];
  if (enrolling_) {
    const std::size_t size = enrolment_.take_message(bytes);
    if (size == 0) enrolment_.delivered();
    return size != 0 && link_.send({bytes, size}, now_);
  }
  if (state_due_ || (welcomed_ && queue_.epoch() != told_epoch_)) {
    if (!send(state())) return false;
    state_sent_at_ = devices_.clock.counter();
    told_epoch_ = queue_.epoch();
    state_due_ = false;
    return true;
  }
  if (welcomed_ && waiting_ && !waiting_->sent) {
    waiting_->sent = send(waiting_->tap);
    return waiting_->sent;
  }
  const auto send_from = [this](auto& outbox) {
    if (!send(outbox.front())) return false;
    outbox.pop();
    return true;
  };
  if (!gave_up_.empty()) return send_from(gave_up_);
  if (bulk_.message_due()) {
    const std::size_t size = bulk_.take_message(bytes, now_);
    return size != 0 && link_.send({bytes, size}, now_);
  }
  if (send_reply()) return true;
  if (!welcomed_) return false;
  if (!touches_.empty()) return send_from(touches_);
  if (!keys_.empty()) return send_from(keys_);
  if (!cards_.empty()) return send_from(cards_);
  if (now_ >= clock_.next_request_at()) {
    const Millis t1 = clock_.request_sent();
    return send(protocol::TimeRequest{static_cast<std::uint64_t>(t1.count())});
  }
  return send_log() || send_queued();
}

bool Terminal::send_reply() {
  if (!replies_.empty()) {
    if (!send(replies_.front())) return false;
    replies_.pop();
    return true;
  }
  if (exchange_.wait_due()) {
    if (!send(exchange_.wait())) return false;
    exchange_.wait_told();
    return true;
  }
  if (exchange_.response_due()) {
    if (!send(exchange_.response())) return false;
    exchange_.response_told();
    return true;
  }
  if (const auto update = update_.state_due()) {
    if (!send(*update)) return false;
    update_.told();
    return true;
  }
  if (!stats_due_ || !send(stats())) return false;
  stats_due_ = false;
  return true;
}

bool Terminal::send_queued() {
  const auto live = waiting_ ? std::optional(waiting_->index) : std::nullopt;
  const Upload::Next next = upload_.next(now_, live, !log_transfer_.under_way());
  if (next.transfer) {
    bulk_.send(protocol::BulkKind::queue, 0, next.transfer->bytes, next.transfer->digest, upload_);
    return true;  // its offer is due now
  }
  return next.message && send(*next.message);
}

void Terminal::run_output() {
  while (true) {
    const Bytes output = link_.pending_output();
    if (output.empty()) break;
    const std::size_t taken = devices_.port.write(output);
    if (taken == 0) break;
    link_.consume(taken, now_);
  }
  if (disconnect_due_) devices_.port.disconnect();  // after the goodbye
  disconnect_due_ = false;
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
