// The panel: screens kept in storage for when the host is away, one live screen in RAM, and
// pictograms drawn in code for a terminal that no host has prepared. The terminal knows no text.
//
// Storage: two areas for each kept slot. A screen that arrives is compared with the one held, so
// that a reconnecting host wears nothing out; the first byte that differs moves it to the other
// area, whose header is written last.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "firmware/terminal/unpacker.hpp"
#include "hal/display.hpp"
#include "hal/storage.hpp"
#include "protocol/messages.hpp"

namespace rollcall::firmware {

inline constexpr std::size_t max_live_screen = 96 * 1024;                   // compressed bytes
inline constexpr std::size_t kept_slots = protocol::screen_slot_count - 1;  // all but `live`

class Screens {
 public:
  // Both outlive this. Without `kept` nothing survives a restart, and kept slots show pictograms.
  Screens(hal::Display& display, hal::Storage* kept);

  // Finds the kept screens again. Without effect when the storage cannot be read.
  void recover();

  void begin(const protocol::ScreenBegin& begin);
  void data(const protocol::ScreenData& data);
  // The host is gone: a transfer under way is dropped, and the live screen with it.
  void forget_live();

  bool has_live(std::uint32_t id) const { return live_complete_ && live_id_ == id; }
  void show_live();
  void show(protocol::ScreenSlot slot);

  hal::Size size() const { return display_.size(); }
  bool keeps(protocol::ScreenSlot slot) const { return held(slot).has_value(); }
  std::uint32_t stored() const { return stored_; }  // kept screens written to storage since start
  std::uint32_t rejected() const { return rejected_; }      // transfers that broke a rule
  std::uint32_t unreadable() const { return unreadable_; }  // screens whose data did not unpack

 private:
  struct Kept {
    std::uint8_t area = 0;  // 0 or 1
    std::uint16_t width = 0;
    std::uint16_t height = 0;
    std::uint32_t bytes = 0;
    std::uint32_t generation = 0;
  };
  struct Transfer {
    bool active = false;
    protocol::ScreenBegin begin;
    std::uint32_t received = 0;
    bool comparing = false;     // all bytes so far equal those of the held screen
    std::uint32_t written = 0;  // bytes programmed; the rest waits in page_
  };

  const std::optional<Kept>& held(protocol::ScreenSlot slot) const {
    return kept_[static_cast<std::size_t>(slot) - 1];
  }
  std::uint32_t area_units() const;
  std::uint64_t area_offset(protocol::ScreenSlot slot, std::uint8_t area) const;
  std::uint32_t data_offset() const;
  std::uint8_t target_area() const;
  void receive_kept(Bytes data);
  bool start_writing();
  bool write_page_wise(Bytes data);
  bool finish_kept();

  hal::Display& display_;
  hal::Storage* storage_;
  Unpacker unpacker_;
  std::array<std::optional<Kept>, kept_slots> kept_{};
  Transfer transfer_;

  std::uint32_t live_id_ = 0;
  std::uint16_t live_width_ = 0;
  std::uint16_t live_height_ = 0;
  std::uint32_t live_bytes_ = 0;
  bool live_complete_ = false;

  std::uint32_t stored_ = 0;
  std::uint32_t rejected_ = 0;
  std::uint32_t unreadable_ = 0;

  std::uint8_t page_[512];
  std::uint8_t live_[max_live_screen];
};

// One of the built-in pictograms, on the whole display.
void draw_pictogram(hal::Display& display, protocol::ScreenSlot slot);

}  // namespace rollcall::firmware
