// Scripts for one simulated terminal: docs/terminal-script.md.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <string>
#include <variant>
#include <vector>

#include "hal/card_reader.hpp"
#include "hal/touch.hpp"

namespace rollcall::simulator {

namespace step {
struct At {  // local time of day
  std::chrono::seconds time{0};
};
struct Wait {
  std::chrono::milliseconds time{0};
};
struct Tap {
  hal::Card card;
};
struct Cable {
  bool plugged = true;
};
struct PowerCut {
  bool during_append = false;  // of the next tap
};
struct Touch {
  hal::TouchPoint point;
};
struct Expect {
  enum class What { light, outcome, screen, link, waiting } what = What::light;
  std::string value;
};
}  // namespace step

struct Step {
  unsigned line = 0;
  std::string text;  // as in the file
  std::variant<step::At, step::Wait, step::Tap, step::Cable, step::PowerCut, step::Touch,
               step::Expect>
      action;
};

// All problems at once, one sentence each, beginning with NAME:LINE.
std::expected<std::vector<Step>, std::vector<std::string>> parse_script(const std::string& text,
                                                                        const std::string& name);
std::expected<std::vector<Step>, std::vector<std::string>> load_script(const std::string& path);

// The name of a slot in scripts and on the page: idle, arrived, live, ...
const char* slot_name(unsigned slot);

}  // namespace rollcall::simulator
