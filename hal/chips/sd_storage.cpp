#include "hal/chips/sd_storage.hpp"

#include <algorithm>

namespace rollcall::hal {

Geometry SdStorage::geometry() const {
  return {static_cast<std::uint32_t>(unit_blocks_ * block_bytes), units_, block_bytes};
}

bool SdStorage::inside(std::uint64_t offset, std::size_t size) const {
  const std::uint64_t bytes = std::uint64_t{unit_blocks_} * units_ * block_bytes;
  return offset <= bytes && size <= bytes - offset;
}

std::expected<void, StorageError> SdStorage::read(std::uint64_t offset, MutableBytes out) {
  if (!inside(offset, out.size())) return std::unexpected(StorageError::out_of_range);
  while (!out.empty()) {
    const auto block = static_cast<std::uint32_t>(offset / block_bytes);
    const std::size_t from = offset % block_bytes;
    const std::size_t size = std::min(out.size(), block_bytes - from);
    if (const auto done = load(block); !done) return done;
    std::copy_n(buffer_.begin() + static_cast<std::ptrdiff_t>(from), size, out.begin());
    out = out.subspan(size);
    offset += size;
  }
  return {};
}

std::expected<void, StorageError> SdStorage::program(std::uint64_t offset, Bytes data) {
  if (!inside(offset, data.size())) return std::unexpected(StorageError::out_of_range);
  if (offset % block_bytes != 0 || data.size() % block_bytes != 0) {
    return std::unexpected(StorageError::misaligned);
  }
  for (; !data.empty(); data = data.subspan(block_bytes), offset += block_bytes) {
    const auto block = static_cast<std::uint32_t>(offset / block_bytes);
    if (const auto done = store(block, data.first<block_bytes>()); !done) return done;
  }
  return {};
}

std::expected<void, StorageError> SdStorage::erase(std::uint32_t unit) {
  if (unit >= units_) return std::unexpected(StorageError::out_of_range);
  buffer_.fill(0xff);
  loaded_ = none;
  for (std::uint32_t i = 0; i < unit_blocks_; ++i) {
    if (const auto done = store(unit * unit_blocks_ + i, buffer_); !done) return done;
    if (block_erased_) block_erased_();
  }
  return {};
}

std::expected<void, StorageError> SdStorage::load(std::uint32_t block) {
  if (loaded_ == block) return {};
  loaded_ = none;
  if (const auto done = card_.read(first_block_ + block, buffer_); !done) {
    // The card's own word, twice: an error token in place of the block.
    const bool lost = done.error() == SdError::failed;
    return std::unexpected(lost ? StorageError::unreadable : StorageError::io);
  }
  loaded_ = block;
  return {};
}

std::expected<void, StorageError> SdStorage::store(std::uint32_t block, SdCard::ConstBlock data) {
  if (loaded_ == block) loaded_ = none;
  if (!card_.write(first_block_ + block, data)) return std::unexpected(StorageError::io);
  return {};
}

}  // namespace rollcall::hal
