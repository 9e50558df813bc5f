// The factory console: what it understands, what it answers, what it refuses; and its page.
#include "firmware/console/console.hpp"

#include <deque>
#include <fstream>
#include <random>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/firmware/bench.hpp"

namespace rollcall::firmware::console {
namespace {

using hal::sim::Cut;
using hal::sim::FakeFlash;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

constexpr hal::Size size{320, 240};
const std::string seed = "000102030405060708090a0b0c0d0e0f101112131415161718191A1B1C1D1E1F";

// A UART and a person with a program at its other end.
class Wire final : public hal::SerialPort {
 public:
  std::size_t read(MutableBytes out) override {
    const std::size_t count = std::min(out.size(), in_.size());
    std::copy_n(in_.begin(), count, out.begin());
    in_.erase(in_.begin(), in_.begin() + static_cast<std::ptrdiff_t>(count));
    return count;
  }
  std::size_t write(Bytes data) override {
    const std::size_t count = std::min(data.size(), room);
    out_.append(data.begin(), data.begin() + static_cast<std::ptrdiff_t>(count));
    room -= count;
    return count;
  }
  void type(const std::string& text) { in_.insert(in_.end(), text.begin(), text.end()); }
  std::vector<std::string> take_lines() {
    std::vector<std::string> lines;
    std::istringstream all(std::exchange(out_, {}));
    for (std::string line; std::getline(all, line);) {
      EXPECT_TRUE(line.ends_with('\r')) << line;
      lines.push_back(line.substr(0, line.size() - 1));
    }
    return lines;
  }
  std::size_t room = SIZE_MAX;

 private:
  std::deque<std::uint8_t> in_;
  std::string out_;
};

struct ConsoleBench {
  explicit ConsoleBench(bool enrolled = false, bool everything = true)
      : bench({.panel = size, .enrolled = enrolled, .has_touch = false}) {
    identity.serial = text("T-1");
    identity.version = Bounded<24>();
    identity.version.assign(bytes_of("1.0"));
    entropy.start(identity.serial.view(), {});
    Parts parts{wire, bench.clock, *bench.terminal, identity};
    if (everything) {
      parts.serial = &serials;
      parts.entropy = &entropy;
      parts.log = &bench.log;
      parts.display = &*bench.display;
      parts.indicator = &bench.indicator;
      parts.reader = true;
      parts.keys = 3;
      parts.read_only = kept;
      parts.spare = &spare;
      parts.can_restart = true;
    }
    console.emplace(parts);
  }
  static Bytes bytes_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
  }
  static Serial text(std::string_view text) {
    Serial out;
    out.assign(bytes_of(text));
    return out;
  }
  void turn() {
    bench.turn();
    console->step();
  }
  void run(Millis time) {
    for (Millis done{0}; done < time; done += Millis(5)) {
      bench.clock.advance(Millis(5));
      turn();
    }
  }
  // All that a command answers, in the time it takes.
  std::vector<std::string> say(const std::string& line, Millis time = Millis(50)) {
    wire.type(line + "\n");
    run(time);
    return wire.take_lines();
  }

  Bench bench;
  Wire wire;
  FakeFlash serial_flash{{512, 2, 512}}, seed_flash{{512, 2, 512}}, spare{{1024, 3, 256}};
  SerialStore serials{serial_flash};
  SeededEntropy entropy{seed_flash, nullptr};
  Identity identity;
  std::array<hal::Storage*, 2> kept{&bench.flash, &bench.settings_flash};
  std::optional<Console> console;
};

std::string error_line(Error error) {
  return "ERROR " + std::to_string(static_cast<int>(error)) + " " + std::string(reason_of(error));
}

// Lines ------------------------------------------------------------------------------------------

TEST(ConsoleLine, WordsAreTakenApartAndArgumentsCounted) {
  EXPECT_EQ(parse("help")->command, Command::help);
  EXPECT_EQ(parse("  test   keys ")->command, Command::test_keys);
  EXPECT_EQ(parse("serial T-7")->argument, "T-7");
  EXPECT_EQ(parse("serial").error(), Error::argument);
  EXPECT_EQ(parse("serial A B").error(), Error::argument);
  EXPECT_EQ(parse("id 4").error(), Error::argument);
  for (const char* line : {"", " ", "helpme", "test", "test door", "HELP", "seeds 00"})
    EXPECT_EQ(parse(line).error(), Error::unknown) << line;
}

TEST(ConsoleLine, ASeedIsSixtyFourDigits) {
  std::array<std::uint8_t, 32> key{};
  ASSERT_TRUE(parse_key(seed, key));
  for (std::size_t i = 0; i < key.size(); ++i) EXPECT_EQ(key[i], i);
  EXPECT_FALSE(parse_key(seed.substr(1), key));
  EXPECT_FALSE(parse_key(seed + "0", key));
  EXPECT_FALSE(parse_key("g" + seed.substr(1), key));
}

std::vector<std::string> read_lines(const std::string& bytes) {
  LineReader reader;
  std::vector<std::string> lines;
  for (const char c : bytes) {
    if (const auto line = reader.add(static_cast<std::uint8_t>(c))) {
      lines.push_back(*line ? std::string(**line) : error_line(line->error()));
    }
  }
  return lines;
}

TEST(ConsoleLine, EndsInEachWayAndBackspaceMends) {
  EXPECT_THAT(read_lines("id\nhelp\r\nlog\r\n\n\r\r"), ElementsAre("id", "help", "log"));
  EXPECT_THAT(read_lines("ib\x08\x64\n\x7f\x7fx\x7flog\n"), ElementsAre("id", "log"));
}

TEST(ConsoleLine, TooLongAndBinaryAreOneErrorEach) {
  EXPECT_THAT(read_lines(std::string(80, 'a') + "\n"), ElementsAre(std::string(80, 'a')));
  EXPECT_THAT(read_lines(std::string(500, 'a') + "\nid\n"),
              ElementsAre(error_line(Error::too_long), "id"));
  EXPECT_THAT(read_lines("i\xff\x01\x02\x1b[A\nid\n"),
              ElementsAre(error_line(Error::not_text), "id"));
}

TEST(ConsoleLine, NoNoiseBreaksIt) {
  std::mt19937 random(3);
  ConsoleBench c;
  for (int burst = 0; burst < 300; ++burst) {
    std::string noise(random() % 200, 0);
    for (char& byte : noise) byte = static_cast<char>(random());
    c.wire.type(noise);
    c.run(Millis(20));
    for (const std::string& line : c.wire.take_lines()) EXPECT_THAT(line, StartsWith("ERROR "));
  }
  c.say("");
  EXPECT_THAT(c.say("id"), ElementsAre(StartsWith("OK serial=T-1 ")));
}

// Commands ---------------------------------------------------------------------------------------

TEST(FactoryConsole, HelpListsEachCommandAndNothingIsLostOnASlowLine) {
  ConsoleBench c;
  const auto all = c.say("help");
  EXPECT_THAT(all, SizeIs(command_texts.size() + 1));
  EXPECT_EQ(all[2], "- serial SERIAL: sets the serial number, once");
  EXPECT_EQ(all.back(), "OK");
  c.wire.room = 0;
  c.wire.type("help\nid\n");
  for (int i = 0; i < 2000; ++i) {
    c.wire.room = 1;
    c.turn();
  }
  const auto slow = c.wire.take_lines();
  ASSERT_THAT(slow, SizeIs(all.size() + 1));
  EXPECT_TRUE(std::equal(all.begin(), all.end(), slow.begin()));
}

TEST(FactoryConsole, IdSaysWhatTheTerminalIs) {
  ConsoleBench c;
  EXPECT_THAT(c.say("id"), ElementsAre("OK serial=T-1 version=1.0 boot=1 reset=power_on seeded=no "
                                       "noise=none enrolled=no"));
}

TEST(FactoryConsole, ASerialNumberIsSetOnce) {
  ConsoleBench c;
  EXPECT_THAT(c.say("serial no/slash"), ElementsAre(error_line(Error::argument)));
  EXPECT_THAT(c.say("serial " + std::string(33, 'x')), ElementsAre(error_line(Error::argument)));
  EXPECT_EQ(c.serials.load().error(), SerialError::none);
  EXPECT_THAT(c.say("serial RC-00042"), ElementsAre("OK in force after a restart"));
  EXPECT_THAT(c.say("serial RC-00043"), ElementsAre(error_line(Error::already_set)));
  const auto kept = SerialStore(c.serial_flash).load();
  ASSERT_TRUE(kept);
  EXPECT_TRUE(std::ranges::equal(kept->view(), ConsoleBench::bytes_of("RC-00042")));
}

TEST(FactoryConsole, APowerCutLeavesNoSerialNumberOrThisOne) {
  for (const Cut how : {Cut::before, Cut::after, Cut::torn}) {
    for (std::uint64_t at = 0; at < 6; ++at) {
      FakeFlash flash({512, 2, 512});
      flash.cut_at(at, how, at);
      const bool done = SerialStore(flash).set(ConsoleBench::text("T-9")).has_value();
      flash.restart();
      const auto kept = SerialStore(flash).load();
      EXPECT_TRUE(kept || !done);
      if (!kept) (void)SerialStore(flash).set(ConsoleBench::text("T-9"));
      const auto again = SerialStore(flash).load();
      ASSERT_TRUE(again);
      EXPECT_TRUE(std::ranges::equal(again->view(), ConsoleBench::bytes_of("T-9")));
    }
  }
}

TEST(FactoryConsole, ASeedIsTakenAndNeverShown) {
  ConsoleBench c;
  EXPECT_THAT(c.say("seed 0011"), ElementsAre(error_line(Error::argument)));
  EXPECT_FALSE(c.entropy.seeded());
  EXPECT_THAT(c.say("seed " + seed), ElementsAre("OK seeded"));
  EXPECT_TRUE(c.entropy.seeded());
  EXPECT_THAT(c.say("id"), ElementsAre(HasSubstr(" seeded=yes ")));
  for (const char* line : {"help", "id", "log", "stats"}) {
    for (const std::string& answer : c.say(line)) EXPECT_THAT(answer, Not(HasSubstr("0001020304")));
  }
}

TEST(FactoryConsole, ASeedThatCannotBeKeptIsSaid) {
  ConsoleBench c;
  c.seed_flash.fail_at(0, Cut::before, 1);
  EXPECT_THAT(c.say("seed " + seed), ElementsAre(error_line(Error::storage)));
  EXPECT_FALSE(c.entropy.seeded());
}

TEST(FactoryConsole, AnEnrolledTerminalKeepsSerialAndSeed) {
  ConsoleBench c(true);
  for (const CommandText& text : command_texts) {
    if (!text.factory_only) continue;
    EXPECT_THAT(
        c.say(std::string(text.name) + " " + (text.command == Command::seed ? seed : "T-2")),
        ElementsAre(error_line(Error::enrolled)));
  }
  EXPECT_EQ(c.serials.load().error(), SerialError::none);
  EXPECT_FALSE(c.entropy.seeded());
  EXPECT_THAT(c.say("id"), ElementsAre(HasSubstr("enrolled=yes")));
}

TEST(FactoryConsole, TheWindowNeedsASeed) {
  ConsoleBench c;
  EXPECT_THAT(c.say("window"), ElementsAre(error_line(Error::no_seed)));
  EXPECT_FALSE(c.bench.terminal->enrolment().window_open());
  c.say("seed " + seed);
  EXPECT_THAT(c.say("window"), ElementsAre("OK open for 120 s or one attempt"));
  EXPECT_TRUE(c.bench.terminal->enrolment().window_open());
}

TEST(FactoryConsole, RestartAnswersFirst) {
  ConsoleBench c;
  EXPECT_THAT(c.say("restart", Millis(5)), ElementsAre("OK restarting"));
  c.run(Millis(2500));
  EXPECT_EQ(c.bench.restarts, 1u);
}

TEST(FactoryConsole, LogAndStatsAreLines) {
  ConsoleBench c;
  c.say("serial RC-1");
  const auto log = c.say("log");
  EXPECT_THAT(log.front(), HasSubstr(" info started, boot 1, reset reason 1"));
  EXPECT_THAT(log[log.size() - 2], HasSubstr(" info serial number set at the console"));
  EXPECT_EQ(log.back(), "OK");
  const auto stats = c.say("stats");
  EXPECT_THAT(stats, testing::Contains("- taps=0"));
  EXPECT_EQ(stats.back(), "OK");
}

// Self-tests -------------------------------------------------------------------------------------

TEST(FactoryConsole, TheDisplayShowsBarsAndThenWhatItShowedBefore) {
  ConsoleBench c;
  c.run(Millis(10));  // the rest screen is drawn in the loop's first turns
  const hal::Pixel before = c.bench.display->at(size.width - 1, 5);
  EXPECT_THAT(c.say("test display"), ElementsAre("PROGRESS 0/1"));
  EXPECT_EQ(c.bench.display->at(0, 5), 0x0000);
  EXPECT_EQ(c.bench.display->at(size.width - 1, 5), 0xffff);
  EXPECT_THAT(c.say("", picture_shown), ElementsAre("OK"));
  EXPECT_EQ(c.bench.display->at(size.width - 1, 5), before);
}

TEST(FactoryConsole, TheIndicatorPlaysEachColour) {
  ConsoleBench c;
  const auto before = c.bench.indicator.lights().size();
  EXPECT_THAT(c.say("test indicator", Millis(3000)),
              ElementsAre("PROGRESS 0/3", "PROGRESS 1/3", "PROGRESS 2/3", "OK"));
  std::vector<hal::Colour> colours;
  for (std::size_t i = before; i < c.bench.indicator.lights().size(); ++i)
    colours.push_back(c.bench.indicator.lights()[i].colour);
  EXPECT_THAT(colours, ElementsAre(hal::Colour::green, hal::Colour::amber, hal::Colour::blue,
                                   hal::Colour::off));
  EXPECT_EQ(c.bench.indicator.tunes(), 1u);
}

TEST(FactoryConsole, KeysAreExpectedOneByOneFromTheLeft) {
  ConsoleBench c;
  EXPECT_THAT(c.say("test keys"), ElementsAre("PROGRESS 0/3"));
  for (std::uint8_t key = 0; key < 3; ++key) {
    c.run(Millis(8000));
    c.bench.keys.press({key, c.bench.clock.monotonic()});
    c.run(Millis(10));
  }
  EXPECT_THAT(c.wire.take_lines(), ElementsAre("PROGRESS 1/3", "PROGRESS 2/3", "OK"));
  c.say("test keys");
  c.bench.keys.press({1, c.bench.clock.monotonic()});
  EXPECT_THAT(c.say(""), ElementsAre(error_line(Error::wrong)));
  EXPECT_THAT(c.say("test keys", Millis(10'100)),
              ElementsAre("PROGRESS 0/3", error_line(Error::timed_out)));
}

TEST(FactoryConsole, TheReaderIsTestedByACardWhoseNumberIsNotTold) {
  ConsoleBench c;
  EXPECT_THAT(c.say("test reader"), ElementsAre("PROGRESS 0/1"));
  c.bench.tap(0x77);
  EXPECT_THAT(c.say(""), ElementsAre("OK"));
  EXPECT_THAT(c.say("test reader", Millis(10'100)),
              ElementsAre("PROGRESS 0/1", error_line(Error::timed_out)));
}

TEST(FactoryConsole, StorageThatHoldsDataIsOnlyRead) {
  ConsoleBench c(true);
  c.bench.tap(1);
  c.run(Millis(2000));
  const auto queue = c.bench.flash.image();
  const auto settings = c.bench.settings_flash.image();
  const auto operations = c.bench.flash.operations() + c.bench.settings_flash.operations();
  const auto lines = c.say("test storage", Millis(1000));
  EXPECT_EQ(lines.front(), "PROGRESS 0/12");
  EXPECT_GE(lines.size(), 8u);
  EXPECT_EQ(lines.back(), "OK");
  EXPECT_EQ(c.bench.flash.image(), queue);
  EXPECT_EQ(c.bench.settings_flash.image(), settings);
  EXPECT_EQ(c.bench.flash.operations() + c.bench.settings_flash.operations(), operations);
  EXPECT_GE(c.spare.operations(), 3u * 4);
  EXPECT_THAT(c.spare.image(), testing::Each(0xff));
  EXPECT_EQ(c.spare.rule_breaks(), 0u);
}

TEST(FactoryConsole, StorageThatFailsOrForgetsIsSaid) {
  for (std::uint64_t at = 0; at < 9; ++at) {
    ConsoleBench c;
    c.spare.fail_at(at, Cut::torn, at);
    EXPECT_EQ(c.say("test storage", Millis(1000)).back(), error_line(Error::storage)) << at;
  }
}

TEST(FactoryConsole, WhatABoardHasNotIsSaid) {
  ConsoleBench c(false, false);
  for (const std::string line : {"serial T-2", "test display", "test indicator", "test keys",
                                 "test reader", "test storage", "log", "restart"}) {
    EXPECT_THAT(c.say(line), ElementsAre(error_line(Error::not_here))) << line;
  }
  EXPECT_THAT(c.say("seed " + seed), ElementsAre(error_line(Error::not_here)));
}

TEST(FactoryConsole, TapsGoOnDuringATest) {
  ConsoleBench c(true);
  c.bench.plug_in();
  c.say("test keys");
  c.bench.tap(1);
  c.run(Millis(50));
  EXPECT_THAT(c.bench.shown, ElementsAre(Shown::arrived));
}

// The page ---------------------------------------------------------------------------------------

std::string page() {
  std::ifstream file(ROLLCALL_CONSOLE_PAGE);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(FactoryConsole, ThePageHasEachCommandAndErrorAsTheTablesHaveThem) {
  const std::string text = page();
  ASSERT_THAT(text, Not(IsEmpty()));
  std::size_t commands = 0, errors = 0;
  for (const CommandText& command : command_texts) {
    const std::string argument =
        command.argument.empty() ? "" : " " + std::string(command.argument);
    EXPECT_THAT(text, HasSubstr("| `" + std::string(command.name) + argument + "` | " +
                                std::string(command.what) + " | " +
                                (command.factory_only ? "no" : "yes") + " |"));
  }
  for (const ErrorText& error : error_texts) {
    EXPECT_THAT(text, HasSubstr("| " + std::to_string(static_cast<int>(error.error)) + " | " +
                                std::string(error.reason) + " |"));
  }
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("| `")) ++commands;
    if (line.size() > 2 && line.starts_with("| ") && std::isdigit(line[2])) ++errors;
  }
  EXPECT_EQ(commands, command_texts.size()) << "and no other";
  EXPECT_EQ(errors, error_texts.size());
}

}  // namespace
}  // namespace rollcall::firmware::console
