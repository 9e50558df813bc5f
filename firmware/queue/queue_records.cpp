// Records in erase units: where they lie, how one is written so that a power cut leaves it whole or
// recognisably torn, how one is found again.
#include <algorithm>

#include "firmware/queue/queue.hpp"

namespace rollcall::firmware {
namespace {

constexpr std::size_t search_chunk = 64;

}  // namespace

std::uint64_t Queue::unit_offset(std::uint32_t unit) const {
  return std::uint64_t{unit % geometry_.units} * geometry_.unit_bytes;
}

bool Queue::room_for(std::size_t payload) const {
  return position_ + queue::extent_of(payload, geometry_.program_bytes).total <=
         geometry_.unit_bytes;
}

std::expected<Queue::Found, QueueError> Queue::read_record(std::uint32_t unit,
                                                           std::uint32_t position,
                                                           queue::Record& out, std::uint32_t& end) {
  const auto found = queue::read_record(storage_, unit_offset(unit), position, buffer_, out, end);
  if (found) return *found;
  if (found.error() == hal::StorageError::unreadable) return Found::damage;
  return std::unexpected(QueueError::storage);
}

std::expected<void, QueueError> Queue::write_record(std::uint32_t unit, std::uint32_t position,
                                                    queue::RecordKind kind, std::uint64_t sequence,
                                                    Bytes payload) {
  if (!queue::write_record(storage_, unit_offset(unit) + position, kind, sequence, payload,
                           buffer_)) {
    return std::unexpected(QueueError::storage);
  }
  return {};
}

std::expected<std::optional<std::uint32_t>, QueueError> Queue::first_written(
    std::uint32_t unit, std::uint32_t position) {
  const std::uint32_t longest = queue::extent_of(queue::max_payload, geometry_.program_bytes).total;
  const std::uint32_t end = std::min(geometry_.unit_bytes, position + 2 * longest);
  std::uint8_t chunk[search_chunk];
  while (position < end) {
    const auto size =
        static_cast<std::uint32_t>(std::min<std::size_t>(search_chunk, end - position));
    if (const auto done = storage_.read(unit_offset(unit) + position, {chunk, size}); !done) {
      if (done.error() == hal::StorageError::unreadable) return position;
      return std::unexpected(QueueError::storage);
    }
    const auto written =
        std::find_if(chunk, chunk + size, [](std::uint8_t b) { return b != 0xff; });
    if (written != chunk + size) return position + static_cast<std::uint32_t>(written - chunk);
    position += size;
  }
  return std::nullopt;
}

std::expected<std::optional<queue::UnitHeader>, QueueError> Queue::read_header(std::uint32_t unit) {
  queue::Record record;
  std::uint32_t end = 0;
  const auto found = read_record(unit, 0, record, end);
  if (!found) return std::unexpected(found.error());
  if (*found != Found::record) return std::nullopt;
  const auto header = queue::parse_header(record);
  if (!header && header.error() == queue::HeaderError::other_version) {
    return std::unexpected(QueueError::unknown_format);
  }
  if (!header || header->unit % geometry_.units != unit % geometry_.units) return std::nullopt;
  return *header;
}

std::expected<std::uint64_t, QueueError> Queue::first_index_from(std::uint32_t unit) {
  for (; unit <= newest_; ++unit) {
    const auto header = read_header(unit);
    if (!header) return std::unexpected(header.error());
    if (*header && (*header)->unit == unit) return (*header)->first_index;
  }
  return next_index_;
}

}  // namespace rollcall::firmware
