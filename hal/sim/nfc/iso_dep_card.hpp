// The card's end of the block protocol (ISO/IEC 14443-4): RATS, PPS, I-, R- and S-blocks, chaining
// both ways, retransmission and waiting time extension.
#pragma once

#include "hal/sim/nfc/virtual_card.hpp"

namespace rollcall::hal::sim {

class IsoDepCard : public VirtualCard {
 public:
  void select() final;
  CardAnswer exchange(Bytes frame) final;

  // Before each answer the card asks this many times for more time: S(WTX).
  void ask_for_time(unsigned times) { extensions_ = times; }

 protected:
  // Answer to select with all bytes, the first is its length (5.2).
  virtual ByteVector ats() const = 0;
  // A whole command without its block; the answer goes out in as many blocks as it takes.
  virtual ByteVector apdu(Bytes command) = 0;
  // The application starts anew.
  virtual void application_reset() {}

 private:
  ByteVector first_command(Bytes frame);
  ByteVector information(std::uint8_t pcb, Bytes data);
  ByteVector receipt(std::uint8_t pcb);
  ByteVector waiting_or_answer();
  ByteVector next_part();
  ByteVector block(std::uint8_t pcb, Bytes data) const;

  bool activated_ = false;
  bool parameters_allowed_ = false;  // PPS comes straight after RATS or never
  bool with_cid_ = false;            // the last block had one
  std::uint8_t cid_ = 0;
  std::uint8_t number_ = 1;      // of the block that was sent last
  std::size_t frame_size_ = 16;  // largest frame the reader takes (FSD), CRC_A included
  ByteVector command_;           // parts of a command so far
  ByteVector answer_;            // what is left of an answer
  ByteVector last_block_;        // for retransmission
  unsigned extensions_ = 0;
  unsigned extensions_left_ = 0;
};

}  // namespace rollcall::hal::sim
