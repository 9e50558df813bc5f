// Reading the log back after a start. Nothing is written: what must change, changes with the next
// record.
#include <algorithm>

#include "firmware/queue/queue.hpp"

namespace rollcall::firmware {
namespace {

bool usable(const hal::Geometry& g) {
  const std::uint32_t p = g.program_bytes;
  if (p == 0 || (p & (p - 1)) != 0 || p > queue::max_program_bytes) return false;
  // Each unit takes its header, a key, an acknowledgement and at least two taps.
  const std::uint64_t needed = std::uint64_t{queue::extent_of(queue::max_header_size, p).total} +
                               queue::extent_of(queue::unit_key_size, p).total +
                               queue::extent_of(queue::max_acknowledged_size, p).total +
                               std::uint64_t{2} * queue::extent_of(queue::max_tap_size, p).total;
  return g.units >= 3 && g.unit_bytes % p == 0 && g.unit_bytes >= needed;
}

}  // namespace

std::expected<void, QueueError> Queue::recover() {
  geometry_ = storage_.geometry();
  if (!usable(geometry_)) return std::unexpected(QueueError::bad_geometry);
  const auto found = find_units();
  if (!found) return std::unexpected(found.error());
  if (!*found) {
    begin_epoch();
    return {};
  }
  auto header = read_header(newest_);
  if (!header) return std::unexpected(header.error());
  has_site_key_ = true;
  site_key_ = (*header)->site_key;
  queue::add_acknowledged((*header)->acknowledged, acknowledged_);
  const auto torn = scan_newest(**header);
  if (!torn) return std::unexpected(torn.error());
  const auto suspect = spare_is_suspect();
  if (!suspect) return std::unexpected(suspect.error());
  if (!*suspect) spare_examined_ = newest_ + 1;
  writable_ = !*torn && !*suspect;
  if (!writable_) {
    // A number may have been programmed that cannot be read: it is burnt, and with it the epoch, so
    // that no epoch ever has a hole.
    ++counters_.sealed;
    begin_epoch();
  }
  return {};
}

std::expected<bool, QueueError> Queue::find_units() {
  newest_ = oldest_ = 0;
  for (std::uint32_t slot = 0; slot < geometry_.units; ++slot) {
    const auto header = read_header(slot);
    if (!header) return std::unexpected(header.error());
    if (*header) newest_ = std::max(newest_, (*header)->unit);
  }
  if (newest_ == 0) return false;
  // The slot after the newest unit is spare: a power cut may have left half an erasure there.
  for (oldest_ = newest_ + 2 > geometry_.units ? newest_ + 2 - geometry_.units : 1;
       oldest_ < newest_; ++oldest_) {
    const auto header = read_header(oldest_);
    if (!header) return std::unexpected(header.error());
    if (*header && (*header)->unit == oldest_) break;
  }
  return true;
}

// True when something in the unit is not a whole record.
std::expected<bool, QueueError> Queue::scan_newest(const queue::UnitHeader& header) {
  epoch_ = header.epoch;
  next_number_ = header.first_number;
  std::uint32_t boot = header.boot;
  bool torn = false;
  queue::Record record;
  for (std::uint32_t at = 0; at < geometry_.unit_bytes;) {
    std::uint32_t end = 0;
    const auto found = read_record(newest_, at, record, end);
    if (!found) return std::unexpected(found.error());
    if (*found == Found::record) {
      queue::UnitKey key;
      if (record.kind == queue::RecordKind::tap)
        next_number_ = std::max(next_number_, record.sequence + 1);
      if (record.kind == queue::RecordKind::acknowledgement)
        queue::add_acknowledged(record.payload, acknowledged_);
      if (queue::parse_unit_key(record, key)) boot = std::max(boot, key.boot);
      at = position_ = end;
      continue;
    }
    const auto written = first_written(newest_, at);
    if (!written) return std::unexpected(written.error());
    if (!*written) break;
    torn = true;
    at = std::max(at + geometry_.program_bytes,
                  **written / geometry_.program_bytes * geometry_.program_bytes);
  }
  next_index_ = header.first_index + (next_number_ - header.first_number);
  boot_ = boot + 1;
  return torn;
}

// True when the slot after the newest unit may hold a unit whose header can no longer be read: its
// numbers must not be given again.
std::expected<bool, QueueError> Queue::spare_is_suspect() {
  const auto header = read_header(newest_ + 1);
  if (!header) return std::unexpected(header.error());
  if (*header) return false;  // the unit that leaves the ring next
  const auto written = first_written(newest_ + 1, 0);
  if (!written) return std::unexpected(written.error());
  return written->has_value();
}

void Queue::begin_epoch() {
  entropy_.fill(epoch_);
  next_number_ = 1;
  ++counters_.epochs;
}

}  // namespace rollcall::firmware
