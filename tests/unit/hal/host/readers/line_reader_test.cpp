// The reader is a pseudo terminal; it runs in real time.
#include "hal/host/readers/line_reader.hpp"

#include <array>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>
#include <pty.h>
#include <unistd.h>

namespace rollcall::readers {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using Line = std::expected<LineReading, std::string>;

LineReading card(std::vector<std::uint8_t> number) {
  return {LineReading::What::card, std::move(number)};
}

class ReaderOfLines : public testing::Test {
 protected:
  ~ReaderOfLines() override {
    unplug();
    std::filesystem::remove(link_);
  }
  void plug_in() {
    std::array<char, 64> name{};
    ASSERT_EQ(::openpty(&master_, &slave_, name.data(), nullptr, nullptr), 0);
    std::filesystem::remove(link_);
    std::filesystem::create_symlink(name.data(), link_);
  }
  void unplug() {
    for (int* end : {&master_, &slave_})
      if (*end >= 0) ::close(std::exchange(*end, -1));
  }
  void print(std::string_view text) {
    ASSERT_EQ(::write(master_, text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  void begin(LineFormat format = LineFormat::uid_hex) {
    reader_ = line_reader(io_.get_executor(), serial_source({link_, 9600}), format,
                          {.state =
                               [this](bool now, const std::string& what) {
                                 working_ = now;
                                 told_.push_back(what);
                               },
                           .sight = {},
                           .line = [this](const Line& line) { lines_.push_back(line); }});
  }
  bool until(const std::function<bool()>& holds) {
    const auto end = std::chrono::steady_clock::now() + 20s;
    while (!holds() && std::chrono::steady_clock::now() < end) io_.run_one_for(1ms);
    return holds();
  }
  bool prints(std::size_t count) {
    return until([&] { return lines_.size() >= count; });
  }

  asio::io_context io_{1};
  const std::string link_ =
      std::filesystem::temp_directory_path() / ("rollcall-lines-" + std::to_string(::getpid()));
  int master_ = -1;
  int slave_ = -1;
  std::unique_ptr<Reader> reader_;
  bool working_ = false;
  std::vector<std::string> told_;
  std::vector<Line> lines_;
};

TEST_F(ReaderOfLines, TellsEachLine) {
  plug_in();
  begin();
  ASSERT_TRUE(until([&] { return working_; }));
  EXPECT_EQ(told_.back(), "lines of " + link_);
  print("04C0FFEE000001\r\nDEADBEEF\r\n");
  ASSERT_TRUE(prints(2));
  EXPECT_EQ(lines_[0], card({0x04, 0xC0, 0xFF, 0xEE, 0, 0, 1}));
  EXPECT_EQ(lines_[1], card({0xDE, 0xAD, 0xBE, 0xEF}));
}

TEST_F(ReaderOfLines, PiecesAreOneLine) {
  plug_in();
  begin();
  ASSERT_TRUE(until([&] { return working_; }));
  for (const char* piece : {"04C0", "FFEE", "000001", "\r"}) {
    print(piece);
    io_.run_for(10ms);
  }
  ASSERT_TRUE(prints(1));
  EXPECT_EQ(lines_[0], card({0x04, 0xC0, 0xFF, 0xEE, 0, 0, 1}));
}

TEST_F(ReaderOfLines, LineThatLostItsEndIsNoCard) {
  plug_in();
  begin();
  ASSERT_TRUE(until([&] { return working_; }));
  print("DEADBEEF");  // of a number of seven bytes
  ASSERT_TRUE(prints(1));
  EXPECT_EQ(lines_[0], std::unexpected(std::string("it came without its end")));
  print("000001\n");
  ASSERT_TRUE(prints(2));
  EXPECT_FALSE(lines_[1]);
}

TEST_F(ReaderOfLines, NoiseIsRefusedAndTheNextLineIsWhole) {
  plug_in();
  begin();
  ASSERT_TRUE(until([&] { return working_; }));
  std::string noise(3000, '\xA5');
  print(noise + "\n");
  ASSERT_TRUE(prints(1));
  EXPECT_EQ(lines_[0], std::unexpected(std::string("it is too long")));
  print("DEADBEEF\n");
  ASSERT_TRUE(prints(2));
  EXPECT_EQ(lines_[1], card({0xDE, 0xAD, 0xBE, 0xEF}));
}

TEST_F(ReaderOfLines, ComesAndGoes) {
  begin(LineFormat::code);
  ASSERT_TRUE(until([&] { return !told_.empty(); }));
  EXPECT_FALSE(working_);
  EXPECT_TRUE(told_.back().starts_with(link_ + " cannot be opened"));
  plug_in();
  ASSERT_TRUE(until([&] { return working_; }));
  print("1234");
  io_.run_for(10ms);
  unplug();
  ASSERT_TRUE(until([&] { return !working_; }));
  EXPECT_EQ(told_.back(), "lines of " + link_ + " was unplugged");
  plug_in();
  ASSERT_TRUE(until([&] { return working_; }));
  print("5678\n12345678\n");
  ASSERT_TRUE(prints(2));
  EXPECT_FALSE(lines_[0]) << "it is not put behind what came before";
  ASSERT_TRUE(lines_[1]);
  EXPECT_EQ(lines_[1]->what, LineReading::What::code);
}

TEST_F(ReaderOfLines, TellsNothingAfterItsEnd) {
  plug_in();
  begin();
  ASSERT_TRUE(until([&] { return working_; }));
  print("DEADBEEF\nDEADBEEF");
  reader_.reset();
  io_.restart();
  io_.run_for(500ms);
  EXPECT_TRUE(lines_.empty());
}

TEST(Keyboards, WhatIsNoInputDeviceIsRefusedInWords) {
  const auto absent = keyboard_source("/nowhere")->open();
  EXPECT_EQ(absent.error(), "/nowhere cannot be opened: No such file or directory");
  const auto other = keyboard_source("/dev/null")->open();
  ASSERT_FALSE(other);
  EXPECT_TRUE(other.error().starts_with("/dev/null is no input device: ")) << other.error();
}

}  // namespace
}  // namespace rollcall::readers
