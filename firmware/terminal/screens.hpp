// The panel: screens kept in storage for when the host is away, one live screen in RAM, and
// pictograms drawn in code for a terminal that no host has prepared. The terminal knows no text.
//
// Storage: two areas for each kept slot. The header of an area, written last, holds size and digest
// of its screen, so that a host that offers the same one again sends nothing and wears nothing out.
// Another one goes to the other area; where it was cut short it is taken up again until the power
// goes. A screen is shown only while it still is what its digest says; one that is not is dropped.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "firmware/terminal/screen_memory.hpp"
#include "firmware/terminal/storage_writer.hpp"
#include "firmware/terminal/unpacker.hpp"
#include "hal/display.hpp"
#include "hal/storage.hpp"
#include "protocol/bulk.hpp"
#include "protocol/messages.hpp"

namespace rollcall::firmware {

inline constexpr std::size_t kept_slots = protocol::screen_slot_count - 1;  // all but `live`

class Screens final : public protocol::BulkSink {
 public:
  // All outlive this. Without `kept` nothing survives a restart, and kept slots show pictograms.
  Screens(hal::Display& display, hal::Storage* kept, const ScreenMemory& memory);

  // Finds the kept screens again; the storage is asked for its geometry now, not before. Without
  // effect when it cannot be read.
  void recover();

  // Says what the transfer with this id will be.
  void announce(const protocol::Screen& screen) { announced_ = screen; }
  // BulkSink, for transfers of kind `screen`.
  std::expected<std::uint32_t, protocol::BulkResult> begin(
      const protocol::BulkOffer& offer) override;
  bool held(std::uint32_t offset, MutableBytes out) override;
  bool write(std::uint32_t offset, Bytes content) override;
  protocol::BulkResult end(protocol::BulkResult result) override;
  // The host is gone, and the live screen with it.
  void forget_live();

  bool has_live(std::uint32_t id) const { return live_complete_ && live_.id == id; }
  void show_live();
  // The kept screen, or the pictogram of this slot. False when a kept one turned out damaged: it is
  // kept no more, and the host should send it again.
  bool show(protocol::ScreenSlot slot);
  // Six digits to compare (digits.hpp).
  void show_number(std::uint32_t number);

  void sleep(bool on) { display_.sleep(on); }
  hal::Size size() const { return display_.size(); }
  bool keeps(protocol::ScreenSlot slot) const { return kept(slot) && !kept(slot)->damaged; }
  std::uint32_t stored() const { return stored_; }  // kept screens written to storage since start
  std::uint32_t rejected() const { return rejected_; }      // transfers that broke a rule
  std::uint32_t unreadable() const { return unreadable_; }  // screens whose data did not unpack
  std::uint32_t damaged() const { return damaged_; }        // kept ones that lost bits in storage
  std::uint32_t storage_errors() const { return storage_errors_; }

 private:
  struct Content {
    std::uint32_t bytes = 0;
    crypto::Digest digest{};
    std::uint16_t width = 0;
    std::uint16_t height = 0;
    friend bool operator==(const Content&, const Content&) = default;
  };
  struct Kept {
    std::uint8_t area = 0;  // 0 or 1
    std::uint32_t generation = 0;
    Content content;
    bool damaged = false;  // only its area and generation still count
  };
  struct Part {  // in the other area, without a header yet
    protocol::ScreenSlot slot = protocol::ScreenSlot::live;
    Content content;
    friend bool operator==(const Part&, const Part&) = default;
  };
  struct Live {
    std::uint32_t id = 0;
    Content content;
  };
  enum class Taking : std::uint8_t { nothing, live, kept, part };  // what the transfer goes to

  std::optional<Kept>& kept(protocol::ScreenSlot slot) {
    return kept_[static_cast<std::size_t>(slot) - 1];
  }
  const std::optional<Kept>& kept(protocol::ScreenSlot slot) const {
    return kept_[static_cast<std::size_t>(slot) - 1];
  }
  std::uint32_t area_units() const;
  std::uint32_t area_unit(protocol::ScreenSlot slot, std::uint8_t area) const;
  std::uint64_t area_offset(protocol::ScreenSlot slot, std::uint8_t area) const;
  std::uint32_t data_offset() const;
  std::uint8_t other_area(protocol::ScreenSlot slot) const;
  bool intact(protocol::ScreenSlot slot);
  void drop(protocol::ScreenSlot slot);
  bool start_part(const Part& part);
  bool finish_part();
  std::unexpected<protocol::BulkResult> refuse(protocol::BulkResult why);

  hal::Display& display_;
  hal::Storage* storage_;
  ScreenMemory memory_;
  Unpacker unpacker_;
  std::array<std::optional<Kept>, kept_slots> kept_{};
  std::optional<Part> part_;
  StorageWriter writer_;  // of part_

  protocol::Screen announced_;
  Taking taking_ = Taking::nothing;
  Part coming_;  // what the transfer under way is

  Live live_;
  bool live_complete_ = false;

  std::uint32_t stored_ = 0;
  std::uint32_t rejected_ = 0;
  std::uint32_t unreadable_ = 0;
  std::uint32_t damaged_ = 0;
  std::uint32_t storage_errors_ = 0;
};

// One of the built-in pictograms, on the whole display. `row` has room for a row of it.
void draw_pictogram(hal::Display& display, protocol::ScreenSlot slot, std::span<hal::Pixel> row);

}  // namespace rollcall::firmware
