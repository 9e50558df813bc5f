// Frames as the user manual of the PN532 (UM0701-02, 6.2.1) prints them.
#include "hal/chips/pn532_frame.hpp"

#include <numeric>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rollcall::hal::pn532 {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;
using Recording = std::vector<std::uint8_t>;

Recording built(const Recording& command, const Recording& data = {}) {
  Recording out(max_frame);
  out.resize(build_frame(command, data, out));
  return out;
}

// All that comes of these bytes.
std::vector<Received> heard(FrameReader& reader, const Recording& bytes) {
  std::vector<Received> all;
  for (const std::uint8_t byte : bytes) {
    const Received received = reader.put(byte);
    if (received != Received::nothing) all.push_back(received);
  }
  return all;
}

const Recording ack{0x00, 0x00, 0xFF, 0x00, 0xFF, 0x00};
const Recording nack{0x00, 0x00, 0xFF, 0xFF, 0x00, 0x00};
const Recording error{0x00, 0x00, 0xFF, 0x01, 0xFF, 0x7F, 0x81, 0x00};
const Recording version{0x00, 0x00, 0xFF, 0x06, 0xFA, 0xD5, 0x03,
                        0x32, 0x01, 0x06, 0x07, 0xE8, 0x00};

TEST(Pn532Frame, CommandsAreFramedAsTheManualPrintsThem) {
  EXPECT_THAT(built({0x02}), ElementsAre(0x00, 0x00, 0xFF, 0x02, 0xFE, 0xD4, 0x02, 0x2A, 0x00));
  EXPECT_THAT(built({0x14, 0x01}),
              ElementsAre(0x00, 0x00, 0xFF, 0x03, 0xFD, 0xD4, 0x14, 0x01, 0x17, 0x00));
  EXPECT_THAT(built({0x4A, 0x02, 0x00}),
              ElementsAre(0x00, 0x00, 0xFF, 0x04, 0xFC, 0xD4, 0x4A, 0x02, 0x00, 0xE0, 0x00));
}

TEST(Pn532Frame, LongestShortFrameAndShortestLongOne) {
  const Recording head{0x40, 0x01};
  const Recording most = built(head, Recording(252, 0xAB));
  EXPECT_EQ(most[3], 0xFF);
  EXPECT_EQ(most[4], 0x01);
  EXPECT_EQ(most.size(), 5u + 255u + 2u);
  const Recording extended = built(head, Recording(253, 0xAB));
  EXPECT_THAT(Recording(extended.begin(), extended.begin() + 9),
              ElementsAre(0x00, 0x00, 0xFF, 0xFF, 0xFF, 0x01, 0x00, 0xFF, 0xD4));
  EXPECT_EQ(std::accumulate(extended.begin() + 8, extended.end() - 1, 0) & 0xFF, 0);
}

TEST(Pn532Frame, EachKindIsKnown) {
  FrameReader reader;
  EXPECT_THAT(heard(reader, ack), ElementsAre(Received::ack));
  EXPECT_THAT(heard(reader, nack), ElementsAre(Received::nack));
  EXPECT_THAT(heard(reader, error), ElementsAre(Received::error));
  EXPECT_THAT(heard(reader, version), ElementsAre(Received::response));
  EXPECT_THAT(reader.data(), ElementsAre(0x03, 0x32, 0x01, 0x06, 0x07));
}

TEST(Pn532Frame, LongestResponseIsRead) {
  Recording data{0xD5, 0x41, 0x00};
  for (std::size_t i = 0; i < max_apdu; ++i) data.push_back(static_cast<std::uint8_t>(i * 7));
  const std::size_t size = data.size();
  Recording frame{0x00,
                  0x00,
                  0xFF,
                  0xFF,
                  0xFF,
                  static_cast<std::uint8_t>(size >> 8),
                  static_cast<std::uint8_t>(size),
                  static_cast<std::uint8_t>(0x100 - (size >> 8) - (size & 0xFF))};
  frame.insert(frame.end(), data.begin(), data.end());
  frame.push_back(static_cast<std::uint8_t>(-std::accumulate(data.begin(), data.end(), 0)));
  frame.push_back(0x00);
  FrameReader reader;
  EXPECT_THAT(heard(reader, frame), ElementsAre(Received::response));
  EXPECT_THAT(reader.data(), ElementsAreArray(data.begin() + 1, data.end()));
}

TEST(Pn532Frame, NoiseAroundFramesIsNothing) {
  FrameReader reader;
  Recording bytes{0x55, 0x12, 0x00, 0xFE, 0x00, 0x00, 0x00};
  bytes.insert(bytes.end(), ack.begin(), ack.end());
  bytes.insert(bytes.end(), {0x80, 0xFF, 0xFF, 0x00});
  bytes.insert(bytes.end(), version.begin(), version.end());
  EXPECT_THAT(heard(reader, bytes), ElementsAre(Received::ack, Received::response));
}

TEST(Pn532Frame, DamageIsToldAndTheNextFrameIsRead) {
  for (std::size_t at = 3; at + 1 < version.size(); ++at) {
    for (const int flip : {0x01, 0x80}) {
      FrameReader reader;
      Recording bytes = version;
      bytes[at] = static_cast<std::uint8_t>(bytes[at] ^ flip);
      // Behind a wrong length the reader may need a few bytes more than one frame.
      for (int i = 0; i < 2; ++i) bytes.insert(bytes.end(), version.begin(), version.end());
      const auto all = heard(reader, bytes);
      ASSERT_FALSE(all.empty()) << at;
      EXPECT_EQ(all.front(), Received::damaged) << at;
      EXPECT_EQ(all.back(), Received::response) << at;
    }
  }
}

TEST(Pn532Frame, WhatIsNoResponseOrLongerThanOneIsDamaged) {
  FrameReader reader;
  EXPECT_THAT(heard(reader, built({0x02})), ElementsAre(Received::damaged)) << "an echo";
  EXPECT_THAT(heard(reader, {0x00, 0x00, 0xFF, 0x00, 0x00, 0x00}), ElementsAre(Received::damaged))
      << "empty";
  EXPECT_THAT(heard(reader, {0x00, 0x00, 0xFF, 0xFF, 0xFF, 0x02, 0x00, 0xFE}),
              ElementsAre(Received::damaged))
      << "512 bytes";
  EXPECT_THAT(heard(reader, version), ElementsAre(Received::response));
}

TEST(Pn532Frame, DamageEndingInAZeroDoesNotHideAFrameThatBeginsThere) {
  FrameReader reader;
  Recording bytes{0x00, 0xFF, 0x33};  // noise that looks like a start
  bytes.insert(bytes.end(), version.begin(), version.end());
  EXPECT_THAT(heard(reader, bytes), ElementsAre(Received::damaged, Received::response));
}

}  // namespace
}  // namespace rollcall::hal::pn532
