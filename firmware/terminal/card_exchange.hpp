// APDUs that the host exchanges with the card at the reader, one at a time (docs/protocol.md, Cards
// that talk).
#pragma once

#include <chrono>
#include <cstdint>

#include "firmware/terminal/outbox.hpp"
#include "hal/card_reader.hpp"
#include "hal/recognition.hpp"
#include "protocol/messages.hpp"

namespace rollcall::firmware {

using Millis = std::chrono::milliseconds;
using hal::Sight;

// A card that asks for more time gets this much more, so often at most.
inline constexpr Millis exchange_extension{1000};
inline constexpr unsigned exchange_extensions = 4;
inline constexpr Millis extension_notice{100};  // said this long before the deadline

class CardExchange {
 public:
  // `reader` outlives this.
  explicit CardExchange(hal::CardReader& reader) : reader_(reader) {}

  // False when there is no room for even a refusal.
  bool request(const protocol::ApduRequest& request, Millis now);
  // Right after each step of the reader, before anybody begins another exchange.
  void hear(Millis now);
  // `sight` is what Recognition sees now; `asking`: it uses the reader itself.
  void begin(const Sight& sight, bool asking, Millis now);
  // Nobody waits for the answer any more.
  void cancel();
  // When hear() has something to do though the reader says nothing.
  Millis next_deadline(Millis now) const;

  // What is to be said next; each is told when the link has taken it.
  bool wait_due() const { return wait_due_; }
  protocol::ApduWait wait() const;
  void wait_told() { wait_due_ = false; }
  bool response_due() const { return stage_ == Stage::answered || !refusals_.empty(); }
  protocol::ApduResponse response() const;
  void response_told();

 private:
  enum class Stage : std::uint8_t { idle, requested, running, answered };
  struct Refusal {
    std::uint32_t exchange = 0;
    protocol::ApduStatus status = protocol::ApduStatus::busy;
  };

  void answer(protocol::ApduStatus status, Bytes data = {});

  hal::CardReader& reader_;
  Stage stage_ = Stage::idle;
  protocol::ApduRequest request_;
  protocol::ApduResponse response_;
  Millis deadline_{0};
  unsigned extensions_ = 0;
  bool wait_due_ = false;
  Outbox<Refusal, 4> refusals_;
};

}  // namespace rollcall::firmware
