// The reader's end of the block protocol (ISO/IEC 14443-4) with the card that is selected.
#pragma once

#include "hal/sim/nfc/rf_field.hpp"

namespace rollcall::hal::sim {

class IsoDepReader {
 public:
  // RATS; the card's answer to select, which tells its frame size. An error is `timeout` or `crc`.
  std::expected<ByteVector, RfError> activate(RfField& field);
  // PPS with the given divisors of both directions (5.3).
  std::expected<void, RfError> set_speed(RfField& field, std::uint8_t divisors);

  // A command in as many blocks as it takes, and its whole answer. Blocks that fail are asked for
  // again `retries` times. Errors: `timeout`, `crc`, `protocol`, `buffer`.
  std::expected<ByteVector, RfError> transceive(RfField& field, Bytes command);
  // True when the card took its leave.
  bool deselect(RfField& field);
  // The card still answers (R(NAK), 7.5.5.2 method 2).
  std::expected<void, RfError> check_presence(RfField& field);

  static constexpr unsigned retries = 2;
  static constexpr std::size_t answer_most = 64 * 1024;  // bytes of one answer

 private:
  // Sends a block and waits for the answer, or for the card's time to be over.
  std::expected<CardAnswer, RfError> send(RfField& field, Bytes block) const;

  std::uint8_t number_ = 0;      // of the next I-block
  std::size_t card_frame_ = 32;  // largest frame the card takes (FSC), CRC_A included
  std::size_t card_time_ = 0;    // frame waiting time (FWT), in bytes over the air
};

}  // namespace rollcall::hal::sim
