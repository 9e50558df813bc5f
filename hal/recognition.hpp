// What is held to the reader: one person's card, a bank card, several cards, nothing.
//
// A bank card is known by the directory that every contactless payment card has: it answers 9000
// to SELECT of 2PAY.SYS.DDF01 (EMV Contactless Book B, 3.3.2). Only a card that speaks ISO-DEP is
// asked, once each time it comes, and only so long that a tap stays quick. Nothing else is read of
// it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "hal/card_reader.hpp"

namespace rollcall::hal {

// A card that has not answered by then counts as one that is no bank card.
inline constexpr std::chrono::milliseconds bank_answer{60};
inline constexpr std::uint8_t select_payment_directory[] = {0x00, 0xA4, 0x04, 0x00, 14,  '2', 'P',
                                                            'A',  'Y',  '.',  'S',  'Y', 'S', '.',
                                                            'D',  'D',  'F',  '0',  '1', 0x00};
// Whether it is to be asked. A random number says nothing, whoever's it is.
inline bool may_be_bank_card(const Card& card) {
  return card.speaks_iso_dep() && !card.random_number();
}
// Whether `response`, status last, is that of a bank card.
bool is_payment_directory(Bytes response);

struct Sight {
  enum class What : std::uint8_t { nothing, card, bank_card, several };

  What what = What::nothing;
  Card card;  // of card and bank_card

  bool is_card() const { return what == What::card || what == What::bank_card; }
  // Whether this may be the very card that was seen before.
  bool same_card(const Sight& before) const {
    return is_card() && before.is_card() && may_be_same(card, before.card);
  }
};

class Recognition {
 public:
  using Millis = std::chrono::milliseconds;

  // `reader` outlives this.
  explicit Recognition(CardReader& reader) : reader_(reader) {}

  // One step, after each of the reader. `field`: what is in it. A card that is being asked is not
  // in sight yet.
  Sight look(const InField& field, Millis now);
  // The reader's exchange is taken.
  bool asking() const { return asked_.has_value(); }
  // When look() has something to do though the reader says nothing.
  Millis next_look() const { return asked_ ? asked_until_ : Millis::max(); }

 private:
  void hear(Millis now);

  CardReader& reader_;
  Sight known_;  // the last card that was recognised
  std::optional<Card> asked_;
  Millis asked_until_{0};
};

}  // namespace rollcall::hal
