#include "firmware/storage/kept_record.hpp"

#include <algorithm>

#include "firmware/queue/record_io.hpp"

namespace rollcall::firmware {

std::expected<KeptRecord::Found, KeptError> KeptRecord::find(Buffer& buffer) {
  if (!usable()) return std::unexpected(KeptError::bad_geometry);
  struct Read {
    std::uint64_t generation = 0;  // 0 = nothing of ours
    std::uint16_t version = 0;
    Bytes body;
  };
  const auto read = [&](std::uint32_t unit) -> std::expected<Read, KeptError> {
    queue::Record record;
    std::uint32_t end = 0;
    const auto found = queue::read_record(storage_, offset_of(unit), 0, buffer.bytes, record, end);
    if (!found) return std::unexpected(KeptError::storage);
    if (*found != queue::Found::record || record.kind != format_.kind) return Read{};
    queue::Reader r(record.payload);
    std::array<std::uint8_t, 8> magic{};
    r.bytes(magic);
    const auto version = r.number<std::uint16_t>();
    const bool ours = r.good() && magic == format_.magic && version >= format_.version;
    if (!ours || (version == format_.version && !format_.is_whole(r.rest()))) return Read{};
    return Read{record.sequence, version, r.rest()};
  };

  Found result;
  std::uint64_t readable = 0;  // generation of the newest of this format
  std::uint32_t readable_unit = 0;
  for (std::uint32_t unit = 0; unit < storage_.geometry().units; ++unit) {
    const auto found = read(unit);
    if (!found) return std::unexpected(found.error());
    if (found->generation == 0) continue;
    if (found->version > format_.version) {
      result.newer_format = true;
    } else if (found->generation > readable) {
      readable = found->generation;
      readable_unit = unit;
    }
    if (found->generation > result.generation) {
      result.generation = found->generation;
      result.unit = unit;
    }
  }
  if (readable == 0) return result;
  const auto again = read(readable_unit);
  if (!again || again->generation != readable) return std::unexpected(KeptError::storage);
  result.body = again->body;
  return result;
}

std::expected<std::uint64_t, KeptError> KeptRecord::replace(const Found& before, Bytes body) {
  SecretBuffer<queue::max_payload> payload;
  queue::Writer w(payload.bytes);
  w.bytes(format_.magic);
  w.number(format_.version);
  w.bytes(body);
  Buffer buffer;
  // Every unit but the one in use. One that fails is passed over, and its generation with it, for
  // nobody knows what it will read later.
  const std::uint32_t units = storage_.geometry().units;
  const std::uint32_t tries = before.generation == 0 ? units : units - 1;
  for (std::uint32_t step = 1; step <= tries; ++step) {
    const std::uint32_t unit = (before.unit + step) % units;
    const std::uint64_t generation = before.generation + step;
    if (storage_.erase(unit) && storage_.sync() &&
        queue::write_record(storage_, offset_of(unit), format_.kind, generation,
                            {payload.bytes, w.size()}, buffer.bytes)) {
      return generation;
    }
  }
  return std::unexpected(KeptError::storage);
}

std::expected<void, KeptError> KeptRecord::erase_others(std::uint32_t in_use) {
  const std::uint32_t units = storage_.geometry().units;
  for (std::uint32_t step = 1; step < units; ++step) {
    if (auto done = erase_unit((in_use + step) % units); !done) return done;
  }
  return {};
}

std::expected<void, KeptError> KeptRecord::erase(std::uint32_t in_use) {
  if (auto done = erase_others(in_use); !done) return done;
  return erase_unit(in_use);
}

std::expected<bool, KeptError> KeptRecord::blank() {
  for (std::uint32_t unit = 0; unit < storage_.geometry().units; ++unit) {
    const auto erased = unit_is_blank(unit);
    if (!erased || !*erased) return erased;
  }
  return true;
}

bool KeptRecord::usable() const {
  const hal::Geometry g = storage_.geometry();
  const std::uint32_t p = g.program_bytes;
  return g.units >= 2 && p != 0 && (p & (p - 1)) == 0 && p <= queue::max_program_bytes &&
         g.unit_bytes % p == 0 &&
         g.unit_bytes >= queue::extent_of(head + format_.max_body, p).total;
}

std::uint64_t KeptRecord::offset_of(std::uint32_t unit) const {
  return std::uint64_t{unit} * storage_.geometry().unit_bytes;
}

std::expected<void, KeptError> KeptRecord::erase_unit(std::uint32_t unit) {
  if (!storage_.erase(unit) || !storage_.sync()) return std::unexpected(KeptError::storage);
  const auto erased = unit_is_blank(unit);
  if (!erased || !*erased) return std::unexpected(KeptError::storage);
  return {};
}

// Reads the whole unit: the trace of a torn record may begin anywhere.
std::expected<bool, KeptError> KeptRecord::unit_is_blank(std::uint32_t unit) {
  const std::uint32_t size = storage_.geometry().unit_bytes;
  std::uint8_t chunk[64];
  for (std::uint32_t at = 0; at < size;) {
    const std::uint32_t part = std::min<std::uint32_t>(sizeof chunk, size - at);
    if (!storage_.read(offset_of(unit) + at, {chunk, part})) {
      return std::unexpected(KeptError::storage);
    }
    if (!queue::is_erased({chunk, part})) return false;
    at += part;
  }
  return true;
}

}  // namespace rollcall::firmware
