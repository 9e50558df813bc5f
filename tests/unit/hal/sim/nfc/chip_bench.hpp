// A simulated PN532 on the table: commands in, answers out.
#pragma once

#include <string>

#include <gtest/gtest.h>

#include "hal/sim/nfc/pn532_sim.hpp"

namespace rollcall::hal::sim {

// "d4 4a" or "d44a" to bytes.
inline ByteVector hex(const std::string& text) {
  ByteVector out;
  std::string digits;
  for (const char c : text) {
    if (c == ' ') continue;
    digits += c;
    if (digits.size() == 2) {
      out.push_back(static_cast<std::uint8_t>(std::stoul(digits, nullptr, 16)));
      digits.clear();
    }
  }
  return out;
}

inline std::string text(Bytes bytes) {
  constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (const std::uint8_t byte : bytes) {
    if (!out.empty()) out += ' ';
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out;
}

class ChipBench {
 public:
  explicit ChipBench(Pn532Timing timing = {}) : chip(timing) {}

  // Wakes the chip as a host does and configures it.
  void wake() {
    chip.receive(hex("55 55 00 00 00 00 00 00 00 00 00 00 00 00 00 00"), now);
    EXPECT_EQ(command("14 01"), "15");
  }
  // Everything that comes back for raw bytes within `patience`.
  std::string raw(const std::string& bytes, SimTime patience = std::chrono::seconds(1)) {
    chip.receive(hex(bytes), now);
    return listen(patience);
  }
  std::string listen(SimTime patience = std::chrono::seconds(1)) {
    return text(chip.advance(now += patience));
  }
  // The data of the answer without its identifier; otherwise all that came.
  std::string command(const std::string& code_and_parameters,
                      SimTime patience = std::chrono::seconds(1)) {
    ByteVector data{host_to_chip};
    const ByteVector rest = hex(code_and_parameters);
    data.insert(data.end(), rest.begin(), rest.end());
    chip.receive(encode_frame(data), now);
    const ByteVector all = chip.advance(now += patience);
    const Bytes view(all);
    if (all.size() < 6 || text(view.first(6)) != text(ack_frame)) return text(all);
    const Bytes answer = view.subspan(6);
    if (answer.size() < 8) return text(all);
    if (answer[3] == 0xff && answer[4] == 0xff) return text(answer.subspan(9, answer.size() - 11));
    if (answer[5] != chip_to_host) return text(all);
    return text(answer.subspan(6, answer.size() - 8));
  }

  Pn532Sim chip;
  SimTime now{};
};

}  // namespace rollcall::hal::sim
