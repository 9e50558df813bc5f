// What a person sees and hears for each outcome: one table. Never red. Those of a tap that was kept
// differ by tone alone, by light alone, and by its rhythm alone.
#pragma once

#include <cstdint>
#include <span>

#include "hal/indicator.hpp"
#include "protocol/types.hpp"

namespace rollcall::firmware {

// What became of a tap at the terminal. The first six are protocol::Outcome.
enum class Shown : std::uint8_t {
  arrived = 1,
  left = 2,
  recorded = 3,
  repeat = 4,
  see_staff = 5,
  not_recorded = 6,      // the host could not commit; the tap stays in the queue
  recorded_offline = 7,  // no host, or no answer in time; the tap is in the queue
  not_accepted = 8,      // queue full or storage failed: nothing was recorded
  out_of_service = 9,    // not yet prepared for a site: nothing was recorded
  one_card = 10,         // several cards at once: nothing was recorded
};

struct Feedback {
  Shown shown;
  const char* name;  // as in reports and scripts
  hal::Light light;
  std::span<const hal::Note> tune;
  protocol::ScreenSlot slot;
};

// At rest, when the queue is nearly full: a sign for staff, in a colour that no record has.
inline constexpr hal::Light queue_nearly_full{hal::Colour::blue, 100, 1900};

// While a person looks for this terminal (`identify`): quick, and in that colour too.
inline constexpr hal::Light identify_light{hal::Colour::blue, 150, 150};
std::span<const hal::Note> identify_notes();

const Feedback& feedback_for(Shown shown);
constexpr Shown shown_for(protocol::Outcome outcome) {
  return static_cast<Shown>(outcome);
}

// The name of a light's colour in reports and scripts: green, amber, blue or none.
const char* light_name(hal::Colour colour);

}  // namespace rollcall::firmware
