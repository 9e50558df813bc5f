#include "hal/host/readers/us_keys.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <linux/input-event-codes.h>

namespace rollcall::readers {
namespace {

std::string typed(const std::vector<unsigned>& keys, bool shift = false) {
  std::string text;
  for (const unsigned key : keys)
    if (const auto c = us_character(key, shift)) text.push_back(*c);
  return text;
}

TEST(UsKeys, DigitsAreThoseOfBothRows) {
  EXPECT_EQ(typed({KEY_1, KEY_2, KEY_3, KEY_4, KEY_5, KEY_6, KEY_7, KEY_8, KEY_9, KEY_0}),
            "1234567890");
  EXPECT_EQ(typed({KEY_KP1, KEY_KP2, KEY_KP3, KEY_KP4, KEY_KP5, KEY_KP6, KEY_KP7, KEY_KP8, KEY_KP9,
                   KEY_KP0}),
            "1234567890");
}

TEST(UsKeys, LettersStandWhereTheUnitedStatesHaveThem) {
  const std::vector<unsigned> keys{KEY_Q, KEY_A, KEY_Z, KEY_W, KEY_Y, KEY_M};
  EXPECT_EQ(typed(keys), "qazwym") << "on a French keyboard these are a, q, w, z, y and the comma";
  EXPECT_EQ(typed(keys, true), "QAZWYM");
}

TEST(UsKeys, KeysThatChangeOthersAreNoCharacters) {
  EXPECT_EQ(typed({KEY_LEFTSHIFT, KEY_RIGHTSHIFT, KEY_LEFTCTRL, KEY_CAPSLOCK, KEY_NUMLOCK}), "");
}

TEST(UsKeys, EnterAndTabEndALine) {
  EXPECT_EQ(typed({KEY_ENTER, KEY_KPENTER, KEY_TAB}), "\n\n\n");
}

TEST(UsKeys, WhatNoNumberNeedsSpoilsIt) {
  EXPECT_EQ(typed({KEY_MINUS, KEY_COMMA, KEY_F1, KEY_ESC, KEY_BACKSPACE, KEY_DOT}), "??????");
  EXPECT_EQ(typed({KEY_1}, true), "?") << "an exclamation mark";
}

}  // namespace
}  // namespace rollcall::readers
