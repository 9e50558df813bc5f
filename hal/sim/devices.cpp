#include "hal/sim/devices.hpp"

#include <algorithm>

namespace rollcall::hal::sim {

std::size_t BufferPort::read(MutableBytes out) {
  const std::size_t count = std::min(out.size(), inbound_.size());
  const auto end = inbound_.begin() + static_cast<std::ptrdiff_t>(count);
  std::copy(inbound_.begin(), end, out.begin());
  inbound_.erase(inbound_.begin(), end);
  return count;
}

std::size_t BufferPort::write(Bytes data) {
  if (!connected_) return 0;
  const std::size_t count = std::min(data.size(), limit - std::min(limit, outbound_.size()));
  outbound_.insert(outbound_.end(), data.begin(),
                   data.begin() + static_cast<std::ptrdiff_t>(count));
  return count;
}

void BufferPort::connected() {
  connected_ = true;
  ++connection_;
  drop_wanted_ = false;
  inbound_.clear();
  outbound_.clear();
}

void BufferPort::lost() {
  connected_ = false;
  inbound_.clear();
  outbound_.clear();
}

}  // namespace rollcall::hal::sim
