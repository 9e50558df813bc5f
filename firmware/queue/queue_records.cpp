// Records in erase units: where they lie, how one is written so that a power cut leaves it whole or
// recognisably torn, how one is found again.
#include <algorithm>
#include <cstring>

#include "firmware/queue/queue.hpp"

namespace rollcall::firmware {
namespace {

constexpr std::size_t compare_chunk = 64;

bool is_erased(Bytes bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t b) { return b == 0xff; });
}

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
  if (position + queue::record_head > geometry_.unit_bytes) return Found::nothing;
  const std::uint64_t offset = unit_offset(unit) + position;
  const MutableBytes head(buffer_, queue::record_head);
  if (!storage_.read(offset, head)) return std::unexpected(QueueError::storage);
  if (is_erased(head)) return Found::nothing;
  const auto payload = queue::announced_payload(head);
  if (!payload) return Found::damage;
  const queue::Extent extent = queue::extent_of(*payload, geometry_.program_bytes);
  if (position + extent.total > geometry_.unit_bytes) return Found::damage;
  const MutableBytes body(buffer_, extent.body);
  if (!storage_.read(offset, body)) return std::unexpected(QueueError::storage);
  std::uint8_t commit[sizeof queue::commit_word];
  if (!storage_.read(offset + extent.commit, commit)) return std::unexpected(QueueError::storage);
  if (!std::equal(commit, commit + sizeof commit, queue::commit_word)) return Found::damage;
  const auto record = queue::parse_body(body);
  if (!record) return Found::damage;
  out = *record;
  end = position + extent.total;
  return Found::record;
}

std::expected<void, QueueError> Queue::write_record(std::uint32_t unit, std::uint32_t position,
                                                    queue::RecordKind kind, std::uint64_t sequence,
                                                    Bytes payload) {
  const queue::Extent extent = queue::extent_of(payload.size(), geometry_.program_bytes);
  const std::uint64_t offset = unit_offset(unit) + position;
  queue::write_body(kind, sequence, payload, extent, buffer_);
  auto done = program_and_check(offset, {buffer_, extent.body});
  if (done && extent.separate_commit) {
    const std::uint32_t size = extent.total - extent.commit;
    std::fill_n(buffer_, size, std::uint8_t{0xff});
    std::copy_n(queue::commit_word, sizeof queue::commit_word, buffer_);
    done = program_and_check(offset + extent.commit, {buffer_, size});
  }
  if (!done) return std::unexpected(QueueError::storage);
  return {};
}

std::expected<void, hal::StorageError> Queue::program_and_check(std::uint64_t offset, Bytes data) {
  if (auto done = storage_.program(offset, data); !done) return done;
  if (auto done = storage_.sync(); !done) return done;
  std::uint8_t back[compare_chunk];
  for (std::size_t at = 0; at < data.size(); at += compare_chunk) {
    const Bytes expected = data.subspan(at, std::min(compare_chunk, data.size() - at));
    if (auto done = storage_.read(offset + at, {back, expected.size()}); !done) return done;
    if (std::memcmp(back, expected.data(), expected.size()) != 0)
      return std::unexpected(hal::StorageError::io);
  }
  return {};
}

std::expected<std::optional<std::uint32_t>, QueueError> Queue::first_written(
    std::uint32_t unit, std::uint32_t position) {
  std::uint8_t chunk[compare_chunk];
  while (position < geometry_.unit_bytes) {
    const auto size = static_cast<std::uint32_t>(
        std::min<std::size_t>(compare_chunk, geometry_.unit_bytes - position));
    if (!storage_.read(unit_offset(unit) + position, {chunk, size}))
      return std::unexpected(QueueError::storage);
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
