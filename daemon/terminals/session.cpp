#include "daemon/terminals/session.hpp"

#include <algorithm>
#include <string_view>

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

#include "daemon/attendance/local_time.hpp"
#include "daemon/flows/offer_assessment.hpp"
#include "daemon/log/log.hpp"
#include "daemon/metrics/metrics.hpp"
#include "daemon/store/on_writer.hpp"
#include "daemon/terminals/journal.hpp"

namespace rollcall::terminals {
namespace {

namespace asio = boost::asio;
using flows::Interruption;

constexpr std::size_t remembered_give_ups = 32;

// The link is local, so the host end announces nothing of itself but the largest frame.
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

Session::Session(SessionOwner& owner, const Services& services, Socket socket, std::string peer)
    : owner_(owner),
      services_(services),
      socket_(std::move(socket)),
      peer_(std::move(peer)),
      executor_(socket_.get_executor()),
      link_(clear_, *this, host_hello()),
      read_signal_(executor_),
      write_signal_(executor_),
      timer_signal_(executor_),
      children_signal_(executor_) {}

Session::~Session() = default;

// Life -------------------------------------------------------------------------------------------

asio::awaitable<void> Session::run() {
  const auto self = shared_from_this();
  link_.start(now());
  co_await transport();
  if (link_.state() != protocol::LinkState::closed) link_.transport_lost();
  boost::system::error_code ignored;
  socket_.close(ignored);
  while (children_ > 0) co_await children_signal_.wait();
  if (!serial_.empty()) {
    services_.writer.submit(
        [serial = serial_, at = last_seen_ms_](store::Database& db) { seen(db, serial, at); },
        [](store::Committed, const std::string&) {});
  }
}

// Until one of the three loops ends; the others are then cancelled.
asio::awaitable<void> Session::transport() {
  using namespace asio::experimental::awaitable_operators;
  co_await (read_loop() || write_loop() || timer_loop());
}

template <class Coroutine>
void Session::spawn(Coroutine coroutine) {
  ++children_;
  asio::co_spawn(executor_, std::move(coroutine),
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
    const auto [error, size] = co_await socket_.async_read_some(
        asio::buffer(incoming_), asio::as_tuple(asio::use_awaitable));
    if (error || size == 0) {
      link_.transport_lost();
      co_return;
    }
    last_seen_ms_ = services_.now().wall_ms;
    link_.on_bytes({incoming_.data(), size}, now());
    check_frames();
    pump();
    rearm();
  }
  // The write loop says goodbye; the timer loop ends it if that takes too long.
  for (;;) co_await read_signal_.wait();
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
    link_.consume(pending.size());
    const auto [error, size] = co_await asio::async_write(socket_, asio::buffer(outgoing_),
                                                          asio::as_tuple(asio::use_awaitable));
    if (error) {
      link_.transport_lost();
      co_return;
    }
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
  if (stage_ != Stage::serving) wake = std::min(wake, connected_at_ + greeting_limit);
  if (finish_by_) wake = std::min(wake, *finish_by_);
  return std::min({wake, resend_over_at_, next_time_at_});
}

void Session::on_timers() {
  if (stage_ == Stage::closed) return;
  link_.poll(now());
  const auto time = Clock::now();
  if ((stage_ == Stage::greeting || stage_ == Stage::up) &&
      time >= connected_at_ + greeting_limit) {
    ++owner_.counters().never_greeted;
    close_link();
    return;
  }
  if (time >= next_time_at_) {
    const attendance::HostTime host = services_.now();
    send(protocol::Time{host.wall_ms, host.trust});
    next_time_at_ = time + time_interval;
  }
  if (time >= resend_over_at_) {
    services_.writer.submit([serial = serial_, epochs = resending_](
                                store::Database& db) { clear_resend(db, serial, epochs); },
                            [](store::Committed, const std::string&) {});
    resend_over_at_ = Clock::time_point::max();
  }
  end_when_finished();
  pump();
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
  end_when_finished();
  rearm();
}

void Session::end_when_finished() {
  if (!finish_by_ || stage_ == Stage::closed) return;
  const bool quiet = live_in_flight_ == 0 && !outbox_.urgent() && (!queued_ || queued_->idle());
  const bool delivered = quiet && (link_.state() != protocol::LinkState::up || link_.can_send());
  if (delivered || Clock::now() >= *finish_by_) close_link();
}

void Session::displace() {
  close_link();
}

void Session::abort() {
  boost::system::error_code ignored;
  socket_.close(ignored);
}

void Session::close_link() {
  if (stage_ == Stage::closed) return;
  link_.close(now());
  write_signal_.notify();
}

// The link's events ------------------------------------------------------------------------------

void Session::on_up(const protocol::Hello& peer) {
  hello_ = peer;
  std::string serial = text_of(peer.serial.view());
  terminal_ = owner_.greeted(*this, serial);
  if (terminal_ == nullptr) {
    link_.close(now());
    return;
  }
  serial_ = std::move(serial);
  stage_ = Stage::up;
  queued_.emplace(services_, executor_, serial_, terminal_->room,
                  [this](const QueuedTaps::Done& done) { queued_done(done); });
  queued_->on_room([this] { read_signal_.notify(); });
  spawn([this]() -> asio::awaitable<void> { co_await queued_->run(); });
}

void Session::on_sent() {
  pump();
  end_when_finished();
}

void Session::on_down(protocol::CloseReason reason) {
  if (stage_ == Stage::serving) {
    logging::info("terminal disconnected", {{"terminal", serial_}, {"why", name(reason)}});
  }
  stage_ = Stage::closed;
  closed_at_ = Clock::now();
  if (queued_) queued_->close();
  if (kiosk_ != nullptr) kiosk_->interrupt(finish_by_ ? finish_why_ : Interruption::link_lost);
  read_signal_.notify();
  write_signal_.notify();
  timer_signal_.notify();
}

void Session::pump() {
  while (!outbox_.empty() && link_.can_send()) {
    const auto message = outbox_.next(link_.max_payload());
    if (!message || !link_.send(0, *message, now())) break;
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
              {{"terminal", serial_}, {"peer", peer_}, {"frames", bad}});
  if (bad > max_bad_frames && stage_ != Stage::closed) {
    ++owner_.counters().closed_for_faults;
    close_link();
  }
}

void Session::fault(std::uint64_t& counter, const char* what) {
  ++counter;
  ++faults_;
  static logging::Limited log(1, std::chrono::seconds{1});
  log.warning("message not accepted", {{"terminal", serial_}, {"peer", peer_}, {"why", what}});
  if (faults_ > max_faults && stage_ != Stage::closed) {
    ++owner_.counters().closed_for_faults;
    close_link();
  }
}

// Messages ---------------------------------------------------------------------------------------

template <class Message>
void Session::decode_and(Bytes payload, void (Session::*handle)(const Message&)) {
  const auto message = protocol::decode<Message>(payload);
  if (!message) return fault(owner_.counters().bad_messages, "not decodable");
  (this->*handle)(*message);
}

void Session::on_message(std::uint8_t channel, Bytes payload) {
  if (stage_ == Stage::closed || terminal_ == nullptr) return;
  if (channel != 0) return fault(owner_.counters().misplaced, "a channel that is not in use");
  const auto op = protocol::peek_op(payload);
  if (!op) return fault(owner_.counters().bad_messages, "no message");
  if (stage_ == Stage::up && *op != static_cast<std::uint16_t>(protocol::Op::terminal_state)) {
    return fault(owner_.counters().misplaced, "a message before terminal_state");
  }
  switch (static_cast<protocol::Op>(*op)) {
    case protocol::Op::terminal_state:
      return decode_and(payload, &Session::handle_state);
    case protocol::Op::tap:
      return decode_and(payload, &Session::handle_tap);
    case protocol::Op::queued_tap:
      return decode_and(payload, &Session::handle_queued);
    case protocol::Op::gave_up:
      return decode_and(payload, &Session::handle_gave_up);
    case protocol::Op::touch:
      return decode_and(payload, &Session::handle_touch);
    default:
      return fault(owner_.counters().misplaced, "not a message of terminals");
  }
}

void Session::handle_state(const protocol::TerminalState& state) {
  if (welcoming_) return fault(owner_.counters().misplaced, "terminal_state again before welcome");
  const bool first = stage_ == Stage::up;
  const bool other_epoch = state.epoch != state_.epoch;
  state_ = state;
  if (!first && !other_epoch) return;
  if (first) {
    stage_ = Stage::serving;
    serving_since_ms_ = services_.now().wall_ms;
    logging::info("terminal connected", {{"terminal", serial_},
                                         {"room", terminal_->room},
                                         {"boot", hello_.boot},
                                         {"waiting", state.waiting}});
    owner_.changed();
  }
  welcoming_ = true;
  spawn([this, state]() -> asio::awaitable<void> { co_await welcome(state); });
  if (first && screens::drawable(panel_size())) {
    spawn([this]() -> asio::awaitable<void> { co_await send_kept_screens(panel_size()); });
  }
}

asio::awaitable<void> Session::welcome(protocol::TerminalState state) {
  const Greeting greeting{serial_, text_of(hello_.firmware.view()), hello_.boot, state,
                          services_.now().wall_ms};
  Known known;
  const store::Writer::Job job = [&](store::Database& db) { known = greet(db, greeting); };
  std::string problem;
  try {
    co_await store::on_writer(services_.writer, job);
  } catch (const store::StoreError& error) {
    problem = error.what();
  }
  welcoming_ = false;
  if (stage_ == Stage::closed) co_return;
  if (!problem.empty()) {
    logging::error("terminal not welcomed, the database does not take its greeting",
                   {{"terminal", serial_}, {"why", problem}});
    close_link();
    co_return;
  }
  const attendance::HostTime host = services_.now();
  send(protocol::Welcome{host.wall_ms, host.trust, terminal_->mode, services_.keys.public_key,
                         known.highest_number});
  if (state.accepts_time) next_time_at_ = Clock::now() + time_interval;
  ask_again_for(std::move(known.missing));
}

void Session::ask_again_for(std::vector<protocol::StorageEpoch> epochs) {
  if (epochs.empty()) return;
  for (const protocol::StorageEpoch& epoch : epochs) send(protocol::ResendTaps{epoch, 1});
  logging::info("terminal is asked for its taps again",
                {{"terminal", serial_}, {"epochs", epochs.size()}});
  resending_ = std::move(epochs);
  resend_over_at_ = Clock::now() + resend_quiet;
  rearm();
}

void Session::ask_for_missing() {
  if (stage_ != Stage::serving || welcoming_) return;
  spawn([this]() -> asio::awaitable<void> {
    const std::function<std::vector<protocol::StorageEpoch>(store::Database&)> read =
        [serial = serial_](store::Database& db) { return marked_epochs(db, serial); };
    std::vector<protocol::StorageEpoch> epochs = co_await services_.readers.query(read);
    if (stage_ == Stage::serving) ask_again_for(std::move(epochs));
  });
}

asio::awaitable<void> Session::send_kept_screens(screens::Size size) {
  const std::shared_ptr<const screens::KeptScreens> kept = co_await services_.screens.kept(size);
  if (stage_ != Stage::serving || kept == nullptr) co_return;
  for (std::size_t slot = 1; slot < kept->size(); ++slot) {
    const auto id = static_cast<std::uint32_t>(slot);
    sent_or_slow(outbox_.screen(id, static_cast<protocol::ScreenSlot>(slot), (*kept)[slot]));
  }
}

// Taps -------------------------------------------------------------------------------------------

void Session::handle_tap(const protocol::Tap& tap) {
  if (finish_by_) return;  // not answered: the terminal keeps it
  if (!has_identity(tap.number))
    return fault(owner_.counters().bad_messages, "a tap without a number");
  if (kiosk_ != nullptr) kiosk_->interrupt(Interruption::another_person);
  const bool alone = live_in_flight_ == 0 && nobody_in_line(tap);
  last_tap_ = LastTap{tap.boot, tap.monotonic_ms, tap.wall_ms};
  if (!recordable(tap)) {
    // The terminal keeps it and sends it from its queue; there it ends in the staff inbox.
    fault(owner_.counters().bad_messages, "a tap that cannot be recorded");
    send(protocol::Answer{tap.epoch, tap.number, protocol::Outcome::not_recorded});
    return;
  }
  ++taps_live_;
  ++live_in_flight_;
  const auto arrived = Clock::now();
  auto done = [weak = weak_from_this(), executor = executor_, tap, arrived,
               alone](const attendance::TapResult& result) {
    asio::post(executor, [weak, tap, arrived, alone, result] {
      if (const auto self = weak.lock()) self->answer(tap, arrived, alone, result);
    });
  };
  const bool taken =
      services_.recorder.submit({.serial = serial_, .tap = tap, .live = true}, std::move(done));
  if (taken) return;
  attendance::TapResult full;
  full.error = "the writer's queue is full";
  answer(tap, arrived, alone, full);
}

// By either clock of the terminal: a played day jumps in wall time only.
bool Session::nobody_in_line(const protocol::Tap& tap) const {
  if (!last_tap_ || last_tap_->boot != tap.boot) return true;
  const auto gap = static_cast<std::uint64_t>(line_gap.count());
  return tap.monotonic_ms - last_tap_->monotonic_ms >= gap ||
         tap.wall_ms - last_tap_->wall_ms >= line_gap.count();
}

void Session::answer(const protocol::Tap& tap, Clock::time_point arrived, bool alone,
                     const attendance::TapResult& result) {
  --live_in_flight_;
  read_signal_.notify();
  if (result.outcome == protocol::Outcome::not_recorded) {
    static logging::Limited log(1, std::chrono::seconds{1});
    log.warning("tap not recorded; the terminal keeps it and sends it again",
                {{"terminal", serial_}, {"number", tap.number}, {"why", result.error}});
  }
  if (stage_ == Stage::closed) return;
  send(protocol::Answer{tap.epoch, tap.number, result.outcome});
  const auto took = Clock::now() - arrived;
  metrics::observe(metrics::Histogram::tap_answer, took);
  if (took >= protocol::answer_deadline || gave_up({tap.epoch, tap.number})) {
    metrics::add(metrics::Counter::late_answers);
  }
  if (result.conflict) send(protocol::OpenEpoch{tap.epoch});
  if (may_offer(tap, arrived, alone, result)) {
    offering_ = true;
    offered_tap_ = {tap.epoch, tap.number};
    spawn([this, tap, result]() -> asio::awaitable<void> {
      co_await offer(tap, *result.person, result.language);
    });
  }
  end_when_finished();
}

void Session::handle_queued(const protocol::QueuedTap& tap) {
  if (finish_by_) return;
  if (!has_identity(tap.number))
    return fault(owner_.counters().bad_messages, "a stored tap without a number");
  ++taps_queued_;
  if (resend_over_at_ != Clock::time_point::max()) resend_over_at_ = Clock::now() + resend_quiet;
  queued_->push(tap);
}

void Session::queued_done(const QueuedTaps::Done& done) {
  if (done.unreadable) ++owner_.counters().unreadable;
  if (stage_ == Stage::closed) return;
  if (state_.waiting > 0) --state_.waiting;
  sent_or_slow(outbox_.acknowledge(done.epoch, done.number));
  if (done.conflict) send(protocol::OpenEpoch{done.epoch});
}

void Session::handle_gave_up(const protocol::GaveUp& message) {
  const TapKey tap{message.epoch, message.number};
  gave_up_.push_back(tap);
  if (gave_up_.size() > remembered_give_ups) gave_up_.pop_front();
  if (kiosk_ != nullptr && offered_tap_ == tap) kiosk_->interrupt(Interruption::another_person);
}

bool Session::gave_up(const TapKey& tap) const {
  return std::ranges::find(gave_up_, tap) != gave_up_.end();
}

void Session::handle_touch(const protocol::Touch& touch) {
  if (kiosk_ != nullptr) kiosk_->touched(touch);
}

// Assessments ------------------------------------------------------------------------------------

bool Session::may_offer(const protocol::Tap& tap, Clock::time_point arrived, bool alone,
                        const attendance::TapResult& result) const {
  const bool fresh =
      result.outcome == protocol::Outcome::arrived && !result.resend && !result.conflict;
  const bool in_time =
      Clock::now() - arrived < protocol::answer_deadline && !gave_up({tap.epoch, tap.number});
  return fresh && in_time && has_panel() && alone && live_in_flight_ == 0 && !offering_ &&
         !finish_by_ && result.person.has_value() && services_.assessments.size() > 0;
}

asio::awaitable<void> Session::offer(protocol::Tap tap, std::string person,
                                     std::string person_language) {
  TerminalKiosk kiosk(*this, services_.screens, panel_size(), executor_);
  struct PanelInUse {
    Session& session;
    PanelInUse(Session& of, TerminalKiosk& by) : session(of) { session.kiosk_ = &by; }
    ~PanelInUse() {
      session.kiosk_ = nullptr;
      session.offering_ = false;
    }
  } const in_use(*this, kiosk);
  if (stage_ == Stage::closed) kiosk.interrupt(Interruption::link_lost);
  std::string today =
      attendance::TimeZone(services_.config.site.timezone).at(services_.now().wall_ms).day;
  std::optional<assessments::Due> due =
      co_await services_.assessments.due(services_.readers, person, today);
  if (due) {
    ++owner_.counters().flows;
    const assessments::Occasion occasion{
        .organisation = services_.config.site.organisation,
        .site = services_.config.site.id,
        .room = terminal_->room,
        .tap = {serial_, tap.epoch, tap.number},
        .reading = tap.kind,
        .language = services_.screens.language_for(person_language),
        .due = std::move(*due),
    };
    assessments::WriterRecord record(services_.writer, occasion, [this] { return host_time(); });
    co_await flows::offer_assessment(kiosk, record, *occasion.due.instrument, occasion.language,
                                     services_.pace);
  }
}

bool Session::has_panel() const {
  return screens::drawable(panel_size()) &&
         (hello_.capabilities & protocol::capability::touch) != 0;
}

events::TimeBlock Session::host_time() const {
  const attendance::HostTime host = services_.now();
  return {.wall_ms = host.wall_ms,
          .trust = host.trust,
          .monotonic_ms = host.monotonic_ms,
          .boot = host.boot};
}

std::uint32_t Session::put(std::shared_ptr<const screens::Screen> screen) {
  outbox_.drop_live_screens();
  const std::uint32_t id = next_live_screen_++;
  sent_or_slow(outbox_.screen(id, protocol::ScreenSlot::live, std::move(screen)));
  return id;
}

void Session::put_idle() {
  outbox_.drop_live_screens();
  sent_or_slow(outbox_.show_idle());
}

void Session::describe(TerminalStatus& status) const {
  status.connected = stage_ == Stage::serving;
  status.peer = peer_;
  status.last_seen_ms = std::max(status.last_seen_ms, last_seen_ms_);
  status.taps_live += taps_live_;
  status.taps_queued += taps_queued_;
  status.faults += faults_ + bad_frames_;
  add(status.link, link_.counters());
  if (!served()) return;
  status.since_ms = serving_since_ms_;
  status.firmware = text_of(hello_.firmware.view());
  status.boot = hello_.boot;
  status.panel = has_panel();
  status.waiting = state_.waiting;
  status.capacity = state_.capacity;
}

}  // namespace rollcall::terminals
