// A PN532 on its high speed UART (NXP UM0701-02 rev. 02), with its antenna and the cards before it.
// Bytes in, bytes out; time is passed in and never goes backwards.
#pragma once

#include <array>
#include <chrono>
#include <deque>
#include <map>
#include <optional>
#include <utility>

#include "hal/sim/nfc/hsu_frame.hpp"
#include "hal/sim/nfc/iso_dep_reader.hpp"
#include "hal/sim/nfc/rf_field.hpp"

namespace rollcall::hal::sim {

using SimTime = std::chrono::microseconds;

// How long things take. Zero for each makes every answer immediate.
struct Pn532Timing {
  SimTime line_byte{87};   // 115 200 baud, ten bits a byte, both ways
  SimTime air_byte{85};    // 106 kbit/s, nine bits a byte
  SimTime command{300};    // thinking
  SimTime attempt{5'000};  // one attempt to find a card where there is none
  SimTime wake_up{1'000};  // after the first byte that wakes the chip; what comes meanwhile is lost
};

class Pn532Sim {
 public:
  explicit Pn532Sim(Pn532Timing timing = {}) : timing_(timing) {}

  // Bytes that the host sends, the first of them not before `now`.
  void receive(Bytes bytes, SimTime now);
  // Lets time pass; returns what the host has received by `now`.
  ByteVector advance(SimTime now);
  // When `advance` has something to do next; nothing while the chip waits for the host.
  std::optional<SimTime> deadline() const;

  RfField& field() { return field_; }
  // As after power was off: asleep, nothing configured. The cards stay where they are.
  void power_cycle();
  bool asleep() const { return asleep_; }
  std::size_t commands() const { return commands_; }  // whole commands received so far

  // Faults on demand.
  // Nothing goes out and nothing that comes in is heard, until it is switched off.
  void set_mute(bool on);
  bool mute() const { return mute_; }
  // The same, in the middle of the command to a card that comes after so many more of them.
  void mute_after(std::size_t exchanges) { mute_after_ = exchanges; }
  // The next acknowledgement is a NACK, and its command is not carried out.
  void refuse_next() { refuse_next_ = true; }
  // The next answer's data checksum is wrong; a repetition asked for by NACK is right.
  void spoil_next_checksum() { spoil_next_ = true; }
  // These bytes come before the next answer.
  void disturb_next(Bytes garbage) { garbage_.assign(garbage.begin(), garbage.end()); }
  // Of the next answer only this many bytes arrive.
  void cut_next(std::size_t bytes) { cut_next_ = bytes; }
  // Takes back those that have not happened yet, that of the field too.
  void clear_faults();

 private:
  // Answer of a command without its identifier and code; nothing: an error frame.
  using Answer = std::optional<ByteVector>;

  // A target that InListPassiveTarget found. At most two, numbered from 1.
  struct Target {
    CardIdentity identity;
    ByteVector ats;  // empty: the card was not activated for ISO/IEC 14443-4
    IsoDepReader blocks;
    ByteVector outgoing;  // parts of a command that the host gave so far
    ByteVector incoming;  // what it has not yet fetched of an answer
  };
  static constexpr std::size_t targets_most = 2;
  static constexpr std::uint8_t for_ever = 0xff;            // of MxRtyPassiveActivation
  static constexpr std::uint8_t default_parameters = 0x14;  // automatic ATR_RES and RATS

  // InListPassiveTarget at work.
  struct Search {
    std::size_t wanted = 1;
    bool type_a = true;                // of other technologies there is never a card
    ByteVector uid;                    // of the only card that is wanted
    std::optional<unsigned> attempts;  // left; nothing: for ever
    SimTime next{};
  };

  struct Output {
    SimTime at;  // when its last byte has arrived
    ByteVector bytes;
    bool answer;  // dropped when the host aborts
  };

  void catch_up(SimTime now);
  void hear(std::uint8_t byte);
  void obey(const HostFrame& frame);
  void abort();
  void send(Bytes bytes, SimTime after, bool answer);
  void send_answer(std::uint8_t code, const Answer& answer);

  // The command's answer; when it began a search, that gives the answer.
  Answer run(std::uint8_t code, Bytes in);
  Answer diagnose(Bytes in);
  Answer general_status() const;
  Answer read_registers(Bytes in) const;
  Answer write_registers(Bytes in);
  Answer configure_rf(Bytes in);
  Answer power_down(Bytes in);

  Answer begin_search(Bytes in);
  void try_search();
  void find_targets(const Search& search);
  ByteVector found_targets() const;
  Answer exchange(Bytes in);
  Answer exchange_raw(Bytes in);
  Answer select_target(Bytes in);
  Answer leave_targets(Bytes in, bool forget);
  Answer set_speed(Bytes in);
  Target* target(std::uint8_t number);
  std::expected<void, RfError> activate(std::uint8_t number);
  void deactivate();
  std::expected<ByteVector, RfError> talk(Target& target, Bytes command);
  std::expected<ByteVector, RfError> talk_to_memory(Bytes command);
  ByteVector status(const std::expected<void, RfError>& result);
  ByteVector failed(RfError error);
  std::uint8_t register_value(std::uint16_t address) const;

  Pn532Timing timing_;
  RfField field_;
  HostFrameReader reader_;
  SimTime now_{};          // of what is going on
  SimTime heard_until_{};  // when the last byte that the host sent has arrived
  SimTime line_free_{};    // when the last byte that the chip sent has arrived
  std::deque<Output> output_;
  ByteVector last_answer_;  // frame, for repetition
  std::size_t commands_ = 0;

  bool asleep_ = true;  // LowVbat after power-on, power-down later
  bool wakes_by_line_ = true;
  std::optional<SimTime> ready_;  // the end of waking up
  bool configured_ = false;       // SAMConfiguration was given
  std::uint8_t parameters_ = default_parameters;
  std::uint8_t activation_retries_ = for_ever;
  std::uint8_t last_error_ = 0;
  std::map<std::uint16_t, std::uint8_t> registers_;
  std::map<std::uint8_t, Target> targets_;  // by number
  std::uint8_t active_ = 0;                 // number of the target that is selected, 0 = none
  std::optional<Search> search_;

  bool mute_ = false;
  std::optional<std::size_t> mute_after_;
  bool refuse_next_ = false;
  bool spoil_next_ = false;
  ByteVector garbage_;
  std::optional<std::size_t> cut_next_;
};

}  // namespace rollcall::hal::sim
