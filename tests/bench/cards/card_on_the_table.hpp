// A simulated DESFire card before a reader that costs nothing, and the time that it takes itself.
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "hal/bytes.hpp"
#include "hal/sim/entropy.hpp"
#include "hal/sim/nfc/desfire_ev1.hpp"
#include "hal/sim/nfc/iso_dep_reader.hpp"
#include "hal/sim/nfc/rf_field.hpp"

namespace rollcall::bench {

using Clock = std::chrono::steady_clock;
using ByteVector = std::vector<std::uint8_t>;

inline const ByteVector number{0x04, 0xa1, 0xb2, 0xc3, 0xd4, 0xe5, 0xf6};

class CardOnTheTable {
 public:
  CardOnTheTable() {
    field_.set_power(true);
    field_.place(card_);
  }
  // It comes anew.
  void tap() {
    if (!field_.select(hal::sim::RfField::Request::wupa) || !reader_.activate(field_)) std::abort();
    took_ = {};
  }
  ByteVector exchange(hal::Bytes command) {
    const auto begun = Clock::now();
    auto answer = reader_.transceive(field_, ByteVector(command.begin(), command.end()));
    if (!answer) std::abort();
    took_ += Clock::now() - begun;
    return std::move(*answer);
  }
  // The card's and the reader's part since tap().
  Clock::duration took() const { return took_; }

 private:
  hal::sim::RepeatableEntropy entropy_{3};
  hal::sim::DesfireEv1 card_{number, entropy_};
  hal::sim::RfField field_;
  hal::sim::IsoDepReader reader_;
  Clock::duration took_{};
};

}  // namespace rollcall::bench
