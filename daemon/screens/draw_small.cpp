// A picture above, a word below it, and at rest the time beside the picture. Made for 128 x 64.
//
//   +----------------+
//   |  (#)     08:52 |
//   |      Card      |
//   +----------------+
#include "daemon/screens/draw_small.hpp"

#include <optional>
#include <stdexcept>

#include "daemon/screens/canvas.hpp"
#include "daemon/screens/pictograms.hpp"
#include "daemon/screens/texts.hpp"

namespace rollcall::screens {
namespace {

using protocol::ScreenSlot;

constexpr Colour black{0x000000};
constexpr Colour white{0xffffff};

constexpr double picture_side = 39;
constexpr double picture_top = 1;
constexpr double word_top = 42;  // of its capitals; accents stand above, in the picture's corners
constexpr double time_cap = 18;
constexpr double weight = 1.3;  // of the lines of pictures

struct SmallLook {
  Pictogram pictogram;
  Text text;
  // Dark words on a bright panel: what a person should stop at, against what is as it should be.
  bool bright = false;
  std::optional<Pictogram> beside = {};  // to the right of the first
  Colour ground() const { return bright ? white : black; }
  Colour ink() const { return bright ? black : white; }
};

SmallLook look_of(ScreenSlot slot) {
  switch (slot) {
    case ScreenSlot::idle:
      return {Pictogram::card, Text::hold_card};
    case ScreenSlot::idle_offline:
      return {Pictogram::card, Text::hold_card, false, Pictogram::clock};
    case ScreenSlot::arrived:
      return {Pictogram::tick, Text::arrived};
    case ScreenSlot::left:
      return {Pictogram::door_out, Text::left};
    case ScreenSlot::recorded:
      return {Pictogram::note, Text::recorded};
    case ScreenSlot::repeat:
      return {Pictogram::two_ticks, Text::repeat};
    case ScreenSlot::see_staff:
      return {Pictogram::desk, Text::see_desk, true};
    case ScreenSlot::recorded_offline:
      return {Pictogram::clock, Text::recorded_offline, true};
    case ScreenSlot::not_accepted:
      return {Pictogram::arrow, Text::see_desk_first, true, Pictogram::desk};
    case ScreenSlot::one_card:
      return {Pictogram::two_cards, Text::one_card, true};
    case ScreenSlot::live:
    case ScreenSlot::out_of_service:
      break;
  }
  return {Pictogram::pause, Text::not_in_use};
}

void draw_word(Canvas& canvas, const SmallLook& look, const std::string& language) {
  const Box box{0, word_top, canvas.width(), small_cap};
  canvas.text(std::string(word(look.text, language)), Weight::bold, small_cap, box, Align::centre,
              look.ink());
}

Screen draw_look(Size size, const SmallLook& look, const std::string& language) {
  Canvas canvas(size);
  canvas.fill(look.ground());
  Box picture{(canvas.width() - picture_side) / 2, picture_top, picture_side, picture_side};
  if (look.beside) {
    constexpr double apart = 24;  // each from the middle
    picture.x += apart;
    draw(canvas, *look.beside, picture, look.ink(), look.ground(), weight);
    picture.x -= 2 * apart;
  }
  draw(canvas, look.pictogram, picture, look.ink(), look.ground(), weight);
  draw_word(canvas, look, language);
  return canvas.finish({});
}

Screen draw_at_rest(Size size, const AtRest& rest) {
  const SmallLook look = look_of(ScreenSlot::idle);
  Canvas canvas(size);
  canvas.fill(look.ground());
  draw(canvas, look.pictogram, {10, picture_top, picture_side, picture_side}, look.ink(),
       look.ground(), weight);
  const double left = 10 + picture_side;
  canvas.text(rest.time, Weight::bold, time_cap,
              {left, picture_top, canvas.width() - left, picture_side}, Align::centre, look.ink());
  draw_word(canvas, look, rest.language);
  return canvas.finish({});
}

struct DrawLive {
  Size size;
  Screen operator()(const ThankYou& s) const {
    return draw_look(size, {Pictogram::heart, Text::thank_you}, s.language);
  }
  Screen operator()(const PleaseSeeDesk& s) const {
    return draw_look(size, look_of(ScreenSlot::see_staff), s.language);
  }
  Screen operator()(const AtRest& s) const { return draw_at_rest(size, s); }
  template <class Question>
  Screen operator()(const Question&) const {
    throw std::logic_error("a small panel asks nothing");
  }
};

}  // namespace

Screen draw_small_kept(ScreenSlot slot, Size size, const std::string& language) {
  return draw_look(size, look_of(slot), language);
}

Screen draw_small_live(const Live& live, Size size) {
  return std::visit(DrawLive{size}, live);
}

}  // namespace rollcall::screens
