#include "protocol/time_sync.hpp"

#include <algorithm>

namespace rollcall::protocol {

using namespace time_sync;

namespace {

// Unix ms up to the year 9999: sums and differences of such times never overflow.
constexpr std::int64_t latest_wall_ms = 253'402'300'799'999;
constexpr std::int64_t us_per_ms = 1'000;
// Timestamps are whole ms, cut off: an interval between two of them is wrong by less than one each
// way.
constexpr std::int64_t timestamp_error_us = us_per_ms;
constexpr std::int64_t reading_error_us = us_per_ms;  // the wall time that is given is cut off too
// Shorter pairs say nothing about drift.
constexpr Millis shortest_pair{60'000};

std::int64_t magnitude(std::int64_t value) {
  return value < 0 ? -value : value;
}

// What a drift makes of a time, in us: ppb * ms / 10^6.
constexpr std::int64_t drifted_us(std::int64_t ppb, Millis time) {
  return ppb * time.count() / 1'000'000;
}

constexpr std::int64_t floor_ms(std::int64_t us) {
  return us >= 0 ? us / us_per_ms : -((-us + us_per_ms - 1) / us_per_ms);
}

}  // namespace

void TimeSync::link_up(Millis now) {
  up_ = true;
  start_burst(now);
}

void TimeSync::link_down() {
  up_ = false;
  outstanding_.reset();
  next_request_at_ = never;
}

void TimeSync::start_burst(Millis now) {
  outstanding_.reset();
  burst_left_ = burst;
  unanswered_ = 0;
  interval_ = first_interval;
  next_request_at_ = up_ ? now : never;
}

Millis TimeSync::retry() const {
  Millis delay = first_retry;
  for (unsigned i = 1; i < unanswered_ && delay < longest_retry; ++i) delay *= 2;
  return std::min(delay, longest_retry);
}

void TimeSync::request_sent(Millis t1) {
  outstanding_ = t1;
  ++unanswered_;
  next_request_at_ = t1 + retry();
}

SampleVerdict TimeSync::on_reply(const TimeExchange& exchange) {
  if (!outstanding_ || exchange.t1 != *outstanding_) return SampleVerdict::not_asked;
  outstanding_.reset();
  const SampleVerdict verdict = take(exchange);
  if (verdict == SampleVerdict::jumped) {
    // One more sample must confirm what this one says.
    start_burst(exchange.t4);
  } else if (verdict != SampleVerdict::taken) {
    next_request_at_ = std::max(exchange.t4, exchange.t1) + retry();
  } else {
    unanswered_ = 0;
    if (burst_left_ > 0) --burst_left_;
    next_request_at_ = exchange.t4 + (burst_left_ > 0 ? burst_interval : interval_);
    if (burst_left_ == 0) interval_ = std::min(interval_ * 2, longest_interval);
  }
  return verdict;
}

SampleVerdict TimeSync::on_answer(Millis asked, std::int64_t wall_ms, Millis now) {
  const SampleVerdict verdict = take({asked, wall_ms, wall_ms, now});
  if (verdict == SampleVerdict::too_slow) return on_coarse(wall_ms, now);
  if (verdict == SampleVerdict::jumped) start_burst(now);
  return verdict;
}

SampleVerdict TimeSync::on_coarse(std::int64_t wall_ms, Millis now) {
  if (wall_ms <= 0 || wall_ms > latest_wall_ms) return SampleVerdict::senseless;
  const Sample sample{now, (wall_ms - now.count()) * us_per_ms, coarse_error.count() * us_per_ms};
  if (count_ > 0 && agrees(sample)) return SampleVerdict::nothing_new;
  const SampleVerdict verdict = place(sample);
  if (verdict == SampleVerdict::jumped) start_burst(now);
  return verdict;
}

void TimeSync::forget(Millis now) {
  count_ = 0;
  unmeasured();
  last_wall_ms_.reset();
  start_burst(now);
}

SampleVerdict TimeSync::take(const TimeExchange& e) {
  const bool in_range = e.t2 > 0 && e.t3 >= e.t2 && e.t3 <= latest_wall_ms && e.t1 <= e.t4;
  if (!in_range) return SampleVerdict::senseless;
  const std::int64_t t1 = e.t1.count(), t4 = e.t4.count();
  const std::int64_t round_trip = (t4 - t1) - (e.t3 - e.t2);
  if (round_trip < -1) return SampleVerdict::senseless;
  if (round_trip > longest_round_trip.count()) return SampleVerdict::too_slow;
  Sample sample;
  sample.at = Millis(t1 + (t4 - t1) / 2);
  sample.offset_us = ((e.t2 - t1) + (e.t3 - t4)) * us_per_ms / 2;
  sample.error_us = std::max<std::int64_t>(round_trip, 0) * us_per_ms / 2 + timestamp_error_us;
  return place(sample);
}

SampleVerdict TimeSync::place(const Sample& sample) {
  const std::optional<std::int64_t> before =
      count_ > 0 ? std::optional(wall_us(sample.at)) : std::nullopt;
  const bool contradicted = count_ > 0 && !agrees(sample);
  if (contradicted) {
    count_ = 0;
    unmeasured();
  }
  keep(sample);
  last_sample_at_ = sample.at;
  const bool fits = measure_drift();
  if (!fits) {
    samples_[0] = sample;
    count_ = 1;
    unmeasured();
  }
  if (contradicted || !fits) interval_ = first_interval;
  choose_anchor(sample.at);
  const bool stepped =
      before && magnitude(wall_us(sample.at) - *before) > step_threshold.count() * us_per_ms;
  if (stepped) {
    ++steps_;
    last_wall_ms_.reset();
  }
  return stepped && contradicted ? SampleVerdict::jumped : SampleVerdict::taken;
}

// Whether both can be true of clocks that drift at most `most_drift`.
bool TimeSync::agrees(const Sample& sample) const {
  const Sample& newest = samples_[count_ - 1];
  const Millis apart = std::chrono::abs(sample.at - newest.at);
  const std::int64_t allowed =
      sample.error_us + newest.error_us + drifted_us(most_drift, apart) + 1;
  return magnitude(sample.offset_us - newest.offset_us) <= allowed;
}

void TimeSync::keep(const Sample& sample) {
  if (count_ > 0 && sample.at - samples_[count_ - 1].at < same_place) {
    Sample& newest = samples_[count_ - 1];
    if (sample.error_us <= error_us(newest, sample.at)) newest = sample;
    return;
  }
  if (count_ == samples_.size()) {
    std::copy(samples_.begin() + 1, samples_.end(), samples_.begin());
    --count_;
  }
  samples_[count_++] = sample;
}

void TimeSync::unmeasured() {
  measured_ = false;
  drift_ = 0;
  uncertainty_ = unmeasured_drift;
}

// False when no drift fits all samples.
bool TimeSync::measure_drift() {
  unmeasured();
  if (count_ < drift_samples || samples_[count_ - 1].at - samples_[0].at < drift_span) return true;
  std::int64_t low = -INT64_C(1'000'000'000), high = -low;
  for (std::size_t i = 0; i < count_; ++i) {
    for (std::size_t j = i + 1; j < count_; ++j) {
      const Millis apart = samples_[j].at - samples_[i].at;
      if (apart < shortest_pair) continue;
      const std::int64_t change = samples_[j].offset_us - samples_[i].offset_us;
      const std::int64_t doubt = samples_[j].error_us + samples_[i].error_us;
      low = std::max(low, (change - doubt) * 1'000'000 / apart.count());
      high = std::min(high, (change + doubt) * 1'000'000 / apart.count());
    }
  }
  // Drift itself wanders a little between one pair and another.
  low -= residual_drift;
  high += residual_drift;
  if (low > high || low > most_drift || high < -most_drift) return false;
  const std::int64_t doubt = std::max((high - low + 1) / 2, residual_drift);
  if (doubt >= unmeasured_drift) return true;
  measured_ = true;
  drift_ = std::clamp(low + (high - low) / 2, -most_drift, most_drift);
  uncertainty_ = doubt;
  return true;
}

// Doubt grows equally for all samples, so the choice holds until the next one comes.
void TimeSync::choose_anchor(Millis now) {
  anchor_ = count_ - 1;
  for (std::size_t i = count_ - 1; i-- > 0;) {
    if (error_us(samples_[i], now) < error_us(samples_[anchor_], now)) anchor_ = i;
  }
}

std::int64_t TimeSync::wall_us(Millis now) const {
  const Sample& from = samples_[anchor_];
  return now.count() * us_per_ms + from.offset_us + drifted_us(drift_, now - from.at);
}

std::int64_t TimeSync::error_us(const Sample& sample, Millis now) const {
  return sample.error_us + drifted_us(uncertainty_, now - sample.at) + 1;
}

std::optional<TimeSync::Reading> TimeSync::read(Millis now) {
  if (count_ == 0) return std::nullopt;
  Reading reading;
  reading.wall_ms = floor_ms(wall_us(now));
  const std::int64_t error = error_us(samples_[anchor_], now) + reading_error_us;
  reading.error = Millis((error + us_per_ms - 1) / us_per_ms);
  reading.since_sample = now - last_sample_at_;
  if (last_wall_ms_ && *last_wall_ms_ > reading.wall_ms) {
    reading.error += Millis(*last_wall_ms_ - reading.wall_ms);
    reading.wall_ms = *last_wall_ms_;
  }
  last_wall_ms_ = reading.wall_ms;
  return reading;
}

}  // namespace rollcall::protocol
