// A tap through codec, seal, frame and link, and beside it the same content through
// nlohmann::json's CBOR; and what a handshake costs.
#include <vector>

#include <benchmark/benchmark.h>
#include <nlohmann/json.hpp>

#include "protocol/frame.hpp"
#include "protocol/link.hpp"
#include "protocol/messages.hpp"
#include "protocol/noise.hpp"
#include "protocol/sealed_reading.hpp"
#include "protocol/session.hpp"

namespace rollcall::protocol {
namespace {

using Buffer = std::vector<std::uint8_t>;

Tap a_tap() {
  Tap tap;
  tap.epoch.fill(0xa5);
  tap.number = 12'345;
  tap.boot = 17;
  tap.monotonic_ms = 86'400'123;
  tap.wall_ms = 1'762'416'000'000;
  tap.trust = ClockTrust::synced;
  const std::uint8_t uid[] = {0x04, 0xa1, 0xb2, 0xc3, 0xd4, 0xe5, 0xf6};
  tap.reading.assign(uid);
  return tap;
}

nlohmann::json as_json(const Tap& tap) {
  const Bytes reading = tap.reading.view();
  return nlohmann::json::array({static_cast<unsigned>(Tap::op),
                                nlohmann::json::binary(Buffer(tap.epoch.begin(), tap.epoch.end())),
                                tap.number, tap.boot, tap.monotonic_ms, tap.wall_ms,
                                static_cast<unsigned>(tap.trust), static_cast<unsigned>(tap.kind),
                                nlohmann::json::binary(Buffer(reading.begin(), reading.end()))});
}

void Encode(benchmark::State& state) {
  const Tap tap = a_tap();
  std::uint8_t out[max_encoded_size(Tap::fields)];
  for (auto _ : state) {
    benchmark::DoNotOptimize(encode(tap, out));
    benchmark::ClobberMemory();
  }
}
BENCHMARK(Encode);

void EncodeByNlohmann(benchmark::State& state) {
  const Tap tap = a_tap();
  for (auto _ : state) benchmark::DoNotOptimize(nlohmann::json::to_cbor(as_json(tap)));
}
BENCHMARK(EncodeByNlohmann);

void Decode(benchmark::State& state) {
  std::uint8_t wire[max_encoded_size(Tap::fields)];
  const std::size_t size = *encode(a_tap(), wire);
  for (auto _ : state) benchmark::DoNotOptimize(decode<Tap>({wire, size}));
}
BENCHMARK(Decode);

void DecodeByNlohmann(benchmark::State& state) {
  const Buffer wire = nlohmann::json::to_cbor(as_json(a_tap()));
  for (auto _ : state) benchmark::DoNotOptimize(nlohmann::json::from_cbor(wire));
}
BENCHMARK(DecodeByNlohmann);

const FrameHeader data_header{FrameType::data, frame_flag::sequence, 0, 7};
constexpr std::uint64_t counter = 7;

// A tap as it goes over the wire, into `wire`; its size.
std::size_t encode_and_seal(const Tap& tap, const Session& session, MutableBytes wire) {
  std::uint8_t payload[max_encoded_size(Tap::fields)];
  std::uint8_t sealed[sizeof payload + crypto::tag_size];
  FrameHeader header = data_header;
  const std::size_t size = *encode(tap, payload);
  const std::size_t all = *session.seal(counter, header, {payload, size}, sealed);
  return write_frame(header, {sealed, all}, wire);
}

void EncodeAndSeal(benchmark::State& state) {
  const Tap tap = a_tap();
  Session session;
  session.open_sealed(crypto::Key{1}, crypto::Key{2}, 0);
  std::uint8_t wire[wire_size(max_body_serial)];
  std::size_t size = 0;
  for (auto _ : state) {
    size = encode_and_seal(tap, session, wire);
    benchmark::ClobberMemory();
  }
  state.counters["wire_bytes"] = static_cast<double>(size);
}
BENCHMARK(EncodeAndSeal);

void OpenAndDecode(benchmark::State& state) {
  Session sender, receiver;
  sender.open_sealed(crypto::Key{1}, crypto::Key{2}, 0);
  receiver.open_sealed(crypto::Key{2}, crypto::Key{1}, 0);
  std::uint8_t wire[wire_size(max_body_serial)];
  const std::size_t size = encode_and_seal(a_tap(), sender, wire);
  FrameDecoder decoder;
  for (auto _ : state) {
    const auto step = decoder.push({wire, size});
    const auto opened = receiver.open(counter, *step.result, true);
    if (!opened) {
      state.SkipWithError("the tag does not verify");
      break;
    }
    benchmark::DoNotOptimize(decode<Tap>(step.result->payload.first(*opened)));
  }
}
BENCHMARK(OpenAndDecode);

struct Owner final : LinkEvents {
  Admission on_greeting(const Hello&, LinkKeys& keys) override {
    keys.add(crypto::Key{1});
    return Admission::secured;
  }
  void on_up(const Hello&, std::size_t) override {}
  void on_message(Bytes payload) override { received += payload.size(); }
  void on_sent() override {}
  void on_down(CloseReason) override {}
  std::size_t received = 0;
};

// Two ends and a perfect line.
struct Pair {
  Pair() {
    for (int i = 0; i < 8; ++i) {
      if (i == 0) terminal.start(now);
      if (i == 0) host.start(now);
      step(terminal);
      step(host);
      move(terminal, host);
      move(host, terminal);
    }
  }
  void step(Link& link) const {
    auto handshake = link.take_handshake();
    if (!handshake) return;
    if (handshake->run(crypto::Key{5})) link.handshake_done(*handshake, now);
  }
  void move(Link& from, Link& to) const {
    while (!from.pending_output().empty()) {
      const Bytes out = from.pending_output();
      to.on_bytes(out, now);
      from.consume(out.size(), now);
    }
  }
  static Hello hello() {
    Hello out;
    out.max_frame = max_body_tcp;
    return out;
  }

  Millis now{0};
  Owner owner;
  Link terminal{Role::terminal, owner, nullptr, hello()};
  Link host{Role::host, owner, nullptr, hello()};
};

// One tap from end to end and its ACK back.
void TapOverTheLink(benchmark::State& state) {
  Pair pair;
  const Tap tap = a_tap();
  std::uint8_t payload[max_encoded_size(Tap::fields)];
  for (auto _ : state) {
    const std::size_t size = *encode(tap, payload);
    if (!pair.terminal.send({payload, size}, pair.now)) {
      state.SkipWithError("the link does not take the next tap");
      break;
    }
    pair.move(pair.terminal, pair.host);
    pair.move(pair.host, pair.terminal);
  }
}
BENCHMARK(TapOverTheLink);

// The three steps of a handshake: the terminal computes the first and the last.
struct Steps {
  const crypto::Digest begun = noise::begin({}, {});
  noise::HandshakeState terminal{begun, crypto::Key{1}};
  noise::HandshakeState host{begun, crypto::Key{1}};
  std::uint8_t first[noise::HandshakeState::overhead];
  std::uint8_t second[noise::HandshakeState::overhead];
  bool greet() { return terminal.write_first(crypto::Key{3}, {}, first).has_value(); }
  bool answer() {
    return host.read_first(first, {}) && host.write_second(crypto::Key{4}, {}, second);
  }
  bool finish() { return terminal.read_second(second, {}).has_value(); }
};

void HandshakeGreet(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(Steps().greet());
}
BENCHMARK(HandshakeGreet)->Unit(benchmark::kMicrosecond);

void HandshakeAnswer(benchmark::State& state) {
  Steps begun;
  if (!begun.greet()) state.SkipWithError("no first message");
  for (auto _ : state) {
    Steps steps = begun;
    benchmark::DoNotOptimize(steps.answer());
  }
}
BENCHMARK(HandshakeAnswer)->Unit(benchmark::kMicrosecond);

void HandshakeFinish(benchmark::State& state) {
  Steps begun;
  if (!begun.greet() || !begun.answer()) state.SkipWithError("no second message");
  for (auto _ : state) {
    Steps steps = begun;
    benchmark::DoNotOptimize(steps.finish());
  }
}
BENCHMARK(HandshakeFinish)->Unit(benchmark::kMicrosecond);

void OpenQueuedTap(benchmark::State& state) {
  const crypto::Key site_private = {1};
  const crypto::Key unit_private = {2};
  const crypto::Key unit_public = *crypto::x25519_public(unit_private);
  const Tap tap = a_tap();
  QueuedTap queued;
  queued.epoch = tap.epoch;
  queued.number = tap.number;
  queued.unit_key = unit_public;
  const auto secret = derive_unit_key(unit_private, unit_public,
                                      *crypto::x25519_public(site_private), tap.epoch, 0);
  if (!seal_reading(*secret, tap, queued)) state.SkipWithError("cannot seal");
  for (auto _ : state) benchmark::DoNotOptimize(open_reading(site_private, queued));
}
BENCHMARK(OpenQueuedTap)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace rollcall::protocol
