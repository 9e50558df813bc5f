// A serial line on which a test is the other end.
#pragma once

#include <algorithm>
#include <deque>
#include <initializer_list>
#include <utility>
#include <vector>

#include "hal/serial_port.hpp"

namespace rollcall::hal {

class RecordedPort final : public SerialPort {
 public:
  using Recording = std::vector<std::uint8_t>;

  std::size_t read(MutableBytes out) override {
    const std::size_t count = std::min(out.size(), incoming_.size());
    std::copy_n(incoming_.begin(), count, out.begin());
    incoming_.erase(incoming_.begin(), incoming_.begin() + static_cast<std::ptrdiff_t>(count));
    return count;
  }
  std::size_t write(Bytes data) override {
    const std::size_t count = std::min(data.size(), room);
    sent_.insert(sent_.end(), data.begin(), data.begin() + static_cast<std::ptrdiff_t>(count));
    return count;
  }

  void comes(const Recording& bytes) {
    incoming_.insert(incoming_.end(), bytes.begin(), bytes.end());
  }
  // What was sent since the last call.
  Recording take_sent() { return std::exchange(sent_, {}); }
  std::size_t unread() const { return incoming_.size(); }

  std::size_t room = 1000;  // bytes that it takes at once

 private:
  std::deque<std::uint8_t> incoming_;
  Recording sent_;
};

}  // namespace rollcall::hal
