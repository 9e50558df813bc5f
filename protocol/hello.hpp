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

// Bits of Hello::capabilities; bits that nobody knows yet are ignored.
namespace capability {
inline constexpr std::uint32_t display = 1u << 0;    // shows screens
inline constexpr std::uint32_t touch = 1u << 1;      // reports fingers
inline constexpr std::uint32_t indicator = 1u << 2;  // has light and tone
inline constexpr std::uint32_t queue = 1u << 3;      // keeps taps while the host is away
inline constexpr std::uint32_t enrolling = 1u << 4;  // its provisioning window is open
inline constexpr std::uint32_t apdu = 1u << 5;       // its reader exchanges APDUs
inline constexpr std::uint32_t update = 1u << 6;     // it has a second firmware slot
}  // namespace capability

// The greeting. Sent by both ends; fields that only a terminal has are 0 or empty from a host.
struct Hello {
  std::uint8_t protocol_min = protocol_version_min;  // lowest version this end speaks
  std::uint8_t protocol_max = protocol_version_max;  // highest version this end speaks
  std::uint32_t capabilities = 0;                    // bits, see below
  std::uint16_t max_frame = 0;                       // largest frame body this end accepts, bytes
  Bounded<32> serial;                        // ASCII letters, digits and '-'; empty from a host
  Bounded<24> firmware;                      // version text
  std::uint32_t boot = 0;                    // boot number
  ResetReason reset = ResetReason::unknown;  // why it started
  std::uint8_t slot = 0;                     // firmware slot in use
  UpdateOutcome last_update = UpdateOutcome::none;  // what became of the last firmware update

  static constexpr std::uint16_t op = hello_op;
  static const std::array<Field, 10> fields;
};

inline constexpr std::array<Field, 10> Hello::fields = {
    ROLLCALL_FIELD(Hello, protocol_min, u8, 0),  ROLLCALL_FIELD(Hello, protocol_max, u8, 0),
    ROLLCALL_FIELD(Hello, capabilities, u32, 0), ROLLCALL_FIELD(Hello, max_frame, u16, 0),
    ROLLCALL_FIELD(Hello, serial, text, 32),     ROLLCALL_FIELD(Hello, firmware, text, 24),
    ROLLCALL_FIELD(Hello, boot, u32, 0),         ROLLCALL_FIELD(Hello, reset, u8, 0),
    ROLLCALL_FIELD(Hello, slot, u8, 0),          ROLLCALL_FIELD(Hello, last_update, u8, 0)};

}  // namespace rollcall::protocol
