// What goes out: one frame at a time, the most urgent first.
#include <algorithm>
#include <bit>
#include <utility>

#include "protocol/link.hpp"

namespace rollcall::protocol {

std::size_t Link::max_payload() const {
  if (state_ != LinkState::up) return 0;
  return frame_limit_ - frame_header_size - frame_crc_size - session_.tag_size();
}

bool Link::send(Bytes payload, Millis now) {
  if (!can_send() || payload.size() > max_payload()) return false;
  set_time(now);
  const std::uint8_t sequence = out_.sequence ^ frame_flag::sequence;
  const auto counter = static_cast<std::uint32_t>(out_.next_counter);
  out_.size = seal({FrameType::data, sequence, 0, 0}, payload, data_wire_);
  if (out_.size == 0) return false;
  out_.in_flight = true;
  out_.transmissions = 0;
  out_.sequence = sequence;
  out_.counter = counter;
  out_.due |= due(FrameType::data);
  out_.due &= ~due(FrameType::ack);
  pump();
  return true;
}

bool Link::timer_runs() const {
  return out_.in_flight && !out_.in_output && (out_.due & due(FrameType::data)) == 0;
}

// While a data frame waits for its ACK no newer counter may leave the window behind it: the peer
// could not rebuild its counter any more when it is sent again.
bool Link::counter_is_free(int window) const {
  return !out_.in_flight || static_cast<std::uint32_t>(out_.next_counter) - out_.counter <
                                static_cast<std::uint32_t>(window);
}

// Bulk frames leave half of that room for what acknowledges: else two ends that both wait for an
// ACK could have spent all of it, and neither might say it.
bool Link::bulk_due() const {
  return bulk_ != nullptr && state_ == LinkState::up && session_.kind() == Session::Kind::sealed &&
         counter_is_free(counter_window / 2) && bulk_->frame_due();
}

void Link::consume(std::size_t bytes, Millis now) {
  set_time(now);
  out_.output = out_.output.subspan(std::min(bytes, out_.output.size()));
  if (!out_.output.empty()) return;
  const std::size_t written = std::exchange(out_.frame_size, 0);
  if (out_.in_output) {
    out_.in_output = false;
    out_.retransmit_at = now_ + out_.round_trip.timeout();
    if (out_.acknowledged) delivered();
  }
  if (line_rate_ != 0) {
    const auto takes = static_cast<Ticks>((written * 1000 + line_rate_ - 1) / line_rate_);
    if (line_is_free()) line_free_at_ = now_;
    line_free_at_ += takes;
  }
  pump();
}

void Link::pump() {
  if (in_handler_ || !out_.output.empty()) return;
  std::uint32_t owed = out_.due;
  if (!counter_is_free(counter_window)) owed &= ~(due(FrameType::ack) | due(FrameType::ping));
  if (owed != 0) {
    write_owed(static_cast<FrameType>(std::countr_zero(owed)));
  } else if (bulk_due() && line_is_free()) {
    write_bulk();
  } else if (state_ == LinkState::closed) {
    session_.close();
  }
}

void Link::write_owed(FrameType type) {
  if (type <= FrameType::hello) return write_hello();  // the answering one, too
  if (type == FrameType::handshake) return write_handshake();
  out_.due &= ~due(type);
  if (type == FrameType::data) {
    write_data();
  } else if (type == FrameType::unknown_session) {
    write({type, 0, 0, 0}, {});
  } else {
    write_sealed({type, 0, 0, 0}, {});
  }
}

void Link::write_data() {
  if (out_.transmissions++ == 0) out_.sent_at = now_;
  out_.in_output = true;
  begin(data_wire_, out_.size);
}

// The content stands where its frame will.
void Link::write_bulk() {
  FrameHeader header;
  const std::size_t room = max_body - frame_header_size - frame_crc_size;
  const std::size_t size = bulk_->make_frame(header, MutableBytes(output_).first(room), now_);
  if (size != 0) write_sealed(header, Bytes(output_).first(size));
}

// Whatever noise or half frame was on the line ends with the zero byte in front of a HELLO.
void Link::write(const FrameHeader& header, Bytes payload) {
  const std::size_t lead = header.type == FrameType::hello ? 1 : 0;
  output_[0] = 0;
  begin(output_, lead + write_frame(header, payload, MutableBytes(output_).subspan(lead)));
}

void Link::write_sealed(const FrameHeader& header, Bytes payload) {
  const std::size_t size = seal(header, payload, output_);
  if (size != 0) begin(output_, size);
}

// One frame of the session in `wire`; its size there, or 0. The key changes only while no frame
// waits to be repeated. An end that sends no message of its own changes it as well.
std::size_t Link::seal(FrameHeader header, Bytes payload, Wire& wire) {
  const std::uint64_t counter = out_.next_counter;
  if (!out_.in_flight && session_.rekey_due(counter, now_)) session_.rekey(counter, now_);
  if (header.type != FrameType::bye) header.flags |= in_.ack_flags();
  header.counter_low = static_cast<std::uint8_t>(counter);
  std::uint8_t sealed[max_body - frame_header_size - frame_crc_size];
  const auto size = session_.seal(counter, header, payload, sealed);
  if (!size) return 0;
  ++out_.next_counter;
  return write_frame(header, {sealed, *size}, wire);
}

void Link::begin(const Wire& wire, std::size_t size) {
  out_.output = Bytes(wire).first(size);
  out_.frame_size = size;
  ++counters_.frames_out;
}

}  // namespace rollcall::protocol
