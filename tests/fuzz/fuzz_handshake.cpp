// What a line brings to an end that greets and proves its key: a byte stream in any chunks, to
// either role. The owner runs every step of the handshake at once. Neither tags nor keys are
// checked in this build, so a peer comes as far as one that has the key.
#include "tests/fuzz/input.hpp"
#include "tests/fuzz/link_owner.hpp"

namespace rollcall::protocol::fuzz {
namespace {

// First byte: mood of the owner. Then chunks: a byte for their size, one for the time before them
// in tens of milliseconds, and the bytes.
void run(Bytes bytes) {
  Input in(bytes);
  Hello self;
  self.max_frame = max_body_tcp;
  Owner owner(self, in.byte());
  owner.wait(Millis(1000));  // HELLO has number 1000 modulo 256
  owner.start();
  while (!in.at_end()) {
    const std::size_t size = in.byte();
    owner.wait(Millis(10 * in.byte()));
    owner.hear(in.take(size));
    owner.handshake();
    owner.handshake();
    while (!owner.link().pending_output().empty()) owner.write(max_body);
    owner.check();
    if (owner.link().state() == LinkState::closed) owner.start();
  }
}

}  // namespace
}  // namespace rollcall::protocol::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  rollcall::protocol::fuzz::run({data, size});
  return 0;
}
