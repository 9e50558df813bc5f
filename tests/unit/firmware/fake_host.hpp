// The host's end of the link, in memory, doing what a test tells it to.
#pragma once

#include <algorithm>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "hal/display.hpp"
#include "hal/sim/entropy.hpp"
#include "protocol/crypto/crypto.hpp"
#include "protocol/enrolment.hpp"
#include "protocol/link.hpp"
#include "protocol/messages.hpp"

namespace rollcall::firmware {

using protocol::Outcome;

class FakeHost final : private protocol::LinkEvents,
                       private protocol::BulkSink,
                       private protocol::BulkSource {
 public:
  explicit FakeHost(std::uint16_t max_frame = protocol::max_body)
      : bulk_(this), link_(protocol::Role::host, *this, &bulk_, hello(max_frame)) {
    site_private.fill(7);
    site_key = *crypto::x25519_public(site_private);
    link_key.fill(9);
  }

  // What it does by itself; a test switches parts off.
  bool welcomes = true;
  bool answers = true;
  bool acknowledges = true;
  bool tells_time = true;
  bool takes_transfers = true;
  bool expects_enrolment = true;
  Outcome outcome = Outcome::arrived;
  std::uint64_t highest_number = 0;  // of the first epoch that it hears of
  crypto::Key site_private{};
  crypto::Key site_key{};
  crypto::Key link_key{};
  std::optional<crypto::Key> next_key;  // in force as well
  std::int64_t wall_ms = 1'772'438'400'000;
  protocol::ClockTrust trust = protocol::ClockTrust::synced;

  // What it heard, in order.
  std::vector<protocol::TerminalState> states;
  std::vector<protocol::Tap> taps;
  std::vector<protocol::QueuedTap> queued;  // as messages and in transfers
  std::vector<std::size_t> transfers;       // entries of each complete one
  std::size_t transferred = 0;              // bytes of BULK content that came
  std::vector<protocol::GaveUp> gave_up;
  std::vector<protocol::Touch> touches;
  std::vector<protocol::Key> pressed;
  std::vector<std::string> logs;
  std::vector<protocol::Card> cards;
  std::vector<protocol::Reply> replies;
  std::vector<protocol::Stats> stats;
  std::vector<protocol::UpdateState> updates;
  std::vector<protocol::ApduResponse> apdus;
  std::vector<protocol::ApduWait> apdu_waits;
  std::vector<protocol::TimeRequest> time_requests;
  std::vector<protocol::BulkResult> sent;  // ends of transfers to the terminal
  std::size_t bytes_sent = 0;              // of BULK content that went
  std::vector<protocol::Op> ops;
  protocol::Hello hello_seen;
  std::optional<std::size_t> proven_key;  // 0 = link_key, 1 = next_key
  unsigned ups = 0;
  unsigned downs = 0;
  protocol::CloseReason down_reason = protocol::CloseReason::none;

  void connected(protocol::Millis now) {
    connected_ = true;
    link_.start(now);
  }
  void lost() {
    connected_ = false;
    link_.transport_lost();
  }
  void receive(Bytes bytes, protocol::Millis now) {
    now_ = now;
    link_.on_bytes(bytes, now);
    poll(now);
  }
  void poll(protocol::Millis now) {
    now_ = now;
    const bool closed = link_.state() == protocol::LinkState::closed;
    if (closed && connected_ && now >= restart_at_) link_.start(now);
    if (!closed && now >= link_.next_deadline()) link_.poll(now);
    if (auto step = link_.take_handshake()) {
      crypto::Key fresh{};
      entropy_.fill(fresh);
      (void)step->run(fresh);
      link_.handshake_done(*step, now);
    }
    offer_next_screen();
    std::uint8_t bytes[protocol::max_body];
    while (link_.can_send()) {
      if (!outbox_.empty()) {
        const std::vector<std::uint8_t> message = outbox_.front();
        outbox_.erase(outbox_.begin());
        link_.send(message, now);
      } else if (attempt_) {
        const std::size_t size = attempt_->take_message(bytes);
        if (size == 0) break;
        link_.send({bytes, size}, now);
      } else if (bulk_.message_due()) {
        link_.send({bytes, bulk_.take_message(bytes, now)}, now);
      } else {
        break;
      }
    }
  }
  std::vector<std::uint8_t> take_output() {
    std::vector<std::uint8_t> out;
    while (!link_.pending_output().empty()) {
      const Bytes pending = link_.pending_output();
      out.insert(out.end(), pending.begin(), pending.end());
      link_.consume(pending.size(), now_);
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
  // One after the other, when the transfer before is over.
  void send_screen(std::uint32_t id, protocol::ScreenSlot slot, hal::Size size,
                   const std::vector<std::uint8_t>& data) {
    screens_.push_back({{id, slot, size.width, size.height}, data});
  }
  // Offers an image; it follows when the terminal wants it.
  void offer_image(const protocol::UpdateOffer& offer, const std::vector<std::uint8_t>& image) {
    image_ = image;
    image_offer_ = offer;
    image_offer_.bytes = static_cast<std::uint32_t>(image.size());
    image_offer_.digest = crypto::sha256(image);
    say(image_offer_);
  }
  bool up() const { return link_.state() == protocol::LinkState::up; }
  bool sending() const { return bulk_.sending() || !screens_.empty(); }
  void close(protocol::Millis now) { link_.close(now); }
  const protocol::LinkCounters& counters() const { return link_.counters(); }

  // The member of staff at the host: what enrolment shows there, and what they type.
  std::optional<std::uint32_t> number() const {
    if (!attempt_ || attempt_->state() != protocol::HostEnrolment::State::comparing)
      return std::nullopt;
    return attempt_->number();
  }
  void type(std::uint32_t number) {
    if (!attempt_ || !attempt_->typed(number)) return;
    crypto::Key fresh{};
    entropy_.fill(fresh);
    next_key = fresh;  // kept before it is granted
    protocol::Grant grant{fresh, site_key, {}};
    const std::uint8_t site[] = {'s', 'i', 't', 'e', '-', '7'};
    grant.site.assign(site);
    attempt_->grant(grant);
  }
  // The last attempt, also after its link.
  std::optional<protocol::HostEnrolment::State> attempt_state;
  protocol::EnrolEndReason attempt_why = protocol::EnrolEndReason::cancelled;

 private:
  struct PendingScreen {
    protocol::Screen screen;
    std::vector<std::uint8_t> data;
  };

  static protocol::Hello hello(std::uint16_t max_frame) {
    protocol::Hello hello;
    hello.max_frame = max_frame;
    return hello;
  }
  void offer_next_screen() {
    if (!up() || attempt_ || bulk_.sending() || screens_.empty() || !welcomed_) return;
    const PendingScreen next = screens_.front();
    screens_.pop_front();
    say(next.screen);
    content_ = next.data;
    bulk_.send(protocol::BulkKind::screen, next.screen.screen,
               static_cast<std::uint32_t>(content_.size()), crypto::sha256(content_), *this);
  }
  void note_attempt() {
    if (!attempt_) return;
    attempt_state = attempt_->state();
    attempt_why = attempt_->why();
  }

  // LinkEvents
  protocol::Admission on_greeting(const protocol::Hello& peer, protocol::LinkKeys& keys) override {
    enrolling_ = (peer.capabilities & protocol::capability::enrolling) != 0;
    hello_seen = peer;
    if (enrolling_) return protocol::Admission::enrolment;
    keys.add(link_key);
    if (next_key) keys.add(*next_key);
    return protocol::Admission::secured;
  }
  void on_up(const protocol::Hello&, std::size_t key) override {
    ++ups;
    if (!enrolling_) {
      proven_key = key;
      return;
    }
    crypto::Key own{};
    crypto::Key nonce{};
    entropy_.fill(own);
    entropy_.fill(nonce);
    attempt_.emplace(protocol::HelloDigests{link_.peer_hello_digest(), link_.own_hello_digest()},
                     own, nonce);
    if (!expects_enrolment) attempt_->end(protocol::EnrolEndReason::not_expected);
    note_attempt();
  }
  void on_sent() override { note_attempt(); }
  void on_down(protocol::CloseReason reason) override {
    ++downs;
    down_reason = reason;
    restart_at_ = now_ + protocol::Millis(1000);
    note_attempt();
    attempt_.reset();
    welcomed_ = false;
    outbox_.clear();
    screens_.clear();
  }
  void on_message(Bytes payload) override {
    if (attempt_) {
      attempt_->on_message(payload);
      note_attempt();
      return;
    }
    if (bulk_.on_message(payload, now_)) return;
    const auto op = static_cast<protocol::Op>(*protocol::peek_op(payload));
    ops.push_back(op);
    switch (op) {
      case protocol::Op::terminal_state:
        states.push_back(*protocol::decode<protocol::TerminalState>(payload));
        if (welcomes) welcome();
        break;
      case protocol::Op::tap:
        taps.push_back(*protocol::decode<protocol::Tap>(payload));
        if (answers) answer(taps.back(), outcome);
        break;
      case protocol::Op::queued_tap:
        take(*protocol::decode<protocol::QueuedTap>(payload));
        break;
      case protocol::Op::time_request:
        time_requests.push_back(*protocol::decode<protocol::TimeRequest>(payload));
        if (tells_time) {
          const std::int64_t wall = wall_ms + now_.count();
          say(protocol::TimeReply{time_requests.back().t1_ms, wall, wall, trust});
        }
        break;
      case protocol::Op::update_state:
        updates.push_back(*protocol::decode<protocol::UpdateState>(payload));
        if (updates.back().stage == protocol::UpdateStage::wanted) {
          content_ = image_;
          bulk_.send(protocol::BulkKind::firmware, 0, image_offer_.bytes, image_offer_.digest,
                     *this);
        }
        break;
      case protocol::Op::gave_up:
        gave_up.push_back(*protocol::decode<protocol::GaveUp>(payload));
        break;
      case protocol::Op::touch:
        touches.push_back(*protocol::decode<protocol::Touch>(payload));
        break;
      case protocol::Op::key:
        pressed.push_back(*protocol::decode<protocol::Key>(payload));
        break;
      case protocol::Op::card:
        cards.push_back(*protocol::decode<protocol::Card>(payload));
        break;
      case protocol::Op::reply:
        replies.push_back(*protocol::decode<protocol::Reply>(payload));
        break;
      case protocol::Op::stats:
        stats.push_back(*protocol::decode<protocol::Stats>(payload));
        break;
      case protocol::Op::apdu_response:
        apdus.push_back(*protocol::decode<protocol::ApduResponse>(payload));
        break;
      case protocol::Op::apdu_wait:
        apdu_waits.push_back(*protocol::decode<protocol::ApduWait>(payload));
        break;
      default:
        break;
    }
  }
  void welcome() {
    const bool first_epoch = states.back().epoch == states.front().epoch;
    say(protocol::Welcome{wall_ms + now_.count(), trust, protocol::TerminalMode::training, site_key,
                          first_epoch ? highest_number : 0});
    welcomed_ = true;
  }
  void take(const protocol::QueuedTap& tap) {
    queued.push_back(tap);
    if (acknowledges) acknowledge(tap.epoch, tap.number, tap.number);
  }

  // BulkSink: transfers of the queue
  std::expected<std::uint32_t, protocol::BulkResult> begin(
      const protocol::BulkOffer& offer) override {
    const bool known =
        offer.kind == protocol::BulkKind::queue || offer.kind == protocol::BulkKind::log;
    if (!takes_transfers || !known) return std::unexpected(protocol::BulkResult::refused);
    incoming_kind_ = offer.kind;
    incoming_.clear();
    return 0;
  }
  bool held(std::uint32_t, MutableBytes) override { return false; }
  bool write(std::uint32_t, Bytes content) override {
    incoming_.insert(incoming_.end(), content.begin(), content.end());
    transferred += content.size();
    return true;
  }
  protocol::BulkResult end(protocol::BulkResult result) override {
    if (result != protocol::BulkResult::complete) return result;
    if (incoming_kind_ == protocol::BulkKind::log) {
      logs.emplace_back(incoming_.begin(), incoming_.end());
      return result;
    }
    Bytes rest(incoming_);
    std::size_t entries = 0;
    while (rest.size() > 2) {
      const auto size = static_cast<std::size_t>(rest[0] | rest[1] << 8);
      take(*protocol::decode<protocol::QueuedTap>(rest.subspan(2, size)));
      rest = rest.subspan(2 + size);
      ++entries;
    }
    transfers.push_back(entries);
    return result;
  }

  // BulkSource: screens and images
  bool read(std::uint32_t offset, MutableBytes out) override {
    std::copy_n(content_.begin() + offset, out.size(), out.begin());
    bytes_sent += out.size();
    return true;
  }
  void ended(protocol::BulkResult result) override { sent.push_back(result); }

  hal::sim::RepeatableEntropy entropy_{815};
  protocol::BulkChannel bulk_;
  protocol::Link link_;
  std::optional<protocol::HostEnrolment> attempt_;
  bool connected_ = false;
  protocol::Millis restart_at_{0};
  bool enrolling_ = false;
  bool welcomed_ = false;
  std::vector<std::vector<std::uint8_t>> outbox_;
  std::deque<PendingScreen> screens_;
  std::vector<std::uint8_t> content_;
  std::vector<std::uint8_t> image_;
  protocol::UpdateOffer image_offer_;
  std::vector<std::uint8_t> incoming_;
  protocol::BulkKind incoming_kind_ = protocol::BulkKind::queue;
  protocol::Millis now_{0};
};

}  // namespace rollcall::firmware
