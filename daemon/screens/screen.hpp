// What a screen is, before and after it is drawn.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "protocol/screen_limits.hpp"
#include "protocol/types.hpp"

namespace rollcall::screens {

struct Size {  // pixels
  std::uint16_t width = 0;
  std::uint16_t height = 0;
  auto operator<=>(const Size&) const = default;
};

// Panels outside these bounds get no screens.
inline constexpr Size smallest{128, 64};
inline constexpr Size largest{1024, 800};
constexpr bool drawable(Size size) {
  return size.width >= smallest.width && size.height >= smallest.height &&
         size.width <= largest.width && size.height <= largest.height;
}
// Such a panel shows a picture and a word in greys, and asks nobody anything.
constexpr bool is_small(Size size) {
  return protocol::small_panel(size.width, size.height);
}

struct Area {  // pixels from the top left
  int x = 0, y = 0, width = 0, height = 0;
  bool contains(int px, int py) const {
    return px >= x && py >= y && px < x + width && py < y + height;
  }
};

// A place to touch and what touching it means.
struct Target {
  Area area;
  std::string choice;
};

// A drawn screen in the form the terminal takes (docs/protocol.md, "Screens").
struct Screen {
  Size size;
  std::vector<std::uint8_t> bytes;
  std::vector<Target> targets;  // none on a kept screen
};

// The choice at a point, "" when there is none.
inline std::string choice_at(const std::vector<Target>& targets, int x, int y) {
  for (const Target& target : targets) {
    if (target.area.contains(x, y)) return target.choice;
  }
  return {};
}

// Choice ids of the terminal's own buttons.
namespace choice {
inline constexpr const char* yes = "yes";
inline constexpr const char* later = "later";
inline constexpr const char* prefer_not = "prefer-not";  // an instrument's own option, by this id
inline constexpr const char* other_way = "other-way";
inline constexpr const char* go_on = "go-on";  // touching anywhere else
inline constexpr const char* cannot_draw = "cannot-draw";
}  // namespace choice

// Live screens, made for one moment. `language` is ISO 639-1. Questions and offers are for panels
// that are not small.
struct AssessmentOffer {  // choices: yes, later
  std::string language;
  std::string title;  // of the instrument
  std::size_t questions = 0;
};
struct QuestionScreen {  // choices: the options' ids, later
  struct Option {
    std::string id;
    std::string text;
  };
  std::string language;
  std::string text;
  std::vector<Option> options;  // at most 5
  std::size_t number = 1;       // of this question, from 1
  std::size_t count = 1;        // of all questions
};
struct MoreTime {  // choices: yes, later
  std::string language;
};
struct ThankYou {
  std::string language;
};
struct PleaseSeeDesk {
  std::string language;
};
// The answer once more, with its time, and the way to say that it was the other way. A small panel
// does without: its answer stays, and a key is the way.
struct Moved {  // choices: other_way, go_on
  std::string language;
  bool arrived = true;  // else left
  std::string time;     // of the tap, at the site, as "08:52"
};
// What a person signs: module, day and half-day large. By the own card, held there again; where
// there is a field for it, by drawing.
struct SignHalfDay {  // choices: later; cannot_draw when drawing is the one way; other_way
  std::string language;
  std::string title;  // of the module
  std::string when;   // "Monday 2 March, morning"
  std::string hours;  // "09:00–12:30 · 3 h 30"
  bool by_card = false;
  bool by_drawing = false;
  std::string other_way = {};  // how the tap was, if not as it was answered; "" = that is over
};
struct HasSigned {
  std::string language;
  std::string when;  // as it was stated
};
struct AskTrainer {
  std::string language;
};
struct AtRest {  // ready for a card; in place of the kept idle screen, which knows no time
  std::string language;
  std::string time;  // of the site, as "08:52"
};
using Live = std::variant<AssessmentOffer, QuestionScreen, MoreTime, ThankYou, PleaseSeeDesk, Moved,
                          SignHalfDay, HasSigned, AskTrainer, AtRest>;

}  // namespace rollcall::screens
