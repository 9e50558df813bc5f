// Storage whose power fails in the middle of the next write, on top of any other storage.
#pragma once

#include <vector>

#include "hal/storage.hpp"

namespace rollcall::hal::sim {

class PowerCut final : public Storage {
 public:
  explicit PowerCut(Storage& below) : below_(below) {}

  Geometry geometry() const override { return below_.geometry(); }
  std::expected<void, StorageError> read(std::uint64_t offset, MutableBytes out) override;
  std::expected<void, StorageError> program(std::uint64_t offset, Bytes data) override;
  std::expected<void, StorageError> erase(std::uint32_t unit) override;
  std::expected<void, StorageError> sync() override;

  // The next program writes the first half of its bytes, then the power is gone.
  void cut_next_program() { armed_ = true; }
  bool has_power() const { return powered_; }
  void restart() {
    powered_ = true;
    armed_ = false;
  }

 private:
  Storage& below_;
  bool armed_ = false;
  bool powered_ = true;
};

}  // namespace rollcall::hal::sim
