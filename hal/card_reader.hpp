// A reader of contactless cards, ISO/IEC 14443 type A.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "hal/bytes.hpp"

namespace rollcall::hal {

// A short response APDU with its status (ISO/IEC 7816-4 5.1); a command is no longer.
inline constexpr std::size_t max_apdu = 258;

// A card alone in the field. Two are the same when their chip numbers are.
struct Card {
  std::array<std::uint8_t, 10> uid{};  // chip number: 4, 7 or 10 bytes (ISO/IEC 14443-3 6.5.4)
  std::uint8_t size = 0;               // bytes of it
  std::uint8_t sak = 0;                // ISO/IEC 14443-3 6.5.3.4
  std::uint16_t atqa = 0;              // ISO/IEC 14443-3 6.5.2
  std::array<std::uint8_t, 20>
      ats{};                  // answer to select (ISO/IEC 14443-4 5.2); longer ones are cut
  std::uint8_t ats_size = 0;  // 0 = it does not speak ISO-DEP

  Bytes view() const { return {uid.data(), size}; }
  // Whether it exchanges APDUs (ISO-DEP, ISO/IEC 14443-4).
  bool speaks_iso_dep() const { return (sak & 0x20) != 0; }
  // A single-size number that begins with 0x08 is made anew whenever the card is powered (ISO/IEC
  // 14443-3 6.5.4): a phone, mostly.
  bool random_number() const { return size == 4 && uid[0] == 0x08; }
  friend bool operator==(const Card& a, const Card& b) {
    return std::ranges::equal(a.view(), b.view());
  }
};

// Whether the card that is seen now may be the one seen before: a random number never tells.
inline bool may_be_same(const Card& now, const Card& before) {
  return now == before || (now.random_number() && before.random_number());
}

// What is in the field.
struct InField {
  enum class Count : std::uint8_t { none, one, several };

  Count count = Count::none;
  Card card;  // of one
};

// How an exchange of APDUs stands.
enum class Exchange : std::uint8_t {
  none,       // none was begun, or it was cancelled
  running,    // the card has not answered yet
  extended,   // running; the card asked for more time (ISO/IEC 14443-4 7.3)
  done,       // response() is what the card said
  card_gone,  // the card left the field, or another one joined it
  timed_out,  // the card is there and said nothing
  failed,     // the reader failed, or what the card said is no short response
};

class CardReader {
 public:
  // One bounded step that never waits: what is in the field, as far as is known. To be called when
  // something came from the reader, and at next_poll().
  virtual InField poll() = 0;
  // Of the clock device.
  virtual std::chrono::milliseconds next_poll() { return std::chrono::milliseconds::max(); }

  // Whether this reader can exchange APDUs.
  virtual bool exchanges() const = 0;
  // Begins to exchange `command`, which outlives the exchange, with the card in the field; poll()
  // carries it on. Nothing is begun (false) without a card that is alone and speaks ISO-DEP, while
  // another exchange is running, and for an empty or too long command. Afterwards the card stays
  // powered for a moment, so that the next exchange can build on this one.
  virtual bool begin_exchange(Bytes command) = 0;
  virtual Exchange exchange() const = 0;
  // What the card said in an exchange that is done, status last; until the next poll().
  virtual Bytes response() const = 0;
  // The card may have heard the command all the same.
  virtual void cancel_exchange() = 0;

  // Whether the reader answers. A reader that does not is tried again and again.
  virtual bool working() const = 0;
  // Operations that failed, since start.
  virtual std::uint32_t errors() const = 0;

 protected:
  ~CardReader() = default;
};

}  // namespace rollcall::hal
