// PN532 on a serial port (user manual UM0701-02): a reader of ISO/IEC 14443 type A cards.
//
//   setting up --answered--> resting --period, exchange--> listing --none, known, several--+
//       ^                       ^                             | ISO-DEP came, or exchange  |
//       | 3 failures in a row   |                             v                            v
//                               |          exchanging <---> open --nobody talks--> darkening
//                               +-----------------------------------------------------------+
//
// The field is on only while cards are looked for and in `open`, when a card may be talked to.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "hal/card_reader.hpp"
#include "hal/chips/pn532_dialog.hpp"
#include "hal/clock.hpp"
#include "hal/serial_port.hpp"

namespace rollcall::hal {

namespace pn532 {
// From one look for cards to the next. A look takes 10 to 40 ms: a card is seen within 150 ms, and
// within 100 while cards come and go, as where people stand in a row.
inline constexpr Millis poll_period{100};
inline constexpr Millis poll_period_in_a_row{40};
inline constexpr Millis in_a_row{2'000};  // after a card came or went
inline constexpr Millis list_timeout{300};
inline constexpr Millis setting_timeout{100};  // of commands that need no card
inline constexpr Millis exchange_timeout{5'000};
inline constexpr Millis card_awaits{60};              // a first exchange, after it came
inline constexpr Millis card_kept{300};               // powered after an exchange, for the next one
inline constexpr Millis retry_delay{20};              // after a failure
inline constexpr Millis setup_delay{250};             // between attempts to set a silent reader up
inline constexpr unsigned failures_before_setup = 3;  // in a row
inline constexpr unsigned setups_before_silent = 3;   // in a row; then it is not working
}  // namespace pn532

class Pn532 final : public CardReader {
 public:
  // Both outlive this.
  Pn532(SerialPort& port, Clock& clock) : dialog_(port), clock_(clock) {}

  InField poll() override;
  std::chrono::milliseconds next_poll() override;
  bool exchanges() const override { return true; }
  bool begin_exchange(Bytes command) override;
  Exchange exchange() const override;
  Bytes response() const override { return response_; }
  void cancel_exchange() override;
  bool working() const override { return setups_failed_ < pn532::setups_before_silent; }
  std::uint32_t errors() const override { return errors_; }
  // GetFirmwareVersion: chip (0x32), version, revision, supported, most significant byte first;
  // 0 before it has answered.
  std::uint32_t firmware() const { return firmware_; }

 private:
  using Millis = std::chrono::milliseconds;
  enum class Task : std::uint8_t {
    setting_up,
    resting,  // field off
    listing,
    open,  // field on, one ISO-DEP card selected
    exchanging,
    darkening,  // field off
  };

  void start_next();
  void begin_setup_step();
  void begin_list();
  void begin_darkening();
  void answered(Bytes response);
  void failed(pn532::Dialog::State why);
  void set_up_anew();
  void setup_answered(Bytes response);
  void listed(Bytes response);
  void exchanged(Bytes response);
  void settle_exchange(const InField& before);

  pn532::Dialog dialog_;
  Clock& clock_;
  Task task_ = Task::setting_up;
  Millis now_{0};
  Millis next_at_{0};  // of what setting_up or resting goes on with
  Millis list_started_at_{0};
  Millis changed_at_ = -pn532::in_a_row;  // a card came or went
  Millis open_until_{0};
  unsigned setup_step_ = 0;
  unsigned failures_ = 0;       // in a row
  unsigned setups_failed_ = 0;  // in a row
  std::uint32_t errors_ = 0;
  std::uint32_t firmware_ = 0;
  InField field_;

  Exchange exchange_ = Exchange::none;
  bool exchange_due_ = false;  // begun, and not given to the card yet
  bool card_silent_ = false;   // the exchange had no answer: is the card still there?
  Bytes command_;
  Bytes response_;  // within the dialog
  Millis given_at_{0};
  Millis patience_{0};  // within which a card answers or asks for more time
};

}  // namespace rollcall::hal
