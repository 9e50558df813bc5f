// Wall time as far as the terminal knows it, and how far it may be believed
// (docs/decisions/0006-clock-trust.md).
//
// The clock's counter carries it; the host's samples say what it is. A battery-backed calendar
// clock is a hint and nothing more: after a power cut it is shown, unproven, until the host has
// spoken, and when it moves against monotonic time, then one of the two was tampered with or lost
// ticks, and nothing is believed until the host has spoken again.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>

#include "hal/clock.hpp"
#include "protocol/clock_trust.hpp"
#include "protocol/time_sync.hpp"

namespace rollcall::firmware {

// Calendar chips count whole seconds, and each of the two clocks drifts.
inline constexpr std::chrono::milliseconds calendar_tolerance{2'000};
inline constexpr int calendar_drift_ppm = 200;

class SiteClock {
 public:
  using Millis = std::chrono::milliseconds;

  explicit SiteClock(hal::Clock& clock) : clock_(clock) {}

  // The host can be asked from now on, or no more.
  void link_up() { sync_.link_up(clock_.counter()); }
  void link_down() { sync_.link_down(); }

  // When the next time_request is due, on the monotonic clock; time_sync::never while the link is
  // down. Looks at the calendar, too.
  Millis next_request_at() {
    look_at_calendar();
    const Millis due = sync_.next_request_at();
    if (due == protocol::time_sync::never) return due;
    return clock_.monotonic() + std::max(due - clock_.counter(), Millis(0));
  }
  // A request leaves now: returns its t1, which is a reading of the clock's counter and means
  // nothing to anybody else.
  Millis request_sent() {
    const Millis t1 = clock_.counter();
    sync_.request_sent(t1);
    return t1;
  }
  // The reply to it, received now; t2 and t3 are Unix ms.
  protocol::SampleVerdict on_reply(Millis t1, std::int64_t t2, std::int64_t t3,
                                   protocol::ClockTrust host_trust) {
    look_at_calendar();
    return heard(sync_.on_reply({t1, t2, t3, clock_.counter()}), host_trust);
  }

  // The host's statement in `welcome` or `time`. With `asked`, the counter when the message that it
  // answers was sent, it is as good as a reply to a request: the host read its
  // clock in between. Without, it may be coarse_error old, so that it proves a time but syncs none.
  protocol::SampleVerdict set(std::int64_t host_wall_ms, protocol::ClockTrust host_trust,
                              std::optional<Millis> asked = std::nullopt) {
    look_at_calendar();
    const Millis now = clock_.counter();
    return heard(
        asked ? sync_.on_answer(*asked, host_wall_ms, now) : sync_.on_coarse(host_wall_ms, now),
        host_trust);
  }

  struct Reading {
    std::int64_t wall_ms = 0;  // 0 = none
    protocol::ClockTrust trust = protocol::ClockTrust::unproven;
    Millis error{0};  // of wall_ms against the host's clock; without meaning while unproven
  };
  Reading now() {
    look_at_calendar();
    const auto time = sync_.read(clock_.counter());
    if (!time) {
      const auto calendar = clock_.calendar();
      return {calendar ? calendar->count() : 0, protocol::ClockTrust::unproven, Millis(0)};
    }
    trust_ = protocol::next_trust(
        trust_, {protocol::ClockEvent::none, host_, time->error, time->since_sample});
    return {time->wall_ms, trust_, time->error};
  }

  const protocol::TimeSync& sync() const { return sync_; }
  std::uint32_t jumps() const { return jumps_; }  // times that trust was lost by a moved clock

 private:
  struct Seen {
    Millis calendar{0};
    Millis counter{0};
  };

  protocol::SampleVerdict heard(protocol::SampleVerdict verdict, protocol::ClockTrust host_trust) {
    using Verdict = protocol::SampleVerdict;
    if (verdict == Verdict::not_asked) return verdict;
    host_ = host_trust;
    auto event = protocol::ClockEvent::none;
    if (verdict == Verdict::taken) event = protocol::ClockEvent::sample;
    if (verdict == Verdict::jumped) event = protocol::ClockEvent::jump;
    if (verdict == Verdict::jumped) ++jumps_;
    if (const auto time = sync_.read(clock_.counter())) {
      trust_ = protocol::next_trust(trust_, {event, host_, time->error, time->since_sample});
    }
    return verdict;
  }

  void look_at_calendar() {
    const auto calendar = clock_.calendar();
    if (!calendar) {
      seen_.reset();
      return;
    }
    const Millis now = clock_.counter();
    if (seen_) {
      const Millis elapsed = now - seen_->counter;
      const Millis moved = std::chrono::abs(*calendar - seen_->calendar - elapsed);
      if (moved > calendar_tolerance + elapsed * calendar_drift_ppm / 1'000'000) calendar_jumped();
    }
    seen_ = Seen{*calendar, now};
  }

  void calendar_jumped() {
    if (!sync_.read(clock_.counter())) return;  // nothing to lose
    sync_.forget(clock_.counter());
    trust_ = protocol::next_trust(trust_, {protocol::ClockEvent::jump, host_, {}, {}});
    ++jumps_;
  }

  hal::Clock& clock_;
  protocol::TimeSync sync_;
  protocol::ClockTrust trust_ = protocol::ClockTrust::unproven;
  protocol::ClockTrust host_ = protocol::ClockTrust::unproven;
  std::optional<Seen> seen_;
  std::uint32_t jumps_ = 0;
};

}  // namespace rollcall::firmware
