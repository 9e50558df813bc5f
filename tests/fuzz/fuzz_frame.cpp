// Any byte stream in any chunks: the decoder stays within its limit, and a frame it accepts is
// written and read back as the same frame.
#include <algorithm>

#include "protocol/frame.hpp"
#include "tests/fuzz/messages.hpp"

namespace rollcall::protocol::fuzz {
namespace {

void written_frame_is_read_back(const Frame& frame) {
  Buffer wire(wire_size(max_body));
  const std::size_t size = write_frame(frame.header, frame.payload, wire);
  require(size >= frame_header_size + frame_crc_size + 2);
  require(std::ranges::count(Bytes(wire).first(size), 0) == 1 && wire[size - 1] == 0);
  FrameDecoder decoder;
  const auto step = decoder.push(Bytes(wire).first(size));
  require(step.complete && step.consumed == size && step.result.has_value());
  require(std::ranges::equal(step.result->payload, frame.payload));
  require(std::ranges::equal(step.result->header_bytes, frame.header_bytes));
}

void run(Bytes input) {
  if (input.size() < 2) return;
  const std::size_t limit = (input[0] & 1) != 0 ? max_body_serial : max_body_tcp;
  const std::size_t chunk = 1 + input[1];
  Bytes rest = input.subspan(2);
  FrameDecoder decoder(limit);
  while (!rest.empty()) {
    const Bytes now = rest.first(std::min(chunk, rest.size()));
    const auto step = decoder.push(now);
    require(step.consumed > 0 && step.consumed <= now.size());
    rest = rest.subspan(step.consumed);
    if (!step.complete || !step.result) continue;
    require(frame_header_size + step.result->payload.size() + frame_crc_size <= limit);
    written_frame_is_read_back(*step.result);
  }
}

}  // namespace
}  // namespace rollcall::protocol::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  rollcall::protocol::fuzz::run({data, size});
  return 0;
}
