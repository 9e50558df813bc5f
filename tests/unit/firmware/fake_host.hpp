// The host's end of the link, in memory, doing what a test tells it to.
#pragma once

#include <algorithm>
#include <vector>

#include "hal/display.hpp"
#include "protocol/crypto/crypto.hpp"
#include "protocol/link.hpp"
#include "protocol/messages.hpp"

namespace rollcall::firmware {

using protocol::Outcome;

class FakeHost final : private protocol::LinkEvents {
 public:
  FakeHost() : link_(session_, *this, hello()) {
    site_private.fill(7);
    site_key = *crypto::x25519_public(site_private);
  }

  // What it does by itself; a test switches parts off.
  bool welcomes = true;
  bool answers = true;
  bool acknowledges = true;
  Outcome outcome = Outcome::arrived;
  std::uint64_t highest_number = 0;
  crypto::Key site_private{};
  crypto::Key site_key{};
  std::int64_t wall_ms = 1'772'438'400'000;
  protocol::ClockTrust trust = protocol::ClockTrust::synced;

  // What it heard, in order.
  std::vector<protocol::TerminalState> states;
  std::vector<protocol::Tap> taps;
  std::vector<protocol::QueuedTap> queued;
  std::vector<protocol::GaveUp> gave_up;
  std::vector<protocol::Touch> touches;
  std::vector<protocol::Op> ops;
  protocol::Hello hello_seen;
  unsigned downs = 0;

  void connected(protocol::Millis now) { link_.start(now); }
  void lost() { link_.transport_lost(); }
  void receive(Bytes bytes, protocol::Millis now) {
    now_ = now;
    link_.on_bytes(bytes, now);
    poll(now);
  }
  void poll(protocol::Millis now) {
    now_ = now;
    if (link_.state() != protocol::LinkState::closed && now >= link_.next_deadline())
      link_.poll(now);
    while (!outbox_.empty() && link_.can_send()) {
      const std::vector<std::uint8_t> message = outbox_.front();
      outbox_.erase(outbox_.begin());
      link_.send(0, message, now);
    }
  }
  std::vector<std::uint8_t> take_output() {
    std::vector<std::uint8_t> out;
    while (!link_.pending_output().empty()) {
      const Bytes pending = link_.pending_output();
      out.insert(out.end(), pending.begin(), pending.end());
      link_.consume(pending.size());
    }
    return out;
  }

  template <class Message>
  void say(const Message& message) {
    std::uint8_t bytes[protocol::max_encoded_size(Message::fields)];
    const auto size = protocol::encode(message, bytes);
    outbox_.emplace_back(bytes, bytes + size.value_or(0));
  }
  void answer(const protocol::Tap& tap, Outcome with) {
    say(protocol::Answer{tap.epoch, tap.number, with});
  }
  void acknowledge(const protocol::StorageEpoch& epoch, std::uint64_t first, std::uint64_t last) {
    say(protocol::TapAck{epoch, first, last});
  }
  void send_screen(std::uint32_t id, protocol::ScreenSlot slot, hal::Size size,
                   const std::vector<std::uint8_t>& data) {
    say(protocol::ScreenBegin{id, slot, size.width, size.height,
                              static_cast<std::uint32_t>(data.size())});
    for (std::size_t at = 0; at < data.size(); at += protocol::max_screen_chunk) {
      protocol::ScreenData chunk;
      chunk.screen = id;
      chunk.offset = static_cast<std::uint32_t>(at);
      chunk.data.assign(
          Bytes(data).subspan(at, std::min(protocol::max_screen_chunk, data.size() - at)));
      say(chunk);
    }
  }
  bool up() const { return link_.state() == protocol::LinkState::up; }

 private:
  static protocol::Hello hello() {
    protocol::Hello hello;
    hello.max_frame = protocol::max_body_tcp;
    return hello;
  }
  void on_up(const protocol::Hello& peer) override { hello_seen = peer; }
  void on_sent() override {}
  void on_down(protocol::CloseReason) override {
    ++downs;
    outbox_.clear();
  }
  void on_message(std::uint8_t, Bytes payload) override {
    const auto op = static_cast<protocol::Op>(*protocol::peek_op(payload));
    ops.push_back(op);
    if (op == protocol::Op::terminal_state) {
      states.push_back(*protocol::decode<protocol::TerminalState>(payload));
      if (welcomes)
        say(protocol::Welcome{wall_ms + now_.count(), trust, protocol::TerminalMode::training,
                              site_key, highest_number});
    } else if (op == protocol::Op::tap) {
      taps.push_back(*protocol::decode<protocol::Tap>(payload));
      if (answers) answer(taps.back(), outcome);
    } else if (op == protocol::Op::queued_tap) {
      queued.push_back(*protocol::decode<protocol::QueuedTap>(payload));
      if (acknowledges)
        acknowledge(queued.back().epoch, queued.back().number, queued.back().number);
    } else if (op == protocol::Op::gave_up) {
      gave_up.push_back(*protocol::decode<protocol::GaveUp>(payload));
    } else if (op == protocol::Op::touch) {
      touches.push_back(*protocol::decode<protocol::Touch>(payload));
    }
  }

  protocol::ClearSession session_;
  protocol::Link link_;
  std::vector<std::vector<std::uint8_t>> outbox_;
  protocol::Millis now_{0};
};

}  // namespace rollcall::firmware
