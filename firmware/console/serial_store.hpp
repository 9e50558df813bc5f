// The serial number of a terminal, set once at the factory, durable over raw storage of its own:
// two erase units or more (docs/factory-console.md).
#pragma once

#include <cstdint>
#include <expected>

#include "firmware/storage/kept_record.hpp"
#include "hal/storage.hpp"
#include "protocol/bytes.hpp"

namespace rollcall::firmware {

using Serial = Bounded<32>;

// 1 to 32 ASCII letters, digits and '-', as HELLO has it.
bool is_serial(Bytes text);

enum class SerialError : std::uint8_t {
  none,          // never set
  already_set,   // and it stays
  newer_format,  // written by a later firmware; neither read nor overwritten
  bad_geometry,  // as of KeptRecord
  storage,       // the device failed
};

class SerialStore {
 public:
  // Keeps the reference.
  explicit SerialStore(hal::Storage& storage);

  // Errors: all but already_set.
  std::expected<Serial, SerialError> load();
  // A power cut inside leaves none or this one. Errors: all but none.
  std::expected<void, SerialError> set(const Serial& serial);

 private:
  KeptRecord record_;
};

}  // namespace rollcall::firmware
