// Raw storage: a row of erase units, each a row of program units. NOR flash, an SD card, a file.
//
// The contract is that of the strictest device: erased bytes read 0xFF; a program unit is written
// once between two erasures of its erase unit; what was written is certain to survive a power cut
// only after sync(). An operation that the power cut interrupts may have happened fully, partly or
// not at all.
#pragma once

#include <cstdint>
#include <expected>

#include "hal/bytes.hpp"

namespace rollcall::hal {

struct Geometry {
  std::uint32_t unit_bytes = 0;     // erase unit; a multiple of program_bytes
  std::uint32_t units = 0;          // erase units
  std::uint32_t program_bytes = 1;  // smallest program unit; a power of two

  friend bool operator==(const Geometry&, const Geometry&) = default;
};

enum class StorageError : std::uint8_t {
  out_of_range,  // beyond the last unit; nothing was done
  misaligned,    // offset or size is not a multiple of program_bytes; nothing was done
  not_erased,    // a program unit was written before; nothing was done
  io,            // the device failed; the operation may have happened in part
  unreadable,    // the device works, and has lost what was at this place; until it is erased
  power_lost,    // simulation only: the device is without power until it is started again
};

class Storage {
 public:
  virtual Geometry geometry() const = 0;
  // Any offset and size within the device. Errors: out_of_range, unreadable, io,
  // power_lost.
  virtual std::expected<void, StorageError> read(std::uint64_t offset, MutableBytes out) = 0;
  // Whole program units that are erased. May cross erase units. Errors: all.
  virtual std::expected<void, StorageError> program(std::uint64_t offset, Bytes data) = 0;
  // Afterwards every byte of `unit` reads 0xFF. Errors: out_of_range, io, power_lost.
  virtual std::expected<void, StorageError> erase(std::uint32_t unit) = 0;
  // Afterwards every earlier program and erase survives a power cut. Errors: io, power_lost.
  virtual std::expected<void, StorageError> sync() = 0;

 protected:
  ~Storage() = default;
};

}  // namespace rollcall::hal
