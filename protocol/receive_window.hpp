// What one end has accepted of the peer in a session, and so what it may accept next: rebuilds
// 64-bit frame counters, tells repeated and replayed frames from new ones, and says what to
// acknowledge. No counter is ever used to open two different frames.
#pragma once

#include <cstdint>
#include <optional>

#include "protocol/frame.hpp"

namespace rollcall::protocol {

// A frame counter is rebuilt from its low byte when it is at most this far above the newest one
// accepted, and less than this far below it.
inline constexpr int counter_window = 64;

class ReceiveWindow {
 public:
  // The counter nearest to the newest one that has this low byte; nothing outside the window.
  std::optional<std::uint64_t> rebuild(std::uint8_t low) const;

  bool heard_anything() const { return next_ != 0; }
  // Newer than every frame accepted so far. ACK, PING and BYE must be; a data frame may be late,
  // when it was lost and is sent again, and then its ACK bits are stale.
  bool is_newest(std::uint64_t counter) const { return counter >= next_; }

  enum class Fit : std::uint8_t {
    next,      // to be opened and, if that succeeds, accepted and delivered
    repeated,  // data: the last one delivered, the same bytes, acknowledged again; else an old one
    misfit,    // anything else: dropped
  };
  Fit judge(std::uint64_t counter, const Frame& frame) const;
  void accept(std::uint64_t counter, const Frame& frame);

  // The bits that acknowledge the last data frame; 0 before the first.
  std::uint8_t ack_flags() const { return ack_flags_; }

 private:
  std::uint64_t next_ = 0;       // above the counters of all frames; 0 before the first
  std::uint64_t next_data_ = 0;  // the same of data frames
  std::uint32_t data_crc_ = 0;   // of the last data frame
  std::uint8_t next_sequence_ = 0;
  std::uint8_t ack_flags_ = 0;
};

}  // namespace rollcall::protocol
