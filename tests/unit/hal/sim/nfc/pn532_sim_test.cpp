#include "hal/sim/nfc/pn532_sim_port.hpp"
#include "hal/sim/nfc/simple_cards.hpp"
#include "tests/unit/hal/sim/nfc/chip_bench.hpp"

namespace rollcall::hal::sim {
namespace {

using std::chrono::milliseconds;

const std::string ack = text(ack_frame);
const std::string error = text(error_frame);

PlainCard card(const std::string& uid) {
  return PlainCard(hex(uid));
}

// --- waking up ---

TEST(Pn532Sim, SleepsUntilItIsWokenAndLosesWhatComesMeanwhile) {
  ChipBench bench;
  EXPECT_EQ(bench.raw("00 00 ff 02 fe d4 02 2a 00"), "");
  EXPECT_TRUE(bench.chip.asleep());
  // The preamble alone is too short: the command comes while the chip still wakes.
  EXPECT_EQ(bench.raw("55 00 00 ff 02 fe d4 02 2a 00"), "");
  EXPECT_FALSE(bench.chip.asleep());
  EXPECT_EQ(bench.command("02"), "03 32 01 06 07");
}

TEST(Pn532Sim, AnswersAFirmwareVersionAsInTheManual) {
  ChipBench bench;
  bench.wake();
  EXPECT_EQ(bench.raw("00 00 ff 02 fe d4 02 2a 00"),
            ack + " 00 00 ff 06 fa d5 03 32 01 06 07 e8 00");
}

TEST(Pn532Sim, DoesNotTouchCardsBeforeItIsConfigured) {
  ChipBench bench;
  bench.raw("55 55 00 00 00 00 00 00 00 00 00 00 00 00 00 00");
  EXPECT_EQ(bench.command("4a 01 00"), ack + " " + error);
  EXPECT_EQ(bench.command("14 01"), "15");
  EXPECT_EQ(bench.command("32 05 00 01 01"), "33");
  EXPECT_EQ(bench.command("4a 01 00"), "4b 00");
}

TEST(Pn532Sim, PowerDownSleepsUntilTheLineWakesIt) {
  ChipBench bench;
  bench.wake();
  PlainCard one = card("01 02 03 04");
  bench.chip.field().place(one);
  EXPECT_EQ(bench.command("4a 01 00"), "4b 01 01 00 04 08 04 01 02 03 04");
  EXPECT_EQ(bench.command("16 10"), "17 00");
  EXPECT_FALSE(bench.chip.field().powered());
  EXPECT_EQ(bench.command("02"), "");
  bench.raw("55");
  EXPECT_EQ(bench.command("4a 01 00"), "4b 01 01 00 04 08 04 01 02 03 04");
}

TEST(Pn532Sim, PowerDownThatOnlyAnotherLineEndsNeedsAPowerCycle) {
  ChipBench bench;
  bench.wake();
  EXPECT_EQ(bench.command("16 20"), "17 00");
  bench.raw("55");
  EXPECT_EQ(bench.command("02"), "");
  bench.chip.power_cycle();
  bench.wake();
}

// --- its own commands ---

TEST(Pn532Sim, EchoesTheCommunicationTest) {
  ChipBench bench;
  bench.wake();
  EXPECT_EQ(bench.command("00 00 6c 69 62 6e 66 63"), "01 00 6c 69 62 6e 66 63");
  EXPECT_EQ(bench.command("00 01"), "01 00");
  EXPECT_EQ(bench.command("00 02"), "01 00");
}

TEST(Pn532Sim, KeepsRegisters) {
  ChipBench bench;
  bench.wake();
  EXPECT_EQ(bench.command("08 63 3d 07 63 05 40"), "09");
  EXPECT_EQ(bench.command("06 63 05 63 3d 63 06"), "07 40 07 00");
}

TEST(Pn532Sim, AnswersSenselessCommandsWithAnErrorFrame) {
  ChipBench bench;
  bench.wake();
  for (const char* senseless : {"99", "06 63", "08 63 05", "12", "14", "14 07", "32", "32 05 00",
                                "4a 03 00", "4a 00 00", "4a 01 09", "4a 01 00 01 02", "44", "00"}) {
    EXPECT_EQ(bench.command(senseless), ack + " " + error) << senseless;
  }
}

TEST(Pn532Sim, TellsItsStatus) {
  ChipBench bench;
  bench.wake();
  PlainCard one = card("01 02 03 04");
  bench.chip.field().place(one);
  EXPECT_EQ(bench.command("04"), "05 00 00 00 00");
  bench.command("4a 01 00");
  EXPECT_EQ(bench.command("04"), "05 00 01 01 01 00 00 00 00");
}

// --- the line ---

TEST(Pn532Sim, RepeatsItsLastAnswerAtANack) {
  ChipBench bench;
  bench.wake();
  bench.chip.spoil_next_checksum();
  EXPECT_EQ(bench.raw("00 00 ff 02 fe d4 02 2a 00"),
            ack + " 00 00 ff 06 fa d5 03 32 01 06 07 e9 00");
  EXPECT_EQ(bench.raw(text(nack_frame)), "00 00 ff 06 fa d5 03 32 01 06 07 e8 00");
}

TEST(Pn532Sim, StaysSilentAtADamagedCommand) {
  ChipBench bench;
  bench.wake();
  EXPECT_EQ(bench.raw("00 00 ff 02 fe d4 02 2b 00"), "");
  EXPECT_EQ(bench.command("02"), "03 32 01 06 07");
}

TEST(Pn532Sim, AcknowledgesBeforeItAnswers) {
  ChipBench bench;
  bench.wake();
  bench.chip.receive(hex("00 00 ff 02 fe d4 02 2a 00"), bench.now);
  EXPECT_EQ(bench.listen(milliseconds(1)), "");  // nine bytes in, six out, 87 us each
  EXPECT_EQ(bench.listen(SimTime(400)), ack);
  ASSERT_TRUE(bench.chip.deadline());
  EXPECT_EQ(bench.listen(*bench.chip.deadline() - bench.now),
            "00 00 ff 06 fa d5 03 32 01 06 07 e8 00");
  EXPECT_FALSE(bench.chip.deadline());
}

TEST(Pn532Sim, FaultsOfTheLineComeWhenAskedFor) {
  ChipBench bench;
  bench.wake();
  bench.chip.refuse_next();
  EXPECT_EQ(bench.command("02"), text(nack_frame));
  bench.chip.disturb_next(hex("ff 00 12"));
  EXPECT_EQ(bench.raw("00 00 ff 02 fe d4 02 2a 00"),
            ack + " ff 00 12 00 00 ff 06 fa d5 03 32 01 06 07 e8 00");
  bench.chip.cut_next(5);
  EXPECT_EQ(bench.raw("00 00 ff 02 fe d4 02 2a 00"), ack + " 00 00 ff 06 fa");
  bench.chip.set_mute(true);
  EXPECT_EQ(bench.command("02"), "");
  bench.chip.set_mute(false);
  EXPECT_EQ(bench.command("02"), "03 32 01 06 07");
}

// --- finding cards ---

TEST(Pn532Sim, FindsCardsOfAllSizes) {
  ChipBench bench;
  bench.wake();
  PlainCard four = card("01 02 03 04"), seven = card("04 a1 b2 c3 d4 e5 f6"),
            ten = card("04 01 02 03 04 05 06 07 08 09");
  bench.chip.field().place(four);
  EXPECT_EQ(bench.command("4a 01 00"), "4b 01 01 00 04 08 04 01 02 03 04");
  bench.chip.field().clear();
  bench.chip.field().place(seven);
  EXPECT_EQ(bench.command("4a 01 00"), "4b 01 01 00 44 08 07 04 a1 b2 c3 d4 e5 f6");
  bench.chip.field().clear();
  bench.chip.field().place(ten);
  EXPECT_EQ(bench.command("4a 01 00"), "4b 01 01 00 84 08 0a 04 01 02 03 04 05 06 07 08 09");
}

TEST(Pn532Sim, FindsTwoCardsAtOnce) {
  ChipBench bench;
  bench.wake();
  PlainCard one = card("01 02 03 04"), other = card("02 02 03 04");
  bench.chip.field().place(one);
  bench.chip.field().place(other);
  EXPECT_EQ(bench.command("4a 02 00"),
            "4b 02 01 00 04 08 04 01 02 03 04 02 00 04 08 04 02 02 03 04");
  bench.chip.field().take_away(one);
  EXPECT_EQ(bench.command("32 01 00"), "33");
  EXPECT_EQ(bench.command("4a 02 00"), "4b 01 01 00 04 08 04 02 02 03 04");
}

TEST(Pn532Sim, ADeselectedCardAnswersToItsNumberOnly) {
  ChipBench bench;
  bench.wake();
  bench.command("32 05 00 01 01");
  PlainCard one = card("04 a1 b2 c3 d4 e5 f6");
  bench.chip.field().place(one);
  const std::string found = "4b 01 01 00 44 08 07 04 a1 b2 c3 d4 e5 f6";
  EXPECT_EQ(bench.command("4a 01 00"), found);
  EXPECT_EQ(bench.command("44 01"), "45 00");
  EXPECT_EQ(bench.command("4a 01 00"), "4b 00");
  EXPECT_EQ(bench.command("4a 01 00 88 04 a1 b2 c3 d4 e5 f6"), found);
  EXPECT_EQ(bench.command("44 01"), "45 00");
  EXPECT_EQ(bench.command("32 01 00"), "33");
  EXPECT_EQ(bench.command("4a 01 00"), found);
}

TEST(Pn532Sim, FindsNoCardOfAnotherTechnology) {
  ChipBench bench;
  bench.wake();
  bench.command("32 05 00 01 01");
  PlainCard one = card("01 02 03 04");
  bench.chip.field().place(one);
  EXPECT_EQ(bench.command("4a 01 01 00 ff ff 00 00"), "4b 00");
  EXPECT_EQ(bench.command("4a 01 03 00"), "4b 00");
}

TEST(Pn532Sim, SearchesAsOftenAsItWasTold) {
  ChipBench bench;
  bench.wake();
  bench.command("32 05 00 01 03");  // four attempts of 5 ms
  EXPECT_EQ(bench.command("4a 01 00", milliseconds(18)), ack);
  EXPECT_EQ(bench.listen(milliseconds(6)), "00 00 ff 03 fd d5 4b 00 e0 00");
}

TEST(Pn532Sim, WaitsForACardForEver) {
  ChipBench bench;
  bench.wake();
  EXPECT_EQ(bench.command("4a 01 00", std::chrono::hours(1)), ack);
  PlainCard one = card("01 02 03 04");
  bench.chip.field().place(one);
  EXPECT_EQ(bench.listen(milliseconds(20)),
            "00 00 ff 0c f4 d5 4b 01 01 00 04 08 04 01 02 03 04 c4 00");
}

TEST(Pn532Sim, GivesASearchUpAtAnAckOrAnotherCommand) {
  ChipBench bench;
  bench.wake();
  PlainCard one = card("01 02 03 04");
  EXPECT_EQ(bench.command("4a 01 00"), ack);
  EXPECT_EQ(bench.raw(ack), "");
  bench.chip.field().place(one);
  EXPECT_EQ(bench.listen(), "");
  bench.chip.field().take_away(one);
  EXPECT_EQ(bench.command("4a 01 00"), ack);
  EXPECT_EQ(bench.command("02"), "03 32 01 06 07");
  bench.chip.field().place(one);
  EXPECT_EQ(bench.listen(), "");
}

TEST(Pn532Sim, SpeaksToNoCardWithoutATarget) {
  ChipBench bench;
  bench.wake();
  EXPECT_EQ(bench.command("40 01 30 00"), "41 27");
  EXPECT_EQ(bench.command("54 01"), "55 27");
  EXPECT_EQ(bench.command("44 01"), "45 27");
  EXPECT_EQ(bench.command("52 00"), "53 00");  // all of none
  EXPECT_EQ(bench.command("42 30 00"), "43 01");
}

// --- in memory ---

TEST(Pn532SimPort, IsASerialPortWhoseTimeIsPassedByTheTest) {
  Pn532Sim chip;
  Pn532SimPort port(chip);
  std::array<std::uint8_t, 64> in{};
  EXPECT_EQ(port.write(hex("55 55 00 00 00 00 00 00 00 00 00 00 00 00 00 00")), 16U);
  EXPECT_EQ(port.write(hex("00 00 ff 02 fe d4 02 2a 00")), 9U);
  EXPECT_EQ(port.read(in), 0U);
  port.pass(milliseconds(10));
  EXPECT_EQ(port.read(MutableBytes(in).first(6)), 6U);
  EXPECT_EQ(port.read(in), 13U);
  EXPECT_EQ(text(Bytes(in).first(13)), "00 00 ff 06 fa d5 03 32 01 06 07 e8 00");
}

}  // namespace
}  // namespace rollcall::hal::sim
