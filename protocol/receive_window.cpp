#include "protocol/receive_window.hpp"

namespace rollcall::protocol {
namespace {

std::uint8_t sequence_of(const Frame& frame) {
  return frame.header.flags & frame_flag::sequence;
}

}  // namespace

std::optional<std::uint64_t> ReceiveWindow::rebuild(std::uint8_t low) const {
  const int ahead = static_cast<std::int8_t>(low - static_cast<std::uint8_t>(next_));
  if (ahead < -counter_window || ahead >= counter_window) return std::nullopt;
  const std::uint64_t counter = next_ + static_cast<std::uint64_t>(ahead);
  if (ahead < 0 && counter >= next_) return std::nullopt;  // below 0
  return counter;
}

ReceiveWindow::Fit ReceiveWindow::judge(std::uint64_t counter, const Frame& frame) const {
  if (frame.header.type != FrameType::data) return is_newest(counter) ? Fit::next : Fit::repeated;
  if (counter >= next_data_) return sequence_of(frame) == next_sequence_ ? Fit::next : Fit::misfit;
  return counter + 1 == next_data_ && frame.crc == data_crc_ ? Fit::repeated : Fit::misfit;
}

void ReceiveWindow::accept(std::uint64_t counter, const Frame& frame) {
  if (is_newest(counter)) next_ = counter + 1;
  if (frame.header.type != FrameType::data) return;
  next_data_ = counter + 1;
  data_crc_ = frame.crc;
  const std::uint8_t sequence = sequence_of(frame);
  next_sequence_ = sequence ^ frame_flag::sequence;
  ack_flags_ = sequence != 0 ? frame_flag::ack | frame_flag::ack_sequence : frame_flag::ack;
}

}  // namespace rollcall::protocol
