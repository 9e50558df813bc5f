#include "hal/sim/usb/terminal_device.hpp"

#include <cerrno>
#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rollcall::hal::sim {
namespace {

using hal::usb::endpoint_in;
using hal::usb::endpoint_out;
using hal::usb::packet_bytes;
using ::testing::ElementsAreArray;
using ::testing::IsEmpty;
using ::testing::SizeIs;

using Data = std::vector<std::uint8_t>;

Data numbers(std::size_t size) {
  Data data(size);
  std::iota(data.begin(), data.end(), std::uint8_t{0});
  return data;
}

struct UsbTerminal : ::testing::Test {
  // Asks for up to so many bytes.
  void ask(std::size_t room) {
    device.submit({.id = ++id, .endpoint = endpoint_in, .data = Data(room)});
  }
  void give(Data data) {
    device.submit({.id = ++id, .endpoint = endpoint_out, .data = std::move(data)});
  }
  // The only URB that has completed: what it carried.
  Data done(int status = 0) {
    const auto all = device.take_done();
    EXPECT_THAT(all, SizeIs(1));
    if (all.empty()) return {};
    EXPECT_EQ(all[0].status, status);
    return {all[0].data.begin(), all[0].data.begin() + static_cast<std::ptrdiff_t>(all[0].actual)};
  }
  Data control(std::array<std::uint8_t, 8> setup, std::size_t room, int status = 0) {
    device.submit({.id = ++id,
                   .endpoint = static_cast<std::uint8_t>(setup[0] & 0x80),
                   .setup = setup,
                   .data = Data(room)});
    return done(status);
  }

  TerminalDevice device{"TC-DOOR-1"};
  std::uint64_t id = 0;
};

TEST_F(UsbTerminal, TellsItsSerialNumber) {
  const Data expected{20,  3, 'T', 0, 'C', 0, '-', 0, 'D', 0,
                      'O', 0, 'O', 0, 'R', 0, '-', 0, '1', 0};
  EXPECT_EQ(control({0x80, 6, 3, 3, 9, 4, 255, 0}, 255), expected);
}

TEST_F(UsbTerminal, DescribesItselfAsSysfsDoes) {
  Data both = control({0x80, 6, 0, 1, 0, 0, 18, 0}, 18);
  const Data configuration = control({0x80, 6, 0, 2, 0, 0, 255, 0}, 255);
  EXPECT_EQ(both[16], 3);  // iSerialNumber
  EXPECT_EQ(configuration[2], configuration.size());
  both.insert(both.end(), configuration.begin(), configuration.end());
  EXPECT_EQ(device.descriptors(), both);
}

TEST_F(UsbTerminal, SomebodyElsesDeviceDiffersInItsInterfaceOnly) {
  const Data terminal = device.descriptors();
  device.be_something_else();
  Data other = device.descriptors();
  EXPECT_NE(other, terminal);
  other[18 + 9 + 6] = hal::usb::interface_subclass;
  EXPECT_EQ(other, terminal);
}

TEST_F(UsbTerminal, StallsWhatItDoesNotKnow) {
  control({0xc0, 0x77, 0, 0, 0, 0, 4, 0}, 4, -EPIPE);
  control({0x80, 6, 9, 3, 0, 0, 4, 0}, 4, -EPIPE);
}

TEST_F(UsbTerminal, AShortPacketEndsATransfer) {
  device.send(numbers(70));
  ask(1024);
  EXPECT_EQ(done(), numbers(70));
}

TEST_F(UsbTerminal, AMultipleOfAPacketDoesNot) {
  device.send(numbers(128));
  ask(1024);
  EXPECT_THAT(device.take_done(), IsEmpty());
  device.send(Data{1});
  EXPECT_THAT(done(), SizeIs(129));
}

TEST_F(UsbTerminal, AMultipleOfAPacketEndsOneOfThatRoom) {
  device.send(numbers(128));
  ask(64);
  EXPECT_THAT(done(), SizeIs(64));
  ask(64);
  EXPECT_THAT(done(), SizeIs(64));
}

TEST_F(UsbTerminal, AZeroLengthPacketEndsATransferToo) {
  device.add_zero_packets(true);
  device.send(numbers(64));
  ask(1024);
  EXPECT_THAT(done(), SizeIs(64));
  device.send(numbers(64));
  ask(64);
  EXPECT_THAT(done(), SizeIs(64));
  ask(64);
  EXPECT_THAT(done(), IsEmpty());
}

TEST_F(UsbTerminal, TakesNoMoreThanItHasRoomFor) {
  const Data much = numbers(packet_bytes * (TerminalDevice::buffered_packets + 2));
  give(much);
  EXPECT_THAT(device.take_done(), IsEmpty());
  Data got = device.receive();
  done();
  const Data rest = device.receive();
  got.insert(got.end(), rest.begin(), rest.end());
  EXPECT_EQ(got, much);

  const std::size_t taken = device.send(much);
  EXPECT_LT(taken, much.size());
  EXPECT_EQ(device.send(much), 0);
  ask(64);
  EXPECT_EQ(device.send(much), 64);
}

TEST_F(UsbTerminal, AStallLastsUntilItIsCleared) {
  ask(64);
  device.halt(endpoint_in);
  done(-EPIPE);
  device.send(numbers(3));
  ask(64);
  done(-EPIPE);
  control({0x02, 1, 0, 0, endpoint_in, 0, 0, 0}, 0);
  ask(64);
  EXPECT_EQ(done(), numbers(3));
}

TEST_F(UsbTerminal, UnpluggedAllFailsAndNothingIsKept) {
  ask(64);
  device.unplug();
  done(-ESHUTDOWN);
  EXPECT_EQ(device.send(numbers(3)), 0);
  give(numbers(3));
  done(-ESHUTDOWN);
  device.plug();
  ask(64);
  EXPECT_THAT(device.take_done(), IsEmpty());
  EXPECT_THAT(device.receive(), IsEmpty());
}

TEST_F(UsbTerminal, IsUnpluggedInTheMiddleOfATransfer) {
  device.unplug_in(100);
  give(numbers(1000));
  const auto all = device.take_done();
  ASSERT_THAT(all, SizeIs(1));
  EXPECT_EQ(all[0].status, -ESHUTDOWN);
  EXPECT_EQ(all[0].actual, 128);  // it happens between packets
  EXPECT_FALSE(device.plugged());
}

TEST_F(UsbTerminal, AResetEmptiesItAndEndsAStall) {
  device.halt(endpoint_out);
  device.send(numbers(3));
  device.reset();
  ask(64);
  give(numbers(3));
  EXPECT_THAT(done(), SizeIs(3));
  EXPECT_EQ(device.receive(), numbers(3));
  EXPECT_TRUE(device.cancel(1));
}

TEST_F(UsbTerminal, ACancelledRequestIsGone) {
  ask(64);
  EXPECT_TRUE(device.cancel(id));
  done(-ENOENT);
  EXPECT_FALSE(device.cancel(id));
}

}  // namespace
}  // namespace rollcall::hal::sim
