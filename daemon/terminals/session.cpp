// The life of a connection: its loops, its timers and what the link reports.
#include "daemon/terminals/session.hpp"

#include <algorithm>
#include <string_view>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>

#include "daemon/in_pool.hpp"
#include "daemon/log/log.hpp"
#include "daemon/terminals/journal.hpp"

namespace rollcall::terminals {
namespace {

namespace asio = boost::asio;
using flows::Interruption;

// The host says nothing of itself but the largest frame.
protocol::Hello host_hello() {
  protocol::Hello hello;
  hello.max_frame = protocol::max_body_tcp;
  return hello;
}

std::string text_of(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string_view name(protocol::CloseReason reason) {
  switch (reason) {
    case protocol::CloseReason::none:
      return "none";
    case protocol::CloseReason::local:
      return "closed here";
    case protocol::CloseReason::peer_bye:
      return "the terminal said goodbye";
    case protocol::CloseReason::silence:
      return "silence";
    case protocol::CloseReason::unacknowledged:
      return "no acknowledgement";
    case protocol::CloseReason::version:
      return "no common protocol version";
    case protocol::CloseReason::bad_hello:
      return "unreadable greeting";
    case protocol::CloseReason::refused:
      return "no key for this terminal";
    case protocol::CloseReason::handshake:
      return "the terminal has another key";
    case protocol::CloseReason::restarted:
      return "the terminal restarted";
    case protocol::CloseReason::security:
      return "a tag did not verify";
    case protocol::CloseReason::transport:
      return "the connection broke";
  }
  return "none";
}

}  // namespace

Session::Session(SessionOwner& owner, const Services& services, asio::any_io_executor reactor,
                 std::shared_ptr<links::Link> wire)
    : owner_(owner),
      services_(services),
      wire_(std::move(wire)),
      executor_(std::move(reactor)),
      queue_transfers_({
          .tap = [this](const protocol::QueuedTap& tap) { handle_queued(tap); },
          .unreadable = [this] { fault(owner_.counters().bad_messages, "an entry of a queue"); },
          .room = [this] { return queued_ && queued_->idle(); },
      }),
      log_transfer_(
          {.wanted = [this] { return asked_for_log(); },
           .ended = [this](std::optional<std::string> text) { log_ended(std::move(text)); }}),
      link_(protocol::Role::host, *this, &bulk_, host_hello()),
      screens_(transfers_, {.announce = [this](const protocol::Screen& screen) { send(screen); },
                            .show =
                                [this](const protocol::ScreenShow& show) {
                                  send(show);
                                  if (kiosk_ != nullptr) kiosk_->is_up(show.screen);
                                }}),
      read_signal_(executor_),
      write_signal_(executor_),
      timer_signal_(executor_),
      children_signal_(executor_),
      rest_signal_(executor_),
      visits_(services.cards, services.issuing, services.sign_ins, card_hooks()),
      flow_over_signal_(executor_) {}

Session::~Session() {
  crypto::wipe(proven_key_);
  crypto::wipe(granted_key_);
}

// Life -------------------------------------------------------------------------------------------

asio::awaitable<void> Session::run() {
  const auto self = shared_from_this();
  link_.set_line_rate(wire_->line_rate());
  link_.start(now());
  co_await transport();
  if (link_.state() != protocol::LinkState::closed) link_.transport_lost();
  co_await wire_->drain();
  wire_->close();
  while (children_ > 0) co_await children_signal_.wait();
  if (queued_) {  // it has proven its key
    services_.writer.submit(
        [last = last_heard(), greeted = served()](store::Database& db) {
          seen(db, last.serial, last.heard_ms);
          if (greeted) attendance::keep_start(db, last);
        },
        [](store::Committed, const std::string&) {});
  }
  note_departure();  // when the arrival was still being written at its end
}

// Until one of the three loops ends; the others are then cancelled.
asio::awaitable<void> Session::transport() {
  using namespace asio::experimental::awaitable_operators;
  co_await (read_loop() || write_loop() || timer_loop());
}

void Session::spawn(asio::awaitable<void> child) {
  ++children_;
  asio::co_spawn(executor_, std::move(child),
                 [self = shared_from_this()](const std::exception_ptr& failure) {
                   if (failure) {
                     try {
                       std::rethrow_exception(failure);
                     } catch (const std::exception& e) {
                       logging::error(
                           "a terminal's session met an unexpected fault; it is closed and the "
                           "terminal connects again",
                           {{"terminal", self->serial_}, {"why", e.what()}});
                     }
                     self->close_link();
                   }
                   --self->children_;
                   self->children_signal_.notify();
                 });
}

asio::awaitable<void> Session::read_loop() {
  while (stage_ != Stage::closed) {
    if (!may_read()) {
      co_await read_signal_.wait();
      continue;
    }
    const std::size_t size = co_await wire_->read_some(incoming_);
    if (size == 0) {
      link_.transport_lost();
      co_return;
    }
    const attendance::HostTime host = services_.now();
    last_seen_ms_ = host.wall_ms;
    last_seen_trust_ = host.trust;
    link_.on_bytes({incoming_.data(), size}, now());
    if (const auto step = link_.take_handshake()) spawn(run_handshake(*step));
    check_frames();
    pump();
    rearm();
  }
  // The write loop says goodbye; the timer loop ends it if that takes too long.
  for (;;) co_await read_signal_.wait();
}

// X25519 and what belongs to it, in the pool, whose threads bound how many run at once.
asio::awaitable<void> Session::run_handshake(protocol::Handshake step) {
  crypto::Key fresh = registry::random_key();
  auto work = [&step, &fresh] { (void)step.run(fresh); };  // how it ended is in `step`
  co_await in_pool(services_.pool, work);
  crypto::wipe(fresh);
  if (stage_ == Stage::closed) co_return;
  link_.handshake_done(step, now());
  write_signal_.notify();
  rearm();
}

asio::awaitable<void> Session::write_loop() {
  for (;;) {
    const Bytes pending = link_.pending_output();
    if (pending.empty()) {
      if (stage_ == Stage::closed) co_return;
      co_await write_signal_.wait();
      continue;
    }
    outgoing_.assign(pending.begin(), pending.end());
    if (!co_await wire_->write(outgoing_)) {
      link_.transport_lost();
      co_return;
    }
    link_.consume(outgoing_.size(), now());
    pump();
    rearm();
  }
}

asio::awaitable<void> Session::timer_loop() {
  for (;;) {
    on_timers();
    if (stage_ == Stage::closed && Clock::now() >= closed_at_ + goodbye_limit) co_return;
    armed_until_ = next_wake();
    co_await timer_signal_.wait(armed_until_);
  }
}

Session::Clock::time_point Session::next_wake() const {
  if (stage_ == Stage::closed) return closed_at_ + goodbye_limit;
  Clock::time_point wake{link_.next_deadline()};
  if (must_greet()) wake = std::min(wake, connected_at_ + services_.greeting_limit);
  if (finish_by_) wake = std::min(wake, *finish_by_);
  return std::min({wake, resend_over_at_, visits_.next_deadline()});
}

void Session::on_timers() {
  if (stage_ == Stage::closed) return;
  link_.poll(now());
  const auto time = Clock::now();
  if (must_greet() && time >= connected_at_ + services_.greeting_limit) {
    ++owner_.counters().never_greeted;
    close_link();
    return;
  }
  if (time >= resend_over_at_ && !queued_->idle()) resend_over_at_ = time + resend_quiet;
  if (time >= resend_over_at_) {
    services_.writer.submit([serial = serial_, epochs = resending_](
                                store::Database& db) { clear_resend(db, serial, epochs); },
                            [](store::Committed, const std::string&) {});
    resend_over_at_ = Clock::time_point::max();
  }
  visits_.on_time();
  end_when_finished();
  pump();
}

// On a line nobody may be there; then the link ends in silence.
bool Session::must_greet() const {
  return stage_ == Stage::up || (stage_ == Stage::greeting && !wire_->is_line());
}

void Session::rearm() {
  if (next_wake() < armed_until_) timer_signal_.notify();
}

bool Session::may_read() const {
  return live_in_flight_ < max_live_in_flight && !(queued_ && queued_->full());
}

protocol::Millis Session::now() const {
  return std::chrono::duration_cast<protocol::Millis>(Clock::now().time_since_epoch());
}

void Session::finish(Interruption why) {
  if (stage_ == Stage::closed || finish_by_) return;
  finish_by_ = Clock::now() + finish_limit;
  finish_why_ = why;
  if (kiosk_ != nullptr) kiosk_->interrupt(why);
  visits_.close();
  end_when_finished();
  rearm();
}

void Session::end_when_finished() {
  if (!finish_by_ || stage_ == Stage::closed) return;
  const bool quiet = live_in_flight_ == 0 && outbox_.empty() && (!queued_ || queued_->idle());
  const bool delivered = quiet && (link_.state() != protocol::LinkState::up || link_.can_send());
  if (delivered || Clock::now() >= *finish_by_) close_link();
}

void Session::displace(Session& newer) {
  displaced_ = true;
  if (!owner_.presence().may_tell(Presence::Kind::displacement, serial_)) return close_link();
  Displaced& older = newer.took_over_.emplace();
  older.old_boot = hello_.boot;
  if (served()) older.old_epoch = state_.epoch;
  close_link();
}

void Session::revoke() {
  revoked_ = true;
  close_link();
}

void Session::abort() {
  wire_->close();
}

void Session::close_link() {
  if (stage_ == Stage::closed) return;
  link_.close(now());
  write_signal_.notify();
}

// The link's events ------------------------------------------------------------------------------

protocol::Admission Session::on_greeting(const protocol::Hello& peer, protocol::LinkKeys& keys) {
  if (wire_->is_line()) connected_at_ = Clock::now();
  hello_ = peer;
  firmware_ = text_of(peer.firmware.view());
  serial_ = text_of(peer.serial.view());
  if ((peer.capabilities & protocol::capability::enrolling) != 0) {
    return protocol::Admission::enrolment;
  }
  owner_.enrolment().met(serial_);
  terminal_ = services_.registry.find(serial_);
  for (const std::size_t place : {registry::current_key, registry::pending_key}) {
    if (terminal_ == nullptr || !terminal_->keys[place]) continue;
    keys.add(*terminal_->keys[place]);
  }
  offered_ = keys;
  if (keys.count > 0) return protocol::Admission::secured;
  ++owner_.counters().not_configured;
  owner_.alarms().unknown_terminal(source());
  static logging::Limited log(1, std::chrono::seconds{1});
  log.warning("a terminal that is not enrolled here, or was revoked, was turned away",
              {{"terminal", serial_}});
  return protocol::Admission::refused;
}

void Session::on_up(const protocol::Hello&, std::size_t key) {
  if (terminal_ == nullptr) return begin_enrolment();
  proven_key_ = offered_.keys[key];
  for (crypto::Key& offered : offered_.keys) crypto::wipe(offered);
  // It may have been revoked, or its key replaced, while the handshake was under way.
  const auto& valid = terminal_->keys;
  if (valid[registry::current_key] != proven_key_ && valid[registry::pending_key] != proven_key_) {
    ++owner_.counters().bad_handshakes;
    owner_.alarms().link_refused(source(), cause::handshake);
    return close_link();
  }
  ++owner_.counters().handshakes;
  owner_.proven(*this);
  stage_ = Stage::up;
  queued_.emplace(
      services_, executor_, serial_, terminal_->room,
      [this](const QueuedTaps::Done& done) { queued_done(done); },
      [this] { return start_clock_.point(services_.now()); });
  queued_->on_room([this] { read_signal_.notify(); });
  spawn(queued_->run());
}

void Session::on_sent() {
  pump();
  end_when_finished();
}

void Session::on_down(protocol::CloseReason reason) {
  const bool was_enrolling = stage_ == Stage::enrolling;
  alarm(reason);
  if (stage_ == Stage::serving) {
    logging::info("terminal disconnected", {{"terminal", serial_}, {"why", name(reason)}});
  }
  stage_ = Stage::closed;
  closed_at_ = Clock::now();
  closed_why_ = reason;
  unanswered_ = live_in_flight_;
  visits_.close();
  note_departure();
  if (queued_) queued_->close();
  transfers_.close();
  if (was_enrolling) owner_.enrolment().lost(*this);
  owner_.update().lost(*this);
  for (Question* question : questions_) question->signal.notify();
  if (kiosk_ != nullptr) kiosk_->interrupt(finish_by_ ? finish_why_ : Interruption::link_lost);
  rest_signal_.notify();
  read_signal_.notify();
  write_signal_.notify();
  timer_signal_.notify();
}

void Session::pump() {
  std::array<std::uint8_t, protocol::max_body_serial> message{};
  while (link_.can_send()) {
    std::size_t size = 0;
    if (enrolment_) {
      size = enrolment_->take_message(message);
    } else if (const auto next = outbox_.next()) {
      if (!link_.send(*next, now())) break;
      continue;
    } else {
      size = bulk_.take_message(message, now());
    }
    if (size == 0 || !link_.send({message.data(), size}, now())) break;
  }
  write_signal_.notify();
}

void Session::sent_or_slow(bool queued) {
  if (!queued) {
    ++owner_.counters().closed_slow;
    static logging::Limited log(1, std::chrono::seconds{1});
    log.warning("terminal does not take its answers; closed", {{"terminal", serial_}});
    close_link();
    return;
  }
  pump();
  rearm();
}

void Session::check_frames() {
  const protocol::LinkCounters& c = link_.counters();
  const std::uint32_t bad =
      c.bad_crc + c.bad_cobs + c.too_long + c.too_short + c.unknown_type + c.unexpected;
  if (bad == bad_frames_) return;
  owner_.counters().bad_frames += bad - bad_frames_;
  bad_frames_ = bad;
  static logging::Limited log(1, std::chrono::seconds{1});
  log.warning("frames could not be read",
              {{"terminal", serial_}, {"peer", wire_->peer()}, {"frames", bad}});
  if (bad > max_bad_frames && !wire_->is_line() && stage_ != Stage::closed) {
    ++owner_.counters().closed_for_faults;
    owner_.alarms().link_refused(source(), cause::flood);
    close_link();
  }
}

// What a closed link may mean for the site's security.
void Session::alarm(protocol::CloseReason reason) {
  const protocol::LinkCounters& c = link_.counters();
  owner_.counters().bad_tags += c.bad_tag;
  owner_.counters().bad_handshakes += c.bad_handshake;
  const char* found = nullptr;
  if (reason == protocol::CloseReason::handshake) found = cause::handshake;
  if (reason == protocol::CloseReason::security) found = cause::tag;
  if (reason == protocol::CloseReason::version) found = cause::version;
  if (reason == protocol::CloseReason::bad_hello) found = cause::malformed;
  if (found == nullptr) return;
  owner_.alarms().link_refused(source(), found);
  static logging::Limited log(1, std::chrono::seconds{1});
  log.warning("link refused",
              {{"terminal", serial_}, {"peer", wire_->peer()}, {"why", name(reason)}});
}

Alarms::Source Session::source() const {
  return {.serial = serial_,
          .room = terminal_ != nullptr ? terminal_->room : std::string{},
          .link = wire_->peer().substr(0, wire_->peer().find(' '))};
}

void Session::fault(std::uint64_t& counter, const char* what) {
  ++counter;
  ++faults_;
  static logging::Limited log(1, std::chrono::seconds{1});
  log.warning("message not accepted",
              {{"terminal", serial_}, {"peer", wire_->peer()}, {"why", what}});
  if (faults_ > max_faults && stage_ != Stage::closed) {
    ++owner_.counters().closed_for_faults;
    owner_.alarms().link_refused(source(), cause::flood);
    close_link();
  }
}

}  // namespace rollcall::terminals
