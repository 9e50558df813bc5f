// The events of a terminal that comes and goes, and of its clock.
#include <utility>

#include "daemon/events/event.hpp"
#include "daemon/log/log.hpp"
#include "daemon/terminals/session.hpp"

namespace rollcall::terminals {

Arrival Session::arrival(const protocol::TerminalState& state) const {
  Arrival told;
  told.now = services_.now();
  if (arrival_due_) {
    told.connected = Connected{.serial = serial_,
                               .room = terminal_->room,
                               .link = source().link,
                               .protocol = link_.version(),
                               .hello = hello_,
                               .state = state};
  }
  if (took_over_) {
    told.displaced = took_over_;
    told.displaced->serial = serial_;
    told.displaced->room = terminal_->room;
    told.displaced->new_boot = hello_.boot;
    told.displaced->new_epoch = state.epoch;
  }
  return told;
}

// The end of a connection whose beginning was told; before anything of the connection after it.
void Session::note_departure() {
  if (!std::exchange(arrival_told_, false)) return;
  const Disconnected who{.serial = serial_,
                         .room = terminal_->room,
                         .cause = cause_of_end(),
                         .connected = std::chrono::duration_cast<std::chrono::milliseconds>(
                             closed_at_ - serving_since_),
                         .unanswered = unanswered_};
  const attendance::HostTime now = services_.now();
  const auto failed = [](const std::string& why) {
    logging::error("that a terminal left could not be recorded", {{"why", why}});
  };
  const bool taken =
      services_.writer.submit([&site = services_.config.site, who,
                               now](store::Database& db) { note_disconnected(db, site, who, now); },
                              [failed](store::Committed committed, const std::string& error) {
                                if (committed != store::Committed::yes) failed(error);
                              });
  if (!taken) failed("the writer's queue is full");
}

attendance::HeardOf Session::last_heard() const {
  return {serial_, state_.epoch, hello_.boot, last_seen_ms_, last_seen_trust_};
}

// At the first stored tap of this very start that was timed before, without a proven clock. Only in
// the first session of a start: in a later one it is not certain that the clock was unproven.
void Session::note_clock_set(const protocol::QueuedTap& tap) {
  const bool proven = tap.trust != protocol::ClockTrust::unproven && tap.wall_ms > 0;
  if (!clock_may_be_set_ || proven || tap.boot != hello_.boot ||
      !has_possible_time(tap.wall_ms, tap.monotonic_ms))
    return;
  const attendance::HostTime now = services_.now();
  const auto point = start_clock_.point(now);
  if (!point || !point->monotonic_ms || *point->monotonic_ms < tap.monotonic_ms) return;
  const auto since_tap = static_cast<std::int64_t>(*point->monotonic_ms - tap.monotonic_ms);
  if (since_tap > events::latest_wall_ms - tap.wall_ms) return;
  clock_may_be_set_ = false;
  ClockSet what{.serial = serial_,
                .room = terminal_->room,
                .point = *point,
                .before_ms = std::nullopt,
                .given = start_clock_.reading()->at};
  if (tap.wall_ms > 0) what.before_ms = tap.wall_ms + since_tap;
  services_.writer.submit(
      [&site = services_.config.site, what, now](store::Database& db) {
        terminals::note_clock_set(db, site, what, now);
      },
      [](store::Committed committed, const std::string& error) {
        if (committed == store::Committed::yes) return;
        logging::error("that a terminal's clock was set could not be recorded", {{"why", error}});
      });
}

const char* Session::cause_of_end() const {
  if (displaced_) return "displaced";
  if (revoked_) return "refused";
  if (finish_by_) return "shutdown";
  switch (closed_why_) {
    case protocol::CloseReason::peer_bye:
    case protocol::CloseReason::restarted:
      return "closed";
    case protocol::CloseReason::silence:
    case protocol::CloseReason::unacknowledged:
    case protocol::CloseReason::transport:
      return "lost";
    default:
      return "refused";
  }
}

}  // namespace rollcall::terminals
