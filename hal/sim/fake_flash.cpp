#include "hal/sim/fake_flash.hpp"

#include <algorithm>

namespace rollcall::hal::sim {

FakeFlash::FakeFlash(Geometry geometry)
    : geometry_(geometry),
      bytes_(std::size_t{geometry.unit_bytes} * geometry.units, 0xff),
      written_(bytes_.size() / geometry.program_bytes, false) {}

std::expected<void, StorageError> FakeFlash::read(std::uint64_t offset, MutableBytes out) {
  if (!powered_) return std::unexpected(StorageError::power_lost);
  if (offset + out.size() > bytes_.size()) return std::unexpected(StorageError::out_of_range);
  const auto lost = unreadable_.lower_bound(offset / geometry_.program_bytes);
  if (lost != unreadable_.end() && *lost * geometry_.program_bytes < offset + out.size()) {
    return std::unexpected(StorageError::unreadable);
  }
  std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(offset), out.size(), out.begin());
  return {};
}

std::expected<void, StorageError> FakeFlash::program(std::uint64_t offset, Bytes data) {
  if (!powered_) return std::unexpected(StorageError::power_lost);
  if (offset + data.size() > bytes_.size()) return std::unexpected(StorageError::out_of_range);
  const std::uint32_t unit = geometry_.program_bytes;
  if (offset % unit != 0 || data.size() % unit != 0)
    return std::unexpected(StorageError::misaligned);
  for (std::uint64_t u = offset / unit; u < (offset + data.size()) / unit; ++u) {
    if (written_[u]) {
      ++rule_breaks_;
      return std::unexpected(StorageError::not_erased);
    }
  }
  const bool fails = fails_now();
  if (fails && cut_ == Cut::before) return failed();
  if (cached_) unsynced_.push_back(remember(offset, data.size()));
  // A torn program: a prefix is complete, then come some bytes with part of their bits.
  std::size_t whole = data.size();
  std::size_t touched = data.size();
  if (fails && cut_ == Cut::torn) {
    whole = random() % data.size();
    touched = std::min(data.size(), whole + 1 + random() % 16);
  }
  for (std::size_t i = 0; i < touched; ++i) {
    const auto noise = static_cast<std::uint8_t>(i < whole ? 0 : random());
    bytes_[offset + i] = static_cast<std::uint8_t>(bytes_[offset + i] & (data[i] | noise));
  }
  for (std::uint64_t u = offset / unit; u * unit < offset + touched; ++u) {
    // Cells that still read erased after a torn pulse are erased as far as anyone can tell.
    const auto from = bytes_.begin() + static_cast<std::ptrdiff_t>(u * unit);
    written_[u] = !fails || cut_ != Cut::torn ||
                  std::any_of(from, from + unit, [](auto b) { return b != 0xff; });
  }
  if (fails) return failed();
  return {};
}

std::expected<void, StorageError> FakeFlash::erase(std::uint32_t unit) {
  if (!powered_) return std::unexpected(StorageError::power_lost);
  if (unit >= geometry_.units) return std::unexpected(StorageError::out_of_range);
  const bool fails = fails_now();
  if (fails && cut_ == Cut::before) return failed();
  const std::uint64_t offset = std::uint64_t{unit} * geometry_.unit_bytes;
  unreadable_.erase(
      unreadable_.lower_bound(offset / geometry_.program_bytes),
      unreadable_.lower_bound((offset + geometry_.unit_bytes) / geometry_.program_bytes));
  if (cached_) unsynced_.push_back(remember(offset, geometry_.unit_bytes));
  const std::uint32_t size = geometry_.unit_bytes;
  const bool torn = fails && cut_ == Cut::torn;
  // A torn erase: one stretch is clean, elsewhere single bits have flipped towards erased.
  const std::uint64_t clean_from = torn ? random() % size : 0;
  const std::uint64_t clean_to = torn ? clean_from + random() % (size - clean_from + 1) : size;
  for (std::uint64_t i = 0; i < size; ++i) {
    const bool clean = i >= clean_from && i < clean_to;
    if (clean)
      bytes_[offset + i] = 0xff;
    else if (random() % 4 == 0)
      bytes_[offset + i] |= static_cast<std::uint8_t>(random());
  }
  if (!torn) {
    const auto from =
        written_.begin() + static_cast<std::ptrdiff_t>(offset / geometry_.program_bytes);
    std::fill_n(from, size / geometry_.program_bytes, false);
  }
  if (fails) return failed();
  return {};
}

std::expected<void, StorageError> FakeFlash::sync() {
  if (!powered_) return std::unexpected(StorageError::power_lost);
  if (fails_now()) {
    if (cut_ == Cut::after) unsynced_.clear();
    return failed();
  }
  unsynced_.clear();
  return {};
}

void FakeFlash::cut_at(std::uint64_t operation, Cut how, std::uint64_t seed) {
  cut_operation_ = operations_ + operation;
  cut_ = how;
  cut_takes_power_ = true;
  random_state_ = seed;
}

void FakeFlash::fail_at(std::uint64_t operation, Cut how, std::uint64_t seed) {
  cut_at(operation, how, seed);
  cut_takes_power_ = false;
}

void FakeFlash::restart() {
  powered_ = true;
  cut_operation_.reset();
  unsynced_.clear();
}

void FakeFlash::restore(const std::vector<std::uint8_t>& image) {
  bytes_ = image;
  bytes_.resize(written_.size() * geometry_.program_bytes, 0xff);
  for (std::size_t u = 0; u < written_.size(); ++u) {
    const auto from = bytes_.begin() + static_cast<std::ptrdiff_t>(u * geometry_.program_bytes);
    written_[u] =
        std::any_of(from, from + geometry_.program_bytes, [](auto b) { return b != 0xff; });
  }
  unsynced_.clear();
}

void FakeFlash::flip_bit(std::uint64_t offset, unsigned bit) {
  bytes_[offset] = static_cast<std::uint8_t>(bytes_[offset] ^ (1u << bit));
}

void FakeFlash::make_unreadable(std::uint64_t offset) {
  unreadable_.insert(offset / geometry_.program_bytes);
}

bool FakeFlash::fails_now() {
  const bool now = cut_operation_ && operations_ == *cut_operation_;
  ++operations_;
  if (now && cut_takes_power_) powered_ = false;
  return now;
}

// What the operation that was cut returns.
std::unexpected<StorageError> FakeFlash::failed() {
  if (!cut_takes_power_) return std::unexpected(StorageError::io);
  // Newest first, so that an older state comes back under a lost newer one.
  for (std::size_t i = unsynced_.size(); i-- > 0;) {
    if (random() % 2 == 0) put_back(unsynced_[i]);
  }
  unsynced_.clear();
  return std::unexpected(StorageError::power_lost);
}

FakeFlash::Undo FakeFlash::remember(std::uint64_t offset, std::uint64_t size) const {
  const auto first = bytes_.begin() + static_cast<std::ptrdiff_t>(offset);
  const auto unit =
      written_.begin() + static_cast<std::ptrdiff_t>(offset / geometry_.program_bytes);
  return {offset,
          {first, first + static_cast<std::ptrdiff_t>(size)},
          {unit, unit + static_cast<std::ptrdiff_t>(size / geometry_.program_bytes)}};
}

void FakeFlash::put_back(const Undo& undo) {
  std::copy(undo.bytes.begin(), undo.bytes.end(),
            bytes_.begin() + static_cast<std::ptrdiff_t>(undo.offset));
  std::copy(undo.written.begin(), undo.written.end(),
            written_.begin() + static_cast<std::ptrdiff_t>(undo.offset / geometry_.program_bytes));
}

std::uint64_t FakeFlash::random() {  // SplitMix64 (Vigna, public domain)
  std::uint64_t z = (random_state_ += 0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

}  // namespace rollcall::hal::sim
