// What a terminal says, and what is done about it: state, taps, touches.
#include <algorithm>

#include <boost/asio/post.hpp>

#include "daemon/attendance/local_time.hpp"
#include "daemon/log/log.hpp"
#include "daemon/metrics/metrics.hpp"
#include "daemon/store/on_writer.hpp"
#include "daemon/terminals/journal.hpp"
#include "daemon/terminals/session.hpp"
#include "protocol/cbor.hpp"

namespace rollcall::terminals {
namespace {

namespace asio = boost::asio;
using flows::Interruption;

constexpr std::size_t remembered_give_ups = 32;

Bytes bytes_of(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace

// Messages ---------------------------------------------------------------------------------------

template <class Message>
void Session::decode_and(Bytes payload, void (Session::*handle)(const Message&)) {
  const auto message = protocol::decode<Message>(payload);
  if (!message) return fault(owner_.counters().bad_messages, "not decodable");
  (this->*handle)(*message);
}

void Session::on_message(Bytes payload) {
  if (stage_ == Stage::closed) return;
  if (stage_ == Stage::enrolling) {
    if (enrolment_) enrolment_->on_message(payload);
    return enrolment_went_on();
  }
  const auto op = protocol::peek_op(payload);
  if (!op) return fault(owner_.counters().bad_messages, "no message");
  if (stage_ == Stage::up && *op != static_cast<std::uint16_t>(protocol::Op::terminal_state)) {
    return fault(owner_.counters().misplaced, "a message before terminal_state");
  }
  dispatch(static_cast<protocol::Op>(*op), payload);
}

void Session::dispatch(protocol::Op op, Bytes payload) {
  switch (op) {
    case protocol::Op::terminal_state:
      return decode_and(payload, &Session::handle_state);
    case protocol::Op::tap:
      return decode_and(payload, &Session::handle_tap);
    case protocol::Op::queued_tap:
      return decode_and(payload, &Session::handle_queued);
    case protocol::Op::apdu_response:
      return decode_and(payload, &Session::handle_apdu_response);
    case protocol::Op::apdu_wait:
      return decode_and(payload, &Session::handle_apdu_wait);
    case protocol::Op::gave_up:
      return decode_and(payload, &Session::handle_gave_up);
    case protocol::Op::touch:
      return decode_and(payload, &Session::handle_touch);
    case protocol::Op::key:
      return decode_and(payload, &Session::handle_key);
    case protocol::Op::time_request:
      return decode_and(payload, &Session::handle_time_request);
    case protocol::Op::reply:
      return decode_and(payload, &Session::handle_reply);
    case protocol::Op::stats:
      return decode_and(payload, &Session::handle_stats);
    case protocol::Op::update_state:
      return decode_and(payload, &Session::handle_update_state);
    case protocol::Op::tamper:
      return decode_and(payload, &Session::handle_tamper);
    case protocol::Op::bulk_offer:
    case protocol::Op::bulk_accept:
    case protocol::Op::bulk_end:
      if (!bulk_.on_message(payload, now())) {
        fault(owner_.counters().bad_messages, "not decodable");
      }
      return pump();
    default:
      return fault(owner_.counters().misplaced, "not a message of terminals");
  }
}

void Session::handle_state(const protocol::TerminalState& state) {
  if (welcoming_) return fault(owner_.counters().misplaced, "terminal_state again before welcome");
  const bool first = stage_ == Stage::up;
  const bool other_epoch = state.epoch != state_.epoch;
  state_ = state;
  if (!first && !other_epoch) return send_screens_again();
  if (first) {
    stage_ = Stage::serving;
    serving_since_ms_ = services_.now().wall_ms;
    serving_since_ = Clock::now();
    arrival_due_ = owner_.presence().may_tell(Presence::Kind::connection, serial_);
    if (!arrival_due_) {
      static logging::Limited log(1, std::chrono::minutes{1});
      log.warning("a terminal comes and goes so often that it is no longer told to the case system",
                  {{"terminal", serial_}, {"untold", owner_.presence().untold()}});
    }
    logging::info("terminal connected", {{"terminal", serial_},
                                         {"room", terminal_->room},
                                         {"peer", wire_->peer()},
                                         {"boot", hello_.boot},
                                         {"waiting", state.waiting}});
    owner_.changed();
  }
  welcoming_ = true;
  spawn(welcome(state));
}

asio::awaitable<void> Session::welcome(protocol::TerminalState state) {
  const Greeting greeting{serial_, firmware_, hello_.boot, state, services_.now()};
  Known known;
  const Arrival told = arrival(state);
  const store::Writer::Job job = [&](store::Database& db) {
    known = greet(db, greeting);
    note(db, services_.config.site, told);
  };
  std::string problem;
  try {
    // If it is the newer key, from here on the older one opens nothing.
    const auto done = co_await services_.registry.proven(serial_, proven_key_, firmware_);
    if (!done) problem = done.error().text;
    if (done) co_await store::on_writer(services_.writer, job);
    if (done && std::exchange(arrival_due_, false)) arrival_told_ = true;
    if (done) took_over_.reset();
  } catch (const store::StoreError& error) {
    problem = error.what();
  }
  welcoming_ = false;
  if (stage_ == Stage::closed) co_return;
  if (!problem.empty()) {
    logging::error("terminal not welcomed", {{"terminal", serial_}, {"why", problem}});
    close_link();
    co_return;
  }
  const attendance::HostTime host = services_.now();
  if (start_clock_.welcomed(host)) clock_may_be_set_ = known.new_start;
  send(protocol::Welcome{host.wall_ms, host.trust, terminal_->mode, services_.keys.public_key,
                         known.highest_number});
  configure();
  ask_again_for(std::move(known.missing));
  begin_screens();
  owner_.update().met(serial_, *this);
}

void Session::configure() {
  if (stage_ != Stage::serving) return;
  protocol::Configure placement;
  const std::vector<std::string>& own = terminal_->languages;
  std::string languages;
  for (const std::string& language : own.empty() ? services_.config.site.languages : own) {
    if (languages.size() + 1 + language.size() > placement.languages.capacity()) break;
    languages += (languages.empty() ? "" : ",") + language;
  }
  placement.mode = terminal_->mode;
  placement.languages.assign(bytes_of(languages));
  // A name that is longer than a terminal keeps is cut between characters.
  std::string room = terminal_->room;
  while (room.size() > placement.room.capacity() || !protocol::cbor::is_utf8(bytes_of(room))) {
    room.pop_back();
  }
  placement.room.assign(bytes_of(room));
  send(placement);
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

// Taps -------------------------------------------------------------------------------------------

void Session::handle_tap(const protocol::Tap& tap) {
  if (finish_by_) return;  // not answered: the terminal keeps it
  if (!has_identity(tap.number))
    return fault(owner_.counters().bad_messages, "a tap without a number");
  std::optional<std::string> asked = asked_for_card();
  const bool alone = live_in_flight_ == 0 && nobody_in_line(tap);
  last_tap_ = LastTap{tap.boot, tap.monotonic_ms, tap.wall_ms};
  newest_tap_ = {tap.epoch, tap.number};
  if (!recordable(tap)) {
    // The terminal keeps it and sends it from its queue; there it ends in the staff inbox.
    fault(owner_.counters().bad_messages, "a tap that cannot be recorded");
    send(protocol::Answer{tap.epoch, tap.number, protocol::Outcome::not_recorded});
    return;
  }
  ++taps_live_;
  ++live_in_flight_;
  visits_.take({tap, Clock::now(), alone, std::move(asked)}, serial_, terminal_->room,
               talks_to_cards());
  rearm();
}

// By either clock of the terminal: a played day jumps in wall time only.
bool Session::nobody_in_line(const protocol::Tap& tap) const {
  if (!last_tap_ || last_tap_->boot != tap.boot) return true;
  const auto gap = static_cast<std::uint64_t>(line_gap.count());
  return tap.monotonic_ms - last_tap_->monotonic_ms >= gap ||
         tap.wall_ms - last_tap_->wall_ms >= line_gap.count();
}

void Session::answer(const cards::LiveTap& live, const attendance::TapResult& result) {
  const protocol::Tap& tap = live.tap;
  --live_in_flight_;
  read_signal_.notify();
  if (result.outcome == protocol::Outcome::not_recorded) {
    static logging::Limited log(1, std::chrono::seconds{1});
    log.warning("tap not recorded; the terminal keeps it and sends it again",
                {{"terminal", serial_}, {"number", tap.number}, {"why", result.error}});
  }
  if (stage_ == Stage::closed) return;
  send(protocol::Answer{tap.epoch, tap.number, result.outcome});
  const auto took = Clock::now() - live.arrived;
  metrics::observe(metrics::Histogram::tap_answer, took);
  if (took >= protocol::answer_deadline || gave_up({tap.epoch, tap.number})) {
    metrics::add(metrics::Counter::late_answers);
  }
  if (result.conflict) send(protocol::OpenEpoch{tap.epoch});
  heard_of_card(live, result);
  follow(live, result);
  end_when_finished();
}

void Session::handle_queued(const protocol::QueuedTap& tap) {
  if (finish_by_) return;
  if (!has_identity(tap.number))
    return fault(owner_.counters().bad_messages, "a stored tap without a number");
  ++taps_queued_;
  if (resend_over_at_ != Clock::time_point::max()) resend_over_at_ = Clock::now() + resend_quiet;
  note_clock_set(tap);
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
  visits_.gave_up(message.epoch, message.number);
  if (kiosk_ != nullptr && newest_tap_ == tap) kiosk_->interrupt(Interruption::another_person);
}

bool Session::gave_up(const TapKey& tap) const {
  return std::ranges::find(gave_up_, tap) != gave_up_.end();
}

void Session::handle_touch(const protocol::Touch& touch) {
  if (kiosk_ != nullptr) kiosk_->touched(touch);
}

void Session::handle_key(const protocol::Key& key) {
  if (key.key > 4) return fault(owner_.counters().bad_messages, "an unknown key");
  if (kiosk_ != nullptr) kiosk_->pressed(key);
}

void Session::handle_time_request(const protocol::TimeRequest& request) {
  const attendance::HostTime host = services_.now();
  start_clock_.asked(hello_.boot, request.t1_ms, host);
  send(protocol::TimeReply{request.t1_ms, last_seen_ms_, host.wall_ms, host.trust});
}

void Session::describe(TerminalStatus& status) const {
  status.connected = stage_ == Stage::serving;
  status.peer = wire_->peer();
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
