#include "hal/sim/nfc/simple_cards.hpp"

#include "hal/sim/entropy.hpp"
#include "tests/unit/hal/sim/nfc/chip_bench.hpp"

namespace rollcall::hal::sim {
namespace {

class Cards : public testing::Test {
 protected:
  Cards() {
    bench.wake();
    bench.command("32 05 00 01 01");
  }
  void place(VirtualCard& card) { bench.chip.field().place(card); }

  ChipBench bench;
};

TEST_F(Cards, ANumberAloneAnswersNothing) {
  PlainCard card(hex("01 02 03 04"));
  place(card);
  bench.command("4a 01 00");
  EXPECT_EQ(bench.command("40 01 30 00"), "41 01");
  EXPECT_EQ(bench.command("40 01 60 00 ff ff ff ff ff ff 01 02 03 04"), "41 14");
}

TEST_F(Cards, AnNtagIsReadAndWritten) {
  Ntag213 tag(hex("04 a1 b2 c3 d4 e5 f6"));
  place(tag);
  EXPECT_EQ(bench.command("4a 01 00"), "4b 01 01 00 44 00 07 04 a1 b2 c3 d4 e5 f6");
  // UID with its check bytes: 88^04^a1^b2 and c3^d4^e5^f6.
  EXPECT_EQ(bench.command("40 01 30 00"), "41 00 04 a1 b2 9f c3 d4 e5 f6 04 48 00 00 e1 10 12 00");
  EXPECT_EQ(bench.command("40 01 a2 05 de ad be ef"), "41 00");
  EXPECT_EQ(bench.command("40 01 30 05").substr(0, 17), "41 00 de ad be ef");
  EXPECT_EQ(bench.command("40 01 a0 06 01 02 03 04").substr(0, 5), "41 05");  // too short: NAK
}

TEST_F(Cards, AnNtagTellsItsVersionInARawExchange) {
  Ntag213 tag(hex("04 a1 b2 c3 d4 e5 f6"));
  place(tag);
  bench.command("4a 01 00");
  EXPECT_EQ(bench.command("42 60"), "43 00 00 04 04 02 01 00 0f 03");
  EXPECT_EQ(bench.command("42 3a 04 05"), "43 00 03 00 fe 00 00 00 00 00");
}

TEST_F(Cards, AnNtagRefusesAndFallsSilentUntilItIsSelectedAgain) {
  Ntag213 tag(hex("04 a1 b2 c3 d4 e5 f6"));
  place(tag);
  bench.command("4a 01 00");
  EXPECT_EQ(bench.command("40 01 30 2d"), "41 05");  // page 45
  EXPECT_EQ(bench.command("40 01 30 00"), "41 01");
  bench.command("44 01");
  EXPECT_EQ(bench.command("54 01"), "55 00");
  EXPECT_EQ(bench.command("40 01 30 00").substr(0, 5), "41 00");
  EXPECT_EQ(bench.command("40 01 a2 00 00 00 00 00"), "41 05");  // the number stays
  EXPECT_EQ(text(tag.memory().first(4)), "04 a1 b2 9f");
}

TEST_F(Cards, TheHostMayHandleChecksums) {
  Ntag213 tag(hex("04 a1 b2 c3 d4 e5 f6"));
  place(tag);
  bench.command("4a 01 00");
  bench.command("08 63 02 00 63 03 00");
  EXPECT_EQ(bench.command("42 30 00 02 a8"),  // READ 0, CRC_A 02 A8
            "43 00 04 a1 b2 9f c3 d4 e5 f6 04 48 00 00 e1 10 12 00 9c 3d");
  EXPECT_EQ(bench.command("42 30 00 02 a9"), "43 01");
  // WRITE 5: four bits of acknowledgement.
  EXPECT_EQ(bench.command("42 a2 05 00 00 00 00 73 99"), "43 00 0a");
}

const std::string select_directory = "00 a4 04 00 0e 32 50 41 59 2e 53 59 53 2e 44 44 46 30 31 00";

TEST_F(Cards, ABankCardShowsItsPaymentDirectory) {
  PaymentCard card(hex("04 a1 b2 c3 d4 e5 f6"));
  place(card);
  EXPECT_EQ(bench.command("4a 01 00"), "4b 01 01 00 44 20 07 04 a1 b2 c3 d4 e5 f6 05 78 80 70 00");
  EXPECT_EQ(bench.command("40 01 " + select_directory),
            "41 00 6f 23 84 0e 32 50 41 59 2e 53 59 53 2e 44 44 46 30 31 "
            "a5 11 bf 0c 0e 61 0c 4f 07 a0 00 00 00 03 10 10 87 01 01 90 00");
  EXPECT_EQ(bench.command("40 01 00 a4 04 00 07 d2 76 00 00 85 01 00"), "41 00 6a 82");
  EXPECT_EQ(bench.command("40 01 00 b0 00 00 00"), "41 00 6d 00");
}

TEST_F(Cards, APhoneHasAnotherNumberEachTimeAndPaysOrNot) {
  RepeatableEntropy entropy(1);
  PaymentCard wallet(entropy, true), empty(entropy, false);
  place(wallet);
  const std::string first = bench.command("4a 01 00");
  EXPECT_EQ(first.substr(0, 23), "4b 01 01 00 04 20 04 08");
  EXPECT_EQ(bench.command("40 01 " + select_directory).substr(0, 8), "41 00 6f");
  bench.command("32 01 00");
  const std::string second = bench.command("4a 01 00");
  EXPECT_EQ(second.substr(0, 23), "4b 01 01 00 04 20 04 08");
  EXPECT_NE(first, second);
  bench.chip.field().clear();
  place(empty);
  bench.command("4a 01 00");
  EXPECT_EQ(bench.command("40 01 " + select_directory), "41 00 6a 82");
}

}  // namespace
}  // namespace rollcall::hal::sim
