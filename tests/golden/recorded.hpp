// Frames and a whole session that are the same bytes each time: what the files frames.txt and
// session.txt were recorded from and are compared with.
#pragma once

#include "tests/unit/protocol/bulk_ends.hpp"
#include "tests/unit/protocol/link_ends.hpp"

namespace rollcall::protocol::testing {

using Lines = std::vector<std::pair<std::string, std::string>>;

inline Lines recorded_frames() {
  const auto line = [](std::string name, const FrameHeader& header, Bytes payload) {
    return std::pair(std::move(name), hex(wire_of(header, payload)));
  };
  Buffer counting(300);
  for (std::size_t i = 0; i < counting.size(); ++i) counting[i] = static_cast<std::uint8_t>(i);
  return {
      line("hello", {FrameType::hello, 0, 0, 17}, encoded(hello_of("B-0001", 192))),
      line("hello answer", {FrameType::hello, frame_flag::ack, 17, 99}, encoded(hello_of(""))),
      line("data", {FrameType::data, frame_flag::sequence, 0, 5}, unhex("82182700")),
      line("data with ack", {FrameType::data, frame_flag::ack | frame_flag::ack_sequence, 0, 255},
           unhex("82182700")),
      line("ack", {FrameType::ack, frame_flag::ack, 0, 0}, {}),
      line("ping", {FrameType::ping, 0, 0, 1}, {}),
      line("bye", {FrameType::bye, 0, 0, 2}, {}),
      line("handshake", {FrameType::handshake, 0, 1, 0}, Bytes(counting).first(48)),
      line("unknown session", {FrameType::unknown_session, 0, 0, 0}, {}),
      line("bulk", {FrameType::bulk, frame_flag::key_phase, 3, 77}, counting),
      line("bulk ack", {FrameType::bulk_ack, 0, 3, 78}, unhex("2c010000")),
  };
}

// Greeting, handshake with fixed ephemeral keys, a message each way, PING, a bulk transfer,
// messages under the next key of each end, BYE. "terminal" or "host" says the bytes.
class RecordedSession {
 public:
  RecordedSession() {
    store_.kept = {};
    start();
    host_.when_message = [this] {
      if (!host_.bulk.on_message(host_.received.back(), now_)) {
        static_cast<void>(host_.link.send(encoded(Answer{}), now_));
      }
    };
    terminal_.when_message = [this] {
      static_cast<void>(terminal_.bulk.on_message(terminal_.received.back(), now_));
    };
    say(terminal_, encoded(GaveUp{}));
    now_ += link_timing::ping_interval;
    terminal_.link.poll(now_);
    exchange();
    transfer();
    an_hour_later();
    say(terminal_, encoded(Touch{}));
    say(host_, encoded(StatsRequest{}));
    say(terminal_, encoded(Stats{}));
    terminal_.link.close(now_);
    exchange();
  }

  Lines lines;
  std::vector<Buffer> heard_by_host() const { return host_.received; }
  bool over() const {
    return host_.downs == std::vector{CloseReason::peer_bye} && content_.results.size() == 1 &&
           content_.results[0] == BulkResult::complete && store_.kept == content_.bytes;
  }

 private:
  struct Fixed : End {
    Fixed(Role role, const Hello& hello, BulkSink* sink, std::uint8_t ephemeral)
        : End(role, hello, sink), ephemeral_(ephemeral) {
      works = false;
    }
    Buffer speak(Millis time) {
      if (auto step = link.take_handshake()) {
        static_cast<void>(step->run(key_of(ephemeral_)));
        link.handshake_done(*step, time);
      }
      return take(time);
    }
    std::uint8_t ephemeral_;
  };

  void start() {
    terminal_.link.start(now_);
    host_.link.start(now_);
    exchange();
  }
  // Nobody notices the silence, for both hear of each other before they look at the time.
  void an_hour_later() {
    now_ += rekey_after_time;
    looks_at_time_ = false;
    static_cast<void>(terminal_.link.send(encoded(Reply{}), now_));
    carry(terminal_, host_, "terminal");
    carry(host_, terminal_, "host");
    looks_at_time_ = true;
  }
  // Until the line has been silent for longer than a bulk frame waits for it.
  void exchange() {
    for (int silent = 0; silent < 30;) {
      ++now_;
      const std::size_t said =
          carry(terminal_, host_, "terminal") + carry(host_, terminal_, "host");
      silent = said == 0 ? silent + 1 : 0;
    }
  }
  std::size_t carry(Fixed& from, Fixed& to, const char* name) {
    if (from.link.can_send() && from.bulk.message_due()) {
      std::uint8_t message[100];
      const std::size_t size = from.bulk.take_message(message, now_);
      static_cast<void>(from.link.send({message, size}, now_));
    }
    if (looks_at_time_ && now_ >= from.link.next_deadline()) from.link.poll(now_);
    const Buffer wire = from.speak(now_);
    if (!wire.empty()) lines.emplace_back(name, hex(wire));
    to.link.on_bytes(wire, now_);
    return wire.size();
  }
  void say(Fixed& from, const Buffer& message) {
    static_cast<void>(from.link.send(message, now_));
    exchange();
  }
  void transfer() {
    content_.bytes = some_bytes(300);
    terminal_.bulk.send(BulkKind::log, 0, 300, crypto::sha256(content_.bytes), content_);
    exchange();
  }

  Millis now_{1000};
  bool looks_at_time_ = true;
  Content content_;
  Store store_;
  Fixed terminal_{Role::terminal, hello_of("B-0001", max_body_serial), nullptr, 0x11};
  Fixed host_{Role::host, hello_of(""), &store_, 0x22};
};

}  // namespace rollcall::protocol::testing
