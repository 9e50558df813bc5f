// What a terminal says, and what is done about it: state, taps, touches.
#include <algorithm>

#include <boost/asio/post.hpp>

#include "daemon/attendance/local_time.hpp"
#include "daemon/flows/offer_assessment.hpp"
#include "daemon/log/log.hpp"
#include "daemon/metrics/metrics.hpp"
#include "daemon/store/on_writer.hpp"
#include "daemon/terminals/journal.hpp"
#include "daemon/terminals/session.hpp"

namespace rollcall::terminals {
namespace {

namespace asio = boost::asio;
using flows::Interruption;

constexpr std::size_t remembered_give_ups = 32;

}  // namespace

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
  spawn(welcome(state));
  if (first && screens::drawable(panel_size())) {
    spawn(send_kept_screens(panel_size()));
  }
}

asio::awaitable<void> Session::welcome(protocol::TerminalState state) {
  const Greeting greeting{serial_, firmware_, hello_.boot, state, services_.now().wall_ms};
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
  if (stage_ == Stage::serving && !welcoming_) spawn(read_missing());
}

asio::awaitable<void> Session::read_missing() {
  using Epochs = std::vector<protocol::StorageEpoch>;
  const std::function<Epochs(store::Database&)> read = [this](store::Database& db) {
    return marked_epochs(db, serial_);
  };
  Epochs epochs = co_await services_.readers.query(read);
  if (stage_ == Stage::serving) ask_again_for(std::move(epochs));
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
    spawn(offer(tap, *result.person, result.language));
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
  status.firmware = firmware_;
  status.boot = hello_.boot;
  status.panel = has_panel();
  status.waiting = state_.waiting;
  status.capacity = state_.capacity;
}

}  // namespace rollcall::terminals
