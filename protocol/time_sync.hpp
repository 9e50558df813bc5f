// A terminal's wall time: monotonic time + offset + drift, from exchanges of four timestamps with
// the host (as NTP, RFC 5905 section 8). Knows no clock: all times come in.
//
//   terminal  t1 ----time_request---->  t2  host
//             t4 <-----time_reply-----  t3
//
// The offset lies between t3 - t4 and t2 - t1, whatever the delays on the way: that interval, not a
// guess about jitter, is what the error bound rests on. Drift is what all pairs of kept samples
// allow at once; if they allow nothing, a clock was moved and all but the newest are forgotten.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace rollcall::protocol {

namespace time_sync {
using Millis = std::chrono::milliseconds;
inline constexpr std::size_t kept_samples = 8;
inline constexpr Millis longest_round_trip{2'000};  // a slower exchange says too little
// How old a time that came unasked may be: it waited for the frame before it and for its own
// repetitions, each at most link_timing::silence_limit.
inline constexpr Millis coarse_error{30'000};
// A correction up to this is hidden: the wall time stands still rather than go back. A larger one
// is a step, counted and made at once.
inline constexpr Millis step_threshold{500};

// Parts per 10^9 of elapsed time.
inline constexpr std::int64_t ppm = 1'000;
inline constexpr std::int64_t most_drift = 500 * ppm;  // more means that a clock was moved
// Not measured yet: the tolerance of a cheap crystal with its temperature and age.
inline constexpr std::int64_t unmeasured_drift = 100 * ppm;
// Measured: what temperature may still change.
inline constexpr std::int64_t residual_drift = 5 * ppm;
// Drift is measured from this many samples over this long on.
inline constexpr std::size_t drift_samples = 3;
inline constexpr std::chrono::minutes drift_span{10};
// Samples closer than this share one place, the better one stays: a link that comes and goes does
// not push out the older samples that drift is measured by.
inline constexpr std::chrono::seconds same_place{30};

// When to ask.
inline constexpr unsigned burst = 4;              // samples at once after the link came up
inline constexpr Millis burst_interval{1'000};    // between them
inline constexpr Millis first_interval{120'000};  // then, doubled with each sample
inline constexpr Millis longest_interval{960'000};
inline constexpr Millis first_retry{2'000};  // no usable reply, doubled each time
inline constexpr Millis longest_retry{120'000};
inline constexpr Millis never = Millis::max();
}  // namespace time_sync

struct TimeExchange {
  time_sync::Millis t1{0};  // terminal, monotonic: request sent
  std::int64_t t2 = 0;      // host, Unix ms: request received
  std::int64_t t3 = 0;      // host, Unix ms: reply sent
  time_sync::Millis t4{0};  // terminal, monotonic: reply received
};

enum class SampleVerdict : std::uint8_t {
  taken,
  jumped,       // taken, and everything before it forgotten: it differs by more than a step, and by
                // more than any drift explains
  nothing_new,  // a coarse time that agrees with what is known
  not_asked,    // t1 is not that of the outstanding request; ignored
  senseless,    // times out of order or out of range; ignored
  too_slow,     // round trip above longest_round_trip; ignored
};

class TimeSync {
 public:
  using Millis = time_sync::Millis;

  // The host can be asked from now on: a burst begins at once. Down: nothing is asked.
  void link_up(Millis now);
  void link_down();

  // When the next request is due; time_sync::never while the link is down.
  Millis next_request_at() const { return next_request_at_; }
  // `t1`, which the reply must name.
  void request_sent(Millis t1);
  SampleVerdict on_reply(const TimeExchange& exchange);

  // The host's time in an answer to a question sent at `asked`, as in `welcome`: the host read its
  // clock somewhere in between.
  SampleVerdict on_answer(Millis asked, std::int64_t wall_ms, Millis now);
  // The host's time, unasked. Kept only when nothing is known or it contradicts what is.
  SampleVerdict on_coarse(std::int64_t wall_ms, Millis now);

  // The clock under this was moved: nothing is known any more; asks at once when the link is up.
  void forget(Millis now);

  struct Reading {
    std::int64_t wall_ms = 0;  // Unix time
    Millis error{0};           // the host's time lies within wall_ms +- this
    Millis since_sample{0};
  };
  // `now` never goes back. Wall times never go back either, but for a step. Nothing before the
  // first sample.
  std::optional<Reading> read(Millis now);

  // What the host's clock gains on ours, parts per 10^9; nothing until it is measured.
  std::optional<std::int64_t> drift_ppb() const {
    return measured_ ? std::optional(drift_) : std::nullopt;
  }
  std::int64_t drift_uncertainty_ppb() const { return uncertainty_; }
  // Corrections above step_threshold so far.
  std::uint32_t steps() const { return steps_; }

 private:
  struct Sample {
    Millis at{0};                // monotonic
    std::int64_t offset_us = 0;  // host minus monotonic
    std::int64_t error_us = 0;
  };

  SampleVerdict take(const TimeExchange& exchange);
  SampleVerdict place(const Sample& sample);
  bool agrees(const Sample& sample) const;
  void keep(const Sample& sample);
  bool measure_drift();
  void unmeasured();
  void choose_anchor(Millis now);
  std::int64_t wall_us(Millis now) const;
  std::int64_t error_us(const Sample& sample, Millis now) const;
  Millis retry() const;
  void start_burst(Millis now);

  // Oldest first.
  std::array<Sample, time_sync::kept_samples> samples_{};
  std::size_t count_ = 0;
  std::size_t anchor_ = 0;  // the sample that time is carried on from
  Millis last_sample_at_{0};

  bool measured_ = false;
  std::int64_t drift_ = 0;
  std::int64_t uncertainty_ = time_sync::unmeasured_drift;
  std::optional<std::int64_t> last_wall_ms_;
  std::uint32_t steps_ = 0;

  bool up_ = false;
  std::optional<Millis> outstanding_;
  Millis next_request_at_ = time_sync::never;
  Millis interval_ = time_sync::first_interval;
  unsigned burst_left_ = 0;
  unsigned unanswered_ = 0;
};

}  // namespace rollcall::protocol
