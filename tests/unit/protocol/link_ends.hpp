// Two ends of a link in one process, for tests: owners that note what the link tells them and run
// the steps of its handshake at once.
#pragma once

#include <functional>
#include <random>

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

inline crypto::Key key_of(std::uint8_t fill) {
  crypto::Key key;
  key.fill(fill);
  return key;
}

// What an owner draws its ephemeral keys from: another key each time, the same ones in each run.
class FreshKeys {
 public:
  explicit FreshKeys(std::uint64_t seed) : engine_(seed) {}
  crypto::Key next() {
    crypto::Key key;
    for (auto& byte : key) byte = static_cast<std::uint8_t>(engine_());
    return key;
  }

 private:
  std::mt19937_64 engine_;
};

inline constexpr std::uint8_t common_key = 0x42;

// One end with its owner. Handlers may be replaced by a test.
struct End : LinkEvents {
  End(Role role, const Hello& self, BulkSink* sink = nullptr)
      : bulk(sink), link(role, *this, &bulk, self), fresh(role == Role::terminal ? 1 : 2) {
    keys.add(key_of(common_key));
  }

  Admission on_greeting(const Hello& peer, LinkKeys& known) override {
    peer_serial.assign(peer.serial.view().begin(), peer.serial.view().end());
    known = keys;
    return admission;
  }
  void on_up(const Hello&, std::size_t key) override {
    ++ups;
    proven_key = key;
    if (when_up) when_up();
  }
  void on_message(Bytes payload) override {
    received.push_back(to_buffer(payload));
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

  // Runs the step of the handshake that is due, if there is one.
  void work(Millis now) {
    auto step = link.take_handshake();
    if (!step) return;
    static_cast<void>(step->run(fresh.next()));
    link.handshake_done(*step, now);
  }
  // Takes everything that waits to be written.
  Buffer take(Millis now) {
    if (works) work(now);
    Buffer out;
    while (!link.pending_output().empty()) {
      const Bytes pending = link.pending_output();
      out.insert(out.end(), pending.begin(), pending.end());
      link.consume(pending.size(), now);
    }
    return out;
  }

  BulkChannel bulk;
  Link link;
  FreshKeys fresh;
  LinkKeys keys;
  Admission admission = Admission::secured;
  bool works = true;  // runs its steps; else the test does
  int ups = 0;
  int sent = 0;
  std::size_t proven_key = 99;
  std::string peer_serial;
  std::vector<Buffer> received;
  std::vector<CloseReason> downs;
  std::function<void()> when_up;
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

inline Buffer wire_of(const FrameHeader& header, Bytes payload) {
  Buffer out(wire_size(max_body));
  out.resize(write_frame(header, payload, out));
  return out;
}

// The frame with byte `at` of its body changed and a right CRC again.
inline Buffer forged(const Buffer& wire, std::size_t at, std::uint8_t change = 0x01) {
  SeenFrame frame = frames_of(wire).at(0);
  const auto head = header_bytes(frame.header);
  Buffer body(head.begin(), head.end());
  body.insert(body.end(), frame.payload.begin(), frame.payload.end());
  body.at(at) ^= change;
  return wire_of({static_cast<FrameType>(body[0]), body[1], body[2], body[3]},
                 Bytes(body).subspan(frame_header_size));
}

// Carries everything that two ends want to say, until both are silent.
inline void exchange(End& x, End& y, Millis now) {
  for (int i = 0; i < 100; ++i) {
    const Buffer from_x = x.take(now);
    y.link.on_bytes(from_x, now);
    const Buffer from_y = y.take(now);
    x.link.on_bytes(from_y, now);
    if (from_x.empty() && from_y.empty()) return;
  }
  FAIL() << "the ends never fall silent";
}

// A terminal and a host with one key on a perfect line.
struct LinkTest : ::testing::Test {
  End a{Role::terminal, hello_of("T-1")};
  End b{Role::host, hello_of("")};
  Millis now{1000};

  void settle() { exchange(a, b, now); }
  void start() {
    a.link.start(now);
    b.link.start(now);
  }
  void connect() {
    start();
    settle();
    ASSERT_EQ(a.link.state(), LinkState::up);
    ASSERT_EQ(b.link.state(), LinkState::up);
  }
  // Untagged, so that a test can write frames of its own.
  void connect_in_clear() {
    a.admission = b.admission = Admission::enrolment;
    connect();
  }
  void pass(Millis time) {
    now += time;
    a.link.poll(now);
    b.link.poll(now);
  }
  Buffer take(End& from) { return from.take(now); }
  void give(End& to, Bytes bytes) { to.link.on_bytes(bytes, now); }
  bool send(End& from, std::string_view text) { return from.link.send(as_bytes(text), now); }
  static std::string text(const Buffer& bytes) { return {bytes.begin(), bytes.end()}; }
};

// A test that runs the steps of the handshake itself.
struct LinkHandshake : LinkTest {
  // Both are in state handshake, nothing of it has been sent.
  void greet() {
    a.works = b.works = false;
    start();
    settle();
    ASSERT_EQ(a.link.state(), LinkState::handshake);
    ASSERT_EQ(b.link.state(), LinkState::handshake);
  }
  Buffer message_1() {
    a.work(now);
    return take(a);
  }
  Buffer message_2() {
    b.work(now);
    return take(b);
  }
};

}  // namespace rollcall::protocol::testing
