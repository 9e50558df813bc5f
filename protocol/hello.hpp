// HELLO: the first frame of each end, in clear, frozen for ever. Append only, never reuse a field.
// It carries no site, room or name.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "protocol/field.hpp"

namespace rollcall::protocol {

inline constexpr std::uint16_t hello_op = 0;
inline constexpr std::uint8_t protocol_version_min = 1;
inline constexpr std::uint8_t protocol_version_max = 1;

enum class ResetReason : std::uint8_t {
  unknown = 0,
  power_on = 1,
  watchdog = 2,
  software = 3,
  crash = 4,
  brown_out = 5
};
enum class UpdateOutcome : std::uint8_t { none = 0, confirmed = 1, rolled_back = 2, rejected = 3 };

// Bits of Hello::capabilities.
namespace capability {
inline constexpr std::uint32_t display = 1u << 0;
inline constexpr std::uint32_t touch = 1u << 1;
inline constexpr std::uint32_t indicator = 1u << 2;
inline constexpr std::uint32_t queue = 1u << 3;
}  // namespace capability

struct Hello {
  std::uint8_t protocol_min = protocol_version_min;
  std::uint8_t protocol_max = protocol_version_max;
  std::uint32_t capabilities = 0;
  std::uint16_t max_frame = 0;  // largest frame body this end accepts, bytes
  Bounded<32> serial;           // ASCII letters, digits and '-'; empty from a host
  Bounded<24> firmware;         // version text
  std::uint32_t boot = 0;       // boot number
  ResetReason reset = ResetReason::unknown;
  std::uint8_t slot = 0;  // firmware slot in use
  UpdateOutcome last_update = UpdateOutcome::none;

  static constexpr std::uint16_t op = hello_op;
  static const std::array<Field, 10> fields;
};

#define ROLLCALL_FIELD(member, kind, capacity)                                              \
  Field {                                                                                   \
    #member, FieldKind::kind, static_cast<std::uint16_t>(offsetof(Hello, member)), capacity \
  }
inline constexpr std::array<Field, 10> Hello::fields = {
    ROLLCALL_FIELD(protocol_min, u8, 0),  ROLLCALL_FIELD(protocol_max, u8, 0),
    ROLLCALL_FIELD(capabilities, u32, 0), ROLLCALL_FIELD(max_frame, u16, 0),
    ROLLCALL_FIELD(serial, text, 32),     ROLLCALL_FIELD(firmware, text, 24),
    ROLLCALL_FIELD(boot, u32, 0),         ROLLCALL_FIELD(reset, u8, 0),
    ROLLCALL_FIELD(slot, u8, 0),          ROLLCALL_FIELD(last_update, u8, 0)};
#undef ROLLCALL_FIELD

}  // namespace rollcall::protocol
