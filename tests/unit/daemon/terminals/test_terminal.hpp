// A terminal for tests: protocol::Link over a blocking socket, driven by the test's own thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "protocol/enrolment.hpp"
#include "protocol/link.hpp"
#include "protocol/messages.hpp"
#include "protocol/sealed_reading.hpp"

namespace rollcall::terminals::test {

// The link key that RunningHub gives each terminal.
inline crypto::Key key_of(const std::string& serial) {
  return crypto::sha256({reinterpret_cast<const std::uint8_t*>(serial.data()), serial.size()});
}

struct TerminalOptions {
  std::string serial = "TC-1";
  std::optional<crypto::Key> key = std::nullopt;  // nothing = key_of(serial)
  bool enrolling = false;                         // its provisioning window is open
  std::uint16_t panel_width = 0;
  std::uint16_t panel_height = 0;
  bool touch = true;  // if there is a panel
  bool apdu = false;  // its reader talks to cards
  std::uint32_t boot = 1;
  std::uint16_t max_frame = protocol::max_body_tcp;  // less: bulk frames go at 60 frames a second
};

class TestTerminal final : private protocol::LinkEvents, private protocol::BulkSink {
 public:
  using Millis = std::chrono::milliseconds;
  static constexpr Millis patience{5000};

  explicit TestTerminal(TerminalOptions options = {});
  ~TestTerminal();
  TestTerminal(const TestTerminal&) = delete;
  TestTerminal& operator=(const TestTerminal&) = delete;

  bool connect_tcp(std::uint16_t port);
  bool connect_unix(const std::string& path);
  // Over a socket that is connected already; takes it over.
  void connect_over(int fd) { started(fd); }
  // Connects nothing: link frames are exchanged on `connect`; these send bytes past the link.
  void send_raw(const std::vector<std::uint8_t>& bytes);

  // Runs the link until `done`, the connection's end, or the time limit. What `done` was at the
  // end.
  bool run_until(const std::function<bool()>& done, Millis limit = patience);
  void run_for(Millis time) {
    run_until([] { return false; }, time);
  }

  bool greet();  // until the link is up
  bool enter(std::optional<protocol::TerminalState> state =
                 std::nullopt);           // greet, terminal_state, welcome
  protocol::TerminalState state() const;  // as `enter` sends it by default

  // Queues an encoded message and runs until the host's link has it.
  bool send_bytes(const std::vector<std::uint8_t>& message);
  template <class Message>
  bool send(const Message& message) {
    std::vector<std::uint8_t> bytes(protocol::max_encoded_size(Message::fields));
    bytes.resize(protocol::encode(message, bytes).value_or(0));
    return send_bytes(bytes);
  }

  // Messages received so far, of one kind.
  template <class Message>
  std::vector<Message> received() const {
    std::vector<Message> all;
    for (const auto& bytes : inbox_) {
      if (const auto message = protocol::decode<Message>(bytes)) all.push_back(*message);
    }
    return all;
  }
  template <class Message>
  bool wait_for(std::size_t count = 1, Millis limit = patience) {
    return run_until([&] { return received<Message>().size() >= count; }, limit);
  }
  std::size_t messages() const { return inbox_.size(); }

  // Screens that came whole, by id. `take_screens` false: every offer is refused.
  const std::map<std::uint32_t, std::vector<std::uint8_t>>& screens() const { return screens_; }
  bool take_screens = true;
  // What it holds of a firmware image, also over connections.
  std::vector<std::uint8_t> image;
  // Sends stored taps as one transfer of kind `queue`; true when the host took it.
  bool send_queue(const std::vector<protocol::QueuedTap>& taps);
  // Sends a text as a transfer of kind `log`; true when the host took it.
  bool send_log(const std::string& text);

  // The enrolment of a terminal whose options say `enrolling`, once the link is up.
  protocol::TerminalEnrolment& enrolment() { return *enrolment_; }
  void pump_enrolment();

  bool up() const { return link_.state() == protocol::LinkState::up; }
  bool closed() const { return fd_ < 0 || down_; }
  bool wait_closed(Millis limit = patience) {
    return run_until([this] { return closed(); }, limit);
  }
  void disconnect();

  // A tap of a four-byte card at the terminal's own epoch.
  protocol::Tap tap(std::uint64_t number, std::uint8_t card, std::int64_t wall_ms) const;

  bool hold_back_when_up = false;  // sends nothing under the keys of the session
  protocol::StorageEpoch epoch{};
  bool acknowledge = true;  // false: reads nothing, as a stuck terminal would
  int fd() const { return fd_; }

 private:
  protocol::Admission on_greeting(const protocol::Hello& peer, protocol::LinkKeys& keys) override;
  void on_up(const protocol::Hello& peer, std::size_t key) override;
  void on_message(Bytes payload) override;
  void on_sent() override;
  void on_down(protocol::CloseReason reason) override;
  std::expected<std::uint32_t, protocol::BulkResult> begin(
      const protocol::BulkOffer& offer) override;
  bool held(std::uint32_t offset, MutableBytes out) override;
  bool write(std::uint32_t offset, Bytes content) override;
  protocol::BulkResult end(protocol::BulkResult result) override;
  bool send_transfer(protocol::BulkKind kind, std::vector<std::uint8_t> content);
  void flush();
  void started(int fd);
  static protocol::Millis now();

  TerminalOptions options_;
  protocol::BulkChannel bulk_{this};
  protocol::Link link_;
  std::optional<protocol::TerminalEnrolment> enrolment_;
  protocol::BulkKind incoming_kind_ = protocol::BulkKind::screen;
  std::uint32_t incoming_ = 0;
  std::vector<std::uint8_t> content_;
  std::map<std::uint32_t, std::vector<std::uint8_t>> screens_;
  int fd_ = -1;
  bool down_ = false;
  std::size_t sent_ = 0;
  std::vector<std::vector<std::uint8_t>> inbox_;
};

// A queued tap sealed to the site, as the firmware seals it.
protocol::QueuedTap sealed(const protocol::Tap& tap, const crypto::Key& site_public);

}  // namespace rollcall::terminals::test
