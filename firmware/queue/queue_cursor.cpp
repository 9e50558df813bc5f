// Reading taps out of the log, oldest first.
#include <algorithm>

#include "firmware/queue/queue.hpp"

namespace rollcall::firmware {

std::expected<std::optional<Queue::Entry>, QueueError> Queue::next_waiting(Cursor& cursor) {
  while (true) {
    cursor.index = acknowledged_.next_missing(cursor.index);
    auto entry = next(cursor);
    if (!entry || !*entry || !acknowledged_.contains((*entry)->index)) return entry;
  }
}

std::expected<std::optional<Queue::Entry>, QueueError> Queue::next(Cursor& cursor) {
  while (cursor.index < next_index_) {
    if (!cursor.placed || cursor.unit < oldest_) {
      const auto placed = place(cursor);
      if (!placed) return std::unexpected(placed.error());
      if (!*placed) break;
    }
    if (cursor.unit_end == 0 && cursor.unit != newest_) {
      const auto end = first_index_from(cursor.unit + 1);
      if (!end) return std::unexpected(end.error());
      cursor.unit_end = *end;
    }
    const std::uint64_t unit_end = cursor.unit == newest_ ? next_index_ : cursor.unit_end;
    const bool past = cursor.position >= geometry_.unit_bytes;
    if (past) give_up(cursor.index, unit_end);
    if (past || cursor.index >= unit_end) {
      cursor.index = std::max(cursor.index, unit_end);
      const auto entered = enter_unit_from(cursor, cursor.unit + 1);
      if (!entered) return std::unexpected(entered.error());
      if (!*entered) break;
      continue;
    }

    queue::Record record;
    std::uint32_t end = 0;
    const auto found = read_record(cursor.unit, cursor.position, record, end);
    if (!found) return std::unexpected(found.error());
    if (*found != Found::record) {  // damage within the unit: look for the next whole record
      cursor.position += geometry_.program_bytes;
      continue;
    }
    cursor.position = end;
    queue::UnitKey key;
    if (queue::parse_unit_key(record, key)) cursor.unit_key = key.unit_key;
    Entry entry;
    entry.index = cursor.unit_base + record.sequence;
    if (!queue::parse_tap(record, entry.tap) || entry.index < cursor.index ||
        entry.index >= unit_end)
      continue;
    entry.tap.epoch = cursor.epoch;
    entry.tap.unit = cursor.unit;
    entry.tap.unit_key = cursor.unit_key;
    give_up(cursor.index, entry.index);
    cursor.index = entry.index + 1;
    return entry;
  }
  return std::nullopt;
}

// Puts the cursor at the start of the unit that holds its index, or of the oldest one after it.
std::expected<bool, QueueError> Queue::place(Cursor& cursor) {
  if (newest_ == 0) return false;
  std::uint32_t unit = newest_;
  for (; unit > oldest_; --unit) {
    const auto header = read_header(unit);
    if (!header) return std::unexpected(header.error());
    if (*header && (*header)->unit == unit && (*header)->first_index <= cursor.index) break;
  }
  return enter_unit_from(cursor, unit);
}

// Enters `unit`, or the first after it whose header can be read.
std::expected<bool, QueueError> Queue::enter_unit_from(Cursor& cursor, std::uint32_t unit) {
  for (unit = std::max(unit, oldest_); unit <= newest_; ++unit) {
    queue::Record record;
    std::uint32_t end = 0;
    const auto found = read_record(unit, 0, record, end);
    if (!found) return std::unexpected(found.error());
    if (*found != Found::record) continue;
    const auto header = queue::parse_header(record);
    if (!header || header->unit != unit) continue;
    if (header->first_index > cursor.index) {
      give_up(cursor.index, header->first_index);
      cursor.index = header->first_index;
    }
    cursor.placed = true;
    cursor.unit = unit;
    cursor.position = end;
    cursor.unit_end = 0;
    cursor.unit_base = header->first_index - header->first_number;
    cursor.epoch = header->epoch;
    cursor.unit_key = header->unit_key;
    return true;
  }
  return false;
}

// Taps in [first, end) are no longer readable, or were overwritten after the host had them.
void Queue::give_up(std::uint64_t first, std::uint64_t end) {
  if (first >= end) return;
  const std::uint64_t lost = acknowledged_.missing_below(end) - acknowledged_.missing_below(first);
  counters_.damaged += static_cast<std::uint32_t>(lost);
  if (acknowledged_.add(first, end)) acknowledgements_pending_ = true;
}

std::optional<Queue::EpochSpan> Queue::find_epoch(const protocol::StorageEpoch& epoch) {
  std::optional<EpochSpan> span;
  for (std::uint32_t unit = oldest_; unit != 0 && unit <= newest_; ++unit) {
    const auto header = read_header(unit);
    if (!header || !*header || (*header)->unit != unit) continue;
    if ((*header)->epoch == epoch) {
      if (!span) span = {(*header)->first_index, (*header)->first_number, next_index_};
    } else if (span) {
      span->end_index = (*header)->first_index;
      break;
    }
  }
  return span;
}

}  // namespace rollcall::firmware
