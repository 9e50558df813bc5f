// A terminal as a USB device: how a host recognises it and where its bytes go. Declared once, for
// the host and for whoever presents such a device; docs/protocol.md describes it under "USB".
#pragma once

#include <cstddef>
#include <cstdint>

namespace rollcall::hal::usb {

// pid.codes, of whose range 0001 is for tests only: a terminal that is sold needs ids of its own.
inline constexpr std::uint16_t vendor_id = 0x1209;
inline constexpr std::uint16_t product_id = 0x0001;

// One interface: vendor specific (USB 2.0, table 9-12), two bulk endpoints. Subclass and protocol
// are ours, so that another device with the ids above is left alone.
inline constexpr std::uint8_t interface_class = 0xff;
inline constexpr std::uint8_t interface_subclass = 0x52;  // 'R'
inline constexpr std::uint8_t interface_protocol = 0x01;

// As a terminal numbers them. A host takes them from the descriptors: controllers renumber them.
inline constexpr std::uint8_t endpoint_out = 0x01;  // host to terminal
inline constexpr std::uint8_t endpoint_in = 0x81;

inline constexpr std::size_t packet_bytes = 64;  // largest of a bulk endpoint at full speed (5.8.3)

}  // namespace rollcall::hal::usb
