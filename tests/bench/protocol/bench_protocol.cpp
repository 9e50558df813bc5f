// A tap through codec, frame and link, and beside it the same content through nlohmann::json's
// CBOR.
#include <vector>

#include <benchmark/benchmark.h>
#include <nlohmann/json.hpp>

#include "protocol/frame.hpp"
#include "protocol/link.hpp"
#include "protocol/messages.hpp"
#include "protocol/sealed_reading.hpp"

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

void EncodeAndFrame(benchmark::State& state) {
  const Tap tap = a_tap();
  std::uint8_t payload[max_encoded_size(Tap::fields)];
  std::uint8_t wire[wire_size(max_body_serial)];
  std::size_t size = 0;
  for (auto _ : state) {
    const std::size_t encoded = *encode(tap, payload);
    size = write_frame({FrameType::data, 1, 0, 7}, {payload, encoded}, wire);
    benchmark::ClobberMemory();
  }
  state.counters["wire_bytes"] = static_cast<double>(size);
}
BENCHMARK(EncodeAndFrame);

void UnframeAndDecode(benchmark::State& state) {
  std::uint8_t payload[max_encoded_size(Tap::fields)];
  std::uint8_t wire[wire_size(max_body_serial)];
  const std::size_t encoded = *encode(a_tap(), payload);
  const std::size_t size = write_frame({FrameType::data, 1, 0, 7}, {payload, encoded}, wire);
  FrameDecoder decoder;
  for (auto _ : state) {
    const auto step = decoder.push({wire, size});
    benchmark::DoNotOptimize(decode<Tap>(step.result->payload));
  }
}
BENCHMARK(UnframeAndDecode);

struct Owner final : LinkEvents {
  void on_up(const Hello&) override {}
  void on_message(std::uint8_t, Bytes payload) override { received += payload.size(); }
  void on_sent() override {}
  void on_down(CloseReason) override {}
  std::size_t received = 0;
};

// One tap from end to end and its ACK back.
void TapOverTheLink(benchmark::State& state) {
  ClearSession session;
  Owner owner;
  Hello hello;
  hello.max_frame = max_body_tcp;
  Link terminal(session, owner, hello);
  Link host(session, owner, hello);
  Millis now{0};
  const auto move = [&now](Link& from, Link& to) {
    while (!from.pending_output().empty()) {
      const Bytes out = from.pending_output();
      to.on_bytes(out, now);
      from.consume(out.size());
    }
  };
  terminal.start(now);
  host.start(now);
  for (int i = 0; i < 4; ++i) {
    move(terminal, host);
    move(host, terminal);
  }
  const Tap tap = a_tap();
  std::uint8_t payload[max_encoded_size(Tap::fields)];
  for (auto _ : state) {
    const std::size_t size = *encode(tap, payload);
    if (!terminal.send(0, {payload, size}, now)) {
      state.SkipWithError("the link does not take the next tap");
      break;
    }
    move(terminal, host);
    move(host, terminal);
  }
}
BENCHMARK(TapOverTheLink);

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
