// The first byte picks the message, the rest is its encoding. What decodes is encoded again, and
// from then on nothing changes any more.
#include "tests/fuzz/messages.hpp"

namespace rollcall::protocol::fuzz {
namespace {

void run(Bytes input) {
  if (input.empty()) return;
  const Bytes encoding = input.subspan(1);
  static_cast<void>(peek_op(encoding));
  Messages::visit(input[0] % Messages::size, [&]<class Message>() {
    const auto message = decode<Message>(encoding);
    if (!message) return;
    require(peek_op(encoding) == static_cast<std::uint16_t>(Message::op));
    const Buffer once = encoded(*message);
    const auto again = decode<Message>(once);
    require(again.has_value());
    require(encoded(*again) == once);
    // Only trailing items of later versions make an accepted input differ from our own encoding.
    require(once.size() <= encoding.size());
  });
}

}  // namespace
}  // namespace rollcall::protocol::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  rollcall::protocol::fuzz::run({data, size});
  return 0;
}
