#include "hal/sim/nfc/card_commands.hpp"

#include "hal/sim/entropy.hpp"
#include "tests/unit/hal/sim/nfc/chip_bench.hpp"

namespace rollcall::hal::sim {
namespace {

class CardWords : public testing::Test {
 protected:
  CardWords() {
    bench.wake();
    bench.command("32 05 00 01 01");
  }
  std::string say(const std::string& line) { return commands.execute(line); }
  std::string found() { return bench.command("4a 02 00"); }

  ChipBench bench;
  RepeatableEntropy entropy{5};
  CardCommands commands{bench.chip, entropy};
};

TEST_F(CardWords, PlaceAndRemoveCards) {
  EXPECT_EQ(say("place uid 01020304"), "OK");
  EXPECT_EQ(found(), "4b 01 01 00 04 08 04 01 02 03 04");
  EXPECT_EQ(say("place uid 01020304"), "ERROR uid 01020304 is in the field already");
  EXPECT_EQ(say("PLACE NTAG 04A1B2C3D4E5F6\r"), "OK");
  EXPECT_EQ(say("list"), "OK uid 01020304, ntag 04a1b2c3d4e5f6");
  EXPECT_EQ(say("remove 01020304"), "OK");
  EXPECT_EQ(say("remove 01020304"), "ERROR no such card is in the field");
  EXPECT_EQ(say("remove"), "OK");
  EXPECT_EQ(say("list"), "OK nothing");
  EXPECT_EQ(found(), "4b 00");
}

TEST_F(CardWords, EveryKindCanBePlaced) {
  for (const char* kind : {"desfire 04a1b2c3d4e5f6", "bank 04a1b2c3d4e5f7", "phone", "wallet"}) {
    EXPECT_EQ(say(std::string("place ") + kind), "OK") << kind;
    EXPECT_EQ(found().substr(0, 8), "4b 01 01") << kind;
    EXPECT_EQ(say("remove"), "OK");
    bench.command("32 01 00");
  }
}

TEST_F(CardWords, WrongOnesAreExplained) {
  EXPECT_EQ(say("place uid 0411223344"),
            "ERROR a chip number has 4, 7 or 10 bytes, written in hex");
  EXPECT_EQ(say("place uid zz112233"), "ERROR a chip number has 4, 7 or 10 bytes, written in hex");
  EXPECT_EQ(say("place uid"), "ERROR a chip number has 4, 7 or 10 bytes, written in hex");
  EXPECT_EQ(say("place ntag 01020304"), "ERROR the chip number of this kind has 7 bytes");
  EXPECT_EQ(
      say("place coin 01020304"),
      "ERROR \"coin\" is no kind of card; kinds are uid, ntag, desfire, bank, phone or wallet");
  for (const char* line :
       {"", "fly", "place", "power off", "fault", "fault pulled", "fault pulled x", "fault mute x",
        "place uid 01020304 a b", "fault garbage 1", "place phone 01020304", "remove 01020304"}) {
    EXPECT_EQ(say(line).substr(0, 6), "ERROR ") << line;
  }
  EXPECT_EQ(say("list"), "OK nothing");
}

TEST_F(CardWords, ACardThatComesBackHasKeptWhatWasWritten) {
  say("place ntag 04a1b2c3d4e5f6");
  found();
  EXPECT_EQ(bench.command("40 01 a2 05 de ad be ef"), "41 00");
  say("remove");
  say("place ntag 04a1b2c3d4e5f6");
  found();
  EXPECT_EQ(bench.command("40 01 30 05").substr(0, 17), "41 00 de ad be ef");
}

TEST_F(CardWords, ACopyHasTheNumberAndNothingElseOfACard) {
  say("place ntag 04a1b2c3d4e5f6");
  found();
  EXPECT_EQ(bench.command("40 01 a2 05 de ad be ef"), "41 00");
  say("remove");
  EXPECT_EQ(say("place ntag 04a1b2c3d4e5f6 copy"), "OK");
  EXPECT_NE(found().find("04 a1 b2 c3 d4 e5 f6"), std::string::npos);
  EXPECT_EQ(bench.command("40 01 30 05").substr(0, 17), "41 00 00 00 00 00");
  EXPECT_EQ(say("remove copy"), "OK");
  say("place ntag 04a1b2c3d4e5f6");
  found();
  EXPECT_EQ(bench.command("40 01 30 05").substr(0, 17), "41 00 de ad be ef");
}

TEST_F(CardWords, FaultsHappenOnceAndCanBeTakenBack) {
  say("place bank 04a1b2c3d4e5f6");
  found();
  EXPECT_EQ(say("fault nack"), "OK");
  EXPECT_EQ(bench.command("02"), text(nack_frame));
  EXPECT_EQ(say("fault checksum"), "OK");
  EXPECT_EQ(bench.raw("00 00 ff 02 fe d4 02 2a 00"),
            text(ack_frame) + " 00 00 ff 06 fa d5 03 32 01 06 07 e9 00");
  EXPECT_EQ(say("fault garbage 1234"), "OK");
  EXPECT_EQ(say("fault cut 3"), "OK");
  EXPECT_EQ(bench.raw("00 00 ff 02 fe d4 02 2a 00"), text(ack_frame) + " 12 34 00");
  EXPECT_EQ(say("fault mute"), "OK");
  EXPECT_EQ(bench.command("02"), "");
  EXPECT_EQ(say("fault nack"), "OK");
  EXPECT_EQ(say("fault none"), "OK");
  EXPECT_EQ(bench.command("02"), "03 32 01 06 07");
  EXPECT_EQ(say("fault mute 1"), "OK");
  EXPECT_EQ(bench.command("40 01 00 b0 00 00 00").substr(0, 5), "41 00");
  EXPECT_EQ(bench.command("40 01 00 b0 00 00 00"), "");
  EXPECT_EQ(bench.command("02"), "");
  EXPECT_EQ(say("fault none"), "OK");
  EXPECT_EQ(say("fault pulled 3"), "OK");
  EXPECT_EQ(bench.command("40 01 00 b0 00 00 00"), "41 01");
  EXPECT_EQ(say("list"), "OK nothing");
}

TEST_F(CardWords, PowerStartsTheChipAnew) {
  EXPECT_EQ(say("power"), "OK");
  EXPECT_EQ(bench.command("02"), "");
  bench.wake();
}

}  // namespace
}  // namespace rollcall::hal::sim
