#include "firmware/console/storage_test.hpp"

#include <algorithm>

namespace rollcall::firmware::console {
namespace {

constexpr std::uint32_t chunk = 512;  // bytes; whole program units of every board

// Differs from byte to byte, from unit to unit, and in each bit.
std::uint8_t pattern(std::uint32_t unit, std::uint32_t at) {
  return static_cast<std::uint8_t>((unit + 1) * 0x9du ^ at * 0x35u ^ at >> 8);
}

}  // namespace

void StorageTest::begin(std::span<hal::Storage* const> read_only, hal::Storage* spare) {
  read_only_ = read_only;
  spare_ = spare;
  done_ = steps_ = 0;
  for (const hal::Storage* storage : read_only_) steps_ += storage->geometry().units;
  if (spare_) steps_ += spare_->geometry().units;
}

bool StorageTest::step() {
  std::uint32_t unit = done_++;
  for (hal::Storage* storage : read_only_) {
    const std::uint32_t units = storage->geometry().units;
    if (unit < units) return read_unit(*storage, unit);
    unit -= units;
  }
  return write_unit(*spare_, unit);
}

bool StorageTest::read_unit(hal::Storage& storage, std::uint32_t unit) {
  const std::uint32_t size = storage.geometry().unit_bytes;
  std::uint8_t bytes[chunk];
  for (std::uint32_t at = 0; at < size; at += chunk) {
    const std::uint32_t part = std::min(chunk, size - at);
    if (!storage.read(std::uint64_t{unit} * size + at, {bytes, part})) return false;
  }
  return true;
}

bool StorageTest::write_unit(hal::Storage& storage, std::uint32_t unit) {
  const std::uint32_t size = storage.geometry().unit_bytes;
  const std::uint64_t offset = std::uint64_t{unit} * size;
  std::uint8_t bytes[chunk];
  if (!storage.erase(unit)) return false;
  for (std::uint32_t at = 0; at < size; at += chunk) {
    const std::uint32_t part = std::min(chunk, size - at);
    for (std::uint32_t i = 0; i < part; ++i) bytes[i] = pattern(unit, at + i);
    if (!storage.program(offset + at, {bytes, part})) return false;
  }
  if (!storage.sync()) return false;
  for (std::uint32_t at = 0; at < size; at += chunk) {
    const std::uint32_t part = std::min(chunk, size - at);
    if (!storage.read(offset + at, {bytes, part})) return false;
    for (std::uint32_t i = 0; i < part; ++i) {
      if (bytes[i] != pattern(unit, at + i)) return false;
    }
  }
  return storage.erase(unit) && storage.sync();
}

}  // namespace rollcall::firmware::console
