// The chip's own commands (UM0701-02 7.2, 7.3.1); those that concern cards are in
// pn532_targets.cpp.
#include <algorithm>

#include "hal/sim/nfc/pn532_sim.hpp"

namespace rollcall::hal::sim {
namespace {

enum Command : std::uint8_t {
  diagnose_command = 0x00,
  get_firmware_version = 0x02,
  get_general_status = 0x04,
  read_register = 0x06,
  write_register = 0x08,
  set_parameters = 0x12,
  sam_configuration = 0x14,
  power_down_command = 0x16,
  rf_configuration = 0x32,
  in_data_exchange = 0x40,
  in_communicate_thru = 0x42,
  in_deselect = 0x44,
  in_list_passive_target = 0x4a,
  in_psl = 0x4e,
  in_release = 0x52,
  in_select = 0x54,
};

constexpr std::uint8_t wake_by_uart = 0x10;  // bit of PowerDown's wake-up sources

std::uint16_t address(Bytes at) {
  return static_cast<std::uint16_t>(at[0] << 8 | at[1]);
}

}  // namespace

Pn532Sim::Answer Pn532Sim::run(std::uint8_t code, Bytes in) {
  switch (code) {
    case diagnose_command:
      return diagnose(in);
    case get_firmware_version:
      // PN532, firmware 1.6, ISO/IEC 18092 and 14443 A and B.
      return ByteVector{0x32, 0x01, 0x06, 0x07};
    case get_general_status:
      return general_status();
    case read_register:
      return read_registers(in);
    case write_register:
      return write_registers(in);
    case set_parameters:
      if (in.size() != 1) return std::nullopt;
      parameters_ = in[0];
      return ByteVector{};
    case sam_configuration:
      if (in.empty() || in.size() > 3 || in[0] < 1 || in[0] > 4) return std::nullopt;
      configured_ = true;
      return ByteVector{};
    case power_down_command:
      return power_down(in);
    case rf_configuration:
      return configure_rf(in);
    default:
      break;
  }
  // Out of LowVbat only SAMConfiguration leads.
  if (!configured_) return std::nullopt;
  switch (code) {
    case in_data_exchange:
      return exchange(in);
    case in_communicate_thru:
      return exchange_raw(in);
    case in_deselect:
      return leave_targets(in, false);
    case in_list_passive_target:
      return begin_search(in);
    case in_psl:
      return set_speed(in);
    case in_release:
      return leave_targets(in, true);
    case in_select:
      return select_target(in);
    default:
      return std::nullopt;
  }
}

Pn532Sim::Answer Pn532Sim::diagnose(Bytes in) {
  if (in.empty()) return std::nullopt;
  switch (in[0]) {
    case 0x00:  // communication line: everything comes back
      return ByteVector(in.begin(), in.end());
    case 0x01:  // ROM
    case 0x02:  // RAM
      return ByteVector{0x00};
    case 0x06: {  // is the ISO/IEC 14443-4 card still there
      Target* current = target(active_);
      if (current == nullptr || current->ats.empty()) return failed(RfError::context);
      return status(current->blocks.check_presence(field_));
    }
    default:
      return std::nullopt;
  }
}

Pn532Sim::Answer Pn532Sim::general_status() const {
  ByteVector out{last_error_, static_cast<std::uint8_t>(field_.powered() ? 1 : 0),
                 static_cast<std::uint8_t>(targets_.size())};
  for (const auto& [number, _] : targets_)
    out.insert(out.end(), {number, 0x00, 0x00, 0x00});  // 106 kbit/s both ways, type A
  out.push_back(0x00);                                  // no secure access module
  return out;
}

std::uint8_t Pn532Sim::register_value(std::uint16_t at) const {
  const auto found = registers_.find(at);
  return found == registers_.end() ? std::uint8_t{0} : found->second;
}

Pn532Sim::Answer Pn532Sim::read_registers(Bytes in) const {
  if (in.empty() || in.size() % 2 != 0) return std::nullopt;
  ByteVector out;
  for (; !in.empty(); in = in.subspan(2)) out.push_back(register_value(address(in)));
  return out;
}

Pn532Sim::Answer Pn532Sim::write_registers(Bytes in) {
  if (in.empty() || in.size() % 3 != 0) return std::nullopt;
  for (; !in.empty(); in = in.subspan(3)) registers_[address(in)] = in[2];
  return ByteVector{};
}

// Analog settings are taken and change nothing.
Pn532Sim::Answer Pn532Sim::configure_rf(Bytes in) {
  struct Item {
    std::uint8_t number;
    std::size_t size;
  };
  constexpr Item items[] = {{0x01, 1},  {0x02, 3}, {0x04, 1}, {0x05, 3},
                            {0x0a, 11}, {0x0b, 8}, {0x0c, 3}, {0x0d, 9}};
  if (in.empty()) return std::nullopt;
  const auto item = std::ranges::find(items, in[0], &Item::number);
  if (item == std::end(items) || in.size() != item->size + 1) return std::nullopt;
  if (in[0] == 0x01) {
    field_.set_power((in[1] & 0x01) != 0);
    if (!field_.powered()) active_ = 0;
  } else if (in[0] == 0x05) {
    activation_retries_ = in[3];
  }
  return ByteVector{};
}

Pn532Sim::Answer Pn532Sim::power_down(Bytes in) {
  if (in.empty() || in.size() > 2) return std::nullopt;
  field_.set_power(false);
  targets_.clear();
  active_ = 0;
  asleep_ = true;
  wakes_by_line_ = (in[0] & wake_by_uart) != 0;
  return ByteVector{0x00};
}

}  // namespace rollcall::hal::sim
