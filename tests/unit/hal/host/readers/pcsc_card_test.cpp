#include "hal/host/readers/pcsc_card.hpp"

#include <vector>

#include <gtest/gtest.h>

#include "hal/recognition.hpp"

namespace rollcall::readers {
namespace {

using ByteVector = std::vector<std::uint8_t>;

// As readers of several makers give them for real cards (PC/SC part 3, 3.1.3.2).
const ByteVector mifare_classic{0x3B, 0x8F, 0x80, 0x01, 0x80, 0x4F, 0x0C, 0xA0, 0x00, 0x00,
                                0x03, 0x06, 0x03, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x6A};
const ByteVector desfire{0x3B, 0x81, 0x80, 0x01, 0x80, 0x80};
const ByteVector jcop{0x3B, 0x88, 0x80, 0x01, 0x00, 0x73, 0xC8, 0x40, 0x13, 0x00, 0x90, 0x00, 0x71};
const ByteVector identity_card_with_contacts{0x3B, 0x98, 0x13, 0x40, 0x0A, 0xA5, 0x03,
                                             0x01, 0x01, 0x01, 0xAD, 0x13, 0x11};

TEST(PcscCards, AtrTellsWhatIsContactless) {
  EXPECT_EQ(contactless(mifare_classic), Contactless::storage);
  EXPECT_EQ(contactless(desfire), Contactless::iso_dep);
  EXPECT_EQ(contactless(jcop), Contactless::iso_dep);
  EXPECT_EQ(contactless(identity_card_with_contacts), Contactless::no);
}

TEST(PcscCards, AnAtrThatIsCutShortIsNoCardOfOurs) {
  for (const ByteVector& atr : {mifare_classic, desfire, jcop}) {
    for (std::size_t size = 0; size < atr.size(); ++size)
      EXPECT_EQ(contactless(hal::Bytes(atr).first(size)), Contactless::no) << size;
  }
}

TEST(PcscCards, NumberIsWhatComesBeforeTheStatus) {
  const ByteVector said{0x04, 0xA1, 0xB2, 0xC3, 0xD4, 0xE5, 0xF6, 0x90, 0x00};
  const auto card = card_of(Contactless::iso_dep, said);
  ASSERT_TRUE(card);
  EXPECT_TRUE(card->speaks_iso_dep());
  EXPECT_FALSE(card->random_number());
  EXPECT_EQ(ByteVector(card->view().begin(), card->view().end()),
            ByteVector(said.begin(), said.end() - 2));
}

TEST(PcscCards, PhoneIsKnownByItsRandomNumber) {
  const ByteVector said{0x08, 0x11, 0x22, 0x33, 0x90, 0x00};
  const auto card = card_of(Contactless::iso_dep, said);
  ASSERT_TRUE(card);
  EXPECT_TRUE(card->random_number());
  EXPECT_FALSE(hal::may_be_bank_card(*card));
}

TEST(PcscCards, StorageCardIsNeverAskedWhetherItIsABankCard) {
  const ByteVector said{0x11, 0x22, 0x33, 0x44, 0x90, 0x00};
  const auto card = card_of(Contactless::storage, said);
  ASSERT_TRUE(card);
  EXPECT_FALSE(hal::may_be_bank_card(*card));
}

TEST(PcscCards, WhatIsNoNumberOfATypeACardIsNone) {
  const std::vector<ByteVector> answers{
      {},
      {0x90},
      {0x90, 0x00},
      {0x6A, 0x81},
      {0x11, 0x22, 0x33, 0x44, 0x63, 0x00},
      {0x11, 0x22, 0x33, 0x90, 0x00},
      {0xE0, 0x04, 0x01, 0x50, 0x12, 0x34, 0x56, 0x78, 0x90, 0x00},  // ISO/IEC 15693
  };
  for (const ByteVector& answer : answers) EXPECT_FALSE(card_of(Contactless::storage, answer));
  EXPECT_FALSE(card_of(Contactless::no, ByteVector{0x11, 0x22, 0x33, 0x44, 0x90, 0x00}));
}

}  // namespace
}  // namespace rollcall::readers
