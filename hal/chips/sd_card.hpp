// An SD memory card in SPI mode (SD Physical Layer Simplified Specification 7.10, chapter 7; clause
// numbers in sd_card.cpp are its own): single blocks, commands and data guarded by their CRCs.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <span>

#include "hal/clock.hpp"
#include "hal/spi_device.hpp"

namespace rollcall::hal {

enum class SdError : std::uint8_t {
  no_answer,     // no card, or one that does not speak
  refused,       // the card answered a command with an error, or is of an unknown kind
  timed_out,     // the card stayed busy, or its data did not come
  damaged,       // a checksum was wrong, here or by the card's word
  failed,        // the card could not read or write the block
  out_of_range,  // the card has no such block; nothing was done
};

class SdCard {
 public:
  static constexpr std::size_t block_bytes = 512;
  using Block = std::span<std::uint8_t, block_bytes>;
  using ConstBlock = std::span<const std::uint8_t, block_bytes>;

  struct Counters {
    std::uint32_t starts = 0;  // initialisations that succeeded
    std::uint32_t errors = 0;  // operations that failed at first
  };

  // All outlive this. Both devices are the card: `slow` with at most 400 kHz, as cards take it
  // before they are initialised, `fast` with at most 25 MHz.
  SdCard(SpiDevice& slow, SpiDevice& fast, Clock& clock)
      : slow_(slow), fast_(fast), clock_(clock) {}

  // Initialises the card. Errors: no_answer, refused, timed_out, damaged.
  std::expected<void, SdError> start();

  // Each starts the card first where that has not succeeded yet, and once more after an error,
  // which may have left it anywhere; then it tries again. A write may have happened when it fails.
  std::expected<void, SdError> read(std::uint32_t block, Block out);
  std::expected<void, SdError> write(std::uint32_t block, ConstBlock data);

  // 0 before the first start().
  std::uint32_t blocks() const { return blocks_; }
  const Counters& counters() const { return counters_; }

 private:
  std::expected<void, SdError> start_selected();
  template <class Operation>
  std::expected<void, SdError> twice(std::uint32_t block, Operation operation);
  std::expected<void, SdError> read_once(std::uint32_t block, Block out);
  std::expected<void, SdError> write_once(std::uint32_t block, ConstBlock data);

  // The first byte of the response, whose top bit is 0.
  std::expected<std::uint8_t, SdError> command(std::uint8_t index, std::uint32_t argument);
  // The same; any response but `wanted` is an error.
  std::expected<void, SdError> command(std::uint8_t index, std::uint32_t argument,
                                       std::uint8_t wanted);
  std::expected<std::uint8_t, SdError> application_command(std::uint8_t index,
                                                           std::uint32_t argument);
  std::expected<void, SdError> receive_data(MutableBytes out);
  std::expected<void, SdError> wait_ready();
  std::uint32_t address(std::uint32_t block) const;
  void select(bool on);
  SpiDevice& bus() { return started_ ? fast_ : slow_; }

  SpiDevice& slow_;
  SpiDevice& fast_;
  Clock& clock_;
  bool started_ = false;
  bool by_block_ = false;  // commands count blocks, not bytes (SDHC and larger)
  std::uint32_t blocks_ = 0;
  Counters counters_;
};

// CRC7 of a command (4.5), in the upper seven bits, the lowest one set as on the line.
std::uint8_t sd_crc7(Bytes data);
// CRC16 of a data block (4.5).
std::uint16_t sd_crc16(Bytes data);

}  // namespace rollcall::hal
