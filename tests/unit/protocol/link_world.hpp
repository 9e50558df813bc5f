// Two ends with owners who always have something to say, messages and bulk transfers, and a bad
// line between them. The owners judge what they see.
#pragma once

#include <array>

#include "tests/unit/protocol/faulty_line.hpp"
#include "tests/unit/protocol/link_ends.hpp"

namespace rollcall::protocol::testing {

// Content of a transfer, known to both ends by its subject.
inline Buffer content_of(std::uint32_t subject) {
  Buffer content(subject % 3001);
  for (std::size_t i = 0; i < content.size(); ++i) {
    content[i] = static_cast<std::uint8_t>(subject * 31 + i * 7 + i / 256 * 13);
  }
  return content;
}

// Takes transfers of the peer; keeps what it has for resuming.
struct Download : BulkSink {
  explicit Download(Random& source) : random(source) {}

  std::expected<std::uint32_t, BulkResult> begin(const BulkOffer& offer) override {
    if (fails(40)) return std::unexpected(BulkResult::refused);
    if (offer.subject != subject || offer.digest != digest) kept.clear();
    subject = offer.subject;
    digest = offer.digest;
    EXPECT_EQ(offer.bytes, content_of(subject).size());
    if (!kept.empty()) ++resumed;
    return static_cast<std::uint32_t>(kept.size());
  }
  bool held(std::uint32_t offset, MutableBytes out) override {
    EXPECT_LE(offset + out.size(), kept.size());
    std::copy_n(kept.begin() + offset, out.size(), out.begin());
    return !fails(100);
  }
  bool write(std::uint32_t offset, Bytes content) override {
    EXPECT_LE(offset, kept.size());
    if (fails(200)) return false;
    kept.resize(offset);
    kept.insert(kept.end(), content.begin(), content.end());
    return true;
  }
  BulkResult end(BulkResult result) override {
    EXPECT_NE(result, BulkResult::digest) << "nobody changed the content";
    if (result != BulkResult::complete) return result;
    EXPECT_EQ(kept, content_of(subject)) << "lost, doubled or out of order";
    kept.clear();
    last_complete = subject;
    return result;
  }
  bool fails(std::size_t one_in) { return in_trouble && random.one_in(one_in); }

  Random& random;
  bool in_trouble = true;
  std::uint32_t subject = 0;
  std::uint32_t last_complete = 0;
  crypto::Digest digest{};
  Buffer kept;
  std::uint64_t resumed = 0;
};

// Offers one transfer after the other; one that was cut off is offered again.
struct Upload : BulkSource {
  explicit Upload(Random& source) : random(source) {}

  void offer(BulkChannel& bulk) {
    if (bulk.sending()) return;
    if (content.empty()) {
      subject = 1 + static_cast<std::uint32_t>(random.below(1'000'000));
      content = content_of(subject);
    }
    bulk.send(BulkKind::screen, subject, static_cast<std::uint32_t>(content.size()),
              crypto::sha256(content), *this);
  }
  bool read(std::uint32_t offset, MutableBytes out) override {
    EXPECT_LE(offset + out.size(), content.size());
    std::copy_n(content.begin() + offset, out.size(), out.begin());
    return !in_trouble || !random.one_in(500);
  }
  void ended(BulkResult result) override {
    if (result == BulkResult::complete) {
      ++complete;
      EXPECT_EQ(peer->last_complete, subject) << "the receiver knows nothing of it";
    }
    if (result == BulkResult::complete || random.one_in(2)) content.clear();
  }

  Random& random;
  const Download* peer = nullptr;
  bool in_trouble = true;
  std::uint32_t subject = 0;
  Buffer content;
  std::uint64_t complete = 0;
};

// An owner with numbered messages to bring across, and what it saw of the peer's.
struct WorldEnd : LinkEvents {
  WorldEnd(Role role, const Hello& self, Random& source)
      : random(source),
        download(source),
        upload(source),
        bulk(&download),
        link(role, *this, &bulk, self),
        fresh(source.bits()) {}

  Admission on_greeting(const Hello&, LinkKeys& keys) override {
    if (link_role_is_host) keys.add(key_of(7));  // the one being replaced
    keys.add(key_of(common_key));
    return Admission::secured;
  }
  void on_up(const Hello&, std::size_t) override {
    first_of_session = true;
    ++sessions;
  }
  void on_sent() override {
    if (!std::exchange(number_in_flight, false)) return;
    ASSERT_LT(acknowledged, offered) << "on_sent for nothing";
    ++acknowledged;
    offer(now);
  }
  void on_message(Bytes payload) override {
    if (bulk.on_message(payload, now)) return;
    ASSERT_GE(payload.size(), 5u);
    std::uint32_t number = 0;
    std::memcpy(&number, payload.data() + 1, 4);
    for (std::size_t i = 5; i < payload.size(); ++i) {
      ASSERT_EQ(payload[i], static_cast<std::uint8_t>(number + i));
    }
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
    number_in_flight = false;
    ++downs[static_cast<std::size_t>(reason)];
  }

  // Runs the handshake as a pool would: some steps come back late, some after the session.
  void work() {
    if (!step) {
      step = link.take_handshake();
      if (!step) return;
      step_done_at = now + Millis(random.one_in(4) ? random.below(400) : 0);
      static_cast<void>(step->run(fresh.next()));
    }
    if (now < step_done_at) return;
    link.handshake_done(*step, now);
    step.reset();
  }
  void offer(Millis time) {
    if (!link.can_send()) return;
    std::uint8_t message[max_body];
    if (bulk.message_due() && (acknowledged >= wanted || random.one_in(2))) {
      const std::size_t size = bulk.take_message(message, time);
      ASSERT_TRUE(link.send({message, size}, time));
      return;
    }
    if (acknowledged >= wanted) return;
    const auto number = static_cast<std::uint32_t>(acknowledged);
    const std::size_t size = std::min<std::size_t>(5 + number * 7 % 300, link.max_payload());
    message[0] = 0;  // no bulk message: those are arrays
    std::memcpy(message + 1, &number, 4);
    for (std::size_t i = 5; i < size; ++i) message[i] = static_cast<std::uint8_t>(number + i);
    number_in_flight = true;
    offered = number + 1;
    ASSERT_TRUE(link.send({message, size}, time));
  }
  void act(FaultyLine& out, FaultyLine& in) {
    if (down) {
      if (start_at == Millis(0)) start_at = now + Millis(random.below(1000));
      if (now >= start_at) {
        start_at = Millis(0);
        down = false;
        link.start(now);
      }
    }
    link.on_bytes(in.read(now), now);
    work();
    if (now >= link.next_deadline()) link.poll(now);
    if (link.state() == LinkState::up) upload.offer(bulk);
    if (upload.in_trouble && random.one_in(2000)) bulk.cancel_sending();
    offer(now);
    while (!out.busy() && !link.pending_output().empty()) {
      const Bytes pending = link.pending_output();
      const std::size_t size = 1 + random.below(pending.size());
      out.write(pending.first(size), now);
      link.consume(size, now);
      if (random.one_in(8)) break;
    }
  }

  Random& random;
  Download download;
  Upload upload;
  BulkChannel bulk;
  Link link;
  FreshKeys fresh;
  bool link_role_is_host = false;
  std::optional<Handshake> step;
  Millis step_done_at{0};
  Millis now{0};
  Millis start_at{0};
  bool down = true;
  std::uint64_t wanted = 0;        // messages asked for so far
  std::uint64_t acknowledged = 0;  // of them, with on_sent()
  std::uint64_t offered = 0;
  bool number_in_flight = false;
  std::uint32_t expected = 0;  // the peer's next number
  bool first_of_session = true;
  std::uint64_t sessions = 0;
  std::uint64_t repeated_over_sessions = 0;
  std::array<std::uint64_t, 12> downs{};
};

class World {
 public:
  // A step of the world takes `pace` milliseconds more than at most 20.
  World(const Faults& faults, Random& random, Millis pace = Millis(0))
      : random_(random),
        faults_(faults),
        pace_(pace),
        a(Role::terminal, hello_of("T-1", random.one_in(2) ? max_body_serial : max_body_tcp),
          random),
        b(Role::host, hello_of(""), random),
        to_b(random, faults_),
        to_a(random, faults_) {
    b.link_role_is_host = true;
    a.upload.peer = &b.download;
    b.upload.peer = &a.download;
  }

  // Time goes on; then each end takes what arrived, does what is due, says what it has to say and
  // writes what the line takes.
  void step() {
    now_ += pace_ + Millis(random_.one_in(50) ? random_.below(3000) : random_.below(20));
    if (calm_) now_ += Millis(5);
    a.now = b.now = now_;
    if (!calm_ && faults_.disconnect != 0 && random_.one_in(faults_.disconnect)) disconnect();
    if (!calm_ && random_.one_in(4)) ++(random_.one_in(2) ? a : b).wanted;
    a.act(to_b, to_a);
    b.act(to_a, to_b);
    ++steps;
  }
  // Faults stop; every message still owed and one transfer each way must arrive in bounded time.
  void calm() {
    calm_ = true;
    pace_ = Millis(0);
    to_a.enabled = to_b.enabled = false;
    for (WorldEnd* end : {&a, &b}) end->upload.in_trouble = end->download.in_trouble = false;
    const std::array wanted = {a.upload.complete + 2, b.upload.complete + 2};
    const auto owed = static_cast<int>(a.wanted - a.acknowledged + b.wanted - b.acknowledged);
    const Millis limit = now_ + std::chrono::minutes(10) + owed * std::chrono::seconds(2);
    const auto finished = [&] {
      return a.acknowledged == a.wanted && b.acknowledged == b.wanted &&
             a.upload.complete >= wanted[0] && b.upload.complete >= wanted[1] &&
             a.link.state() == LinkState::up && b.link.state() == LinkState::up;
    };
    while (now_ < limit && !finished() && !::testing::Test::HasFailure()) step();
    EXPECT_TRUE(finished()) << "not recovered: messages of a " << a.acknowledged << '/' << a.wanted
                            << ", of b " << b.acknowledged << '/' << b.wanted << "; transfers of a "
                            << a.upload.complete << '/' << wanted[0] << ", of b "
                            << b.upload.complete << '/' << wanted[1];
    EXPECT_EQ(a.expected, b.wanted);
    EXPECT_EQ(b.expected, a.wanted);
  }

 private:
  void disconnect() {
    a.link.transport_lost();
    b.link.transport_lost();
    to_a.cut();
    to_b.cut();
  }

  Random& random_;
  Faults faults_;
  Millis pace_;
  Millis now_{1};
  bool calm_ = false;

 public:
  WorldEnd a;
  WorldEnd b;
  FaultyLine to_b;
  FaultyLine to_a;
  std::uint64_t steps = 0;
};

}  // namespace rollcall::protocol::testing
