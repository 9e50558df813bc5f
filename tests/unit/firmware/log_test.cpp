// The log: what a reset leaves of it, how it reads, and how the host gets it.
#include <cstring>
#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "firmware/log/text.hpp"
#include "firmware/log/transfer.hpp"
#include "tests/unit/firmware/bench.hpp"

namespace rollcall::firmware {
namespace {

using protocol::Op;
using protocol::ReplyStatus;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

// RAM as start-up finds it.
struct Ram {
  alignas(LogRing) unsigned char bytes[sizeof(LogRing)];
  explicit Ram(int fill = 0xa5) { std::memset(bytes, fill, sizeof bytes); }
  LogRing& start() {
    LogRing& ring = *new (bytes) LogRing;
    ring.begin();
    return ring;
  }
};

std::string line_of(const LogEntry& entry) {
  char line[max_log_line];
  return {line, write_line(entry, line)};
}

// As a host receives it, in pieces.
std::string content_of(LogTransfer& transfer, std::uint32_t bytes, std::size_t piece = 7) {
  std::string out(bytes, 0);
  for (std::uint32_t at = 0; at < bytes; at += static_cast<std::uint32_t>(piece)) {
    const std::size_t size = std::min<std::size_t>(piece, bytes - at);
    EXPECT_TRUE(transfer.read(at, {reinterpret_cast<std::uint8_t*>(out.data()) + at, size}));
  }
  return out;
}

// The ring ---------------------------------------------------------------------------------------

TEST(LogRing, MemoryThatWasNeverWrittenHoldsNothing) {
  for (int fill = 0; fill < 256; ++fill) {
    Ram ram(fill);
    EXPECT_TRUE(ram.start().empty()) << fill;
  }
}

TEST(LogRing, EntriesSurviveAReset) {
  Ram ram;
  LogRing& before = ram.start();
  before.add(Millis(5), Event::started, 7, 1);
  before.add(Millis(1'000'000'000'000), Event::welcomed, 3);
  LogRing& after = ram.start();
  EXPECT_EQ(after.end(), 2u);
  const LogEntry first{Millis(5), Event::started, {7, 1}};
  const LogEntry second{Millis(1'000'000'000'000), Event::welcomed, {3, 0}};
  EXPECT_EQ(after.at(0), first);
  EXPECT_EQ(after.at(1), second);
  after.add(Millis(1), Event::started, 8, 4);
  EXPECT_EQ(ram.start().end(), 3u);
}

TEST(LogRing, TheNewestPushTheOldestOut) {
  Ram ram;
  LogRing& ring = ram.start();
  for (std::uint32_t i = 0; i < 3 * log_capacity + 5; ++i) ring.add(Millis(i), Event::link_up, i);
  EXPECT_EQ(ring.end() - ring.first(), log_capacity);
  EXPECT_EQ(ring.at(ring.end() - 1)->numbers[0], 3 * log_capacity + 4);
  EXPECT_FALSE(ring.at(ring.first() - 1));
  LogRing& after = ram.start();
  EXPECT_EQ(after.end(), 3 * log_capacity + 5);
  EXPECT_EQ(after.at(after.first())->numbers[0], 2 * log_capacity + 5);
}

TEST(LogRing, AnEntryThatAResetInterruptedIsNone) {
  Ram ram;
  LogRing& ring = ram.start();
  for (std::uint32_t i = 0; i < 10; ++i) ring.add(Millis(i), Event::link_up, i);
  for (std::size_t byte = 0; byte < 24; ++byte) {
    Ram other = ram;
    other.bytes[4 * 24 + byte] ^= 0x10;
    LogRing& after = other.start();
    EXPECT_FALSE(after.at(4)) << byte;
    EXPECT_TRUE(after.at(3) && after.at(5));
    EXPECT_EQ(after.end(), 10u);
    EXPECT_EQ(after.first(), 0u);
  }
}

// The text ---------------------------------------------------------------------------------------

TEST(LogText, ALineSaysWhenHowBadAndWhat) {
  EXPECT_EQ(line_of({Millis(90'061'005), Event::crash_place, {0x1a2b, 0x9}}),
            "90061.005 error crashed at pc 0x1a2b, lr 0x9\n");
  EXPECT_EQ(line_of({Millis(12), Event::started, {7, 4}}),
            "0.012 info started, boot 7, reset reason 4\n");
}

TEST(LogText, EveryEventFitsItsLineAndTakesAtMostTwoNumbers) {
  for (const EventText& text : event_texts) {
    const std::string line =
        line_of({Millis((std::int64_t{1} << 48) - 1), text.event, {UINT32_MAX, UINT32_MAX}});
    EXPECT_THAT(line, Not(HasSubstr("{")));
    EXPECT_EQ(line.find('\n'), line.size() - 1);
    std::size_t numbers = 0;
    for (std::size_t at = 0; (at = text.text.find('{', at)) != std::string_view::npos; ++at)
      ++numbers;
    EXPECT_LE(numbers, 2u) << text.text;
  }
}

// The transfer -----------------------------------------------------------------------------------

TEST(LogTransfer, IsTheLinesInTheirOrder) {
  Ram ram;
  LogRing& ring = ram.start();
  std::string expected;
  for (std::uint32_t i = 0; i < 20; ++i) {
    ring.add(Millis(i), Event::link_up, i);
    expected += line_of(*ring.at(i));
  }
  LogTransfer transfer;
  const auto content = transfer.begin(ring);
  EXPECT_EQ(content_of(transfer, content.bytes), expected);
  EXPECT_EQ(content_of(transfer, content.bytes, 200), expected) << "and again from the start";
  EXPECT_EQ(content.digest, crypto::sha256({reinterpret_cast<const std::uint8_t*>(expected.data()),
                                            expected.size()}));
  std::uint8_t beyond[1];
  EXPECT_FALSE(transfer.read(content.bytes, beyond));
}

TEST(LogTransfer, StaysTheSameWhileEntriesComeAndGivesUpWhenTheyPushItOut) {
  Ram ram;
  LogRing& ring = ram.start();
  for (std::uint32_t i = 0; i < 2 * log_capacity; ++i) ring.add(Millis(i), Event::link_up, i);
  LogTransfer transfer;
  const auto content = transfer.begin(ring);
  const std::string before = content_of(transfer, content.bytes);
  for (std::uint32_t i = 0; i < LogTransfer::spare; ++i) ring.add(Millis(9), Event::welcomed, i);
  EXPECT_EQ(content_of(transfer, content.bytes), before);
  ring.add(Millis(9), Event::welcomed);
  std::uint8_t byte[1];
  EXPECT_FALSE(transfer.read(0, byte));
}

// The terminal -----------------------------------------------------------------------------------

TEST(TerminalLog, TheHostGetsItAsText) {
  Bench bench;
  bench.plug_in();
  bench.host->say(protocol::LogRequest{});
  ASSERT_TRUE(bench.run_until([&] { return !bench.host->logs.empty(); }));
  EXPECT_THAT(bench.host->logs[0], HasSubstr(" info started, boot 1, reset reason 1\n"));
  EXPECT_THAT(bench.host->logs[0], HasSubstr(" info welcomed by the host, 0 taps waiting\n"));
  EXPECT_THAT(bench.host->replies, IsEmpty());
  bench.host->say(protocol::LogRequest{});
  ASSERT_TRUE(bench.run_until([&] { return bench.host->logs.size() == 2; }));
  EXPECT_THAT(bench.host->logs[1], HasSubstr(" info log read, "));
}

TEST(TerminalLog, OneRequestMoreWhileItRunsAsksForNothingMore) {
  Bench bench({.max_frame = protocol::max_body_serial});
  bench.plug_in();
  for (std::uint32_t i = 0; i < log_capacity; ++i) bench.log.add(Millis(i), Event::link_up, i);
  for (int i = 0; i < 3; ++i) bench.host->say(protocol::LogRequest{});
  bench.run(Millis(5000));
  EXPECT_THAT(bench.host->logs, SizeIs(1));
}

TEST(TerminalLog, WithoutALogOrWithAnEmptyOneThatIsSaid) {
  Bench without({.has_log = false});
  without.plug_in();
  without.host->say(protocol::LogRequest{});
  without.run(Millis(50));
  ASSERT_THAT(without.host->replies, SizeIs(1));
  EXPECT_EQ(without.host->replies[0].to, static_cast<std::uint16_t>(Op::log_request));
  EXPECT_EQ(without.host->replies[0].status, ReplyStatus::unsupported);
  Bench empty;
  empty.plug_in();
  empty.log = {};
  empty.log.begin();
  empty.host->say(protocol::LogRequest{});
  empty.run(Millis(50));
  ASSERT_THAT(empty.host->replies, SizeIs(1));
  EXPECT_EQ(empty.host->replies[0].status, ReplyStatus::refused);
}

TEST(TerminalLog, TapsGoOnWhileItIsSentAndItComesBetweenTheTransfersOfAQueue) {
  Bench bench({.max_frame = protocol::max_body_serial});
  for (std::uint8_t card = 0; card < 100; ++card) {
    bench.tap(card);
    bench.run(Millis(600));
  }
  for (std::uint32_t i = 0; i < log_capacity; ++i) bench.log.add(Millis(i), Event::link_up, i);
  bench.plug_in();
  bench.run_until([&] { return bench.host->transferred > 0; });
  bench.host->say(protocol::LogRequest{});
  ASSERT_TRUE(bench.run_until([&] { return !bench.host->logs.empty(); }, Millis(20'000)));
  EXPECT_GE(bench.host->transfers.size(), 1u) << "the one that was under way came first";
  const auto& transfers = bench.host->transfers;
  EXPECT_LT(std::accumulate(transfers.begin(), transfers.end(), std::size_t{0}), 100u)
      << "and then the log, while taps went as messages";
  const auto live = bench.host->taps.size();
  bench.host->say(protocol::LogRequest{});
  bench.run(Millis(30));
  bench.tap(200);
  ASSERT_TRUE(bench.run_until([&] { return bench.host->taps.size() > live; }, Millis(300)));
  EXPECT_THAT(bench.host->logs, SizeIs(1)) << "a tap passes it";
  ASSERT_TRUE(bench.run_until([&] { return bench.host->logs.size() == 2; }, Millis(20'000)));
  ASSERT_TRUE(
      bench.run_until([&] { return bench.terminal->queue().waiting() == 0; }, Millis(60'000)));
  EXPECT_EQ(bench.host->logs[0].back(), '\n');
}

TEST(TerminalLog, ALinkThatBreaksLeavesTheNextRequestToBeAnswered) {
  Bench bench({.max_frame = protocol::max_body_serial});
  bench.plug_in();
  for (std::uint32_t i = 0; i < log_capacity; ++i) bench.log.add(Millis(i), Event::link_up, i);
  bench.host->say(protocol::LogRequest{});
  bench.run(Millis(40));
  EXPECT_THAT(bench.host->logs, IsEmpty());
  bench.unplug();
  bench.plug_in();
  bench.host->say(protocol::LogRequest{});
  EXPECT_TRUE(bench.run_until([&] { return bench.host->logs.size() == 1; }));
}

TEST(TerminalLog, ACrashStandsInItOnce) {
  Bench bench;
  bench.run(Millis(5));
  bench.crash.record(hal::CrashCause::watchdog, 0x1234, 0x5678, 99);
  bench.restart_warm();
  bench.restart_warm();
  bench.plug_in();
  bench.host->say(protocol::LogRequest{});
  ASSERT_TRUE(bench.run_until([&] { return !bench.host->logs.empty(); }));
  const std::string& log = bench.host->logs[0];
  const std::string place = " error crashed at pc 0x1234, lr 0x5678\n";
  ASSERT_THAT(log, HasSubstr(place));
  EXPECT_EQ(log.find(place), log.rfind(place));
  EXPECT_THAT(log, HasSubstr("cause 6, task 12"));
  EXPECT_THAT(log, HasSubstr("crashed 99 ms after its start, boot 1\n"));
}

TEST(TerminalLog, TroubleThatGoesOnDoesNotPushTheRestOut) {
  Bench bench({.enrolled = false});
  bench.plug_in();
  bench.run(Millis(200'000));
  EXPECT_LT(bench.log.end(), 8u);
}

}  // namespace
}  // namespace rollcall::firmware
