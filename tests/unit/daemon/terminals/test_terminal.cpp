#include "tests/unit/daemon/terminals/test_terminal.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <stdexcept>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "hal/host/system.hpp"

namespace rollcall::terminals::test {
namespace {

protocol::Hello hello_of(const TerminalOptions& options) {
  protocol::Hello hello;
  hello.capabilities = protocol::capability::queue | protocol::capability::indicator;
  if (options.panel_width > 0) hello.capabilities |= protocol::capability::display;
  if (options.panel_width > 0 && options.touch) hello.capabilities |= protocol::capability::touch;
  if (options.apdu) hello.capabilities |= protocol::capability::apdu;
  hello.max_frame = options.max_frame;
  hello.serial.assign(
      {reinterpret_cast<const std::uint8_t*>(options.serial.data()), options.serial.size()});
  const std::string firmware = "test-1.0";
  hello.firmware.assign({reinterpret_cast<const std::uint8_t*>(firmware.data()), firmware.size()});
  if (options.enrolling) hello.capabilities |= protocol::capability::enrolling;
  hello.boot = options.boot;
  return hello;
}

crypto::Key random_key() {
  crypto::Key key;
  hal::host::SystemEntropy{}.fill(key);
  return key;
}

}  // namespace

TestTerminal::TestTerminal(TerminalOptions options)
    : options_(std::move(options)),
      link_(protocol::Role::terminal, *this, &bulk_, hello_of(options_)) {
  epoch.fill(0xe1);
}

TestTerminal::~TestTerminal() {
  disconnect();
}

void TestTerminal::disconnect() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

bool TestTerminal::connect_tcp(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  started(fd);
  return ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

bool TestTerminal::connect_unix(const std::string& path) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  started(fd);
  return ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

void TestTerminal::started(int fd) {
  disconnect();
  fd_ = fd;
  down_ = false;
  if (link_.state() != protocol::LinkState::closed) link_.transport_lost();
  down_ = false;
  link_.start(now());
}

protocol::Millis TestTerminal::now() {
  return std::chrono::duration_cast<protocol::Millis>(
      std::chrono::steady_clock::now().time_since_epoch());
}

void TestTerminal::send_raw(const std::vector<std::uint8_t>& bytes) {
  for (std::size_t at = 0; at < bytes.size() && fd_ >= 0;) {
    const auto written = ::send(fd_, bytes.data() + at, bytes.size() - at, MSG_NOSIGNAL);
    if (written <= 0) return;
    at += static_cast<std::size_t>(written);
  }
}

void TestTerminal::flush() {
  if (auto step = link_.take_handshake()) {
    (void)step->run(random_key());
    link_.handshake_done(*step, now());
  }
  std::array<std::uint8_t, 256> message{};
  while (link_.can_send() && bulk_.message_due()) {
    const std::size_t size = bulk_.take_message(message, now());
    if (!link_.send({message.data(), size}, now())) break;
    --sent_;  // not one of the test's
  }
  while (fd_ >= 0 && !(hold_back_when_up && up()) && !link_.pending_output().empty()) {
    const Bytes pending = link_.pending_output();
    const auto written = ::send(fd_, pending.data(), pending.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (written <= 0) return;
    link_.consume(static_cast<std::size_t>(written), now());
  }
}

bool TestTerminal::run_until(const std::function<bool()>& done, Millis limit) {
  const auto end = now() + limit;
  while (!done()) {
    flush();
    if (fd_ < 0 || now() >= end) return done();
    const auto wake = std::min(end, std::max(link_.next_deadline(), now()));
    const auto wait = std::clamp<std::int64_t>((wake - now()).count(), 0, 20);
    pollfd poller{fd_, static_cast<short>(acknowledge ? POLLIN : 0), 0};
    ::poll(&poller, 1, static_cast<int>(wait));
    if (acknowledge && (poller.revents & (POLLIN | POLLHUP | POLLERR)) != 0) {
      std::array<std::uint8_t, 4096> buffer{};
      const auto size = ::recv(fd_, buffer.data(), buffer.size(), MSG_DONTWAIT);
      if (size == 0 || (size < 0 && errno != EAGAIN)) {
        link_.transport_lost();
        disconnect();
        return done();
      }
      if (size > 0) link_.on_bytes({buffer.data(), static_cast<std::size_t>(size)}, now());
    }
    if (acknowledge && now() >= link_.next_deadline()) link_.poll(now());
  }
  flush();
  return true;
}

bool TestTerminal::greet() {
  return run_until([this] { return up(); });
}

protocol::TerminalState TestTerminal::state() const {
  protocol::TerminalState state;
  state.epoch = epoch;
  state.capacity = 20000;
  state.panel_width = options_.panel_width;
  state.panel_height = options_.panel_height;
  return state;
}

bool TestTerminal::enter(std::optional<protocol::TerminalState> with) {
  return greet() && send(with.value_or(state())) && wait_for<protocol::Welcome>();
}

bool TestTerminal::send_bytes(const std::vector<std::uint8_t>& message) {
  const std::size_t target = sent_ + 1;
  if (!run_until([this] { return link_.can_send() || closed(); }) || closed()) return false;
  if (!link_.send(message, now())) return false;
  return run_until([&] { return sent_ >= target; });
}

protocol::Tap TestTerminal::tap(std::uint64_t number, std::uint8_t card,
                                std::int64_t wall_ms) const {
  protocol::Tap tap;
  tap.epoch = epoch;
  tap.number = number;
  tap.boot = options_.boot;
  tap.monotonic_ms = number * 10'000;
  tap.wall_ms = wall_ms;
  tap.trust = protocol::ClockTrust::synced;
  const std::array<std::uint8_t, 4> chip{card, card, card, card};
  tap.reading.assign(chip);
  return tap;
}

protocol::Admission TestTerminal::on_greeting(const protocol::Hello&, protocol::LinkKeys& keys) {
  if (options_.enrolling) return protocol::Admission::enrolment;
  keys.add(options_.key.value_or(key_of(options_.serial)));
  return protocol::Admission::secured;
}
void TestTerminal::on_up(const protocol::Hello&, std::size_t) {
  if (!options_.enrolling) return;
  enrolment_.emplace(protocol::HelloDigests{link_.own_hello_digest(), link_.peer_hello_digest()},
                     random_key());
}
void TestTerminal::on_message(Bytes payload) {
  inbox_.emplace_back(payload.begin(), payload.end());
  if (enrolment_) {
    enrolment_->on_message(payload);
  } else {
    bulk_.on_message(payload, now());
  }
}

void TestTerminal::pump_enrolment() {
  std::array<std::uint8_t, 256> message{};
  if (!link_.can_send()) return;
  const std::size_t size = enrolment_->take_message(message);
  if (size != 0 && link_.send({message.data(), size}, now())) --sent_;
}

std::expected<std::uint32_t, protocol::BulkResult> TestTerminal::begin(
    const protocol::BulkOffer& offer) {
  incoming_kind_ = offer.kind;
  if (offer.kind == protocol::BulkKind::firmware) return static_cast<std::uint32_t>(image.size());
  if (!take_screens || offer.kind != protocol::BulkKind::screen) {
    return std::unexpected(protocol::BulkResult::refused);
  }
  incoming_ = offer.subject;
  content_.clear();
  return 0;
}
bool TestTerminal::held(std::uint32_t offset, MutableBytes out) {
  std::copy_n(image.begin() + offset, out.size(), out.begin());
  return true;
}
bool TestTerminal::write(std::uint32_t, Bytes content) {
  if (incoming_kind_ == protocol::BulkKind::firmware) {
    image.insert(image.end(), content.begin(), content.end());
    return true;
  }
  content_.insert(content_.end(), content.begin(), content.end());
  return true;
}
protocol::BulkResult TestTerminal::end(protocol::BulkResult result) {
  if (incoming_kind_ == protocol::BulkKind::firmware) return result;
  if (result == protocol::BulkResult::complete) screens_[incoming_] = content_;
  return result;
}

bool TestTerminal::send_transfer(protocol::BulkKind kind, std::vector<std::uint8_t> content) {
  struct Source final : protocol::BulkSource {
    std::vector<std::uint8_t> content;
    std::optional<protocol::BulkResult> result;
    bool read(std::uint32_t offset, MutableBytes out) override {
      std::copy_n(content.begin() + offset, out.size(), out.begin());
      return true;
    }
    void ended(protocol::BulkResult how) override { result = how; }
  } source;
  source.content = std::move(content);
  bulk_.send(kind, 0, static_cast<std::uint32_t>(source.content.size()),
             crypto::sha256(source.content), source);
  run_until([&] { return source.result.has_value(); });
  return source.result == protocol::BulkResult::complete;
}

bool TestTerminal::send_queue(const std::vector<protocol::QueuedTap>& taps) {
  std::vector<std::uint8_t> content;
  for (const protocol::QueuedTap& tap : taps) {
    std::array<std::uint8_t, protocol::max_encoded_size(protocol::QueuedTap::fields)> entry{};
    const auto size = static_cast<std::uint16_t>(protocol::encode(tap, entry).value_or(0));
    content.push_back(static_cast<std::uint8_t>(size));
    content.push_back(static_cast<std::uint8_t>(size >> 8));
    content.insert(content.end(), entry.begin(), entry.begin() + size);
  }
  return send_transfer(protocol::BulkKind::queue, std::move(content));
}

bool TestTerminal::send_log(const std::string& text) {
  return send_transfer(protocol::BulkKind::log, {text.begin(), text.end()});
}

void TestTerminal::on_sent() {
  ++sent_;
}
void TestTerminal::on_down(protocol::CloseReason) {
  down_ = true;
}

protocol::QueuedTap sealed(const protocol::Tap& tap, const crypto::Key& site_public) {
  crypto::Key ephemeral{};
  ephemeral.fill(3);
  protocol::QueuedTap queued;
  queued.epoch = tap.epoch;
  queued.number = tap.number;
  queued.boot = tap.boot;
  queued.monotonic_ms = tap.monotonic_ms;
  queued.wall_ms = tap.wall_ms;
  queued.trust = tap.trust;
  queued.unit = 1;
  queued.unit_key = *crypto::x25519_public(ephemeral);
  const auto key =
      protocol::derive_unit_key(ephemeral, queued.unit_key, site_public, tap.epoch, queued.unit);
  if (!protocol::seal_reading(*key, tap, queued))
    throw std::logic_error("the tap could not be sealed");
  return queued;
}

}  // namespace rollcall::terminals::test
