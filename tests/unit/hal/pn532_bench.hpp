// A PN532 driver with a simulated chip behind it, and a clock that is moved by hand.
#pragma once

#include "hal/chips/pn532.hpp"
#include "hal/sim/devices.hpp"
#include "hal/sim/entropy.hpp"
#include "hal/sim/nfc/pn532_sim_port.hpp"
#include "hal/sim/nfc/simple_cards.hpp"

namespace rollcall::hal {

using sim::ByteVector;
using std::chrono::milliseconds;

// ISO-DEP up to its ATS, then silence, with the field full of it.
class SilentCard final : public sim::VirtualCard {
 public:
  sim::CardIdentity identity() const override {
    return {0x0344, 0x20, {0x04, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56}};
  }
  sim::CardAnswer exchange(Bytes frame) override {
    constexpr std::uint8_t rats = 0xE0;
    constexpr std::uint8_t deselect = 0xC2;
    if (frame[0] == rats) return {.bytes = {0x05, 0x78, 0x00, 0x60, 0x00}};
    if (frame[0] == deselect) return {.bytes = {deselect}, .halts = true};
    return {};
  }
};

struct Pn532Bench {
  sim::Pn532Sim chip;
  sim::Pn532SimPort port{chip};
  sim::ManualClock clock;
  Pn532 reader{port, clock};
  sim::RepeatableEntropy entropy{1};

  sim::PlainCard plain{ByteVector{0x04, 0xD7, 0x75, 0x79, 0xF2, 0x94, 0x03}};
  sim::PlainCard other{ByteVector{0x11, 0x22, 0x33, 0x44}};
  sim::PaymentCard bank{ByteVector{0x5A, 0x01, 0x02, 0x03}};
  sim::PaymentCard phone{entropy, true};

  // One millisecond, and all that the driver has to do in it.
  InField tick() {
    clock.advance(milliseconds(1));
    port.set_now(clock.monotonic());
    InField field = reader.poll();
    for (int i = 0; i < 8 && reader.next_poll() <= clock.monotonic(); ++i) field = reader.poll();
    return field;
  }
  InField run(milliseconds time) {
    InField field;
    for (const auto end = clock.monotonic() + time; clock.monotonic() < end;) field = tick();
    return field;
  }
  // How long it takes until it holds; nothing when it does not within `patience`.
  template <class Condition>
  std::optional<milliseconds> until(Condition condition,
                                    milliseconds patience = milliseconds(5000)) {
    const auto start = clock.monotonic();
    while (!condition(tick())) {
      if (clock.monotonic() - start >= patience) return std::nullopt;
    }
    return clock.monotonic() - start;
  }
  std::optional<milliseconds> until_seen(const sim::VirtualCard& card) {
    return until([&](const InField& field) {
      return field.count == InField::Count::one &&
             std::ranges::equal(field.card.view(), card.identity().uid);
    });
  }
  std::optional<milliseconds> until_empty() {
    return until([](const InField& field) { return field.count == InField::Count::none; });
  }
  // Runs until the exchange is over.
  Exchange settled(milliseconds patience = milliseconds(5000)) {
    const auto over = [this](const InField&) {
      const Exchange state = reader.exchange();
      return state != Exchange::running && state != Exchange::extended;
    };
    until(over, patience);
    return reader.exchange();
  }
};

inline constexpr std::uint8_t select_directory[] = {0x00, 0xA4, 0x04, 0x00, 14,  '2', 'P',
                                                    'A',  'Y',  '.',  'S',  'Y', 'S', '.',
                                                    'D',  'D',  'F',  '0',  '1', 0x00};

}  // namespace rollcall::hal
