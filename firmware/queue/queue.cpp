#include "firmware/queue/queue.hpp"

#include <algorithm>

namespace rollcall::firmware {

std::expected<void, QueueError> Queue::set_site_key(const crypto::Key& key) {
  if (has_site_key_) return key == site_key_ ? std::expected<void, QueueError>{} : change_site(key);
  site_key_ = key;
  has_site_key_ = true;
  // The key is kept in the header of each unit, so the first unit is opened now.
  if (auto opened = open_unit(); !opened) {
    has_site_key_ = false;
    return opened;
  }
  return {};
}

// What waits can be read by the former site alone. A unit under another key begins an epoch of its
// own; its header brings the key and all acknowledgements in one record.
std::expected<void, QueueError> Queue::change_site(const crypto::Key& key) {
  if (waiting() != 0) return std::unexpected(QueueError::other_site_key);
  const crypto::Key former = site_key_;
  begin_epoch();
  close_unit();
  site_key_ = key;
  auto opened = open_unit();
  if (!opened) site_key_ = former;  // the next unit that can be opened is the former site's
  return opened;
}

void Queue::prepare() {
  if (!has_site_key_ || !ready_for_tap(queue::max_tap_size)) return;
  const std::uint32_t spare = newest_ + 1;
  if (spare_erased_ == spare || !wants_spare_erased()) return;
  if (storage_.erase(spare % geometry_.units) && storage_.sync()) spare_erased_ = spare;
}

// Soon it is needed; or the next start would suspect it, as all slots of a card that was never
// erased.
bool Queue::wants_spare_erased() {
  if (position_ > geometry_.unit_bytes / 4 * 3) return true;
  if (spare_examined_ == newest_ + 1) return false;
  spare_examined_ = newest_ + 1;
  return spare_is_suspect().value_or(false);
}

std::expected<protocol::Tap, QueueError> Queue::append(const TapFacts& facts) {
  if (!has_site_key_) return std::unexpected(QueueError::no_site_key);
  auto tap = append_once(facts);
  // A record that failed half-way closed its unit and its epoch; a fresh unit gets one try.
  if (!tap && tap.error() == QueueError::storage) tap = append_once(facts);
  if (!tap && tap.error() == QueueError::full) ++counters_.refused;
  return tap;
}

std::expected<protocol::Tap, QueueError> Queue::append_once(const TapFacts& facts) {
  const std::size_t payload_size =
      queue::tap_frame_size + 1 + facts.reading.size() + protocol::seal_tag;
  if (auto ready = ready_for_tap(payload_size); !ready) return std::unexpected(ready.error());

  protocol::Tap tap;
  tap.epoch = epoch_;
  tap.number = next_number_;
  tap.boot = boot_;
  tap.monotonic_ms = facts.monotonic_ms;
  tap.wall_ms = facts.wall_ms;
  tap.trust = facts.trust;
  tap.kind = facts.kind;
  if (!tap.reading.assign(facts.reading)) return std::unexpected(QueueError::crypto);

  protocol::QueuedTap queued;
  queued.epoch = tap.epoch;
  queued.number = tap.number;
  queued.boot = tap.boot;
  queued.monotonic_ms = tap.monotonic_ms;
  queued.wall_ms = tap.wall_ms;
  queued.trust = tap.trust;
  queued.unit = newest_;
  queued.unit_key = unit_.public_key;
  if (!protocol::seal_reading(unit_.secret, tap, queued))
    return std::unexpected(QueueError::crypto);

  std::uint8_t payload[queue::max_payload];
  const std::size_t size = queue::write_tap(queued, payload);
  const std::uint32_t at = position_;
  position_ += queue::extent_of(size, geometry_.program_bytes).total;
  if (auto done = write_record(newest_, at, queue::RecordKind::tap, tap.number, {payload, size});
      !done) {
    seal_unit();
    begin_epoch();  // the number is burnt
    return std::unexpected(done.error());
  }
  ++next_number_;
  ++next_index_;
  return tap;
}

std::expected<void, QueueError> Queue::ready_for_tap(std::size_t payload) {
  if (writable_ && !key_ready_) {
    const std::uint32_t p = geometry_.program_bytes;
    const std::uint32_t needed =
        queue::extent_of(queue::unit_key_size, p).total + queue::extent_of(payload, p).total;
    if (position_ + needed > geometry_.unit_bytes) return open_unit();
    auto made = keys_.make(site_key_, epoch_, newest_);
    if (!made) return std::unexpected(QueueError::crypto);
    std::uint8_t bytes[queue::max_payload];
    const std::size_t size = queue::write_unit_key({boot_, made->public_key}, bytes);
    const std::uint32_t at = position_;
    position_ += queue::extent_of(size, p).total;
    if (write_record(newest_, at, queue::RecordKind::unit_key, next_number_, {bytes, size})) {
      unit_ = *made;
      key_ready_ = true;
    } else {
      seal_unit();
    }
    crypto::wipe(made->secret);
  }
  if (!writable_ || !room_for(payload)) return open_unit();
  return {};
}

std::expected<void, QueueError> Queue::open_unit() {
  const std::uint32_t unit = newest_ + 1;
  // Unit and spare slot push the oldest units out of the ring: only when the host has all their
  // taps.
  const std::uint32_t oldest = unit + 2 > geometry_.units ? unit + 2 - geometry_.units : 1;
  if (newest_ != 0 && oldest > oldest_) {
    const auto limit = first_index_from(oldest);
    if (!limit) return std::unexpected(limit.error());
    if (acknowledged_.missing_below(*limit) != 0) return std::unexpected(QueueError::full);
  }
  if (spare_erased_ != unit) {
    if (!storage_.erase(unit % geometry_.units) || !storage_.sync())
      return std::unexpected(QueueError::storage);
  }
  spare_erased_ = 0;

  queue::UnitHeader header;
  header.unit = unit;
  header.epoch = epoch_;
  header.first_number = next_number_;
  header.first_index = next_index_;
  header.boot = boot_;
  header.site_key = site_key_;
  auto made = keys_.make(site_key_, epoch_, unit);
  if (!made) return std::unexpected(QueueError::crypto);
  header.unit_key = made->public_key;
  std::uint8_t bytes[queue::max_payload];
  const std::size_t size = queue::write_header(header, acknowledged_, bytes);
  auto written = write_record(unit, 0, queue::RecordKind::unit_header, unit, {bytes, size});
  if (written) {
    newest_ = unit;
    oldest_ = std::max({oldest_, oldest, std::uint32_t{1}});
    position_ = queue::extent_of(size, geometry_.program_bytes).total;
    unit_ = *made;
    writable_ = true;
    key_ready_ = true;
    acknowledgements_pending_ = false;
  }
  crypto::wipe(made->secret);
  return written;
}

void Queue::seal_unit() {
  close_unit();
  ++counters_.sealed;
}

void Queue::close_unit() {
  writable_ = false;
  key_ready_ = false;
  crypto::wipe(unit_.secret);
}

std::expected<void, QueueError> Queue::open_epoch() {
  begin_epoch();
  close_unit();
  if (!has_site_key_) return {};
  return open_unit();
}

void Queue::acknowledge(const protocol::StorageEpoch& epoch, std::uint64_t first,
                        std::uint64_t last) {
  first = std::max<std::uint64_t>(first, 1);
  if (first > last) return;
  std::uint64_t from = 0;
  std::uint64_t end = 0;
  if (epoch == epoch_) {
    if (first >= next_number_) return;
    from = next_index_ - (next_number_ - first);
    end = next_index_ - (next_number_ - std::min(last, next_number_ - 1)) + 1;
  } else {
    const auto span = find_epoch(epoch);
    if (!span || last < span->first_number) return;
    const std::uint64_t held = span->end_index - span->first_index;
    const std::uint64_t before = first > span->first_number ? first - span->first_number : 0;
    if (before >= held) return;
    from = span->first_index + before;
    end = span->first_index + std::min(held, last - span->first_number + 1);
  }
  if (acknowledged_.add(from, end)) acknowledgements_pending_ = true;
}

std::expected<void, QueueError> Queue::record_acknowledgements() {
  if (!acknowledgements_pending_) return {};
  std::uint8_t bytes[queue::max_payload];
  const std::size_t size = queue::write_acknowledged(acknowledged_, bytes);
  // A new unit holds all acknowledgements in its header.
  if (!writable_ || !room_for(size)) return open_unit();
  const std::uint32_t at = position_;
  position_ += queue::extent_of(size, geometry_.program_bytes).total;
  if (!write_record(newest_, at, queue::RecordKind::acknowledgement, next_number_, {bytes, size})) {
    seal_unit();
    return open_unit();
  }
  acknowledgements_pending_ = false;
  return {};
}

std::uint64_t Queue::capacity() const {
  const std::uint32_t p = geometry_.program_bytes;
  const std::uint32_t overhead = queue::extent_of(queue::max_header_size, p).total;
  return std::uint64_t{geometry_.units - 2} *
         ((geometry_.unit_bytes - overhead) / queue::extent_of(queue::max_tap_size, p).total);
}

}  // namespace rollcall::firmware
