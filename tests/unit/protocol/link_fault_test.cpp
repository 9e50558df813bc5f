// Two ends and a bad line, for many thousand random steps. A model judges what the owners see.
#include <gtest/gtest.h>

#include "tests/unit/protocol/link_ends.hpp"

namespace rollcall::protocol::testing {
namespace {

using namespace std::chrono_literals;

// What may happen to a frame on its way, each once in so many frames; 0 = never.
struct Faults {
  std::size_t lose = 0;
  std::size_t repeat = 0;
  std::size_t damage = 0;
  std::size_t damage_and_fix_crc = 0;
  std::size_t truncate = 0;
  std::size_t stall = 0;       // the line holds everything back for a while
  std::size_t disconnect = 0;  // once in so many steps
};

// One direction. Frames are cut out of the byte stream, mistreated, and delivered in chunks of any
// size.
class Line {
 public:
  Line(Random& random, const Faults& faults) : random_(random), faults_(faults) {}

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
    const std::size_t size = 1 + random_.below(on_the_way_.size());
    Buffer out(on_the_way_.begin(), on_the_way_.begin() + static_cast<std::ptrdiff_t>(size));
    on_the_way_.erase(on_the_way_.begin(), on_the_way_.begin() + static_cast<std::ptrdiff_t>(size));
    return out;
  }
  void cut() {
    frame_.clear();
    on_the_way_.clear();
    earlier_.clear();
  }
  bool enabled = true;

 private:
  bool happens(std::size_t one_in) { return enabled && one_in != 0 && random_.one_in(one_in); }
  void put(const Buffer& bytes) {
    on_the_way_.insert(on_the_way_.end(), bytes.begin(), bytes.end());
  }

  void carry(Millis now) {
    // Old frames of an earlier session come back only where fresh keys would tell them.
    if (FrameDecoder decoder; true) {
      const auto step = decoder.push(frame_);
      if (step.complete && step.result && step.result->header.type == FrameType::hello)
        earlier_.clear();
    }
    if (happens(faults_.stall)) stalled_until_ = now + Millis(random_.below(20'000));
    if (happens(faults_.lose)) return;
    Buffer frame = frame_;
    if (happens(faults_.damage))
      frame[random_.below(frame.size())] ^= static_cast<std::uint8_t>(1 + random_.below(255));
    if (happens(faults_.damage_and_fix_crc)) frame = forge(frame);
    if (happens(faults_.truncate)) frame.resize(random_.below(frame.size()));
    put(frame);
    if (!enabled || faults_.repeat == 0) return;
    earlier_.push_back(frame_);
    if (earlier_.size() > 8) earlier_.pop_front();
    if (happens(faults_.repeat)) put(earlier_[random_.below(earlier_.size())]);
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
  Buffer on_the_way_;
  std::deque<Buffer> earlier_;
  Millis stalled_until_{0};
};

// An owner with numbered messages to bring across, and what it saw of the peer's.
struct Owner : LinkEvents {
  Owner(Session& session, const Hello& self) : link(session, *this, self) {}

  void on_up(const Hello&) override { first_of_session = true; }
  void on_sent() override {
    ASSERT_LT(acknowledged, offered) << "on_sent for nothing";
    ++acknowledged;
    in_flight = false;
    offer();
  }
  void on_message(std::uint8_t, Bytes payload) override {
    if (!judge) return;
    ASSERT_GE(payload.size(), 4u);
    std::uint32_t number = 0;
    std::memcpy(&number, payload.data(), 4);
    for (std::size_t i = 4; i < payload.size(); ++i)
      ASSERT_EQ(payload[i], static_cast<std::uint8_t>(number + i));
    // The message whose ACK was cut off by the end of a session may come again as the next one's
    // first.
    if (first_of_session && number + 1 == expected) {
      ++repeated_over_sessions;
    } else {
      ASSERT_EQ(number, expected) << "lost, doubled or out of order";
      ++expected;
    }
    first_of_session = false;
  }
  void on_down(CloseReason reason) override {
    down = true;
    in_flight = false;
    ++downs[static_cast<std::size_t>(reason)];
  }

  void offer() {
    if (in_flight || acknowledged >= wanted || !link.can_send()) return;
    const auto number = static_cast<std::uint32_t>(acknowledged);
    Buffer payload(std::min<std::size_t>(4 + number * 7 % 300, link.max_payload()));
    std::memcpy(payload.data(), &number, 4);
    for (std::size_t i = 4; i < payload.size(); ++i)
      payload[i] = static_cast<std::uint8_t>(number + i);
    ASSERT_TRUE(link.send(0, payload, now));
    in_flight = true;
    offered = number + 1;
  }

  Link link;
  Millis now{0};
  std::uint64_t wanted = 0;        // messages asked for so far
  std::uint64_t acknowledged = 0;  // of them, with on_sent()
  std::uint64_t offered = 0;
  bool in_flight = false;
  std::uint32_t expected = 0;  // the peer's next number
  bool first_of_session = true;
  bool judge = true;
  bool down = true;
  Millis start_at{0};
  std::uint64_t repeated_over_sessions = 0;
  std::array<std::uint64_t, 10> downs{};
};

class World {
 public:
  World(Session& session_a, Session& session_b, const Faults& faults, Random& random)
      : random_(random),
        faults_(faults),
        a(session_a, hello_of("T-1", random.one_in(2) ? max_body_serial : max_body_tcp)),
        b(session_b, hello_of("")),
        to_b_(random, faults_),
        to_a_(random, faults_) {}

  void step() {
    now_ += Millis(random_.one_in(50) ? random_.below(3000) : random_.below(20));
    if (calm_) now_ += 5ms;
    a.now = b.now = now_;
    if (!calm_ && faults_.disconnect != 0 && random_.one_in(faults_.disconnect)) disconnect();
    if (!calm_ && random_.one_in(4)) ++(random_.one_in(2) ? a : b).wanted;
    act(a, to_b_, to_a_);
    act(b, to_a_, to_b_);
  }

  // Faults stop; every message still owed must arrive within bounded time.
  void calm() {
    calm_ = true;
    to_a_.enabled = to_b_.enabled = false;
    const auto owed = static_cast<int>(a.wanted - a.acknowledged + b.wanted - b.acknowledged);
    const Millis limit = now_ + 10min + owed * 2s;  // this line passes about two messages a second
    while (now_ < limit && !finished() && !::testing::Test::HasFatalFailure()) step();
    EXPECT_TRUE(finished()) << "not recovered: a " << a.acknowledged << " of " << a.wanted << ", b "
                            << b.acknowledged << " of " << b.wanted;
  }
  bool finished() const {
    return a.acknowledged == a.wanted && b.acknowledged == b.wanted &&
           a.link.state() == LinkState::up && b.link.state() == LinkState::up;
  }
  void expect_all_arrived() const {
    EXPECT_EQ(a.expected, b.wanted);
    EXPECT_EQ(b.expected, a.wanted);
  }

 private:
  void disconnect() {
    a.link.transport_lost();
    b.link.transport_lost();
    to_a_.cut();
    to_b_.cut();
  }
  void act(Owner& end, Line& out, Line& in) {
    if (end.down) {
      if (end.start_at == 0ms) end.start_at = now_ + Millis(random_.below(1000));
      if (now_ >= end.start_at) {
        end.start_at = 0ms;
        end.down = false;
        end.link.start(now_);
      }
    }
    end.link.on_bytes(in.read(now_), now_);
    if (now_ >= end.link.next_deadline()) end.link.poll(now_);
    end.offer();
    while (!out.busy() && !end.link.pending_output().empty()) {
      const Bytes pending = end.link.pending_output();
      const std::size_t size = 1 + random_.below(pending.size());
      out.write(pending.first(size), now_);
      end.link.consume(size);
      if (random_.one_in(8)) break;
    }
  }

  Random& random_;
  Faults faults_;
  Millis now_{1};
  bool calm_ = false;

 public:
  Owner a;
  Owner b;

 private:
  Line to_b_;
  Line to_a_;
};

const int worlds = long_run() ? 20 : 4;
const int steps = long_run() ? 50'000 : 5'000;

template <class SessionType>
void run(const Faults& faults, bool judge = true, const std::function<void(World&)>& also = {}) {
  Random seeds;
  for (int i = 0; i < worlds && !::testing::Test::HasFailure(); ++i) {
    Random random(seeds.bits());
    SessionType session_a;
    SessionType session_b;
    World world(session_a, session_b, faults, random);
    world.a.judge = world.b.judge = judge;
    for (int step = 0; step < steps && !::testing::Test::HasFatalFailure(); ++step) world.step();
    world.calm();
    if (judge) world.expect_all_arrived();
    if (also) also(world);
  }
}

TEST(LinkFaults, GoodLineLosesNoFrameAndNoSession) {
  run<ClearSession>({}, true, [](World& world) {
    for (const Owner* end : {&world.a, &world.b}) {
      // An end that starts in the middle of the peer's HELLO sees half of it.
      EXPECT_LE(end->link.counters().bad_crc + end->link.counters().bad_cobs, 1u);
      EXPECT_EQ(end->link.counters().unexpected, 0u);
      EXPECT_EQ(end->repeated_over_sessions, 0u);
      EXPECT_EQ(end->downs, (std::array<std::uint64_t, 10>{}));
    }
  });
}

TEST(LinkFaults, Loss) {
  run<ClearSession>({.lose = 10});
}
TEST(LinkFaults, HeavyLoss) {
  run<ClearSession>({.lose = 3});
}
TEST(LinkFaults, Repetition) {
  run<ClearSession>({.repeat = 5});
}
TEST(LinkFaults, Damage) {
  run<ClearSession>({.damage = 10});
}
TEST(LinkFaults, Truncation) {
  run<ClearSession>({.truncate = 10});
}
TEST(LinkFaults, Stalls) {
  run<ClearSession>({.stall = 50});
}
TEST(LinkFaults, Disconnects) {
  run<ClearSession>({.disconnect = 200});
}

constexpr Faults all_but_forgery = {
    .lose = 20, .repeat = 20, .damage = 20, .truncate = 30, .stall = 300, .disconnect = 1000};

TEST(LinkFaults, AllTogetherInClear) {
  run<ClearSession>(all_but_forgery);
}
TEST(LinkFaults, AllTogetherTagged) {
  run<TaggedSession>(all_but_forgery);
}

// With a tag, damage that brings its own right CRC is noticed too: sessions end, messages do not.
TEST(LinkFaults, ForgeryIsNoticedByTheTag) {
  Faults faults = all_but_forgery;
  faults.damage_and_fix_crc = 40;
  std::uint64_t noticed = 0;
  run<TaggedSession>(faults, true, [&](World& world) {
    noticed += world.a.link.counters().bad_tag + world.b.link.counters().bad_tag;
  });
  EXPECT_GT(noticed, 0u);
}

// Without one it cannot be noticed, but it must not wedge the link.
TEST(LinkFaults, ForgeryInClearNeverWedgesTheLink) {
  Faults faults = all_but_forgery;
  faults.damage_and_fix_crc = 20;
  run<ClearSession>(faults, false);
}

}  // namespace
}  // namespace rollcall::protocol::testing
