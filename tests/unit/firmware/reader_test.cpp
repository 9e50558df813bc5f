// The whole terminal with the driver of its card reader, and a simulated chip with cards behind it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hal/chips/pn532.hpp"
#include "hal/sim/nfc/desfire_ev1.hpp"
#include "hal/sim/nfc/pn532_sim_port.hpp"
#include "hal/sim/nfc/simple_cards.hpp"
#include "tests/unit/firmware/bench.hpp"

namespace rollcall::firmware {
namespace {

using hal::sim::ByteVector;
using protocol::ReadingKind;
using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// The chip's line, on the clock of the bench.
class ClockedPort final : public hal::SerialPort {
 public:
  ClockedPort(hal::sim::Pn532Sim& chip, hal::Clock& clock) : port_(chip), clock_(clock) {}
  std::size_t read(hal::MutableBytes out) override {
    port_.set_now(clock_.monotonic());
    return port_.read(out);
  }
  std::size_t write(hal::Bytes data) override {
    port_.set_now(clock_.monotonic());
    return port_.write(data);
  }

 private:
  hal::sim::Pn532SimPort port_;
  hal::Clock& clock_;
};

class WithReader : public testing::Test {
 protected:
  WithReader() {
    bench.use_reader(reader);
    bench.plug_in();
    bench.run(Millis(200));
  }
  hal::sim::RfField& field() { return chip.field(); }
  // A person: holds the card until something is shown, and takes it away.
  bool tap(hal::sim::VirtualCard& card) {
    const std::size_t before = bench.shown.size();
    field().place(card);
    const bool seen = bench.run_until([&] { return bench.shown.size() > before; }, Millis(1500));
    field().take_away(card);
    return seen;
  }
  // What the card says to a command of the host, as `data`; nothing when the exchange fails.
  std::optional<ByteVector> exchange(const ByteVector& command) {
    const std::size_t before = bench.host->apdus.size();
    protocol::ApduRequest request;
    request.exchange = static_cast<std::uint32_t>(before);
    request.deadline_ms = 500;
    request.command.assign(command);
    bench.host->say(request);
    if (!bench.run_until([&] { return bench.host->apdus.size() > before; }, Millis(600)))
      return std::nullopt;
    const protocol::ApduResponse& response = bench.host->apdus.back();
    const auto data = response.data.view();
    if (response.status != protocol::ApduStatus::ok) return std::nullopt;
    return ByteVector(data.begin(), data.end());
  }
  ByteVector reading(std::size_t tap) const {
    const auto view = bench.host->taps[tap].reading.view();
    return {view.begin(), view.end()};
  }

  Bench bench;
  hal::sim::Pn532Sim chip;
  ClockedPort port{chip, bench.clock};
  hal::Pn532 reader{port, bench.clock};
  hal::sim::RepeatableEntropy entropy{5};
};

std::vector<hal::sim::PlainCard> cards(std::uint8_t count) {
  std::vector<hal::sim::PlainCard> all;
  for (std::uint8_t i = 0; i < count; ++i) {
    all.emplace_back(ByteVector{0x04, i, 0x75, 0x79, 0xF2, 0x94, 0x80});
  }
  return all;
}

TEST_F(WithReader, TwentyFiveCardsOneAfterTheOtherTakeLessThanAMinute) {
  auto people = cards(25);
  const Millis start = bench.clock.monotonic();
  for (auto& card : people) {
    ASSERT_TRUE(tap(card));
    bench.run(Millis(1500));  // the next one comes up
  }
  const Millis took = bench.clock.monotonic() - start;
  RecordProperty("ms", static_cast<int>(took.count()));
  EXPECT_LT(took, std::chrono::seconds(60));
  ASSERT_THAT(bench.host->taps, SizeIs(25));
  for (std::size_t i = 0; i < 25; ++i) EXPECT_EQ(reading(i), people[i].identity().uid);
  EXPECT_THAT(bench.shown, Each(Shown::arrived));
  EXPECT_EQ(reader.errors(), 0u);
}

TEST_F(WithReader, NextCardIsTakenWhileTheAnswerToTheLastStillShows) {
  auto people = cards(25);
  const Millis start = bench.clock.monotonic();
  for (auto& card : people) {
    ASSERT_TRUE(tap(card));
    bench.run(Millis(100));
  }
  EXPECT_THAT(bench.host->taps, SizeIs(25));
  EXPECT_LT(bench.clock.monotonic() - start, Millis(25 * 400));
}

TEST_F(WithReader, CardThatIsLeftThereIsOneTap) {
  auto people = cards(2);
  field().place(people[0]);
  bench.run(std::chrono::seconds(30));
  EXPECT_THAT(bench.host->taps, SizeIs(1));
  field().take_away(people[0]);
  bench.run(Millis(200));
  ASSERT_TRUE(tap(people[1]));
  bench.run(Millis(700));
  ASSERT_TRUE(tap(people[0]));
  EXPECT_THAT(bench.host->taps, SizeIs(3));
}

TEST_F(WithReader, WalletWithTwoCards) {
  auto people = cards(2);
  field().place(people[0]);
  field().place(people[1]);
  bench.run(Millis(1000));
  EXPECT_THAT(bench.shown, ElementsAre(Shown::one_card));
  EXPECT_THAT(bench.host->taps, IsEmpty());
  field().take_away(people[0]);
  bench.run(Millis(300));
  field().take_away(people[1]);
  bench.run(Millis(1000));
  ASSERT_TRUE(tap(people[1]));
  EXPECT_THAT(bench.shown, ElementsAre(Shown::one_card, Shown::arrived));
  EXPECT_EQ(reading(0), people[1].identity().uid);
}

TEST_F(WithReader, BankCardPhoneAndTheCardOfTheSiteAreToldApart) {
  hal::sim::PaymentCard bank(ByteVector{0x5A, 0x17, 0x2B, 0x3C});
  hal::sim::PaymentCard phone(entropy, true);
  hal::sim::Ntag213 tag(ByteVector{0x04, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66});
  ASSERT_TRUE(tap(bank));
  bench.run(Millis(700));
  ASSERT_TRUE(tap(phone));
  bench.run(Millis(700));
  ASSERT_TRUE(tap(tag));
  ASSERT_THAT(bench.host->taps, SizeIs(3));
  EXPECT_EQ(bench.host->taps[0].kind, ReadingKind::uid_random);
  EXPECT_NE(reading(0), bank.identity().uid);
  EXPECT_EQ(bench.host->taps[1].kind, ReadingKind::uid_random);
  EXPECT_EQ(bench.host->taps[2].kind, ReadingKind::uid);
  EXPECT_EQ(reading(2), tag.identity().uid);
}

TEST_F(WithReader, QuestionWhetherItIsABankCardTakesLessThan60Ms) {
  hal::sim::PaymentCard bank(ByteVector{0x5A, 0x17, 0x2B, 0x3C});
  const auto took = [&](hal::sim::VirtualCard& card) {
    // So that both come at the same moment between two looks.
    bench.run_until([&] { return field().powered(); });
    bench.run_until([&] { return !field().powered(); });
    const Millis start = bench.clock.monotonic();
    EXPECT_TRUE(tap(card));
    return bench.clock.monotonic() - start;
  };
  auto people = cards(1);
  const Millis plain = took(people[0]);
  bench.run(Millis(1000));
  const Millis asked = took(bank);
  RecordProperty("extra_ms", static_cast<int>((asked - plain).count()));
  EXPECT_LT(asked - plain, Millis(60));
}

TEST_F(WithReader, PhoneThatLiesThereIsOneTap) {
  hal::sim::PaymentCard phone(entropy, true);
  field().place(phone);
  bench.run(std::chrono::seconds(10));
  EXPECT_THAT(bench.host->taps, SizeIs(1));
}

TEST_F(WithReader, HostTalksToACardThroughTheReader) {
  hal::sim::PaymentCard phone(entropy, false);
  field().place(phone);
  bench.run(Millis(2000));
  const ByteVector command{0x00, 0xA4, 0x04, 0x00, 0x02, 0x3F, 0x00, 0x00};
  const auto said = exchange(command);
  ASSERT_TRUE(said);
  EXPECT_GE(said->size(), 2u);
  field().take_away(phone);
  bench.run(Millis(600));
  EXPECT_FALSE(exchange(command));
  EXPECT_EQ(bench.host->apdus.back().status, protocol::ApduStatus::no_card);
}

// Three passes of AES with a card's master key of zeros: each builds on the one before.
TEST_F(WithReader, CopyOfANumberIsNotTakenForTheCardThatHasItNorTheCardForItsCopy) {
  hal::sim::DesfireEv1 card(ByteVector{0x04, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06}, entropy);
  hal::sim::PlainCard copy(card.identity().uid);
  const auto status = [&] {
    const std::size_t before = bench.host->apdus.size();
    protocol::ApduRequest request;
    request.deadline_ms = 500;
    request.command.assign(ByteVector{0x90, 0x60, 0, 0, 0});
    bench.host->say(request);
    bench.run_until([&] { return bench.host->apdus.size() > before; }, Millis(600));
    return bench.host->apdus.back().status;
  };
  for (int i = 0; i < 2; ++i) {
    field().place(card);
    bench.run(Millis(300));
    EXPECT_EQ(status(), protocol::ApduStatus::ok);
    field().take_away(card);
    bench.run(Millis(1000));
    field().place(copy);
    bench.run(Millis(300));
    EXPECT_EQ(status(), protocol::ApduStatus::unsupported);
    field().take_away(copy);
    bench.run(Millis(1000));
  }
  EXPECT_THAT(bench.host->taps, SizeIs(4));
}

TEST_F(WithReader, HostAuthenticatesADesfireCardInSeveralExchanges) {
  namespace desfire = hal::sim::desfire;
  hal::sim::DesfireEv1 card(ByteVector{0x04, 0xA1, 0xB2, 0xC3, 0xD4, 0xE5, 0xF6}, entropy);
  field().place(card);
  bench.run(Millis(1000));
  ASSERT_THAT(bench.host->taps, SizeIs(1));
  EXPECT_EQ(reading(0), card.identity().uid) << "it is no bank card";
  const desfire::Block key{};
  desfire::Block vector{};
  const auto challenge = exchange({0x90, 0xAA, 0x00, 0x00, 0x01, 0x00, 0x00});
  ASSERT_TRUE(challenge);
  ASSERT_THAT(*challenge, SizeIs(18));
  EXPECT_EQ(challenge->back(), 0xAF);
  desfire::Block theirs{};
  std::ranges::copy(desfire::decrypt(key, vector, hal::Bytes(*challenge).first(16)),
                    theirs.begin());
  desfire::Block ours{};
  std::ranges::generate(ours, [n = std::uint8_t{0xA0}]() mutable { return n++; });
  ByteVector tokens(ours.begin(), ours.end());
  for (const std::uint8_t byte : desfire::rotated_left(theirs)) tokens.push_back(byte);
  ByteVector command{0x90, 0xAF, 0x00, 0x00, 32};
  for (const std::uint8_t byte : desfire::encrypt(key, vector, tokens)) command.push_back(byte);
  command.push_back(0x00);
  const auto proof = exchange(command);
  ASSERT_TRUE(proof);
  ASSERT_THAT(*proof, SizeIs(18));
  EXPECT_EQ(proof->back(), 0x00);
  const desfire::Block expected = desfire::rotated_left(ours);
  EXPECT_TRUE(
      std::ranges::equal(desfire::decrypt(key, vector, hal::Bytes(*proof).first(16)), expected));
}

TEST_F(WithReader, EveryoneIsRecordedOnceAlthoughTheReaderFailsNowAndThen) {
  auto people = cards(24);
  const ByteVector noise(40, 0xA5);
  for (std::size_t i = 0; i < people.size(); ++i) {
    bench.run(Millis(static_cast<int>(i) * 7 % 100));
    switch (i % 6) {
      case 0:
        chip.refuse_next();
        break;
      case 1:
        chip.spoil_next_checksum();
        break;
      case 2:
        chip.disturb_next(noise);
        break;
      case 3:
        chip.cut_next(5);
        break;
      case 4:
        chip.power_cycle();
        break;
      default:
        chip.set_mute(true);
        bench.run(Millis(1200));
        chip.set_mute(false);
        break;
    }
    ASSERT_TRUE(tap(people[i])) << i;
    bench.run(Millis(300));
  }
  ASSERT_THAT(bench.host->taps, SizeIs(24));
  for (std::size_t i = 0; i < people.size(); ++i) EXPECT_EQ(reading(i), people[i].identity().uid);
  EXPECT_GT(reader.errors(), 0u);
  EXPECT_TRUE(reader.working());
}

}  // namespace
}  // namespace rollcall::firmware
