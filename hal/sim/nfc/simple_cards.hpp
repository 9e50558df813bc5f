// Cards that people bring: chip numbers only, tags with memory, phones and bank cards.
#pragma once

#include "hal/entropy.hpp"
#include "hal/sim/nfc/iso_dep_card.hpp"

namespace rollcall::hal::sim {

// A card that only has a number: it answers nothing once it is selected.
class PlainCard final : public VirtualCard {
 public:
  // `uid` has 4, 7 or 10 bytes.
  explicit PlainCard(Bytes uid) : uid_(uid.begin(), uid.end()) {}
  CardIdentity identity() const override;
  CardAnswer exchange(Bytes) override { return {}; }

 private:
  ByteVector uid_;
};

// NTAG213 (NXP data sheet NTAG213/215/216 rev. 3.2): READ, FAST_READ, WRITE, GET_VERSION.
class Ntag213 final : public VirtualCard {
 public:
  static constexpr std::size_t pages = 45;
  static constexpr std::size_t page_size = 4;

  // `uid` has 7 bytes; an empty NDEF message is stored.
  explicit Ntag213(Bytes uid);
  CardIdentity identity() const override;
  void select() override { asleep_ = false; }
  CardAnswer exchange(Bytes frame) override;

  Bytes memory() const { return memory_; }

 private:
  CardAnswer read(std::size_t first, std::size_t count) const;
  CardAnswer write(std::size_t page, Bytes data);

  ByteVector uid_;
  ByteVector memory_;
  bool asleep_ = false;  // a refused command ends the session
};

// A card with a payment application: the directory of a bank card or of a phone's wallet
// (EMV Book 1, 12.2: 2PAY.SYS.DDF01).
class PaymentCard final : public IsoDepCard {
 public:
  // A bank card: a number of its own.
  explicit PaymentCard(Bytes uid) : uid_(uid.begin(), uid.end()), pays_(true) {}
  // A phone: a random number, 08 first (ISO/IEC 14443-3 6.5.4), new each time the field comes up.
  // `wallet`: it pays. `entropy` outlives the card.
  PaymentCard(Entropy& entropy, bool wallet) : entropy_(&entropy), pays_(wallet) { power_up(); }

  CardIdentity identity() const override;
  void power_up() override;

 protected:
  ByteVector ats() const override;
  ByteVector apdu(Bytes command) override;

 private:
  Entropy* entropy_ = nullptr;  // none: the number stays
  ByteVector uid_;
  bool pays_;
};

}  // namespace rollcall::hal::sim
