// One command and its response, recorded, and all that can go wrong between them.
#include "hal/chips/pn532_dialog.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/hal/recorded_port.hpp"

namespace rollcall::hal::pn532 {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::IsEmpty;
using Recording = RecordedPort::Recording;
using State = Dialog::State;

const Recording get_version{0x00, 0x00, 0xFF, 0x02, 0xFE, 0xD4, 0x02, 0x2A, 0x00};
const Recording version{0x00, 0x00, 0xFF, 0x06, 0xFA, 0xD5, 0x03,
                        0x32, 0x01, 0x06, 0x07, 0xE8, 0x00};
const Recording sam_answer{0x00, 0x00, 0xFF, 0x02, 0xFE, 0xD5, 0x15, 0x16, 0x00};
const Recording ack{0x00, 0x00, 0xFF, 0x00, 0xFF, 0x00};
const Recording nack{0x00, 0x00, 0xFF, 0xFF, 0x00, 0x00};
const Recording error{0x00, 0x00, 0xFF, 0x01, 0xFF, 0x7F, 0x81, 0x00};

Recording damaged_version() {
  Recording bytes = version;
  bytes[8] ^= 0x04;
  return bytes;
}

class Pn532Dialog : public testing::Test {
 protected:
  void begin(Dialog::How how = Dialog::How::plain) {
    const std::uint8_t command[] = {0x02};
    dialog.begin(command, {}, Millis(100), now, how);
  }
  State after(Millis time) { return dialog.poll(now += time); }
  State when_comes(const Recording& bytes) {
    port.comes(bytes);
    return after(Millis(1));
  }

  RecordedPort port;
  Dialog dialog{port};
  Millis now{1000};
};

TEST_F(Pn532Dialog, CommandAcknowledgementResponse) {
  begin();
  EXPECT_THAT(port.take_sent(), ElementsAreArray(get_version));
  EXPECT_EQ(after(Millis(5)), State::running);
  EXPECT_EQ(when_comes(ack), State::running);
  EXPECT_EQ(when_comes(version), State::done);
  EXPECT_THAT(dialog.response(), ElementsAre(0x32, 0x01, 0x06, 0x07));
  EXPECT_THAT(port.take_sent(), IsEmpty());
}

TEST_F(Pn532Dialog, BytesMayComeOneByOne) {
  begin();
  for (const std::uint8_t byte : ack) EXPECT_EQ(when_comes({byte}), State::running);
  for (std::size_t i = 0; i + 2 < version.size(); ++i)
    EXPECT_EQ(when_comes({version[i]}), State::running);
  EXPECT_EQ(when_comes({version[version.size() - 2]}), State::done);
}

TEST_F(Pn532Dialog, WakingPutsThePreambleBeforeTheCommand) {
  begin(Dialog::How::waking);
  Recording expected{0x55, 0x55};
  expected.resize(16);
  expected.insert(expected.end(), get_version.begin(), get_version.end());
  EXPECT_THAT(port.take_sent(), ElementsAreArray(expected));
}

TEST_F(Pn532Dialog, LostAcknowledgementIsMadeUpForByTheResponse) {
  begin();
  EXPECT_EQ(when_comes(version), State::done);
}

TEST_F(Pn532Dialog, MuteChipIsAskedThreeTimes) {
  begin();
  port.take_sent();
  for (int i = 1; i < 3; ++i) {
    EXPECT_EQ(after(acknowledge_timeout), State::running);
    EXPECT_THAT(port.take_sent(), ElementsAreArray(get_version)) << i;
  }
  EXPECT_EQ(after(acknowledge_timeout - Millis(1)), State::running);
  EXPECT_EQ(after(Millis(1)), State::mute);
  EXPECT_THAT(port.take_sent(), ElementsAreArray(ack)) << "whatever it was doing is over";
}

TEST_F(Pn532Dialog, SecondTransmissionIsAnswered) {
  begin();
  EXPECT_EQ(after(acknowledge_timeout), State::running);
  EXPECT_EQ(when_comes(ack), State::running);
  EXPECT_EQ(when_comes(version), State::done);
}

TEST_F(Pn532Dialog, NackIsAnsweredByTheSameFrame) {
  begin();
  port.take_sent();
  EXPECT_EQ(when_comes(nack), State::running);
  EXPECT_THAT(port.take_sent(), ElementsAreArray(get_version));
  EXPECT_EQ(when_comes(ack), State::running);
  EXPECT_EQ(when_comes(version), State::done);
}

TEST_F(Pn532Dialog, NothingButNackIsMute) {
  begin();
  for (int i = 0; i < 10; ++i) when_comes(nack);
  EXPECT_EQ(after(acknowledge_timeout), State::mute);
}

TEST_F(Pn532Dialog, ErrorFrameIsARefusal) {
  begin();
  EXPECT_EQ(when_comes(ack), State::running);
  EXPECT_EQ(when_comes(error), State::refused);
}

TEST_F(Pn532Dialog, GarbageIsReadThrough) {
  begin();
  EXPECT_EQ(when_comes({0xAA, 0x00, 0x13, 0xFF, 0x00}), State::running);
  EXPECT_EQ(when_comes(ack), State::running);
  EXPECT_EQ(when_comes({0x00, 0x00, 0x00, 0x7F}), State::running);
  EXPECT_EQ(when_comes(version), State::done);
}

TEST_F(Pn532Dialog, DamagedResponseIsAskedForAgain) {
  begin();
  port.take_sent();
  when_comes(ack);
  EXPECT_EQ(when_comes(damaged_version()), State::running);
  EXPECT_THAT(port.take_sent(), ElementsAreArray(nack));
  EXPECT_EQ(when_comes(version), State::done);
}

TEST_F(Pn532Dialog, ResponseThatIsDamagedEachTimeIsUnreadable) {
  begin();
  when_comes(ack);
  EXPECT_EQ(when_comes(damaged_version()), State::running);
  EXPECT_EQ(when_comes(damaged_version()), State::running);
  EXPECT_EQ(when_comes(damaged_version()), State::unreadable);
}

TEST_F(Pn532Dialog, ResponseThatBreaksOffIsAskedForAgain) {
  begin();
  when_comes(ack);
  port.take_sent();
  EXPECT_EQ(when_comes({version.begin(), version.begin() + 7}), State::running);
  EXPECT_EQ(dialog.next_poll(now), now + byte_gap);
  EXPECT_EQ(after(byte_gap - Millis(1)), State::running);
  EXPECT_THAT(port.take_sent(), IsEmpty());
  EXPECT_EQ(after(Millis(1)), State::running);
  EXPECT_THAT(port.take_sent(), ElementsAreArray(nack));
  EXPECT_EQ(when_comes(version), State::done);
}

TEST_F(Pn532Dialog, NoResponseInTimeEndsTheCommandAtTheChipToo) {
  begin();
  when_comes(ack);
  port.take_sent();
  EXPECT_EQ(after(Millis(99)), State::running);
  EXPECT_EQ(after(Millis(1)), State::timed_out);
  EXPECT_THAT(port.take_sent(), ElementsAreArray(ack));
}

TEST_F(Pn532Dialog, WhatTheCardMustNotHearTwiceIsSentOnce) {
  begin(Dialog::How::once);
  port.take_sent();
  EXPECT_EQ(after(acknowledge_timeout), State::running) << "the acknowledgement may be lost";
  EXPECT_THAT(port.take_sent(), IsEmpty());
  EXPECT_EQ(when_comes(version), State::done);
  begin(Dialog::How::once);
  port.take_sent();
  EXPECT_EQ(after(acknowledge_timeout + Millis(100)), State::mute);
  EXPECT_THAT(port.take_sent(), ElementsAreArray(ack)) << "the abort alone";
}

TEST_F(Pn532Dialog, AnswersToEarlierCommandsAreNotTakenForThisOne) {
  port.comes(version);  // left over
  begin();
  EXPECT_EQ(port.unread(), 0u);
  EXPECT_EQ(when_comes(ack), State::running);
  EXPECT_EQ(when_comes(sam_answer), State::running);
  EXPECT_EQ(when_comes(version), State::done);
}

TEST_F(Pn532Dialog, SlowPortTakesTheFrameInParts) {
  port.room = 4;
  begin();
  EXPECT_EQ(dialog.next_poll(now), now);
  after(Millis(1));
  after(Millis(1));
  EXPECT_THAT(port.take_sent(), ElementsAreArray(get_version));
  EXPECT_GT(dialog.next_poll(now), now);
}

TEST_F(Pn532Dialog, PortThatTakesNothingIsMute) {
  port.room = 0;
  begin();
  for (int i = 0; i < 3; ++i) after(acknowledge_timeout);
  EXPECT_EQ(dialog.state(), State::mute);
  EXPECT_THAT(port.take_sent(), IsEmpty());
}

TEST_F(Pn532Dialog, AStepIsBoundedHoweverMuchComes) {
  begin();
  port.comes(Recording(500, 0xA5));
  EXPECT_EQ(after(Millis(1)), State::running);
  EXPECT_EQ(port.unread(), 500 - bytes_a_step);
  EXPECT_EQ(dialog.next_poll(now), now) << "go on at once";
}

TEST_F(Pn532Dialog, WhatCameInTimeCountsAlthoughTheLoopWasLate) {
  begin();
  port.comes(ack);
  port.comes(Recording(200, 0xA5));
  port.comes(version);
  EXPECT_EQ(after(std::chrono::seconds(1)), State::done);
}

TEST_F(Pn532Dialog, EndlessNoiseEndsInTime) {
  begin();
  for (int i = 0; i < 4; ++i) {
    port.comes(Recording(2000, 0x00));
    after(acknowledge_timeout);
  }
  EXPECT_EQ(dialog.state(), State::mute);
}

TEST_F(Pn532Dialog, AbortedCommandIsOver) {
  begin();
  when_comes(ack);
  port.take_sent();
  dialog.abort();
  EXPECT_EQ(dialog.state(), State::idle);
  EXPECT_THAT(port.take_sent(), ElementsAreArray(ack));
  dialog.abort();
  EXPECT_THAT(port.take_sent(), IsEmpty());
}

}  // namespace
}  // namespace rollcall::hal::pn532
