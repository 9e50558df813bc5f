// One direction of a bad line: cuts frames out of the byte stream, mistreats them, and delivers
// them in chunks of any size.
#pragma once

#include <deque>

#include "protocol/link.hpp"
#include "tests/unit/protocol/support.hpp"

namespace rollcall::protocol::testing {

// What may happen to a frame on its way, each once in so many frames; 0 = never.
struct Faults {
  std::size_t lose = 0;
  std::size_t repeat = 0;   // one of the last frames of this session comes again
  std::size_t replay = 0;   // somebody plays back a frame of any session
  std::size_t reorder = 0;  // a frame arrives behind the next one
  std::size_t damage = 0;
  std::size_t damage_and_fix_crc = 0;  // somebody changes a byte
  std::size_t truncate = 0;
  std::size_t stall = 0;       // the line holds everything back for a while
  std::size_t disconnect = 0;  // once in so many steps
};

class FaultyLine {
 public:
  FaultyLine(Random& random, const Faults& faults) : random_(random), faults_(faults) {}

  void write(Bytes bytes, Millis now) {
    for (const std::uint8_t byte : bytes) {
      frame_.push_back(byte);
      if (byte != 0) continue;
      carry(now);
      frame_.clear();
    }
  }
  bool busy() const { return on_the_way_.size() > 4000; }
  Buffer read(Millis now) {
    if (now < stalled_until_ || on_the_way_.empty()) return {};
    const auto size = static_cast<std::ptrdiff_t>(1 + random_.below(on_the_way_.size()));
    Buffer out(on_the_way_.begin(), on_the_way_.begin() + size);
    on_the_way_.erase(on_the_way_.begin(), on_the_way_.begin() + size);
    return out;
  }
  void cut() {
    frame_.clear();
    on_the_way_.clear();
    held_.clear();
    recent_.clear();
  }
  std::uint64_t frames() const { return frames_; }
  std::uint64_t key_changes() const { return key_changes_; }

  bool enabled = true;

 private:
  bool happens(std::size_t one_in) { return enabled && one_in != 0 && random_.one_in(one_in); }
  void put(const Buffer& bytes) {
    on_the_way_.insert(on_the_way_.end(), bytes.begin(), bytes.end());
  }

  void look_at_frame() {
    FrameDecoder decoder;
    const auto step = decoder.push(frame_);
    if (!step.complete || !step.result) return;
    ++frames_;
    const FrameHeader& header = step.result->header;
    if (header.type == FrameType::hello) {
      recent_.clear();
      phase_ = 0;
    } else if (header.type != FrameType::handshake && header.type != FrameType::unknown_session) {
      const std::uint8_t phase = header.flags & frame_flag::key_phase;
      if (phase != phase_) ++key_changes_;
      phase_ = phase;
    }
  }
  void carry(Millis now) {
    look_at_frame();
    if (happens(faults_.stall)) stalled_until_ = now + Millis(random_.below(20'000));
    if (happens(faults_.lose)) return;
    Buffer frame = frame_;
    if (happens(faults_.damage)) {
      frame[random_.below(frame.size())] ^= static_cast<std::uint8_t>(1 + random_.below(255));
    }
    if (happens(faults_.damage_and_fix_crc)) frame = forge(frame);
    if (happens(faults_.truncate)) frame.resize(random_.below(frame.size()));
    if (held_.empty() && happens(faults_.reorder)) {
      held_ = frame;
    } else {
      put(frame);
      put(std::exchange(held_, {}));
    }
    remember(recent_, 8);
    remember(all_, 200);
    if (happens(faults_.repeat)) put(recent_[random_.below(recent_.size())]);
    if (happens(faults_.replay)) put(all_[random_.below(all_.size())]);
  }
  void remember(std::deque<Buffer>& frames, std::size_t most) {
    frames.push_back(frame_);
    if (frames.size() > most) frames.pop_front();
  }
  Buffer forge(Buffer frame) {
    const Buffer original = frame;
    frame.pop_back();
    const auto size = cobs_decode(frame);
    if (!size || *size < frame_header_size + frame_crc_size) return original;
    frame.resize(*size - frame_crc_size);
    frame[random_.below(frame.size())] ^= static_cast<std::uint8_t>(1 + random_.below(255));
    Buffer out(frame.size() + 20);
    out.resize(write_frame({static_cast<FrameType>(frame[0]), frame[1], frame[2], frame[3]},
                           Bytes(frame).subspan(frame_header_size), out));
    return out;
  }

  Random& random_;
  const Faults& faults_;
  Buffer frame_;
  Buffer held_;
  Buffer on_the_way_;
  std::deque<Buffer> recent_;
  std::deque<Buffer> all_;
  Millis stalled_until_{0};
  std::uint8_t phase_ = 0;
  std::uint64_t frames_ = 0;
  std::uint64_t key_changes_ = 0;
};

}  // namespace rollcall::protocol::testing
