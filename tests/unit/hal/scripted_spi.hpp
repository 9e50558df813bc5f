// A chip on a bus whose every exchange was recorded: each byte, and whether the chip was selected.
#pragma once

#include <deque>
#include <initializer_list>

#include <gtest/gtest.h>

#include "hal/pin.hpp"
#include "hal/spi_device.hpp"

namespace rollcall::hal {

class ScriptedSpi final : public SpiDevice {
 public:
  ~ScriptedSpi() { EXPECT_TRUE(expected_.empty()) << expected_.size() << " bytes were not sent"; }

  // The driver selects the chip, sends `out`, receives `in` (0xFF where it is shorter), and lets
  // go.
  void expect(std::initializer_list<int> out, std::initializer_list<int> in = {}) {
    bytes(true, out, in);
  }
  // The same without the chip selected.
  void expect_unselected(std::initializer_list<int> out) { bytes(false, out, {}); }

  void select(bool on) override {
    EXPECT_FALSE(on && selected_) << "selected twice";
    selected_ = on;
  }
  std::uint8_t exchange(std::uint8_t out) override {
    if (expected_.empty()) {
      ADD_FAILURE() << "sends 0x" << std::hex << int{out} << " after the end of the recording";
      return 0xff;
    }
    const Exchange now = expected_.front();
    expected_.pop_front();
    EXPECT_EQ(out, now.out) << "byte " << sent_;
    EXPECT_EQ(selected_, now.selected) << "byte " << sent_;
    ++sent_;
    return now.in;
  }

 private:
  struct Exchange {
    bool selected;
    std::uint8_t out, in;
  };
  void bytes(bool selected, std::initializer_list<int> out, std::initializer_list<int> in) {
    auto answer = in.begin();
    for (const int byte : out) {
      const int came = answer == in.end() ? 0xff : *answer++;
      expected_.push_back(
          {selected, static_cast<std::uint8_t>(byte), static_cast<std::uint8_t>(came)});
    }
  }

  std::deque<Exchange> expected_;
  bool selected_ = false;
  int sent_ = 0;
};

}  // namespace rollcall::hal
