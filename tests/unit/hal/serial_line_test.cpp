#include "hal/host/serial_line.hpp"

#include <array>
#include <cstdlib>
#include <string>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

namespace rollcall::hal::host {
namespace {

using ::testing::HasSubstr;

TEST(SerialAddress, IsADeviceAndPerhapsARate) {
  const auto plain = parse_serial_address("/dev/ttyUSB0");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->device, "/dev/ttyUSB0");
  EXPECT_EQ(plain->baud, 115200);
  EXPECT_EQ(plain->bytes_per_second(), 11520);
  EXPECT_EQ(parse_serial_address("/dev/ttyACM1:921600")->baud, 921600);
}

TEST(SerialAddress, NamesByWayOfTheBusHaveColons) {
  const std::string device = "/dev/serial/by-path/pci-0000:00:14.0-usb-0:1:1.0-port0";
  EXPECT_EQ(parse_serial_address(device)->device, device);
  const auto with_rate = parse_serial_address(device + ":57600");
  EXPECT_EQ(with_rate->device, device);
  EXPECT_EQ(with_rate->baud, 57600);
}

TEST(SerialAddress, SaysWhatIsWrong) {
  EXPECT_THAT(parse_serial_address("ttyUSB0").error(), HasSubstr("absolute path"));
  EXPECT_THAT(parse_serial_address("").error(), HasSubstr("absolute path"));
  EXPECT_THAT(parse_serial_address(":115200").error(), HasSubstr("absolute path"));
  EXPECT_THAT(parse_serial_address("/dev/ttyUSB0:1234").error(), HasSubstr("none of 9600"));
  EXPECT_THAT(parse_serial_address("/dev/ttyUSB0:99999999999").error(), HasSubstr("none of"));
}

class PseudoTerminal {
 public:
  PseudoTerminal() : master_(::posix_openpt(O_RDWR | O_NOCTTY)) {
    ::grantpt(master_);
    ::unlockpt(master_);
    std::array<char, 64> name{};
    ::ptsname_r(master_, name.data(), name.size());
    device = name.data();
  }
  ~PseudoTerminal() { ::close(master_); }
  int master() const { return master_; }

  std::string device;

 private:
  int master_;
};

TEST(SerialLine, CarriesEveryByteAsItIs) {
  const PseudoTerminal terminal;
  const auto line = open_serial_line({terminal.device, 921600});
  ASSERT_TRUE(line) << line.error();
  std::array<std::uint8_t, 256> all{};
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::uint8_t>(i);
  const auto copy = [&](int from, int to) {
    std::array<std::uint8_t, 256> got{};
    EXPECT_EQ(::write(from, all.data(), all.size()), ssize_t{256});
    EXPECT_EQ(::read(to, got.data(), got.size()), ssize_t{256});
    EXPECT_EQ(got, all);
  };
  copy(*line, terminal.master());
  copy(terminal.master(), *line);
  termios settings{};
  ::tcgetattr(*line, &settings);
  EXPECT_EQ(::cfgetospeed(&settings), speed_t{B921600});
  EXPECT_EQ(settings.c_cflag & static_cast<tcflag_t>(CSIZE | PARENB | CSTOPB | HUPCL),
            tcflag_t{CS8});
  int exclusive = 0;
  ::ioctl(*line, TIOCGEXCL, &exclusive);
  EXPECT_EQ(exclusive, 1);
  ::close(*line);
}

TEST(SerialLine, WhatIsNoSerialLineIsNotOpened) {
  EXPECT_THAT(open_serial_line({"/nowhere/ttyUSB0"}).error(), HasSubstr("No such file"));
  EXPECT_FALSE(open_serial_line({"/dev/null"}));
}

}  // namespace
}  // namespace rollcall::hal::host
