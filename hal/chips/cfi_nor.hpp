// NOR flash with the Intel command set, two chips side by side (JEDEC JESD68.01, Common Flash
// Interface, command set 0001; commands and status bits as in the data sheets of Intel's
// StrataFlash J3 and P30 families).
//
// The storage is the largest region of equal erase blocks; parameter blocks beside it are left
// alone. Every operation waits until the chips say that it is over, so that sync() has nothing to
// do. An erase waits up to seconds on real chips.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>

#include "hal/clock.hpp"
#include "hal/flash_bus.hpp"
#include "hal/storage.hpp"

namespace rollcall::hal {

class CfiNor final : public Storage {
 public:
  enum class ProbeError : std::uint8_t {
    no_answer,        // no chips, or chips that know no CFI
    chips_differ,     // the two are not of one kind
    unknown_commands  // another command set than 0001, or a geometry that makes no sense
  };

  // Both outlive this. The clock's time goes on while an operation is waited for.
  CfiNor(FlashBus& bus, Clock& clock) : bus_(bus), clock_(clock) {}

  // Asks the chips what they are. Before it succeeded this is a storage of no units.
  std::expected<void, ProbeError> probe();

  Geometry geometry() const override { return geometry_; }
  std::expected<void, StorageError> read(std::uint64_t offset, MutableBytes out) override;
  // `io`: the chips reported an error, are locked, or did not end in time.
  std::expected<void, StorageError> program(std::uint64_t offset, Bytes data) override;
  std::expected<void, StorageError> erase(std::uint32_t unit) override;
  std::expected<void, StorageError> sync() override { return {}; }

 private:
  using Millis = std::chrono::milliseconds;

  std::expected<std::uint8_t, ProbeError> query(std::uint32_t offset);
  std::expected<std::uint32_t, ProbeError> query_number(std::uint32_t offset, unsigned bytes);
  std::expected<void, ProbeError> take_answers();
  void command(std::uint32_t word, std::uint32_t code);
  void unlock(std::uint32_t word);
  bool wait(std::uint32_t word, Millis limit);
  std::expected<void, StorageError> finish(std::uint32_t word, bool in_time);
  std::expected<void, StorageError> ready();
  std::expected<void, StorageError> program_word(std::uint32_t word, std::uint32_t value);
  std::expected<void, StorageError> program_buffer(std::uint32_t word, Bytes data);
  bool holds(std::uint64_t offset, std::uint64_t size) const;

  FlashBus& bus_;
  Clock& clock_;
  Geometry geometry_{0, 0, 4};
  std::uint32_t first_word_ = 0;    // of the region that is used
  std::uint32_t buffer_words_ = 0;  // of the write buffer; below 2 = there is none
  bool locks_blocks_ = false;       // all blocks are locked after power-on
  bool stuck_ = false;              // an operation did not end in time
  Millis word_limit_{0};
  Millis buffer_limit_{0};
  Millis erase_limit_{0};
};

}  // namespace rollcall::hal
