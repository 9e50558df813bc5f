// Whether storage works, in small steps: what holds data is only read, a spare part is erased,
// written and read back.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "hal/storage.hpp"

namespace rollcall::firmware::console {

class StorageTest {
 public:
  // All outlive the test; `spare` may be null.
  void begin(std::span<hal::Storage* const> read_only, hal::Storage* spare);
  std::uint32_t steps() const { return steps_; }
  std::uint32_t done() const { return done_; }
  // The next step, of at most one erase unit; false: it failed, and the test is over.
  bool step();

 private:
  bool read_unit(hal::Storage& storage, std::uint32_t unit);
  bool write_unit(hal::Storage& storage, std::uint32_t unit);

  std::span<hal::Storage* const> read_only_;
  hal::Storage* spare_ = nullptr;
  std::uint32_t steps_ = 0;
  std::uint32_t done_ = 0;
};

}  // namespace rollcall::firmware::console
