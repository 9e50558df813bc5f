#include "tests/unit/firmware/queue_model.hpp"

#include <algorithm>

namespace rollcall::firmware {

std::expected<void, hal::StorageError> WatchedStorage::program(std::uint64_t offset,
                                                               hal::Bytes data) {
  if (const auto record = queue::parse_body(data)) {
    const auto slot = static_cast<std::uint32_t>(offset / geometry().unit_bytes);
    queue::UnitKey key;
    if (const auto header = queue::parse_header(*record)) key_of_slot_[slot] = header->unit_key;
    if (queue::parse_unit_key(*record, key)) key_of_slot_[slot] = key.unit_key;
    last_tap_size_ = record->kind == queue::RecordKind::tap ? data.size() : 0;
    last_tap_offset_ = offset;
    last_tap_ = record->sequence;
    if (record->kind == queue::RecordKind::tap) {
      const std::vector<std::uint8_t> sealed(record->payload.begin(), record->payload.end());
      const auto [known, fresh] =
          sealed_.try_emplace({key_of_slot_[slot], record->sequence}, sealed);
      if (!fresh && known->second != sealed) nonce_reused_ = true;
    }
  }
  return flash_.program(offset, data);
}

std::vector<std::uint8_t> all_zeros(const hal::Geometry& geometry) {
  return std::vector<std::uint8_t>(std::size_t{geometry.unit_bytes} * geometry.units, 0);
}

AgedLog age_log(const Scenario& scenario) {
  constexpr unsigned taps_before_end = 4;
  AgedLog aged{hal::sim::FakeFlash(scenario.geometry), {}, false};
  if (scenario.never_erased) aged.flash.restore(all_zeros(scenario.geometry));
  if (scenario.age > 0) {
    hal::sim::RepeatableEntropy entropy(scenario.seed + 3);
    QuickUnitKeys keys(scenario.seed + 4);
    Queue queue(aged.flash, entropy, keys);
    crypto::Key site_key{};
    site_key[0] = 9;
    if (!queue.recover() || !queue.set_site_key(site_key)) return aged;
    const std::uint8_t reading[7] = {4, 1, 2, 3, 4, 5, 6};
    Queue::Cursor cursor;
    std::uint32_t unit = 0;
    unsigned in_unit = 0, in_whole_unit = 0;
    while (unit < scenario.age || in_unit + taps_before_end < in_whole_unit) {
      const auto tap =
          queue.append({1, 2, protocol::ClockTrust::synced, protocol::ReadingKind::uid, reading});
      const auto entry = queue.next(cursor);
      if (!tap || !entry || !*entry) return aged;
      queue.acknowledge(tap->epoch, tap->number, tap->number);
      aged.taps.emplace_back(tap->epoch, tap->number);
      if ((*entry)->tap.unit != unit) in_whole_unit = std::exchange(in_unit, 0);
      unit = (*entry)->tap.unit;
      ++in_unit;
    }
    if (!queue.record_acknowledgements()) return aged;
  }
  aged.ready = true;
  return aged;
}

bool WatchedStorage::last_record_is_a_trace_of(std::uint64_t number) const {
  if (number != last_tap_) return false;
  const auto at = flash_.image().begin() + static_cast<std::ptrdiff_t>(last_tap_offset_);
  return std::any_of(at, at + static_cast<std::ptrdiff_t>(last_tap_size_),
                     [](std::uint8_t b) { return b != 0xff; });
}

QueueModel::QueueModel(const Scenario& scenario, const AgedLog& aged, std::optional<CutPoint> cut)
    : scenario_(scenario),
      random_(scenario.seed),
      flash_(aged.flash),
      operations_before_(aged.flash.operations()),
      storage_(flash_),
      entropy_(scenario.seed + 1),
      keys_(scenario.seed + 2) {
  flash_.use_write_cache(scenario.write_cache);
  if (cut) {
    flash_.cut_at(cut->operation, cut->how, scenario.seed + cut->operation);
    with_cut_ = true;
  }
  site_key_[0] = 9;
  for (const Identity& identity : aged.taps) {
    Entry entry;
    entry.identity = identity;
    entry.acknowledged = entry.recorded = true;
    entries_.push_back(entry);
    used_.insert(identity);
  }
}

std::string QueueModel::play() {
  // Once the power was cut a few more steps show whether the log lives on; without a cut all do.
  constexpr unsigned steps_after_cut = 12;
  queue_.emplace(storage_, entropy_, keys_);
  if (!queue_->recover()) fail("the storage is not accepted");
  unsigned left = scenario_.steps;
  while (left-- > 0 && problem_.empty()) {
    step();
    if (power_gone()) {
      was_cut_ = true;
      left = std::min(left, steps_after_cut);
      reboot();
    }
    check();
  }
  // The same again after a last start.
  if (problem_.empty()) {
    reboot();
    append();
    if (power_gone()) {
      was_cut_ = true;
      reboot();
      append();  // so that the ring holds a tap: it need not while the host has all of them
    }
    check();
    if (problem_.empty()) check_waiting();
    if (problem_.empty()) check_everything_held();
  }
  return problem_;
}

void QueueModel::step() {
  if (!queue_->has_site_key()) {
    if (!queue_->set_site_key(site_key_) && !power_gone()) fail("the site key is not taken");
    return;
  }
  const unsigned choice = pick(100);
  if (choice < 62) {
    for (unsigned n = pick(3); n > 0 && !power_gone(); --n) append();
    if (!power_gone()) append();
  } else if (choice < 80) {
    acknowledge();
  } else if (choice < 88) {
    record();
  } else if (choice < 92) {
    queue_->prepare();
  } else if (choice < 94) {
    if (queue_->open_epoch()) ++seen_.epochs;
  } else if (choice < 97) {
    change_site();
  } else {
    reboot();
  }
}

void QueueModel::append() {
  Entry entry;
  entry.reading.resize(1 + pick(protocol::max_reading));
  for (std::uint8_t& b : entry.reading) b = static_cast<std::uint8_t>(random_());
  entry.facts.monotonic_ms = random_() >> 20;
  entry.facts.wall_ms = static_cast<std::int64_t>(random_() >> 22);
  entry.facts.trust = static_cast<protocol::ClockTrust>(pick(3));
  entry.facts.kind = static_cast<protocol::ReadingKind>(1 + pick(3));
  entry.facts.reading = entry.reading;
  const Identity expected{queue_->epoch(), queue_->next_number()};
  const auto tap = queue_->append(entry.facts);
  if (tap) {
    ++seen_.appends;
    entry.identity = {tap->epoch, tap->number};
    if (!used_.insert(entry.identity).second) fail("an identity was given twice");
    if (burnt_ == entry.identity) fail("a burnt number was given again");
    if (entry.identity != expected) fail("the tap did not get the next number");
    entries_.push_back(entry);
  } else if (power_gone()) {
    // Whether the record reached the storage before the power went is not known.
    entry.identity = expected;
    entry.optional = true;
    entries_.push_back(entry);
  } else if (tap.error() == QueueError::full) {
    ++seen_.full;
    const bool all = std::all_of(entries_.begin(), entries_.end(),
                                 [](const Entry& e) { return e.acknowledged; });
    if (all) fail("full although the host has every tap");
  } else {
    fail("append failed");
  }
}

void QueueModel::acknowledge() {
  if (entries_.empty()) return;
  const std::size_t first = pick(3) == 0 ? pick(static_cast<unsigned>(entries_.size())) : 0;
  const Entry& start = entries_[first];
  const std::uint64_t last = start.identity.second + pick(pick(4) == 0 ? 200 : 6);
  queue_->acknowledge(start.identity.first, start.identity.second, last);
  for (Entry& e : entries_) {
    if (e.identity.first == start.identity.first && e.identity.second >= start.identity.second &&
        e.identity.second <= last) {
      e.acknowledged = true;
    }
  }
}

void QueueModel::record() {
  if (!queue_->record_acknowledgements()) return;
  for (Entry& e : entries_) e.recorded = e.acknowledged;
}

// To another site, sometimes after the host has taken everything.
void QueueModel::change_site() {
  if (pick(3) > 0) {
    for (Entry& e : entries_) {
      queue_->acknowledge(e.identity.first, e.identity.second, e.identity.second);
      e.acknowledged = true;
    }
  }
  const bool waits = queue_->waiting() != 0;
  if (!waits) record();
  if (power_gone()) return;
  crypto::Key other = site_key_;
  other[0] ^= 1;
  next_site_key_ = other;
  const auto done = queue_->set_site_key(other);
  if (power_gone()) return;
  next_site_key_.reset();
  if (waits) {
    if (done || done.error() != QueueError::other_site_key) fail("taps of the former site wait");
    return;
  }
  if (!done) return fail("the other site is not taken");
  ++seen_.sites;
  site_key_ = other;
  if (queue_->next_number() != 1) fail("another site goes on in the epoch of the one before");
}

void QueueModel::reboot() {
  ++seen_.reboots;
  const bool was_cut = power_gone();
  if (was_cut) flash_.restart();
  queue_.emplace(storage_, entropy_, keys_);
  const auto recovered = queue_->recover();
  if (!recovered) {
    fail("the log is not readable after a start");
    return;
  }
  if (next_site_key_ && queue_->has_site_key()) {
    if (queue_->site_key() == *next_site_key_) site_key_ = *next_site_key_;
    next_site_key_.reset();
  }
  if (queue_->has_site_key() && queue_->site_key() != site_key_) fail("another site's key");
  // An interrupted tap is there, or its number is burnt when anything of it may have been written.
  if (!entries_.empty() && entries_.back().optional) {
    Entry& last = entries_.back();
    const auto span = queue_->find_epoch(last.identity.first);
    const bool there =
        span && last.identity.second < span->first_number + (span->end_index - span->first_index) &&
        last.identity.second >= span->first_number;
    last.optional = false;
    if (there) {
      if (!used_.insert(last.identity).second)
        fail("an interrupted tap took a number that was given before");
    } else {
      if (storage_.last_record_is_a_trace_of(last.identity.second)) burnt_ = last.identity;
      entries_.pop_back();
    }
  }
  // Acknowledgements live in RAM until they are recorded: what is not may be gone.
  std::optional<Queue::EpochSpan> span;
  std::optional<protocol::StorageEpoch> span_of;
  for (Entry& e : entries_) {
    if (e.recorded || !e.acknowledged) continue;
    if (span_of != e.identity.first) {
      span_of = e.identity.first;
      span = queue_->find_epoch(*span_of);
    }
    const bool held = span && e.identity.second >= span->first_number;
    if (held)
      e.acknowledged =
          queue_->acknowledged(span->first_index + (e.identity.second - span->first_number));
    e.recorded = e.acknowledged;
  }
  if (problem_.empty()) check_waiting();
}

void QueueModel::check() {
  if (!problem_.empty()) return;
  if (flash_.rule_breaks() > 0) fail("a programmed unit was programmed again");
  if (storage_.nonce_reused()) fail("two taps were sealed under one key and number");
  const auto expected = std::count_if(entries_.begin(), entries_.end(),
                                      [](const Entry& e) { return !e.acknowledged; });
  if (queue_->waiting() != static_cast<std::uint64_t>(expected)) {
    fail("waiting() says " + std::to_string(queue_->waiting()) + " instead of " +
         std::to_string(expected));
  }
}

// Every tap that the host does not have can be read, whole, once, in order.
void QueueModel::check_waiting() {
  std::vector<const Entry*> expected;
  for (const Entry& e : entries_) {
    if (!e.acknowledged) expected.push_back(&e);
  }
  Queue::Cursor cursor;
  for (const Entry* e : expected) {
    const auto found = queue_->next_waiting(cursor);
    if (!found || !*found) {
      fail("a waiting tap is gone");
      return;
    }
    const protocol::QueuedTap& tap = (*found)->tap;
    if (Identity{tap.epoch, tap.number} != e->identity) {
      fail("a waiting tap is missing or out of order");
      return;
    }
    protocol::Tap open;
    open.epoch = tap.epoch;
    open.number = tap.number;
    open.boot = tap.boot;
    open.monotonic_ms = e->facts.monotonic_ms;
    open.wall_ms = e->facts.wall_ms;
    open.trust = e->facts.trust;
    open.kind = e->facts.kind;
    open.reading.assign(e->reading);
    protocol::QueuedTap again = tap;
    again.monotonic_ms = open.monotonic_ms;
    again.wall_ms = open.wall_ms;
    again.trust = open.trust;
    const bool same =
        protocol::seal_reading(crypto::sha256(tap.unit_key), open, again) &&
        again.sealed.size == tap.sealed.size &&
        std::equal(again.sealed.data, again.sealed.data + again.sealed.size, tap.sealed.data) &&
        tap.monotonic_ms == open.monotonic_ms && tap.wall_ms == open.wall_ms &&
        tap.trust == open.trust;
    if (!same) {
      fail("a waiting tap does not hold what was put in");
      return;
    }
  }
  const auto end = queue_->next_waiting(cursor);
  if (!end || *end) fail("a tap is waiting that the host has");
}

// No epoch has a hole, and acknowledged taps can be had again while the ring holds them.
void QueueModel::check_everything_held() {
  std::map<protocol::StorageEpoch, std::uint64_t> next;
  for (const Entry& e : entries_) {
    const auto [known, fresh] = next.try_emplace(e.identity.first, 1);
    if (known->second++ != e.identity.second) fail("an epoch has a hole in its numbers");
  }
  Queue::Cursor cursor;
  std::size_t held = 0;
  std::optional<std::size_t> at;
  while (true) {
    const auto found = queue_->next(cursor);
    if (!found) return fail("the log cannot be read");
    if (!*found) break;
    const Identity identity{(*found)->tap.epoch, (*found)->tap.number};
    if (!at) {
      const auto first = std::find_if(entries_.begin(), entries_.end(),
                                      [&](const Entry& e) { return e.identity == identity; });
      at = static_cast<std::size_t>(first - entries_.begin());
    }
    if (*at + held >= entries_.size() || entries_[*at + held].identity != identity)
      return fail("a held tap is out of order");
    ++held;
  }
  seen_.overwritten = entries_.size() - held;
  if (at.value_or(0) + held != entries_.size()) fail("the newest taps are not held");
  if (queue_->counters().damaged > 0) fail("taps were given up as damaged");
}

void QueueModel::fail(const std::string& what) {
  if (problem_.empty()) problem_ = what;
}

}  // namespace rollcall::firmware
