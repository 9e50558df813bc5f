// The field in front of an antenna: which cards are in it, and what each listens to
// (the states of ISO/IEC 14443-3 6.3).
#pragma once

#include <expected>
#include <optional>

#include "hal/sim/nfc/virtual_card.hpp"

namespace rollcall::hal::sim {

// Why an exchange over the air failed; values are the error codes of the PN532 (UM0701-02 7.1).
enum class RfError : std::uint8_t {
  timeout = 0x01,         // no card answers
  crc = 0x02,             // the answer broke off
  framing = 0x05,         // four bits came where bytes were due
  buffer = 0x07,          // more than the reader's buffer holds
  protocol = 0x0b,        // blocks out of order (ISO/IEC 14443-4)
  parameter = 0x10,       // the command's parameters make no sense
  authentication = 0x14,  // MIFARE authentication was refused
  context = 0x27,         // the command does not fit the state of the chip
};

class RfField {
 public:
  // The card belongs to the caller and stays until it is taken away.
  void place(VirtualCard& card);
  void take_away(const VirtualCard& card);
  void clear() { slots_.clear(); }
  bool holds(const VirtualCard& card) const;
  std::size_t cards() const { return slots_.size(); }

  void set_power(bool on);
  bool powered() const { return powered_; }

  enum class Request : std::uint8_t {
    reqa,  // cards that were halted do not answer
    wupa,  // they do
  };
  // Selects one card, of several the one that wins the anticollision loop; `uid` limits it to the
  // card with this UID. Nothing when no such card answers.
  std::optional<CardIdentity> select(Request request, Bytes uid = {});
  // Sends a frame to the selected card. A fault is `timeout` or `crc`.
  std::expected<CardAnswer, RfError> exchange(Bytes frame);
  // The selected card is halted: HLTA (ISO/IEC 14443-3 6.4.3), which is never answered.
  void halt();

  // How long the air was busy since the last call, in bytes of nine bits: what was sent both ways
  // with its CRC_A, and what the reader waited for.
  std::size_t take_air_bytes();
  void wait(std::size_t bytes) { air_bytes_ += bytes; }

  // The selected card is pulled out of the field once `bytes` more went over the air. In the middle
  // of a command the card never sees it; in the middle of an answer the card has done its work.
  // Nothing: it stays.
  void pull_after(std::optional<std::size_t> bytes) { pull_after_ = bytes; }

 private:
  enum class State : std::uint8_t { idle, active, halted };
  struct Slot {
    VirtualCard* card;
    State state = State::idle;
  };

  Slot* active();
  bool pulled(std::size_t bytes);

  std::vector<Slot> slots_;
  bool powered_ = false;
  std::size_t air_bytes_ = 0;
  std::optional<std::size_t> pull_after_;
};

}  // namespace rollcall::hal::sim
