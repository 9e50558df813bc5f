// The host's end of a simulated PN532's line, in memory. Whoever owns it lets time pass.
#pragma once

#include <algorithm>

#include "hal/serial_port.hpp"
#include "hal/sim/nfc/pn532_sim.hpp"

namespace rollcall::hal::sim {

class Pn532SimPort final : public SerialPort {
 public:
  // The chip belongs to the caller and outlives this.
  explicit Pn532SimPort(Pn532Sim& chip) : chip_(chip) {}

  std::size_t read(MutableBytes out) override {
    const ByteVector arrived = chip_.advance(now_);
    received_.insert(received_.end(), arrived.begin(), arrived.end());
    const std::size_t count = std::min(out.size(), received_.size());
    const auto end = received_.begin() + static_cast<std::ptrdiff_t>(count);
    std::copy(received_.begin(), end, out.begin());
    received_.erase(received_.begin(), end);
    return count;
  }
  std::size_t write(Bytes data) override {
    chip_.receive(data, now_);
    return data.size();
  }

  SimTime now() const { return now_; }
  void pass(SimTime time) { now_ += time; }
  void set_now(SimTime now) { now_ = std::max(now_, now); }

 private:
  Pn532Sim& chip_;
  SimTime now_{};
  ByteVector received_;
};

}  // namespace rollcall::hal::sim
