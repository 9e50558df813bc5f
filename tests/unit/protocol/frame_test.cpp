#include "protocol/frame.hpp"

#include <gtest/gtest.h>

#include "tests/unit/protocol/support.hpp"

namespace rollcall::protocol::testing {
namespace {

Buffer cobs(Bytes in) {
  Buffer out(wire_size(in.size()));
  const std::size_t size = cobs_encode(in, out);
  out.resize(size);
  return out;
}

Buffer wire(const FrameHeader& header, Bytes payload) {
  Buffer out(wire_size(max_body));
  const std::size_t size = write_frame(header, payload, out);
  EXPECT_GT(size, 0u);
  out.resize(size);
  return out;
}

// A body with a right CRC and any content, as a wire frame.
Buffer wire_of_body(Buffer body) {
  const std::uint32_t crc = crc32(body);
  for (int shift = 0; shift < 32; shift += 8)
    body.push_back(static_cast<std::uint8_t>(crc >> shift));
  Buffer out = cobs(body);
  out.push_back(0);
  return out;
}

struct Received {
  FrameHeader header;
  Buffer payload;
};

// Feeds everything and collects what comes out.
struct Sink {
  FrameDecoder decoder{max_body};
  std::vector<Received> frames;
  std::vector<FrameError> errors;

  void feed(Bytes in) {
    while (!in.empty()) {
      const auto step = decoder.push(in);
      ASSERT_GT(step.consumed, 0u);
      in = in.subspan(step.consumed);
      if (!step.complete) continue;
      if (step.result) {
        frames.push_back({step.result->header, to_buffer(step.result->payload)});
      } else {
        errors.push_back(step.result.error());
      }
    }
  }
};

TEST(Crc32, MatchesTheCheckValueOfTheCatalogue) {
  EXPECT_EQ(crc32(as_bytes("123456789")), 0xCBF43926u);  // CRC-32/ISO-HDLC
  EXPECT_EQ(crc32({}), 0u);
}

TEST(Cobs, EncodesThePapersExamples) {
  const auto run = [](std::uint8_t from, std::size_t count) {
    Buffer out;
    for (std::size_t i = 0; i < count; ++i) out.push_back(static_cast<std::uint8_t>(from + i));
    return out;
  };
  EXPECT_EQ(hex(cobs(unhex(""))), "01");
  EXPECT_EQ(hex(cobs(unhex("00"))), "0101");
  EXPECT_EQ(hex(cobs(unhex("0000"))), "010101");
  EXPECT_EQ(hex(cobs(unhex("001100"))), "01021101");
  EXPECT_EQ(hex(cobs(unhex("11220033"))), "0311220233");
  EXPECT_EQ(hex(cobs(unhex("11000000"))), "0211010101");
  const Buffer full = run(1, 254);
  EXPECT_EQ(hex(cobs(full)), "ff" + hex(full));
  Buffer zero_first = full;
  zero_first.insert(zero_first.begin(), 0);
  EXPECT_EQ(hex(cobs(zero_first)), "01ff" + hex(full));
  Buffer one_more = full;
  one_more.push_back(0xff);
  EXPECT_EQ(hex(cobs(one_more)), "ff" + hex(full) + "02ff");
  Buffer zero_last = full;
  zero_last.push_back(0);
  EXPECT_EQ(hex(cobs(zero_last)), "ff" + hex(full) + "0101");
}

TEST(Cobs, DecodesWhatItEncodesAndHoldsNoZero) {
  Random random;
  for (std::size_t size = 0; size < 1100; ++size) {
    Buffer in = random.bytes(size);
    if (random.one_in(2)) {
      for (auto& b : in) b = static_cast<std::uint8_t>(1 + b % 255);
    }
    Buffer out = cobs(in);
    ASSERT_EQ(std::ranges::count(out, 0), 0);
    ASSERT_LE(out.size(), wire_size(size) - 1);
    const auto decoded = cobs_decode(out);
    ASSERT_TRUE(decoded.has_value());
    out.resize(*decoded);
    ASSERT_EQ(out, in);
  }
}

TEST(Cobs, RefusesBlocksThatReachPastTheEnd) {
  for (const char* bad : {"02", "0311", "ff01", "00", "0200", "0211001122"}) {
    Buffer in = unhex(bad);
    EXPECT_EQ(cobs_decode(in).error(), FrameError::bad_cobs) << bad;
  }
}

TEST(Cobs, WritesNothingIntoTooSmallABuffer) {
  Buffer out(wire_size(5) - 2);
  EXPECT_EQ(cobs_encode(unhex("0102030405"), out), 0u);
}

TEST(Frame, ArrivesWithHeaderAndPayload) {
  Sink sink;
  const Buffer payload = unhex("00ff0001");
  sink.feed(wire({FrameType::data, 5, 9, 200}, payload));
  ASSERT_EQ(sink.frames.size(), 1u);
  EXPECT_EQ(sink.frames[0].header.type, FrameType::data);
  EXPECT_EQ(sink.frames[0].header.flags, 5);
  EXPECT_EQ(sink.frames[0].header.channel, 9);
  EXPECT_EQ(sink.frames[0].header.counter_low, 200);
  EXPECT_EQ(sink.frames[0].payload, payload);
}

TEST(Frame, WireBytesStayAsTheyAre) {
  // type 2, flags 3, channel 0, counter 1, payload 82 18 27 00
  EXPECT_EQ(hex(wire({FrameType::data, 3, 0, 1}, unhex("82182700"))),
            "03020305018218270524d52fa400");
}

TEST(Frame, OverheadInClearIsTenBytesForShortPayloads) {
  EXPECT_EQ(wire({FrameType::data, 0, 0, 0}, Buffer(50)).size(), 60u);
}

TEST(Frame, AnyChunkingGivesTheSameFrames) {
  Random random;
  for (int round = 0; round < 200; ++round) {
    Buffer stream;
    std::vector<Buffer> sent;
    for (std::size_t n = random.below(6); n > 0; --n) {
      for (std::size_t zeros = random.below(3); zeros > 0; --zeros) stream.push_back(0);
      sent.push_back(random.bytes(random.below(max_body - 7)));
      const Buffer frame = wire({FrameType::data, 0, 0, 0}, sent.back());
      stream.insert(stream.end(), frame.begin(), frame.end());
    }
    Sink sink;
    Bytes rest = stream;
    while (!rest.empty()) {
      const std::size_t size =
          1 + random.below(std::min<std::size_t>(rest.size(), 1 + random.below(600)));
      sink.feed(rest.first(size));
      rest = rest.subspan(size);
    }
    ASSERT_EQ(sink.errors.size(), 0u);
    ASSERT_EQ(sink.frames.size(), sent.size());
    for (std::size_t i = 0; i < sent.size(); ++i) ASSERT_EQ(sink.frames[i].payload, sent[i]);
  }
}

TEST(Frame, EmptyFramesAreNothing) {
  Sink sink;
  sink.feed(Buffer(50));
  EXPECT_TRUE(sink.frames.empty());
  EXPECT_TRUE(sink.errors.empty());
}

TEST(Frame, LargestBodyFitsAndOneMoreIsNotWritten) {
  Sink sink;
  const Buffer largest(max_body - frame_header_size - frame_crc_size, 0x55);
  sink.feed(wire({FrameType::data, 0, 0, 0}, largest));
  ASSERT_EQ(sink.frames.size(), 1u);
  EXPECT_EQ(sink.frames[0].payload.size(), largest.size());

  Buffer out(2 * max_body);
  EXPECT_EQ(write_frame({FrameType::data, 0, 0, 0}, Buffer(largest.size() + 1), out), 0u);
  Buffer small(wire_size(frame_header_size + frame_crc_size) - 1);
  EXPECT_EQ(write_frame({FrameType::ack, 0, 0, 0}, {}, small), 0u);
}

TEST(Frame, OversizeIsReportedOnceAndTheNextFrameArrives) {
  for (const std::size_t limit : {max_body_serial, max_body_tcp}) {
    Sink sink;
    sink.decoder = FrameDecoder(limit);
    sink.feed(Buffer(5000, 0x42));
    sink.feed(unhex("00"));
    EXPECT_EQ(sink.errors, std::vector{FrameError::too_long});
    sink.feed(wire_of_body(Buffer(limit + 1 - frame_crc_size, 2)));
    EXPECT_EQ(sink.errors, std::vector(2, FrameError::too_long));
    EXPECT_TRUE(sink.frames.empty());
    sink.feed(wire_of_body(Buffer(limit - frame_crc_size, 2)));
    EXPECT_EQ(sink.frames.size(), 1u);
  }
}

TEST(Frame, EverySingleDamagedByteIsNoticed) {
  Random random;
  const Buffer good = wire({FrameType::data, 1, 0, 77}, random.bytes(40));
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (int value = 0; value < 256; ++value) {
      if (good[at] == value) continue;
      Buffer bad = good;
      bad[at] = static_cast<std::uint8_t>(value);
      Sink sink;
      sink.feed(bad);
      sink.feed(unhex("00"));
      ASSERT_TRUE(sink.frames.empty()) << at << ' ' << value;
      ASSERT_FALSE(sink.errors.empty());
    }
  }
}

TEST(Frame, TooShortBodiesAreReported) {
  Sink sink;
  for (std::size_t size = 0; size < frame_header_size; ++size)
    sink.feed(wire_of_body(Buffer(size, 2)));
  EXPECT_EQ(sink.errors, std::vector(4, FrameError::too_short));
}

TEST(Frame, UnknownTypesAreReported) {
  Sink sink;
  for (int type = 0; type < 256; ++type)
    sink.feed(wire_of_body({static_cast<std::uint8_t>(type), 0, 0, 0}));
  EXPECT_EQ(sink.frames.size(), 9u);
  EXPECT_EQ(sink.errors, std::vector(247, FrameError::unknown_type));
}

TEST(Frame, NoiseBetweenFramesCostsAtMostOneFrame) {
  Random random;
  for (int round = 0; round < 500; ++round) {
    Sink sink;
    const Buffer first = wire({FrameType::ack, 0, 0, 1}, {});
    sink.feed(first);
    sink.feed(random.bytes(random.below(300)));
    sink.feed(wire({FrameType::ack, 0, 0, 2}, {}));
    sink.feed(wire({FrameType::ack, 0, 0, 3}, {}));
    ASSERT_GE(sink.frames.size(), 2u);
    ASSERT_EQ(sink.frames.front().header.counter_low, 1);
    ASSERT_EQ(sink.frames.back().header.counter_low, 3);
  }
}

TEST(Frame, ResetForgetsAFrameThatHasBegun) {
  Sink sink;
  const Buffer frame = wire({FrameType::ping, 0, 0, 0}, {});
  sink.feed(Bytes(frame).first(5));
  sink.decoder.reset();
  sink.feed(frame);
  EXPECT_EQ(sink.frames.size(), 1u);
  EXPECT_TRUE(sink.errors.empty());
}

}  // namespace
}  // namespace rollcall::protocol::testing
