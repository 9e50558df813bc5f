#include "hal/chips/cfi_nor.hpp"

#include <algorithm>

namespace rollcall::hal {
namespace {

constexpr std::uint32_t word_bytes = 4;
constexpr std::uint32_t erased_word = 0xffff'ffff;

// Both chips at once.
constexpr std::uint32_t both(std::uint32_t value) {
  return value << 16 | value;
}

namespace code {
constexpr std::uint32_t read_array = 0xff;
constexpr std::uint32_t read_query = 0x98;
constexpr std::uint32_t read_status = 0x70;
constexpr std::uint32_t clear_status = 0x50;
constexpr std::uint32_t program_word = 0x40;
constexpr std::uint32_t program_buffer = 0xe8;
constexpr std::uint32_t erase_block = 0x20;
constexpr std::uint32_t lock_change = 0x60;
constexpr std::uint32_t confirm = 0xd0;
}  // namespace code

// Status register: 7 ready, 5 erase failed, 4 program failed, 3 supply too low, 1 block locked.
constexpr std::uint32_t status_ready = both(1u << 7);
constexpr std::uint32_t status_errors = both(1u << 5 | 1u << 4 | 1u << 3 | 1u << 1);

// Offsets in the query structure (JESD68.01, table 2 to 5).
namespace at {
constexpr std::uint32_t command = 0x55;  // where the query command is written
constexpr std::uint32_t magic = 0x10;    // "QRY"
constexpr std::uint32_t command_set = 0x13;
constexpr std::uint32_t extended_table = 0x15;
constexpr std::uint32_t word_typical = 0x1f;    // 2^n us
constexpr std::uint32_t buffer_typical = 0x20;  // 2^n us
constexpr std::uint32_t erase_typical = 0x21;   // 2^n ms
constexpr std::uint32_t word_most = 0x23;       // 2^n times typical; likewise the next two
constexpr std::uint32_t buffer_most = 0x24;
constexpr std::uint32_t erase_most = 0x25;
constexpr std::uint32_t buffer_size = 0x2a;  // 2^n bytes; 0 = none
constexpr std::uint32_t regions = 0x2c;
constexpr std::uint32_t first_region = 0x2d;  // blocks - 1 (2 bytes), bytes / 256 (2 bytes)
// In the extended table of command set 0001.
constexpr std::uint32_t features = 5;
}  // namespace at
constexpr std::uint32_t max_regions = 4;
constexpr std::uint32_t feature_instant_locking = 1u << 5;

// From exponents of the query; at least what a clock of milliseconds can tell from nothing.
constexpr std::chrono::milliseconds limit_of(unsigned typical, unsigned most,
                                             std::uint32_t units_per_ms) {
  const unsigned exponent = std::min(typical + most, 30u);
  return std::chrono::milliseconds((1u << exponent) / units_per_ms + 2);
}

std::uint32_t load(Bytes at) {
  return std::uint32_t{at[0]} | std::uint32_t{at[1]} << 8 | std::uint32_t{at[2]} << 16 |
         std::uint32_t{at[3]} << 24;
}

}  // namespace

void CfiNor::command(std::uint32_t word, std::uint32_t code) {
  bus_.write(word, both(code));
}

std::expected<std::uint8_t, CfiNor::ProbeError> CfiNor::query(std::uint32_t offset) {
  const std::uint32_t answer = bus_.read(offset);
  if (answer >> 16 != (answer & 0xffff)) return std::unexpected(ProbeError::chips_differ);
  return static_cast<std::uint8_t>(answer);
}

// Little-endian.
std::expected<std::uint32_t, CfiNor::ProbeError> CfiNor::query_number(std::uint32_t offset,
                                                                      unsigned bytes) {
  std::uint32_t value = 0;
  for (unsigned i = 0; i < bytes; ++i) {
    const auto byte = query(offset + i);
    if (!byte) return std::unexpected(byte.error());
    value |= std::uint32_t{*byte} << (8 * i);
  }
  return value;
}

std::expected<void, CfiNor::ProbeError> CfiNor::probe() {
  command(0, code::clear_status);
  command(0, code::read_array);
  command(at::command, code::read_query);
  const auto found = take_answers();
  command(0, code::read_array);
  if (!found) geometry_ = {0, 0, word_bytes};
  return found;
}

std::expected<void, CfiNor::ProbeError> CfiNor::take_answers() {
  for (std::uint32_t i = 0; i < 3; ++i) {
    if (bus_.read(at::magic + i) != both(static_cast<std::uint8_t>("QRY"[i]))) {
      return std::unexpected(ProbeError::no_answer);
    }
  }
  // All that is wanted, read in one sweep: exponents and sizes from 0x1f to the last region.
  std::uint8_t answers[at::first_region + 4 * max_regions] = {};
  for (std::uint32_t i = at::command_set; i < sizeof answers; ++i) {
    const auto answer = query(i);
    if (!answer) return std::unexpected(answer.error());
    answers[i] = *answer;
  }
  const auto number = [&](std::uint32_t offset) {
    return std::uint32_t{answers[offset]} | std::uint32_t{answers[offset + 1]} << 8;
  };
  const std::uint32_t regions = answers[at::regions];
  if (number(at::command_set) != 0x0001 || regions == 0 || regions > max_regions) {
    return std::unexpected(ProbeError::unknown_commands);
  }

  Geometry largest{0, 0, word_bytes};
  std::uint32_t word = 0;
  for (std::uint32_t i = 0; i < regions; ++i) {
    const std::uint32_t blocks = number(at::first_region + 4 * i) + 1;
    const std::uint32_t chip_bytes = number(at::first_region + 4 * i + 2) * 256;
    const Geometry region{chip_bytes * 2, blocks, word_bytes};
    if (std::uint64_t{region.unit_bytes} * blocks >
        std::uint64_t{largest.unit_bytes} * largest.units) {
      largest = region;
      first_word_ = word;
    }
    word += region.unit_bytes / word_bytes * blocks;
  }
  if (largest.unit_bytes == 0) return std::unexpected(ProbeError::unknown_commands);
  // Two chips of N bytes of buffer each hold N / 2 words.
  const unsigned buffer = answers[at::buffer_size];
  buffer_words_ = buffer > 0 && buffer < 16 ? (1u << buffer) / 2 : 0;
  word_limit_ = limit_of(answers[at::word_typical], answers[at::word_most], 1000);
  buffer_limit_ = limit_of(answers[at::buffer_typical], answers[at::buffer_most], 1000);
  erase_limit_ = limit_of(answers[at::erase_typical], answers[at::erase_most], 1);

  const std::uint32_t extended = number(at::extended_table);
  if (extended != 0) {
    const auto features = query_number(extended + at::features, 4);
    if (!features) return std::unexpected(features.error());
    locks_blocks_ = (*features & feature_instant_locking) != 0;
  }
  geometry_ = largest;
  return {};
}

bool CfiNor::holds(std::uint64_t offset, std::uint64_t size) const {
  const std::uint64_t bytes = std::uint64_t{geometry_.unit_bytes} * geometry_.units;
  return offset <= bytes && size <= bytes - offset;
}

// Polls the status of both chips at `word`. False when they were not ready in time.
bool CfiNor::wait(std::uint32_t word, Millis limit) {
  const Millis start = clock_.monotonic();
  for (;;) {
    const bool late = clock_.monotonic() - start > limit;
    if ((bus_.read(word) & status_ready) == status_ready) return true;
    if (late) return false;
  }
}

// The end of an operation: its outcome, and back to reading.
std::expected<void, StorageError> CfiNor::finish(std::uint32_t word, bool in_time) {
  const bool failed = !in_time || (bus_.read(word) & status_errors) != 0;
  stuck_ = !in_time;
  if (failed) command(word, code::clear_status);
  command(word, code::read_array);
  if (failed) return std::unexpected(StorageError::io);
  return {};
}

// Before any operation: chips that did not end one in time are asked whether they have since.
std::expected<void, StorageError> CfiNor::ready() {
  if (!stuck_) return {};
  command(first_word_, code::read_status);
  return finish(first_word_, wait(first_word_, Millis(0)));
}

void CfiNor::unlock(std::uint32_t word) {
  if (!locks_blocks_) return;
  command(word, code::lock_change);
  command(word, code::confirm);
}

std::expected<void, StorageError> CfiNor::read(std::uint64_t offset, MutableBytes out) {
  if (!holds(offset, out.size())) return std::unexpected(StorageError::out_of_range);
  if (const auto done = ready(); !done) return done;
  std::uint32_t word = first_word_ + static_cast<std::uint32_t>(offset / word_bytes);
  std::uint32_t skip = offset % word_bytes;
  while (!out.empty()) {
    const std::uint32_t value = bus_.read(word++);
    const std::size_t count = std::min<std::size_t>(word_bytes - skip, out.size());
    for (std::size_t i = 0; i < count; ++i) {
      out[i] = static_cast<std::uint8_t>(value >> (8 * (skip + i)));
    }
    skip = 0;
    out = out.subspan(count);
  }
  return {};
}

std::expected<void, StorageError> CfiNor::program(std::uint64_t offset, Bytes data) {
  if (!holds(offset, data.size())) return std::unexpected(StorageError::out_of_range);
  if (offset % word_bytes != 0 || data.size() % word_bytes != 0) {
    return std::unexpected(StorageError::misaligned);
  }
  if (const auto done = ready(); !done) return done;
  std::uint32_t word = first_word_ + static_cast<std::uint32_t>(offset / word_bytes);
  for (std::uint32_t i = 0; i < data.size() / word_bytes; ++i) {
    if (bus_.read(word + i) != erased_word) return std::unexpected(StorageError::not_erased);
  }
  while (!data.empty()) {
    // A buffer is written within one row of its own size.
    const std::uint32_t room = buffer_words_ < 2 ? 1 : buffer_words_ - word % buffer_words_;
    const auto left = static_cast<std::uint32_t>(data.size() / word_bytes);
    const std::uint32_t words = std::min(room, left);
    const Bytes piece = data.first(words * word_bytes);
    unlock(word);
    const auto done = words == 1 ? program_word(word, load(piece)) : program_buffer(word, piece);
    if (!done) return done;
    word += words;
    data = data.subspan(piece.size());
  }
  return {};
}

std::expected<void, StorageError> CfiNor::program_word(std::uint32_t word, std::uint32_t value) {
  command(word, code::program_word);
  bus_.write(word, value);
  return finish(word, wait(word, word_limit_));
}

std::expected<void, StorageError> CfiNor::program_buffer(std::uint32_t word, Bytes data) {
  const auto words = static_cast<std::uint32_t>(data.size() / word_bytes);
  command(word, code::program_buffer);
  if (!wait(word, buffer_limit_)) return finish(word, false);
  command(word, words - 1);
  for (std::uint32_t i = 0; i < words; ++i) {
    bus_.write(word + i, load(data.subspan(i * word_bytes)));
  }
  command(word, code::confirm);
  return finish(word, wait(word, buffer_limit_));
}

std::expected<void, StorageError> CfiNor::erase(std::uint32_t unit) {
  if (unit >= geometry_.units) return std::unexpected(StorageError::out_of_range);
  if (const auto done = ready(); !done) return done;
  const std::uint32_t word = first_word_ + unit * (geometry_.unit_bytes / word_bytes);
  unlock(word);
  command(word, code::erase_block);
  command(word, code::confirm);
  return finish(word, wait(word, erase_limit_));
}

}  // namespace rollcall::hal
