// Takes a screen apart as a terminal does, and writes it as PNG for people to look at.
#pragma once

#include <array>
#include <cstdint>
#include <iterator>
#include <string>
#include <vector>

#include "daemon/screens/screen.hpp"

namespace rollcall::screens::test {

struct Decoded {
  bool whole = false;  // the stream ended where it should, and gave exactly the pixels of the size
  std::array<std::uint16_t, 16> palette{};
  std::vector<std::uint32_t> pixels;  // 0x00RRGGBB
  std::uint32_t at(int x, int y, int width) const {
    return pixels[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) +
                  static_cast<std::size_t>(x)];
  }
};

// With the inflate window of such a panel.
Decoded decode(const Screen& screen);

// Each pixel as `scale` x `scale`.
struct NamedSlot {
  protocol::ScreenSlot slot;
  const char* name;
};
inline constexpr NamedSlot kept_slots[] = {
    {protocol::ScreenSlot::idle, "idle"},
    {protocol::ScreenSlot::idle_offline, "idle_offline"},
    {protocol::ScreenSlot::arrived, "arrived"},
    {protocol::ScreenSlot::left, "left"},
    {protocol::ScreenSlot::recorded, "recorded"},
    {protocol::ScreenSlot::repeat, "repeat"},
    {protocol::ScreenSlot::see_staff, "see_staff"},
    {protocol::ScreenSlot::recorded_offline, "recorded_offline"},
    {protocol::ScreenSlot::not_accepted, "not_accepted"},
    {protocol::ScreenSlot::out_of_service, "out_of_service"},
    {protocol::ScreenSlot::one_card, "one_card"}};
static_assert(std::size(kept_slots) + 1 == protocol::screen_slot_count);

// Also prints it, as that of screens of this kind.
std::size_t median(const std::string& kind, std::vector<std::size_t> sizes);

void write_png(const Screen& screen, const std::string& path, int scale = 1);
// Several screens side by side, half size or, of a small panel, three times as large: to see a
// whole family at once.
void write_sheet(const std::vector<const Screen*>& screens, const std::string& path);

}  // namespace rollcall::screens::test
