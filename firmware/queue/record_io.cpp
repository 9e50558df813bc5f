#include "firmware/queue/record_io.hpp"

#include <algorithm>
#include <cstring>

namespace rollcall::firmware::queue {
namespace {

constexpr std::size_t compare_chunk = 64;

std::expected<void, hal::StorageError> program_and_check(hal::Storage& storage,
                                                         std::uint64_t offset, Bytes data) {
  if (auto done = storage.program(offset, data); !done) return done;
  if (auto done = storage.sync(); !done) return done;
  std::uint8_t back[compare_chunk];
  for (std::size_t at = 0; at < data.size(); at += compare_chunk) {
    const Bytes expected = data.subspan(at, std::min(compare_chunk, data.size() - at));
    if (auto done = storage.read(offset + at, {back, expected.size()}); !done) return done;
    if (std::memcmp(back, expected.data(), expected.size()) != 0)
      return std::unexpected(hal::StorageError::io);
  }
  return {};
}

}  // namespace

bool is_erased(Bytes bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t b) { return b == 0xff; });
}

std::expected<Found, hal::StorageError> read_record(hal::Storage& storage,
                                                    std::uint64_t unit_offset,
                                                    std::uint32_t position, MutableBytes buffer,
                                                    Record& out, std::uint32_t& end) {
  const hal::Geometry geometry = storage.geometry();
  if (position + record_head > geometry.unit_bytes) return Found::nothing;
  const std::uint64_t offset = unit_offset + position;
  const MutableBytes head = buffer.first(record_head);
  if (auto done = storage.read(offset, head); !done) return std::unexpected(done.error());
  if (is_erased(head)) return Found::nothing;
  const auto payload = announced_payload(head);
  if (!payload) return Found::damage;
  const Extent extent = extent_of(*payload, geometry.program_bytes);
  if (position + extent.total > geometry.unit_bytes) return Found::damage;
  const MutableBytes body = buffer.first(extent.body);
  if (auto done = storage.read(offset, body); !done) return std::unexpected(done.error());
  std::uint8_t commit[sizeof commit_word];
  if (auto done = storage.read(offset + extent.commit, commit); !done) {
    return std::unexpected(done.error());
  }
  if (!std::equal(commit, commit + sizeof commit, commit_word)) return Found::damage;
  const auto record = parse_body(body);
  if (!record) return Found::damage;
  out = *record;
  end = position + extent.total;
  return Found::record;
}

std::expected<void, hal::StorageError> write_record(hal::Storage& storage, std::uint64_t offset,
                                                    RecordKind kind, std::uint64_t sequence,
                                                    Bytes payload, MutableBytes buffer) {
  const Extent extent = extent_of(payload.size(), storage.geometry().program_bytes);
  write_body(kind, sequence, payload, extent, buffer);
  auto done = program_and_check(storage, offset, buffer.first(extent.body));
  if (done && extent.separate_commit) {
    const std::uint32_t size = extent.total - extent.commit;
    std::fill_n(buffer.begin(), size, std::uint8_t{0xff});
    std::copy_n(commit_word, sizeof commit_word, buffer.begin());
    done = program_and_check(storage, offset + extent.commit, buffer.first(size));
  }
  return done;
}

}  // namespace rollcall::firmware::queue
