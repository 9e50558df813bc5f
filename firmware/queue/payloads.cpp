#include "firmware/queue/payloads.hpp"

#include <algorithm>
#include <array>

namespace rollcall::firmware::queue {

std::size_t write_acknowledged(const Acknowledged& acknowledged, MutableBytes out) {
  Writer w(out.data());
  w.number(acknowledged.floor());
  w.number(static_cast<std::uint8_t>(acknowledged.ranges().size()));
  for (const auto& range : acknowledged.ranges()) {
    w.number(range.first);
    w.number(range.end);
  }
  return w.size();
}

std::size_t write_header(const UnitHeader& header, const Acknowledged& acknowledged,
                         MutableBytes out) {
  Writer w(out.data());
  w.bytes(magic);
  w.number(format_version);
  w.bytes(header.epoch);
  w.number(header.first_number);
  w.number(header.first_index);
  w.number(header.boot);
  w.bytes(header.unit_key);
  w.bytes(header.site_key);
  return w.size() + write_acknowledged(acknowledged, out.subspan(w.size()));
}

std::size_t write_unit_key(const UnitKey& key, MutableBytes out) {
  Writer w(out.data());
  w.number(key.boot);
  w.bytes(key.unit_key);
  return w.size();
}

std::size_t write_tap(const protocol::QueuedTap& tap, MutableBytes out) {
  Writer w(out.data());
  w.number(tap.boot);
  w.number(tap.monotonic_ms);
  w.number(static_cast<std::uint64_t>(tap.wall_ms));
  w.number(static_cast<std::uint8_t>(tap.trust));
  w.bytes(tap.sealed.view());
  return w.size();
}

std::expected<UnitHeader, HeaderError> parse_header(const Record& record) {
  if (record.kind != RecordKind::unit_header) return std::unexpected(HeaderError::not_a_header);
  Reader r(record.payload);
  std::array<std::uint8_t, sizeof magic> found{};
  r.bytes(found);
  if (!std::equal(found.begin(), found.end(), magic))
    return std::unexpected(HeaderError::not_a_header);
  if (r.number<std::uint16_t>() != format_version)
    return std::unexpected(HeaderError::other_version);
  UnitHeader header;
  header.unit = static_cast<std::uint32_t>(record.sequence);
  r.bytes(header.epoch);
  header.first_number = r.number<std::uint64_t>();
  header.first_index = r.number<std::uint64_t>();
  header.boot = r.number<std::uint32_t>();
  r.bytes(header.unit_key);
  r.bytes(header.site_key);
  header.acknowledged = r.rest();
  if (!r.good() || record.sequence == 0 || record.sequence > 0xffffffff) {
    return std::unexpected(HeaderError::not_a_header);
  }
  return header;
}

bool parse_unit_key(const Record& record, UnitKey& out) {
  if (record.kind != RecordKind::unit_key) return false;
  Reader r(record.payload);
  out.boot = r.number<std::uint32_t>();
  r.bytes(out.unit_key);
  return r.good();
}

bool parse_tap(const Record& record, protocol::QueuedTap& out) {
  if (record.kind != RecordKind::tap) return false;
  Reader r(record.payload);
  out.number = record.sequence;
  out.boot = r.number<std::uint32_t>();
  out.monotonic_ms = r.number<std::uint64_t>();
  out.wall_ms = static_cast<std::int64_t>(r.number<std::uint64_t>());
  out.trust = static_cast<protocol::ClockTrust>(r.number<std::uint8_t>());
  return r.good() && out.sealed.assign(r.rest());
}

bool add_acknowledged(Bytes payload, Acknowledged& out) {
  Reader r(payload);
  out.add(0, r.number<std::uint64_t>());
  for (auto count = r.number<std::uint8_t>(); count > 0 && r.good(); --count) {
    const auto first = r.number<std::uint64_t>();
    const auto end = r.number<std::uint64_t>();
    if (r.good()) out.add(first, end);
  }
  return r.good();
}

}  // namespace rollcall::firmware::queue
