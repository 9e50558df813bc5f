// The two ends of a bulk transfer without a link: messages arrive, frames are in the test's hands.
#pragma once

#include <gtest/gtest.h>

#include "protocol/bulk.hpp"
#include "protocol/little_endian.hpp"
#include "tests/unit/protocol/support.hpp"

namespace rollcall::protocol::testing {

inline Buffer some_bytes(std::size_t size) {
  Buffer out(size);
  for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<std::uint8_t>(i * 7 + i / 256);
  return out;
}

struct Content : BulkSource {
  bool read(std::uint32_t offset, MutableBytes out) override {
    EXPECT_LE(offset + out.size(), bytes.size());
    std::copy_n(bytes.begin() + offset, out.size(), out.begin());
    return readable;
  }
  void ended(BulkResult result) override { results.push_back(result); }

  Buffer bytes;
  bool readable = true;
  std::vector<BulkResult> results;
};

struct Store : BulkSink {
  std::expected<std::uint32_t, BulkResult> begin(const BulkOffer& offer) override {
    offers.push_back(offer);
    if (refuses) return std::unexpected(*refuses);
    return static_cast<std::uint32_t>(kept.size());
  }
  bool held(std::uint32_t offset, MutableBytes out) override {
    EXPECT_LE(offset + out.size(), kept.size());
    std::copy_n(kept.begin() + offset, out.size(), out.begin());
    return readable;
  }
  bool write(std::uint32_t offset, Bytes content) override {
    EXPECT_LE(offset, kept.size());
    kept.resize(offset);
    kept.insert(kept.end(), content.begin(), content.end());
    return writable;
  }
  BulkResult end(BulkResult result) override {
    results.push_back(result);
    return result == BulkResult::complete ? says_of_complete : result;
  }

  Buffer kept;
  bool readable = true;
  bool writable = true;
  std::optional<BulkResult> refuses;
  BulkResult says_of_complete = BulkResult::complete;
  std::vector<BulkOffer> offers;
  std::vector<BulkResult> results;
};

struct BulkFrame {
  FrameHeader header;
  Buffer payload;

  std::uint32_t offset() const { return load_le32(payload.data()); }
};

struct BulkTest : ::testing::Test {
  static constexpr std::size_t chunk = 50;

  BulkTest() {
    sender.up(chunk + bulk_limits::offset_size);
    receiver.up(chunk + bulk_limits::offset_size);
  }

  void offer(const Buffer& bytes) {
    content.bytes = bytes;
    sender.send(BulkKind::screen, 7, static_cast<std::uint32_t>(bytes.size()),
                crypto::sha256(bytes), content);
  }
  static Buffer message(BulkChannel& from, Millis now) {
    Buffer out(max_encoded_size(BulkOffer::fields));
    out.resize(from.take_message(out, now));
    return out;
  }
  // Messages both ways until there are none.
  void talk() {
    for (int i = 0; i < 20 && (sender.message_due() || receiver.message_due()); ++i) {
      while (sender.message_due()) EXPECT_TRUE(receiver.on_message(message(sender, now), now));
      while (receiver.message_due()) EXPECT_TRUE(sender.on_message(message(receiver, now), now));
    }
  }
  // When `of` has something to do.
  Millis deadline(const BulkChannel& of) const {
    const std::int32_t left = of.time_left(ticks(now));
    return left == no_deadline ? Millis::max() : now + Millis(left);
  }
  BulkFrame frame(BulkChannel& from) {
    EXPECT_TRUE(from.frame_due());
    BulkFrame out;
    out.payload.resize(chunk + bulk_limits::offset_size);
    out.payload.resize(from.make_frame(out.header, out.payload, ticks(now)));
    return out;
  }
  std::vector<BulkFrame> frames(BulkChannel& from) {
    std::vector<BulkFrame> out;
    while (from.frame_due()) out.push_back(frame(from));
    return out;
  }
  void give(BulkChannel& to, const BulkFrame& frame) {
    to.on_frame(frame.header, frame.payload, ticks(now));
  }
  void give(BulkChannel& to, const std::vector<BulkFrame>& all) {
    for (const BulkFrame& one : all) give(to, one);
  }
  // Everything both ways, on a perfect line, until there is nothing more.
  void settle() {
    for (int i = 0; i < 10'000; ++i) {
      talk();
      const auto content_frames = frames(sender);
      give(receiver, content_frames);
      const auto acks = frames(receiver);
      give(sender, acks);
      if (content_frames.empty() && acks.empty() && !sender.message_due() &&
          !receiver.message_due()) {
        return;
      }
      ++now;
    }
    ADD_FAILURE() << "it never ends";
  }
  template <class Message>
  bool say(BulkChannel& to, const Message& message) {
    return to.on_message(encoded(message), now);
  }

  Millis now{1000};
  Content content;
  Store store;
  BulkChannel sender{nullptr};
  BulkChannel receiver{&store};
};

}  // namespace rollcall::protocol::testing
