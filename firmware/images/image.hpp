// What the programs of all boards share: parts of a storage, and what a terminal says that it is.
#pragma once

#include <cstdint>
#include <cstring>

#include "firmware/console/serial_store.hpp"
#include "firmware/terminal/terminal.hpp"
#include "hal/storage_part.hpp"

namespace rollcall::firmware {

// Erase units of a storage, in a row.
struct Part {
  std::uint32_t first_unit;
  std::uint32_t units;
};

inline hal::StoragePart part(hal::Storage& whole, Part of) {
  return {whole, of.first_unit, of.units};
}

inline Bytes bytes_of(const char* text) {
  return {reinterpret_cast<const std::uint8_t*>(text), std::strlen(text)};
}

// `no_serial`: of a terminal that no factory gave one. `link_baud`: with start and stop bit.
inline Identity identity_of(SerialStore& store, const char* no_serial, const char* version,
                            protocol::ResetReason reset, std::uint32_t link_baud) {
  Identity identity;
  identity.serial.assign(bytes_of(no_serial));
  if (const auto found = store.load()) identity.serial = *found;
  identity.version.assign(bytes_of(version));
  identity.reset = reset;
  identity.line_rate = link_baud / 10;
  return identity;
}

}  // namespace rollcall::firmware
