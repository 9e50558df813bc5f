// Storage in memory that enforces the rules of flash and can lose power inside any operation.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <vector>

#include "hal/storage.hpp"

namespace rollcall::hal::sim {

// How the operation that the power cut hits ends.
enum class Cut : std::uint8_t {
  before,  // clean: it did not happen
  after,   // clean: it happened, and nothing after it
  torn,    // a program wrote part of its bytes or bits, an erase cleared part of the unit
};

class FakeFlash final : public Storage {
 public:
  explicit FakeFlash(Geometry geometry);

  Geometry geometry() const override { return geometry_; }
  std::expected<void, StorageError> read(std::uint64_t offset, MutableBytes out) override;
  std::expected<void, StorageError> program(std::uint64_t offset, Bytes data) override;
  std::expected<void, StorageError> erase(std::uint32_t unit) override;
  std::expected<void, StorageError> sync() override;

  // Cuts the power at operation number `operation` from now (0 = the next program, erase or sync).
  // `seed` chooses what a torn operation leaves.
  void cut_at(std::uint64_t operation, Cut how, std::uint64_t seed);
  // The same, but the device says `io` and lives on: a bad cell.
  void fail_at(std::uint64_t operation, Cut how, std::uint64_t seed);
  // With a write-back cache, as an SD card has one: at a cut each program or erase since the last
  // sync is lost or kept, by `seed` of the cut.
  void use_write_cache(bool on) { cached_ = on; }
  bool has_power() const { return powered_; }
  // Power is back: what is readable now is what survived.
  void restart();

  std::uint64_t operations() const { return operations_; }    // program, erase and sync so far
  std::uint32_t rule_breaks() const { return rule_breaks_; }  // programs of units not erased

  // The whole content, for images put back and for damage.
  const std::vector<std::uint8_t>& image() const { return bytes_; }
  void restore(const std::vector<std::uint8_t>& image);
  void flip_bit(std::uint64_t offset, unsigned bit);
  // The program unit at `offset` reads as `unreadable` until it is erased.
  void make_unreadable(std::uint64_t offset);

 private:
  struct Undo {
    std::uint64_t offset;
    std::vector<std::uint8_t> bytes;
    std::vector<bool> written;
  };

  bool fails_now();
  std::unexpected<StorageError> failed();
  Undo remember(std::uint64_t offset, std::uint64_t size) const;
  void put_back(const Undo& undo);
  std::uint64_t random();

  Geometry geometry_;
  std::vector<std::uint8_t> bytes_;
  std::vector<bool> written_;           // per program unit, since the last erasure
  std::set<std::uint64_t> unreadable_;  // program units
  std::vector<Undo> unsynced_;
  bool cached_ = false;
  bool powered_ = true;
  std::uint64_t operations_ = 0;
  std::uint32_t rule_breaks_ = 0;
  std::optional<std::uint64_t> cut_operation_;
  Cut cut_ = Cut::before;
  bool cut_takes_power_ = true;
  std::uint64_t random_state_ = 0;
};

}  // namespace rollcall::hal::sim
