// One end of a link with a hostile peer, an owner in any mood and any clock that does not run
// backwards. Whatever happens, the promises of link.hpp to the owner hold.
#include "tests/fuzz/input.hpp"
#include "tests/fuzz/link_owner.hpp"
#include "tests/fuzz/link_script.hpp"

namespace rollcall::protocol::fuzz {
namespace {

void step(Owner& owner, Input& in) {
  switch (static_cast<Step>(in.byte() % static_cast<std::uint8_t>(Step::count))) {
    case Step::raw:
      return owner.hear(in.bytes());
    case Step::frame: {
      FrameHeader header;
      header.type = static_cast<FrameType>(1 + in.byte() % 9);
      header.flags = in.byte();
      header.channel = in.byte();
      header.counter_low = in.byte();
      return owner.hear(header, in.bytes());
    }
    case Step::wait:
      return owner.wait(Millis(10 * in.byte()));
    case Step::send:
      return owner.send(in.bytes());
    case Step::write:
      return owner.write(in.byte());
    case Step::start:
      return owner.start();
    case Step::close:
      return owner.close();
    case Step::transport_lost:
      return owner.lose_transport();
    case Step::handshake:
      return owner.handshake();
    case Step::bulk_offer:
      return owner.offer_bulk(in.word());
    case Step::bulk_message:
      return owner.send_bulk_message();
    case Step::bulk_cancel:
      owner.bulk().cancel_sending();
      owner.bulk().cancel_receiving();
      return;
    case Step::count:
      return;
  }
}

void run(Bytes bytes) {
  Input in(bytes);
  Hello self;
  self.max_frame = (in.byte() & 1) != 0 ? max_body_tcp : max_body_serial;
  Owner owner(self, in.byte());
  while (!in.at_end()) {
    step(owner, in);
    owner.check();
  }
}

}  // namespace
}  // namespace rollcall::protocol::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  rollcall::protocol::fuzz::run({data, size});
  return 0;
}
