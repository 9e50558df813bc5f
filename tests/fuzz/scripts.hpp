// Seeds of fuzz_link and fuzz_bulk, as scripts.
#pragma once

#include <string>
#include <utility>

#include "tests/fuzz/bulk_script.hpp"
#include "tests/fuzz/link_owner.hpp"
#include "tests/fuzz/link_script.hpp"

namespace rollcall::protocol::fuzz {

using Scripts = std::vector<std::pair<std::string, Buffer>>;

inline void append(Buffer& to, const Buffer& bytes) {
  to.insert(to.end(), bytes.begin(), bytes.end());
}

inline Buffer wire(FrameType type, std::uint8_t flags, std::uint8_t counter,
                   const Buffer& payload) {
  Buffer out(wire_size(max_body));
  out.resize(write_frame({type, flags, 0, counter}, payload, out));
  return out;
}

// As sealed under a key that nobody checks.
inline Buffer tagged(Buffer payload) {
  payload.resize(payload.size() + crypto::tag_size, 0x5a);
  return payload;
}

class Script {
 public:
  explicit Script(std::uint8_t mood) : bytes_{1, mood} {}

  Script& frame(FrameType type, std::uint8_t flags, std::uint8_t counter,
                const Buffer& payload = {}, std::uint8_t channel = 0) {
    append(bytes_,
           {code(Step::frame), static_cast<std::uint8_t>(static_cast<std::uint8_t>(type) - 1),
            flags, channel, counter, static_cast<std::uint8_t>(payload.size())});
    append(bytes_, payload);
    return *this;
  }
  Script& send(const Buffer& payload) {
    append(bytes_, {code(Step::send), static_cast<std::uint8_t>(payload.size())});
    append(bytes_, payload);
    return *this;
  }
  Script& plain(Step step) {
    bytes_.push_back(code(step));
    return *this;
  }
  Script& with(Step step, std::uint8_t argument, std::uint8_t second) {
    append(bytes_, {code(step), argument, second});
    return *this;
  }
  Script& with(Step step, std::uint8_t argument) {
    append(bytes_, {code(step), argument});
    return *this;
  }
  // The line takes all: a call consumes one frame at most.
  Script& flush() { return with(Step::write, 255).with(Step::write, 255); }
  Script& compute() { return plain(Step::handshake).plain(Step::handshake).flush(); }
  operator Buffer() const { return bytes_; }

 private:
  static std::uint8_t code(Step step) { return static_cast<std::uint8_t>(step); }
  Buffer bytes_;
};

inline Buffer peer_hello() {
  Hello hello;
  hello.max_frame = max_body_tcp;
  const std::uint8_t serial[] = {'T', '-', '1'};
  hello.serial.assign(serial);
  return encoded(hello);
}

inline Script greeted(std::uint8_t mood) {
  Script script(mood);
  // The first link that starts at time 0 greets with number 1.
  script.plain(Step::start)
      .flush()
      .frame(FrameType::hello, 0, 9, peer_hello())
      .flush()
      .frame(FrameType::hello, frame_flag::ack, 9, peer_hello(), 1)
      .flush();
  return script;
}

// Up, with the counter of the peer's next frame.
inline Script terminal_up(std::uint8_t mood) {
  Script script = greeted(mood);
  script.compute().frame(FrameType::handshake, 0, 0, Buffer(48, 7), 2).compute();
  return script;
}
inline Script host_up(std::uint8_t mood) {
  Script script = greeted(mood | mood::host);
  script.frame(FrameType::handshake, 0, 0, Buffer(48, 7), 1)
      .compute()
      .frame(FrameType::ack, 0, 0, tagged({}));
  return script;
}

inline Scripts link_scripts() {
  using enum FrameType;
  const Buffer tap = tagged(encoded(Tap{}));
  const Buffer clear = encoded(EnrolKey{});
  const Buffer offer = tagged(encoded(BulkOffer{1, BulkKind::screen, 0, 90, {}}));
  const Buffer accept = tagged(encoded(BulkAccept{1, 0, 4}));
  Buffer content(4 + 30);
  return {
      {"greeting", greeted(0)},
      {"enrolment", greeted(mood::enrols).send(clear).flush().frame(ack, frame_flag::ack, 0)},
      {"refused", greeted(mood::refuses)},
      {"terminal-up", terminal_up(0)},
      {"host-up", host_up(mood::two_keys)},
      {"tap-and-answer", terminal_up(0)
                             .send(encoded(Tap{}))
                             .flush()
                             .frame(data, frame_flag::ack, 0, tagged(encoded(Answer{})))
                             .flush()},
      {"retransmission", terminal_up(0)
                             .send(encoded(Tap{}))
                             .flush()
                             .with(Step::wait, 60)
                             .flush()
                             .frame(ack, frame_flag::ack, 0, tagged({}))},
      {"duplicate", host_up(0)
                        .frame(data, 0, 1, tap)
                        .frame(data, 0, 1, tap)
                        .flush()
                        .frame(data, frame_flag::sequence, 2, tap)},
      {"rekey", host_up(0).frame(data, frame_flag::key_phase, 1, tap).flush()},
      {"ping-and-bye", host_up(0)
                           .frame(ping, 0, 1, tagged({}))
                           .flush()
                           .frame(bye, 0, 2, tagged({}))
                           .plain(Step::start)},
      {"silence", terminal_up(0)
                      .with(Step::wait, 255)
                      .with(Step::wait, 255)
                      .with(Step::wait, 255)
                      .with(Step::wait, 255)
                      .with(Step::wait, 255)
                      .with(Step::wait, 255)},
      {"owner-answers", host_up(mood::sends).flush().frame(data, frame_flag::ack, 1, tap).flush()},
      {"owner-closes", greeted(mood::closes | mood::enrols).flush()},
      {"owner-sends-and-closes",
       host_up(mood::sends | mood::closes).flush().frame(data, 0, 1, tap).flush()},
      {"restarted-peer",
       host_up(0).frame(ping, 0, 1, tagged({})).frame(hello, 0, 0, peer_hello()).flush()},
      {"unknown-session", terminal_up(0).frame(unknown_session, 0, 0).plain(Step::start)},
      {"says-unknown-session", Script(0).plain(Step::start).flush().frame(ping, 0, 0).flush()},
      {"late-step", greeted(0)
                        .plain(Step::handshake)
                        .plain(Step::transport_lost)
                        .plain(Step::start)
                        .plain(Step::handshake)},
      {"transport-lost",
       terminal_up(0).send(encoded(Tap{})).plain(Step::transport_lost).plain(Step::start)},
      {"bulk-in", host_up(mood::bulk)
                      .frame(data, 0, 1, offer)
                      .flush()
                      .plain(Step::bulk_message)
                      .flush()
                      .frame(bulk, frame_flag::ack, 2, tagged(content), 1)
                      .flush()
                      .plain(Step::bulk_cancel)
                      .plain(Step::bulk_message)
                      .flush()},
      {"bulk-out", terminal_up(mood::bulk)
                       .with(Step::bulk_offer, 200, 0)
                       .plain(Step::bulk_message)
                       .flush()
                       .frame(data, frame_flag::ack, 0, accept)
                       .flush()
                       .flush()
                       .frame(bulk_ack, 0, 1, tagged({50, 0, 0, 0}), 1)
                       .flush()
                       .with(Step::wait, 100)
                       .flush()},
  };
}

inline Scripts bulk_scripts() {
  using enum BulkStep;
  const auto steps = [](std::initializer_list<int> bytes) {
    Buffer out;
    for (const int byte : bytes) out.push_back(static_cast<std::uint8_t>(byte));
    return out;
  };
  const auto op = [](BulkStep step) { return static_cast<int>(step); };
  Buffer offered = {static_cast<std::uint8_t>(message), 0};
  append(offered, encoded(BulkOffer{9, BulkKind::firmware, 0, 10, {}}));
  offered[1] = static_cast<std::uint8_t>(offered.size() - 2);
  return {
      {"in-whole", steps({op(offer), 1, 200, 0, 0, 0, op(say), op(content), 1, 96, op(take),
                          op(content), 1, 96, op(content), 1, 8, op(take), op(say)})},
      {"in-resumed", steps({op(offer), 2, 44, 1, 100, 0, op(say), op(content), 2, 96, op(take),
                            op(content), 2, 104, op(take), op(say)})},
      {"in-held-whole", steps({op(offer), 2, 100, 0, 100, 0, op(say), op(say)})},
      {"in-wrong",
       steps({op(offer), 2, 10, 0, 0, 0, op(say), op(frame), 1, 2, 14, 0,        0,      0,
              0,         1, 2,  3, 4, 5, 6,       7,         8, 9, 10, op(take), op(say)})},
      {"in-empty-and-cancelled",
       steps({op(offer), 1,         0, 0,          0, 0,       op(say),   op(say), op(offer), 2, 10,
              0,         0,         0, op(cancel), 0, op(say), op(offer), 3,       10,        0, 0,
              0,         op(offer), 4, 10,         0, 0,       0,         op(down)})},
      {"in-refused", offered},
      {"out-whole", steps({op(send), 44, 1, op(say), op(accept), 4, 0, 0, op(take), op(take),
                           op(take), op(take), op(ack), 96, 0, op(ack), 44, 1})},
      {"out-lost", steps({op(send), 44,       1,        op(say),  op(accept), 4,        0,
                          0,        op(take), op(take), op(ack),  0,          0,        op(ack),
                          0,        0,        op(take), op(wait), 250,        op(take), op(wait),
                          250,      op(take), op(ack),  96,       0,          op(take), op(take)})},
      {"out-stalled", steps({op(send), 44, 1, op(say), op(wait), 255, op(wait), 255, op(wait), 255,
                             op(wait), 255, op(wait), 255, op(wait), 255, op(say)})},
      {"out-cancelled", steps({op(send), 44, 1, op(say), op(accept), 255, 10, 0, op(take),
                               op(cancel), 1, op(say), op(send), 5, 0, op(send), 6, 0, op(say)})},
  };
}

}  // namespace rollcall::protocol::fuzz
