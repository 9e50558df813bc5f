// What one end has accepted of the peer in a session, and so what it may accept next: rebuilds
// 64-bit frame counters, tells repeated and replayed frames from new ones, and says what to
// acknowledge. No counter is ever used to open two different frames.
#pragma once

#include <cstdint>
#include <optional>

namespace rollcall::protocol {

// A frame counter is rebuilt from its low byte when it is at most this far above the newest one
// accepted, and less than this far below it.
inline constexpr std::uint64_t counter_window = 64;

class ReceiveWindow {
 public:
  // The counter nearest to the newest one that has this low byte; nothing outside the window.
  std::optional<std::uint64_t> rebuild(std::uint8_t low) const;

  bool heard_anything() const { return any_frame_; }
  // Newer than every frame accepted so far. ACK, PING and BYE must be; a data frame may be late,
  // when it was lost and is sent again, and then its ACK bits are stale.
  bool is_newest(std::uint64_t counter) const { return !any_frame_ || counter > newest_; }

  enum class Data : std::uint8_t {
    next,      // to be opened and, if that succeeds, accepted and delivered
    repeated,  // the last one delivered, the same bytes: acknowledged again, not opened
    misfit,    // anything else: dropped
  };
  Data judge_data(std::uint64_t counter, std::uint8_t sequence, std::uint32_t crc) const;

  void accept_control(std::uint64_t counter);
  void accept_data(std::uint64_t counter, std::uint8_t sequence, std::uint32_t crc);

  // The bits that acknowledge the last data frame; 0 before the first.
  std::uint8_t ack_flags() const;

 private:
  bool any_frame_ = false;
  bool any_data_ = false;
  std::uint8_t sequence_ = 0;   // of the last data frame
  std::uint32_t data_crc_ = 0;  // of it
  std::uint64_t data_ = 0;      // its counter
  std::uint64_t newest_ = 0;    // highest counter of all
};

}  // namespace rollcall::protocol
