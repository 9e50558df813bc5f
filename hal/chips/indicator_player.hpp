// Plays lights and tunes on a lamp and a sounder, one step at a time.
#pragma once

#include <chrono>
#include <optional>
#include <span>

#include "hal/clock.hpp"
#include "hal/indicator.hpp"

namespace rollcall::hal {

class Lamp {
 public:
  virtual void show(Colour colour) = 0;

 protected:
  ~Lamp() = default;
};

class Sounder {
 public:
  // Sounds until told otherwise; 0 = silence.
  virtual void sound(std::uint16_t hertz) = 0;

 protected:
  ~Sounder() = default;
};

class IndicatorPlayer final : public Indicator {
 public:
  // All outlive this.
  IndicatorPlayer(Lamp& lamp, Sounder& sounder, Clock& clock)
      : lamp_(lamp), sounder_(sounder), clock_(clock) {}

  void set_light(const Light& light) override;
  void play(std::span<const Note> notes) override;

  // Goes on with both. Returns when it has to be called again; nothing while all is steady. A call
  // that comes late catches up: a light keeps its beat, a note that is over is left out.
  std::optional<std::chrono::milliseconds> run();

 private:
  using Time = std::chrono::milliseconds;

  std::optional<Time> run_light(Time now);
  std::optional<Time> run_tune(Time now);

  Lamp& lamp_;
  Sounder& sounder_;
  Clock& clock_;

  Light light_;
  Time light_since_{0};
  std::optional<Colour> shown_;  // by the lamp; nothing before the first time

  std::span<const Note> notes_;  // from the one that sounds on
  Time note_since_{0};
  std::uint16_t sounding_ = 0;
};

}  // namespace rollcall::hal
