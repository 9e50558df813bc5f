#include "hal/sim/power_cut.hpp"

#include <algorithm>

namespace rollcall::hal::sim {

std::expected<void, StorageError> PowerCut::read(std::uint64_t offset, MutableBytes out) {
  if (!powered_) return std::unexpected(StorageError::power_lost);
  return below_.read(offset, out);
}

std::expected<void, StorageError> PowerCut::program(std::uint64_t offset, Bytes data) {
  if (!powered_) return std::unexpected(StorageError::power_lost);
  if (!armed_) return below_.program(offset, data);
  powered_ = false;
  std::vector<std::uint8_t> half(data.begin(), data.end());
  std::fill(half.begin() + static_cast<std::ptrdiff_t>(half.size() / 2), half.end(),
            std::uint8_t{0xff});
  if (auto done = below_.program(offset, half); !done) return done;
  if (auto done = below_.sync(); !done) return done;
  return std::unexpected(StorageError::power_lost);
}

std::expected<void, StorageError> PowerCut::erase(std::uint32_t unit) {
  if (!powered_) return std::unexpected(StorageError::power_lost);
  return below_.erase(unit);
}

std::expected<void, StorageError> PowerCut::sync() {
  if (!powered_) return std::unexpected(StorageError::power_lost);
  return below_.sync();
}

}  // namespace rollcall::hal::sim
