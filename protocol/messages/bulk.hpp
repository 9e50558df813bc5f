// How bulk transfers begin and end, in either direction (docs/protocol.md, "Bulk transfers").
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "protocol/field.hpp"
#include "protocol/messages/ops.hpp"
#include "protocol/types.hpp"

namespace rollcall::protocol {

// A bulk transfer begins, if it is accepted. A new offer ends the one before it.
struct BulkOffer {
  std::uint8_t transfer = 0;  // number chosen by the sender, another one than before
  BulkKind kind = BulkKind::screen;
  std::uint32_t subject = 0;              // which one of its kind
  std::uint32_t bytes = 0;                // of the whole content
  std::array<std::uint8_t, 32> digest{};  // SHA-256 of the whole content

  static constexpr Op op = Op::bulk_offer;
  static const std::array<Field, 5> fields;
};
inline constexpr std::array<Field, 5> BulkOffer::fields = {
    ROLLCALL_FIELD(BulkOffer, transfer, u8, 0), ROLLCALL_FIELD(BulkOffer, kind, u8, 0),
    ROLLCALL_FIELD(BulkOffer, subject, u32, 0), ROLLCALL_FIELD(BulkOffer, bytes, u32, 0),
    ROLLCALL_FIELD(BulkOffer, digest, fixed, 32)};

// The receiver is ready for the content from `offset` on.
struct BulkAccept {
  std::uint8_t transfer = 0;  // as in `bulk_offer`
  std::uint32_t offset = 0;   // bytes it holds already; all of them = nothing to send
  std::uint8_t window = 0;    // frames that may be under way, 1 to 16

  static constexpr Op op = Op::bulk_accept;
  static const std::array<Field, 3> fields;
};
inline constexpr std::array<Field, 3> BulkAccept::fields = {
    ROLLCALL_FIELD(BulkAccept, transfer, u8, 0), ROLLCALL_FIELD(BulkAccept, offset, u32, 0),
    ROLLCALL_FIELD(BulkAccept, window, u8, 0)};

// A transfer is over: complete, as its receiver says, or given up by either end.
struct BulkEnd {
  std::uint8_t transfer = 0;  // as in `bulk_offer`
  BulkResult result = BulkResult::complete;
  bool by_sender = false;  // said by the end that sends the content

  static constexpr Op op = Op::bulk_end;
  static const std::array<Field, 3> fields;
};
inline constexpr std::array<Field, 3> BulkEnd::fields = {
    ROLLCALL_FIELD(BulkEnd, transfer, u8, 0), ROLLCALL_FIELD(BulkEnd, result, u8, 0),
    ROLLCALL_FIELD(BulkEnd, by_sender, boolean, 0)};

}  // namespace rollcall::protocol
