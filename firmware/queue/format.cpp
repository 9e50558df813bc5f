#include "firmware/queue/format.hpp"

#include <algorithm>

#include "protocol/frame.hpp"

namespace rollcall::firmware::queue {

void write_body(RecordKind kind, std::uint64_t sequence, Bytes payload, const Extent& extent,
                MutableBytes out) {
  Writer w(out.data());
  w.number(static_cast<std::uint16_t>(payload.size()));
  w.number(static_cast<std::uint8_t>(kind));
  w.number(record_mark);
  w.number(sequence);
  w.bytes(payload);
  w.number(protocol::crc32({out.data(), w.size()}));
  std::fill(out.begin() + static_cast<std::ptrdiff_t>(w.size()), out.begin() + extent.body,
            std::uint8_t{0xff});
  if (!extent.separate_commit)
    std::copy_n(commit_word, sizeof commit_word, out.begin() + extent.commit);
}

std::optional<std::size_t> announced_payload(Bytes head) {
  Reader r(head);
  const auto size = r.number<std::uint16_t>();
  const auto kind = r.number<std::uint8_t>();
  const auto mark = r.number<std::uint8_t>();
  if (!r.good() || mark != record_mark || size > max_payload) return std::nullopt;
  if (kind < std::uint8_t(RecordKind::unit_header) || kind > std::uint8_t(RecordKind::serial)) {
    return std::nullopt;
  }
  return size;
}

std::optional<Record> parse_body(Bytes body) {
  const auto size = announced_payload(body);
  if (!size || body.size() < record_frame + *size) return std::nullopt;
  const Bytes covered = body.first(record_head + *size);
  if (Reader(body.subspan(covered.size())).number<std::uint32_t>() != protocol::crc32(covered)) {
    return std::nullopt;
  }
  Reader r(body.subspan(4));
  Record record;
  record.kind = static_cast<RecordKind>(body[2]);
  record.sequence = r.number<std::uint64_t>();
  record.payload = covered.subspan(record_head);
  return record;
}

}  // namespace rollcall::firmware::queue
