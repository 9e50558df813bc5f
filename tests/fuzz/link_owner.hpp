// One end of a link and its owner, who checks what protocol/link.hpp and protocol/bulk.hpp promise.
#pragma once

#include <algorithm>
#include <optional>

#include "protocol/link.hpp"
#include "tests/fuzz/messages.hpp"

namespace rollcall::protocol::fuzz {

// What the owner does by itself.
namespace mood {
inline constexpr std::uint8_t sends = 1u << 0;   // a message from within each handler
inline constexpr std::uint8_t closes = 6u;       // both bits: from within each handler
inline constexpr std::uint8_t host = 1u << 3;    // plays the host, else the terminal
inline constexpr std::uint8_t enrols = 1u << 4;  // untagged
inline constexpr std::uint8_t refuses = 1u << 5;
inline constexpr std::uint8_t two_keys = 1u << 6;
inline constexpr std::uint8_t bulk = 1u << 7;  // takes part in bulk transfers
}  // namespace mood

class Owner final : public LinkEvents, public BulkSource, public BulkSink {
 public:
  Owner(const Hello& self, std::uint8_t mood)
      : mood_(mood),
        bulk_(this),
        link_(has(mood::host) ? Role::host : Role::terminal, *this,
              has(mood::bulk) ? &bulk_ : nullptr, self) {}

  Link& link() { return link_; }
  BulkChannel& bulk() { return bulk_; }
  Millis now() const { return now_; }

  void wait(Millis time) {
    now_ += time;
    link_.poll(now_);
  }
  void hear(Bytes bytes) { link_.on_bytes(bytes, now_); }
  void hear(const FrameHeader& header, Bytes payload) {
    Buffer wire(wire_size(max_body));
    wire.resize(write_frame(header, payload, wire));
    hear(wire);
  }
  void start() {
    if (link_.state() != LinkState::closed) return;
    open_ = true;
    was_up_ = false;
    written_.reset();
    link_.start(now_);
  }
  void close() { link_.close(now_); }
  void lose_transport() {
    link_.transport_lost();
    require(link_.pending_output().empty());
  }
  // Takes a step of the handshake, or gives back the one taken before.
  void handshake() {
    if (!step_) {
      step_ = link_.take_handshake();
      if (step_) static_cast<void>(step_->run(crypto::Key{3}));
      return;
    }
    link_.handshake_done(*step_, now_);
    step_.reset();
  }
  void send(Bytes payload) {
    const bool can = link_.can_send() && payload.size() <= link_.max_payload();
    require(link_.send(payload, now_) == can);
    if (can) in_flight_ = true;
  }
  void offer_bulk(std::uint32_t size) {
    content_size_ = size;
    bulk_.send(BulkKind::log, 1, size, {}, *this);
  }
  void send_bulk_message() {
    if (!link_.can_send() || !bulk_.message_due()) return;
    std::uint8_t message[100];
    const std::size_t size = bulk_.take_message(message, now_);
    require(size != 0);
    send({message, size});
  }
  void write(std::size_t most) {
    const Bytes pending = link_.pending_output();
    const std::size_t size = std::min(most, pending.size());
    for (Bytes rest = pending.first(size); !rest.empty();) {
      const auto frame = written_.push(rest);
      require(!frame.complete || frame.result.has_value());
      rest = rest.subspan(frame.consumed);
    }
    link_.consume(size, now_);
  }
  void check() {
    require((link_.state() == LinkState::closed) == !open_);
    require((link_.state() == LinkState::up) == (open_ && was_up_));
    require(link_.pending_output().size() <= 1 + wire_size(max_body));
    require(!link_.can_send() || !in_flight_);
    require(!open_ || link_.next_deadline() <= now_ + link_timing::silence_limit);
  }

  Admission on_greeting(const Hello& peer, LinkKeys& keys) override {
    require(open_ && !was_up_);
    require(peer.protocol_min <= peer.protocol_max && peer.max_frame >= max_body_serial);
    if (has(mood::refuses)) return Admission::refused;
    keys.add(crypto::Key{1});
    if (has(mood::two_keys)) keys.add(crypto::Key{2});
    return has(mood::enrols) ? Admission::enrolment : Admission::secured;
  }
  void on_up(const Hello&, std::size_t key) override {
    require(open_ && !was_up_ && !has(mood::refuses));
    require(key < (has(mood::two_keys) ? 2u : 1u));
    was_up_ = true;
    react();
  }
  void on_message(Bytes payload) override {
    require(open_ && was_up_);
    require(payload.size() <= max_body);
    if (has(mood::bulk)) static_cast<void>(bulk_.on_message(payload, now_));
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

  bool read(std::uint32_t offset, MutableBytes out) override {
    require(offset <= content_size_ && out.size() <= content_size_ - offset);
    std::ranges::fill(out, std::uint8_t{0x5a});
    return offset % 7 != 6;
  }
  void ended(BulkResult) override {}

  std::expected<std::uint32_t, BulkResult> begin(const BulkOffer& offer) override {
    if (offer.subject % 5 == 4) return std::unexpected(BulkResult::refused);
    offered_ = offer.bytes;
    next_ = std::min(offer.subject % 100, offer.bytes);
    receiving_ = true;
    return next_;
  }
  bool held(std::uint32_t offset, MutableBytes out) override {
    require(offset + out.size() <= next_);
    std::ranges::fill(out, std::uint8_t{0x5a});
    return true;
  }
  bool write(std::uint32_t offset, Bytes content) override {
    require(receiving_ && offset == next_ && !content.empty());
    require(content.size() <= offered_ - offset);
    next_ += static_cast<std::uint32_t>(content.size());
    return next_ % 13 != 12;
  }
  BulkResult end(BulkResult result) override {
    require(std::exchange(receiving_, false));
    require(result != BulkResult::complete || next_ == offered_);
    return result;
  }

 private:
  bool has(std::uint8_t what) const { return (mood_ & what) == what; }
  // What an owner may do from within a handler.
  void react() {
    if (has(mood::sends)) send(Buffer(mood_ % 64));
    if (has(mood::closes)) link_.close(now_);
  }

  std::uint8_t mood_;
  Millis now_{0};
  bool open_ = false;
  bool was_up_ = false;
  bool in_flight_ = false;
  std::uint32_t content_size_ = 0;
  bool receiving_ = false;
  std::uint32_t offered_ = 0;
  std::uint32_t next_ = 0;
  std::optional<Handshake> step_;
  FrameDecoder written_;
  BulkChannel bulk_;
  Link link_;
};

}  // namespace rollcall::protocol::fuzz
