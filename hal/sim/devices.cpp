#include "hal/sim/devices.hpp"

#include <algorithm>

namespace rollcall::hal::sim {

InField ManualCardReader::poll() {
  if (occupied()) seen_ = true;
  if (exchange_ != Exchange::running && exchange_ != Exchange::extended) return field_;
  if (field_.count != InField::Count::one || field_.card != spoken_to_) {
    exchange_ = Exchange::card_gone;
  } else if (auto said = talk_(command_)) {
    response_ = std::move(*said);
    exchange_ = Exchange::done;
  }
  return field_;
}

bool ManualCardReader::begin_exchange(Bytes command) {
  if (!exchanges() || exchange_ == Exchange::running || exchange_ == Exchange::extended ||
      field_.count != InField::Count::one || !field_.card.speaks_iso_dep())
    return false;
  command_ = command;
  spoken_to_ = field_.card;
  exchange_ = Exchange::running;
  return true;
}

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
