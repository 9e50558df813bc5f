// Content that comes in pieces, in order, and rests in raw storage: whole program units are written
// as they fill, the rest waits in RAM.
#pragma once

#include <cstddef>
#include <cstdint>

#include "hal/storage.hpp"
#include "protocol/bytes.hpp"

namespace rollcall::firmware {

class StorageWriter {
 public:
  static constexpr std::size_t max_page = 512;  // program units above it are not supported

  // Erases what `bytes` from `first_unit` on need, and goes there `lead` bytes behind its start;
  // `lead` is a multiple of the program unit. False when the device failed.
  bool begin(hal::Storage& storage, std::uint32_t first_unit, std::uint32_t lead,
             std::uint32_t bytes);
  bool append(Bytes content);
  // The last page, padded with 0xFF; then all is durable.
  bool finish();
  // Of what was appended, also before finish().
  bool read(std::uint32_t offset, MutableBytes out) const;
  std::uint32_t size() const { return written_ + filled_; }

 private:
  hal::Storage* storage_ = nullptr;
  std::uint64_t base_ = 0;
  std::uint32_t page_bytes_ = 0;
  std::uint32_t written_ = 0;
  std::uint32_t filled_ = 0;
  std::uint8_t page_[max_page];
};

}  // namespace rollcall::firmware
