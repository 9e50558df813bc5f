// Light and sound beside the reader.
#pragma once

#include <cstdint>
#include <span>

namespace rollcall::hal {

enum class Colour : std::uint8_t { off, green, amber, blue };

// on_ms lit, off_ms dark, and so on until the next light; off_ms 0 = steady.
struct Light {
  Colour colour = Colour::off;
  std::uint16_t on_ms = 0;
  std::uint16_t off_ms = 0;

  friend bool operator==(const Light&, const Light&) = default;
};

struct Note {
  std::uint16_t hertz = 0;  // 0 = silence
  std::uint16_t ms = 0;
};

class Indicator {
 public:
  virtual void set_light(const Light& light) = 0;
  // Plays the notes one after the other; a new tune replaces one still playing. `notes` outlives
  // it.
  virtual void play(std::span<const Note> notes) = 0;

 protected:
  ~Indicator() = default;
};

}  // namespace rollcall::hal
