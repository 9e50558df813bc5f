#include "protocol/receive_window.hpp"

#include "protocol/frame.hpp"

namespace rollcall::protocol {

std::optional<std::uint64_t> ReceiveWindow::rebuild(std::uint8_t low) const {
  if (!any_frame_) return low < counter_window ? std::optional<std::uint64_t>(low) : std::nullopt;
  const auto ahead = static_cast<std::uint8_t>(low - static_cast<std::uint8_t>(newest_));
  if (ahead <= counter_window) return newest_ + ahead;
  const std::uint64_t behind = 256u - ahead;
  if (behind >= counter_window || behind > newest_) return std::nullopt;
  return newest_ - behind;
}

ReceiveWindow::Data ReceiveWindow::judge_data(std::uint64_t counter, std::uint8_t sequence,
                                              std::uint32_t crc) const {
  if (!any_data_) return sequence == 0 ? Data::next : Data::misfit;
  if (counter > data_) return sequence != sequence_ ? Data::next : Data::misfit;
  return counter == data_ && crc == data_crc_ ? Data::repeated : Data::misfit;
}

void ReceiveWindow::accept_control(std::uint64_t counter) {
  if (is_newest(counter)) newest_ = counter;
  any_frame_ = true;
}

void ReceiveWindow::accept_data(std::uint64_t counter, std::uint8_t sequence, std::uint32_t crc) {
  accept_control(counter);
  any_data_ = true;
  data_ = counter;
  data_crc_ = crc;
  sequence_ = sequence;
}

std::uint8_t ReceiveWindow::ack_flags() const {
  if (!any_data_) return 0;
  return sequence_ != 0 ? frame_flag::ack | frame_flag::ack_sequence : frame_flag::ack;
}

}  // namespace rollcall::protocol
