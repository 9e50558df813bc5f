// One end of a link with a hostile peer, an owner in any mood and any clock that does not run
// backwards. Whatever happens, the promises of link.hpp to the owner hold.
#include <algorithm>

#include "protocol/link.hpp"
#include "tests/fuzz/link_script.hpp"
#include "tests/fuzz/messages.hpp"

namespace rollcall::protocol::fuzz {
namespace {

// Takes arguments off the front of the input; zeros when it ends.
class Input {
 public:
  explicit Input(Bytes bytes) : rest_(bytes) {}
  bool at_end() const { return rest_.empty(); }
  std::uint8_t byte() {
    if (rest_.empty()) return 0;
    const std::uint8_t value = rest_[0];
    rest_ = rest_.subspan(1);
    return value;
  }
  Bytes bytes() {
    const std::size_t size = std::min<std::size_t>(byte(), rest_.size());
    const Bytes taken = rest_.first(size);
    rest_ = rest_.subspan(size);
    return taken;
  }

 private:
  Bytes rest_;
};

class Owner final : public LinkEvents {
 public:
  Owner(Session& session, const Hello& self, std::uint8_t mood)
      : mood_(mood), link_(session, *this, self) {}

  void step(Input& in) {
    switch (static_cast<Step>(in.byte() % static_cast<std::uint8_t>(Step::count))) {
      case Step::raw:
        link_.on_bytes(in.bytes(), now_);
        break;
      case Step::frame:
        frame(in);
        break;
      case Step::wait:
        now_ += Millis(10 * in.byte());
        link_.poll(now_);
        break;
      case Step::send:
        send(in.bytes());
        break;
      case Step::write:
        write(in.byte());
        break;
      case Step::start:
        if (link_.state() != LinkState::closed) break;
        open_ = true;
        was_up_ = false;
        written_.reset();
        link_.start(now_);
        break;
      case Step::close:
        link_.close(now_);
        break;
      case Step::transport_lost:
        link_.transport_lost();
        require(link_.pending_output().empty());
        break;
      case Step::count:
        break;
    }
    require((link_.state() == LinkState::closed) == !open_);
    require((link_.state() == LinkState::up) == (open_ && was_up_));
    require(link_.pending_output().size() <= 1 + wire_size(max_body));
    require(!link_.can_send() || !in_flight_);
    require(!open_ || link_.next_deadline() <= now_ + link_timing::silence_limit ||
            link_.next_deadline() <= now_ + link_timing::ping_interval);
  }

  void on_up(const Hello& peer) override {
    require(open_ && !was_up_);
    require(peer.protocol_min <= peer.protocol_max);
    was_up_ = true;
    react();
  }
  void on_message(std::uint8_t, Bytes payload) override {
    require(open_ && was_up_);
    require(payload.size() <= max_body);
    react();
  }
  void on_sent() override {
    require(open_ && was_up_ && in_flight_);
    in_flight_ = false;
    react();
  }
  void on_down(CloseReason reason) override {
    require(open_ && reason != CloseReason::none);
    open_ = false;
    in_flight_ = false;
  }

 private:
  void frame(Input& in) {
    FrameHeader header;
    header.type = static_cast<FrameType>(1 + in.byte() % 5);
    header.flags = in.byte();
    header.channel = in.byte();
    header.counter_low = in.byte();
    const Bytes payload = in.bytes();
    Buffer wire(wire_size(max_body));
    wire.resize(write_frame(header, payload, wire));
    link_.on_bytes(wire, now_);
  }
  void send(Bytes payload) {
    const bool can = link_.can_send() && payload.size() <= link_.max_payload();
    require(link_.send(0, payload, now_) == can);
    if (can) in_flight_ = true;
  }
  void write(std::size_t most) {
    const Bytes pending = link_.pending_output();
    const std::size_t size = std::min(most, pending.size());
    for (Bytes rest = pending.first(size); !rest.empty();) {
      const auto frame = written_.push(rest);
      require(!frame.complete || frame.result.has_value());
      rest = rest.subspan(frame.consumed);
    }
    link_.consume(size);
  }
  // What an owner may do from within a handler.
  void react() {
    if ((mood_ & 1) != 0) send(Buffer(mood_));
    if ((mood_ & 6) == 6) link_.close(now_);
  }

  std::uint8_t mood_;
  Millis now_{0};
  bool open_ = false;
  bool was_up_ = false;
  bool in_flight_ = false;
  FrameDecoder written_;
  Link link_;
};

void run(Bytes bytes) {
  Input in(bytes);
  ClearSession session;
  Hello self;
  self.max_frame = (in.byte() & 1) != 0 ? max_body_tcp : max_body_serial;
  Owner owner(session, self, in.byte());
  while (!in.at_end()) owner.step(in);
}

}  // namespace
}  // namespace rollcall::protocol::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  rollcall::protocol::fuzz::run({data, size});
  return 0;
}
