// Some erase units of a storage as a storage of their own.
#pragma once

#include "hal/storage.hpp"

namespace rollcall::hal {

class StoragePart final : public Storage {
 public:
  // `whole` outlives this. Units beyond its end are not part of this.
  StoragePart(Storage& whole, std::uint32_t first_unit, std::uint32_t units)
      : whole_(whole), first_unit_(first_unit), units_(units) {}

  Geometry geometry() const override {
    Geometry geometry = whole_.geometry();
    const std::uint32_t behind = geometry.units > first_unit_ ? geometry.units - first_unit_ : 0;
    geometry.units = units_ < behind ? units_ : behind;
    return geometry;
  }
  std::expected<void, StorageError> read(std::uint64_t offset, MutableBytes out) override {
    if (!holds(offset, out.size())) return std::unexpected(StorageError::out_of_range);
    return whole_.read(start() + offset, out);
  }
  std::expected<void, StorageError> program(std::uint64_t offset, Bytes data) override {
    if (!holds(offset, data.size())) return std::unexpected(StorageError::out_of_range);
    return whole_.program(start() + offset, data);
  }
  std::expected<void, StorageError> erase(std::uint32_t unit) override {
    if (unit >= geometry().units) return std::unexpected(StorageError::out_of_range);
    return whole_.erase(first_unit_ + unit);
  }
  std::expected<void, StorageError> sync() override { return whole_.sync(); }

 private:
  std::uint64_t start() const { return std::uint64_t{first_unit_} * whole_.geometry().unit_bytes; }
  bool holds(std::uint64_t offset, std::uint64_t size) const {
    const Geometry own = geometry();
    const std::uint64_t bytes = std::uint64_t{own.units} * own.unit_bytes;
    return offset <= bytes && size <= bytes - offset;
  }

  Storage& whole_;
  std::uint32_t first_unit_;
  std::uint32_t units_;
};

}  // namespace rollcall::hal
