// Two ends of a link in one process, for tests: owners that note what the link tells them, and a
// session that authenticates, so that tampering shows before the secured session exists.
#pragma once

#include <deque>
#include <functional>
#include <optional>

#include "protocol/crypto/crypto.hpp"
#include "protocol/link.hpp"
#include "tests/unit/protocol/support.hpp"

namespace rollcall::protocol::testing {

inline Hello hello_of(std::string_view serial, std::uint16_t max_frame = max_body_tcp) {
  Hello hello;
  hello.serial.assign(as_bytes(serial));
  hello.firmware.assign(as_bytes("test"));
  hello.max_frame = max_frame;
  return hello;
}

// ChaCha20-Poly1305 under one key for all connections: enough to tell a forged frame.
class TaggedSession final : public Session {
 public:
  std::size_t tag_size() const override { return crypto::tag_size; }
  bool established() const override { return true; }
  std::expected<std::size_t, SessionError> seal(std::uint64_t nonce, Bytes aad, Bytes payload,
                                                MutableBytes out) override {
    const auto size = crypto::seal(key_, nonce_of(nonce), aad, payload, out);
    if (!size) return std::unexpected(SessionError::no_space);
    return *size;
  }
  std::expected<std::size_t, SessionError> open(std::uint64_t nonce, Bytes aad, Bytes sealed,
                                                MutableBytes out) override {
    const auto size = crypto::open(key_, nonce_of(nonce), aad, sealed, out);
    if (!size) return std::unexpected(SessionError::bad_tag);
    return *size;
  }

 private:
  static crypto::Nonce nonce_of(std::uint64_t counter) {
    crypto::Nonce nonce{};
    std::memcpy(nonce.data() + 4, &counter, sizeof counter);
    return nonce;
  }
  crypto::Key key_{42};
};

// One end with its owner. Handlers may be replaced by a test.
struct End : LinkEvents {
  End(Session& session, const Hello& self) : link(session, *this, self) {}

  void on_up(const Hello& peer) override {
    ++ups;
    peer_serial.assign(peer.serial.view().begin(), peer.serial.view().end());
  }
  void on_message(std::uint8_t channel, Bytes payload) override {
    received.push_back(to_buffer(payload));
    channels.push_back(channel);
    if (when_message) when_message();
  }
  void on_sent() override {
    ++sent;
    if (when_sent) when_sent();
  }
  void on_down(CloseReason reason) override {
    downs.push_back(reason);
    if (when_down) when_down();
  }

  // Takes everything that waits to be written.
  Buffer take() {
    Buffer out;
    while (!link.pending_output().empty()) {
      const Bytes pending = link.pending_output();
      out.insert(out.end(), pending.begin(), pending.end());
      link.consume(pending.size());
    }
    return out;
  }

  Link link;
  int ups = 0;
  int sent = 0;
  std::string peer_serial;
  std::vector<Buffer> received;
  std::vector<std::uint8_t> channels;
  std::vector<CloseReason> downs;
  std::function<void()> when_message;
  std::function<void()> when_sent;
  std::function<void()> when_down;
};

// The frames of a byte stream; a stream with damage in it fails the test.
struct SeenFrame {
  FrameHeader header;
  Buffer payload;
};
inline std::vector<SeenFrame> frames_of(Bytes stream) {
  std::vector<SeenFrame> out;
  FrameDecoder decoder;
  while (!stream.empty()) {
    const auto step = decoder.push(stream);
    stream = stream.subspan(step.consumed);
    if (!step.complete) continue;
    EXPECT_TRUE(step.result.has_value());
    if (step.result) out.push_back({step.result->header, to_buffer(step.result->payload)});
  }
  return out;
}

// Carries everything that two ends want to say, until both are silent.
inline void exchange(End& x, End& y, Millis now) {
  for (int i = 0; i < 100; ++i) {
    const Buffer from_x = x.take();
    y.link.on_bytes(from_x, now);
    const Buffer from_y = y.take();
    x.link.on_bytes(from_y, now);
    if (from_x.empty() && from_y.empty()) return;
  }
  FAIL() << "the ends never fall silent";
}

// Two ends in clear on a perfect line.
struct LinkTest : ::testing::Test {
  ClearSession session;
  End a{session, hello_of("T-1")};
  End b{session, hello_of("")};
  Millis now{1000};

  void settle() { exchange(a, b, now); }
  void connect() {
    a.link.start(now);
    b.link.start(now);
    settle();
    ASSERT_EQ(a.link.state(), LinkState::up);
    ASSERT_EQ(b.link.state(), LinkState::up);
  }
  void pass(Millis time) {
    now += time;
    a.link.poll(now);
    b.link.poll(now);
  }
  bool send(End& from, std::string_view text) { return from.link.send(0, as_bytes(text), now); }
  static std::string text(const Buffer& bytes) { return {bytes.begin(), bytes.end()}; }
};

}  // namespace rollcall::protocol::testing
