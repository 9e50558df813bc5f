// Both ends of ISO/IEC 14443-4, against each other and block by block (annex B of the standard).
#include <functional>

#include "hal/sim/nfc/iso_dep_card.hpp"
#include "tests/unit/hal/sim/nfc/chip_bench.hpp"

namespace rollcall::hal::sim {
namespace {

// Gives back what it gets, `times` over.
class EchoCard final : public IsoDepCard {
 public:
  CardIdentity identity() const override { return {0x0344, 0x20, hex("04 01 02 03 04 05 06")}; }
  std::vector<ByteVector> commands;
  std::size_t times = 1;

 protected:
  ByteVector ats() const override { return hex("06 75 77 81 02 80"); }  // frames of 64 bytes
  ByteVector apdu(Bytes command) override {
    commands.emplace_back(command.begin(), command.end());
    ByteVector out;
    for (std::size_t i = 0; i < times; ++i) out.insert(out.end(), command.begin(), command.end());
    return out;
  }
};

// --- the card, block by block ---

class CardBlocks : public testing::Test {
 protected:
  CardBlocks() { card.select(); }
  std::string send(const std::string& block) { return text(card.exchange(hex(block)).bytes); }

  EchoCard card;
};

TEST_F(CardBlocks, NothingIsAnsweredBeforeRats) {
  EXPECT_EQ(send("02 60"), "");
  EXPECT_EQ(send("e0 50"), "06 75 77 81 02 80");
  EXPECT_EQ(send("02 60"), "02 60");
}

TEST_F(CardBlocks, ParametersAreChangedStraightAfterRatsOnly) {
  send("e0 50");
  EXPECT_EQ(send("d0 11 00"), "d0");
  EXPECT_EQ(send("d0 11 00"), "");
}

TEST_F(CardBlocks, NumbersTurnWithEachBlock) {
  send("e0 50");
  EXPECT_EQ(send("02 01"), "02 01");
  EXPECT_EQ(send("03 02"), "03 02");
  EXPECT_EQ(send("02 03"), "02 03");
}

TEST_F(CardBlocks, ALostAnswerIsRepeatedAndNotCarriedOutAgain) {
  send("e0 50");
  EXPECT_EQ(send("02 01"), "02 01");
  EXPECT_EQ(send("b2"), "02 01");  // R(NAK) 0
  EXPECT_EQ(card.commands.size(), 1U);
}

TEST_F(CardBlocks, ALostCommandIsAskedForAgain) {
  send("e0 50");
  EXPECT_EQ(send("02 01"), "02 01");
  EXPECT_EQ(send("b3"), "a2");  // R(NAK) 1: the card still stands at 0
  EXPECT_EQ(send("03 02"), "03 02");
}

TEST_F(CardBlocks, CommandsComeInParts) {
  send("e0 50");
  EXPECT_EQ(send("12 01"), "a2");
  EXPECT_EQ(send("13 02"), "a3");
  EXPECT_EQ(send("02 03"), "02 01 02 03");
}

TEST_F(CardBlocks, AnswersGoInPartsOfTheReadersFrame) {
  send("e0 00");  // 16 bytes: 13 of information
  card.times = 20;
  EXPECT_EQ(
      send("02 55"), "12" + [] {
        std::string part;
        for (int i = 0; i < 13; ++i) part += " 55";
        return part;
      }());
  EXPECT_EQ(send("a3"), "03 55 55 55 55 55 55 55");
}

TEST_F(CardBlocks, TimeIsAskedFor) {
  send("e0 50");
  card.ask_for_time(2);
  EXPECT_EQ(send("02 01"), "f2 01");
  EXPECT_EQ(send("f2 01"), "f2 01");
  EXPECT_EQ(send("f2 01"), "02 01");
}

TEST_F(CardBlocks, ACardNumberIsHeeded) {
  send("e0 53");  // CID 3
  EXPECT_EQ(send("02 01"), "");
  EXPECT_EQ(send("0a 02 01"), "");
  EXPECT_EQ(send("0a 03 01"), "0a 03 01");
}

TEST_F(CardBlocks, DeselectHalts) {
  send("e0 50");
  const CardAnswer answer = card.exchange(hex("c2"));
  EXPECT_EQ(text(answer.bytes), "c2");
  EXPECT_TRUE(answer.halts);
}

// --- the reader with a card, and with a card that answers as the test says ---

class ReaderBlocks : public testing::Test {
 protected:
  ReaderBlocks() {
    field.set_power(true);
    field.place(card);
    EXPECT_TRUE(field.select(RfField::Request::reqa));
    EXPECT_TRUE(reader.activate(field));
  }

  RfField field;
  EchoCard card;
  IsoDepReader reader;
};

TEST_F(ReaderBlocks, CommandsAndAnswersOfAnySizeArrive) {
  for (const std::size_t size : {1U, 60U, 61U, 62U, 122U, 123U, 500U}) {
    card.times = 3;
    ByteVector command(size), expected;
    for (std::size_t i = 0; i < size; ++i) command[i] = static_cast<std::uint8_t>(i * 7);
    for (int i = 0; i < 3; ++i) expected.insert(expected.end(), command.begin(), command.end());
    const auto answer = reader.transceive(field, command);
    ASSERT_TRUE(answer) << size;
    EXPECT_EQ(*answer, expected) << size;
    EXPECT_EQ(card.commands.back(), command) << size;
  }
}

TEST_F(ReaderBlocks, TimeIsGivenAndTaken) {
  constexpr std::size_t waiting_time = 910;  // FWI 8: 77.3 ms, of 85 us
  field.take_air_bytes();
  EXPECT_EQ(reader.transceive(field, hex("01 02")).value(), hex("01 02"));
  EXPECT_EQ(field.take_air_bytes(), 10U);
  card.ask_for_time(3);
  EXPECT_EQ(reader.transceive(field, hex("01 02")).value(), hex("01 02"));
  EXPECT_EQ(field.take_air_bytes(), 10U + 3 * (waiting_time + 8));
  field.pull_after(0);
  EXPECT_FALSE(reader.transceive(field, hex("01 02")));
  EXPECT_EQ(field.take_air_bytes(), 3 * waiting_time + 5);  // the command, and two requests unheard
}

TEST_F(ReaderBlocks, ACardThatIsPulledIsATimeOut) {
  for (std::size_t pulled_at = 0; pulled_at < 5; ++pulled_at) {
    field.pull_after(pulled_at);
    const auto answer = reader.transceive(field, hex("01 02"));
    ASSERT_FALSE(answer) << pulled_at;
    EXPECT_EQ(answer.error(), RfError::timeout);
    EXPECT_FALSE(field.holds(card));
    EXPECT_TRUE(card.commands.empty());
    field.place(card);
    ASSERT_TRUE(field.select(RfField::Request::reqa));
    ASSERT_TRUE(reader.activate(field));
  }
  // One byte of the answer came: the command was carried out.
  field.pull_after(6);
  EXPECT_FALSE(reader.transceive(field, hex("01 02")));
  EXPECT_EQ(card.commands.size(), 1U);
}

TEST_F(ReaderBlocks, PresenceIsChecked) {
  EXPECT_TRUE(reader.check_presence(field));
  EXPECT_TRUE(reader.transceive(field, hex("01")));
  EXPECT_TRUE(reader.check_presence(field));
  EXPECT_EQ(reader.transceive(field, hex("02")).value(), hex("02"));
  field.take_away(card);
  EXPECT_EQ(reader.check_presence(field).error(), RfError::timeout);
}

// A card that plays answers from a list.
class PlayedCard final : public VirtualCard {
 public:
  CardIdentity identity() const override { return {0x0344, 0x20, hex("01 02 03 04")}; }
  CardAnswer exchange(Bytes frame) override {
    heard.push_back(text(frame));
    if (heard.size() > answers.size()) return {};
    return {hex(answers[heard.size() - 1])};
  }
  std::vector<std::string> answers, heard;
};

struct Played {
  std::vector<std::string> answers, heard;
  std::string result;  // or empty
};

TEST(ReaderRules, OfErrorsAreKept) {
  const Played scenes[] = {
      // A lost answer is asked for with R(NAK).
      {{"", "02 aa"}, {"02 01", "b2"}, "aa"},
      // R(ACK) of the other number: the command did not arrive.
      {{"", "a3", "02 aa"}, {"02 01", "b2", "02 01"}, "aa"},
      // A lost part of an answer is asked for with R(ACK).
      {{"12 aa", "", "03 bb"}, {"02 01", "a3", "a3"}, "aa bb"},
      // The wrong number again and again is no answer.
      {{"03 aa", "03 aa", "03 aa"}, {"02 01", "b2", "b2"}, ""},
      // S(WTX) is granted as asked for.
      {{"f2 3b", "02 aa"}, {"02 01", "f2 3b"}, "aa"},
  };
  for (const Played& scene : scenes) {
    RfField field;
    field.set_power(true);
    PlayedCard card;
    field.place(card);
    ASSERT_TRUE(field.select(RfField::Request::reqa));
    card.answers = {"05 75 77 81 02"};
    card.answers.insert(card.answers.end(), scene.answers.begin(), scene.answers.end());
    IsoDepReader reader;
    ASSERT_TRUE(reader.activate(field));
    const auto answer = reader.transceive(field, hex("01"));
    EXPECT_EQ(answer ? text(*answer) : "", scene.result);
    card.heard.erase(card.heard.begin());
    EXPECT_EQ(card.heard, scene.heard);
  }
}

}  // namespace
}  // namespace rollcall::hal::sim
