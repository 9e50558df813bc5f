#include "firmware/terminal/feedback.hpp"

#include <array>

namespace rollcall::firmware {
namespace {

using hal::Colour;
using hal::Light;
using hal::Note;
using protocol::ScreenSlot;

constexpr Note rising[] = {{660, 90}, {880, 160}};
constexpr Note falling[] = {{880, 90}, {660, 160}};
constexpr Note single[] = {{784, 180}};
constexpr Note twice[] = {{784, 70}, {0, 60}, {784, 70}};
constexpr Note low_long[] = {{440, 350}};
constexpr Note soft_pair[] = {{523, 120}, {0, 80}, {523, 120}};
constexpr Note low_three[] = {{330, 120}, {0, 80}, {330, 120}, {0, 80}, {330, 120}};

constexpr Note up_and_down[] = {{523, 80}, {784, 80}, {523, 80}, {784, 80}};

constexpr Note ladder[] = {{523, 80}, {659, 80}, {784, 80}, {1047, 160}};

constexpr Light steady(Colour colour) {
  return {colour, 1000, 0};
}

constexpr std::array<Feedback, 10> table{{
    {Shown::arrived, "arrived", steady(Colour::green), rising, ScreenSlot::arrived},
    {Shown::left, "left", {Colour::green, 450, 150}, falling, ScreenSlot::left},
    {Shown::recorded, "recorded", {Colour::green, 150, 150}, single, ScreenSlot::recorded},
    {Shown::repeat, "repeat", {Colour::green, 80, 320}, twice, ScreenSlot::repeat},
    {Shown::see_staff, "see_staff", {Colour::amber, 300, 300}, low_long, ScreenSlot::see_staff},
    {Shown::not_recorded,
     "not_recorded",
     {Colour::amber, 800, 120},
     soft_pair,
     ScreenSlot::recorded_offline},
    {Shown::recorded_offline,
     "recorded_offline",
     {Colour::amber, 800, 120},
     soft_pair,
     ScreenSlot::recorded_offline},
    {Shown::not_accepted, "not_accepted", {}, low_three, ScreenSlot::not_accepted},
    {Shown::out_of_service, "out_of_service", {}, low_three, ScreenSlot::out_of_service},
    {Shown::one_card, "one_card", {Colour::blue, 600, 200}, up_and_down, ScreenSlot::one_card},
}};

constexpr bool in_order() {
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (static_cast<std::size_t>(table[i].shown) != i + 1) return false;
  }
  return true;
}
static_assert(in_order());

}  // namespace

std::span<const Note> identify_notes() {
  return ladder;
}

const Feedback& feedback_for(Shown shown) {
  return table[static_cast<std::size_t>(shown) - 1];
}

const char* light_name(Colour colour) {
  switch (colour) {
    case Colour::green:
      return "green";
    case Colour::amber:
      return "amber";
    case Colour::blue:
      return "blue";
    case Colour::off:
      break;
  }
  return "none";
}

}  // namespace rollcall::firmware
