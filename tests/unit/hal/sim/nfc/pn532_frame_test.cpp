// Frames of UM0701-02 6.2.1 and 6.2.2, byte for byte.
#include "tests/unit/hal/sim/nfc/chip_bench.hpp"

namespace rollcall::hal::sim {
namespace {

std::vector<HostFrame> read_all(const std::string& bytes) {
  HostFrameReader reader;
  std::vector<HostFrame> frames;
  for (const std::uint8_t byte : hex(bytes)) {
    if (auto frame = reader.push(byte)) frames.push_back(std::move(*frame));
  }
  return frames;
}

TEST(Pn532Frame, OfTheManualsFirmwareVersionReadsAndWritesTheSame) {
  EXPECT_EQ(text(encode_frame(hex("d4 02"))), "00 00 ff 02 fe d4 02 2a 00");
  const auto frames = read_all("00 00 ff 02 fe d4 02 2a 00");
  ASSERT_EQ(frames.size(), 1U);
  EXPECT_EQ(frames[0].kind, HostFrame::Kind::data);
  EXPECT_EQ(text(frames[0].data), "d4 02");
}

TEST(Pn532Frame, NeedsNoPreambleAndNoPostamble) {
  EXPECT_EQ(read_all("00 ff 02 fe d4 02 2a").size(), 1U);
  EXPECT_EQ(read_all("55 55 00 00 00 00 00 ff 02 fe d4 02 2a 00").size(), 1U);
}

TEST(Pn532Frame, AckAndNackAreKnown) {
  const auto frames = read_all("00 00 ff 00 ff 00 00 00 ff ff 00 00");
  ASSERT_EQ(frames.size(), 2U);
  EXPECT_EQ(frames[0].kind, HostFrame::Kind::ack);
  EXPECT_EQ(frames[1].kind, HostFrame::Kind::nack);
}

TEST(Pn532Frame, ThatIsDamagedIsSkippedAndTheNextOneFound) {
  const std::string good = " 00 00 ff 02 fe d4 02 2a 00";
  EXPECT_EQ(read_all("00 00 ff 02 fd d4 02 2a 00" + good).size(), 1U);  // length checksum
  EXPECT_EQ(read_all("00 00 ff 02 fe d4 02 2b 00" + good).size(), 1U);  // data checksum
  EXPECT_EQ(read_all("ff ff 12 00 34" + good).size(), 1U);
}

TEST(Pn532Frame, OfMoreThan255BytesIsExtended) {
  const ByteVector data(265, 0x01);
  const ByteVector frame = encode_frame(data);
  EXPECT_EQ(text(Bytes(frame).first(8)), "00 00 ff ff ff 01 09 f6");
  const auto frames = read_all(text(frame));
  ASSERT_EQ(frames.size(), 1U);
  EXPECT_EQ(frames[0].data, data);
  EXPECT_EQ(text(encode_frame(ByteVector(255, 0x01))).substr(0, 14), "00 00 ff ff 01");
}

TEST(Pn532Frame, LongerThanTheChipTakesIsSkipped) {
  EXPECT_TRUE(read_all(text(encode_frame(ByteVector(266, 0x01)))).empty());
}

}  // namespace
}  // namespace rollcall::hal::sim
