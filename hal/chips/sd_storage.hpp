// An SD card as raw storage: program units of one block, erase units of as many as are wanted.
//
// A card has no erased state of its own that could be told from written 0xFF, so erase() writes
// 0xFF to each block of the unit, and `not_erased` is never reported: programming a block a second
// time overwrites it. Whoever uses this keeps the contract of hal/storage.hpp by himself.
#pragma once

#include <array>

#include "hal/chips/sd_card.hpp"
#include "hal/storage.hpp"

namespace rollcall::hal {

class SdStorage final : public Storage {
 public:
  // `card` outlives this; the storage begins at its block `first_block`. What a card that is too
  // small lacks fails with `io`. `block_erased` (may be null) is called after each block of an
  // erasure, which takes as long as the card wants: at most half a second for each.
  SdStorage(SdCard& card, std::uint32_t first_block, std::uint32_t unit_blocks, std::uint32_t units,
            void (*block_erased)() = nullptr)
      : card_(card),
        first_block_(first_block),
        unit_blocks_(unit_blocks),
        units_(units),
        block_erased_(block_erased) {}

  Geometry geometry() const override;
  std::expected<void, StorageError> read(std::uint64_t offset, MutableBytes out) override;
  std::expected<void, StorageError> program(std::uint64_t offset, Bytes data) override;
  std::expected<void, StorageError> erase(std::uint32_t unit) override;
  // A block that write() has given back is in the card's memory: nothing is left to do.
  std::expected<void, StorageError> sync() override { return {}; }

 private:
  static constexpr std::size_t block_bytes = SdCard::block_bytes;
  static constexpr std::uint32_t none = UINT32_MAX;

  bool inside(std::uint64_t offset, std::size_t size) const;
  std::expected<void, StorageError> load(std::uint32_t block);
  std::expected<void, StorageError> store(std::uint32_t block, SdCard::ConstBlock data);

  SdCard& card_;
  std::uint32_t first_block_;
  std::uint32_t unit_blocks_;
  std::uint32_t units_;
  void (*block_erased_)();
  std::uint32_t loaded_ =
      none;  // the block, of this storage, that buffer_ holds: small reads come side by side
  std::array<std::uint8_t, block_bytes> buffer_;
};

}  // namespace rollcall::hal
