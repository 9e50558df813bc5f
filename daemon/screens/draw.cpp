// The layouts of panels that are not small: one for what a terminal keeps, one for each kind of
// live screen.
#include <algorithm>
#include <string>
#include <vector>

#include "daemon/screens/canvas.hpp"
#include "daemon/screens/draw_small.hpp"
#include "daemon/screens/pictograms.hpp"
#include "daemon/screens/screens.hpp"
#include "daemon/screens/texts.hpp"

namespace rollcall::screens {
namespace {

using protocol::ScreenSlot;

// Every pair of text and ground has a contrast of 7:1 or more (WCAG 2.2, 1.4.6); a test computes
// it.
namespace colour {
constexpr Colour white{0xffffff};
constexpr Colour paper{0xf6f5f1};
constexpr Colour ink{0x17212b};
constexpr Colour soft{0x46525e};  // second language on paper
constexpr Colour green{0x0c5a35};
constexpr Colour blue{0x134a86};
constexpr Colour teal{0x0a5560};
constexpr Colour slate{0x3f4c5a};
constexpr Colour indigo{0x443a85};
constexpr Colour amber{0xffb71b};
constexpr Colour sky{0xbfdcf5};
constexpr Colour grey{0x3b3f44};
constexpr Colour line{0x6a7683};
}  // namespace colour

constexpr double margin = 28;
constexpr double gap = 12;
constexpr double radius = 16;
constexpr double weight_of_small = 1.3;  // of the lines of a picture inside a button
constexpr double secondary_cap = 24;     // floor for "rather not", which is often a long phrase

// What a kept screen says and how it looks.
struct Look {
  Pictogram pictogram;
  Text text;
  Colour ground;
  Colour first;   // pictogram and the first language
  Colour second;  // the other languages
};

Look look_of(ScreenSlot slot) {
  using namespace colour;
  switch (slot) {
    case ScreenSlot::idle:
      return {Pictogram::card, Text::hold_card, paper, ink, soft};
    case ScreenSlot::idle_offline:
      return {Pictogram::card_waiting, Text::hold_card, paper, ink, soft};
    case ScreenSlot::arrived:
      return {Pictogram::tick, Text::arrived, green, white, white};
    case ScreenSlot::left:
      return {Pictogram::door_out, Text::left, blue, white, white};
    case ScreenSlot::recorded:
      return {Pictogram::note, Text::recorded, teal, white, white};
    case ScreenSlot::repeat:
      return {Pictogram::two_ticks, Text::repeat, slate, white, white};
    case ScreenSlot::see_staff:
      return {Pictogram::desk, Text::see_desk, indigo, white, white};
    case ScreenSlot::recorded_offline:
      return {Pictogram::clock, Text::recorded_offline, amber, ink, ink};
    case ScreenSlot::not_accepted:
      return {Pictogram::desk_first, Text::see_desk_first, paper, indigo, soft};
    case ScreenSlot::one_card:
      return {Pictogram::two_cards, Text::one_card, sky, ink, ink};
    case ScreenSlot::live:
    case ScreenSlot::out_of_service:
      break;
  }
  return {Pictogram::pause, Text::not_in_use, grey, white, white};
}

std::string string_of(Text id, const std::string& language) {
  return std::string(text(id, language));
}

struct Button {
  std::string choice;
  std::string words;
  enum class Style { main, plain, quiet } style = Style::plain;
};

// The part of a button that its words may fill.
Box words_of(const Box& button) {
  return {button.x + 12, button.y + 7, button.width - 24, button.height - 14};
}

void draw_button(Canvas& canvas, const Button& button, const Box& box, double cap,
                 std::vector<Target>& targets) {
  using namespace colour;
  const bool filled = button.style == Button::Style::main;
  if (filled) canvas.fill_rounded(box, radius, teal);
  if (button.style == Button::Style::plain) {
    canvas.fill_rounded(box, radius, white);
    canvas.stroke_rounded(box, radius, 3, teal);
  }
  if (button.style == Button::Style::quiet) canvas.stroke_rounded(box, radius, 3, line);
  const Colour words = filled ? white : button.style == Button::Style::quiet ? soft : ink;
  canvas.text(button.words, filled ? Weight::bold : Weight::regular, cap, words_of(box),
              Align::centre, words);
  targets.push_back({canvas.area(box), button.choice});
}

Button later_button(const std::string& language) {
  return {choice::later, string_of(Text::later, language), Button::Style::quiet};
}

// "Yes" and "Later" side by side at the foot.
std::vector<Target> draw_yes_later(Canvas& canvas, const std::string& language) {
  std::vector<Target> targets;
  const double height = 112;
  const double width = (canvas.width() - 2 * margin - gap) / 2;
  const double y = canvas.height() - margin - height;
  draw_button(canvas, {choice::yes, string_of(Text::yes, language), Button::Style::main},
              {margin, y, width, height}, legible_cap + 4, targets);
  draw_button(canvas, later_button(language), {margin + width + gap, y, width, height},
              legible_cap + 4, targets);
  return targets;
}

// Words under one another, the block centred in a box.
struct Words {
  std::string text;
  Weight weight = Weight::regular;
  double cap = legible_cap;
  Colour colour = colour::ink;
};
void draw_stack(Canvas& canvas, const std::vector<Words>& stack, const Box& box, double space) {
  std::vector<double> heights;
  double total = -space;
  for (const Words& words : stack) {
    heights.push_back(canvas.text_height(words.text, words.weight, words.cap, box.width));
    total += heights.back() + space;
  }
  double y = box.y + (box.height - total) / 2;
  for (std::size_t i = 0; i < stack.size(); ++i) {
    const Words& words = stack[i];
    canvas.text(words.text, words.weight, words.cap, {box.x, y, box.width, heights[i]}, Align::left,
                words.colour);
    y += heights[i] + space;
  }
}

// Pictogram at the left, words at the right, the first language large.
void draw_look(Canvas& canvas, const Look& look, const std::vector<std::string>& languages) {
  canvas.fill(look.ground);
  const double side = 270;
  const Box picture{40, (canvas.height() - side) / 2, side, side};
  draw(canvas, look.pictogram, picture, look.first, look.ground);

  const double left = picture.right() + 44;
  const Box words{left, 24, canvas.width() - 24 - left, canvas.height() - 48};
  const std::size_t shown = std::clamp<std::size_t>(languages.size(), 1, 2);
  const Box room{0, 0, words.width, words.height / static_cast<double>(shown)};
  std::vector<Words> stack;
  for (std::size_t i = 0; i < shown; ++i) {
    const bool first = i == 0;
    const Weight weight = first ? Weight::bold : Weight::regular;
    std::string text = string_of(look.text, languages[i]);
    const double cap = canvas.fitting_cap(text, weight, room, first ? 56 : 44, legible_cap);
    stack.push_back({std::move(text), weight, cap, first ? look.first : look.second});
  }
  draw_stack(canvas, stack, words, 48);
}

// Picture and words above, the two buttons below.
Screen draw_choice(Size size, Pictogram pictogram, const std::string& title,
                   const std::string& detail, const std::string& language) {
  Canvas canvas(size);
  canvas.fill(colour::paper);
  const double side = 200;
  const Box above{margin, margin, canvas.width() - 2 * margin, canvas.height() - 3 * margin - 112};
  draw(canvas, pictogram, {margin + 8, above.y + (above.height - side) / 2, side, side},
       colour::teal, colour::paper);

  const Box words{margin + side + 48, above.y, canvas.width() - 2 * margin - side - 48,
                  above.height};
  std::vector<Words> stack;
  const auto add = [&](const std::string& text, Weight weight, double wanted, double share,
                       Colour ink) {
    const Box room{0, 0, words.width, words.height * share};
    stack.push_back(
        {text, weight, canvas.fitting_cap(text, weight, room, wanted, smallest_cap), ink});
  };
  add(title, Weight::bold, 52, detail.empty() ? 1.0 : 0.62, colour::ink);
  if (!detail.empty()) add(detail, Weight::regular, legible_cap, 0.5, colour::soft);
  draw_stack(canvas, stack, words, 36);
  auto targets = draw_yes_later(canvas, language);
  return canvas.finish(std::move(targets));
}

// One segment per question at the very top; those behind us and the present one are filled.
void draw_progress(Canvas& canvas, std::size_t number, std::size_t count) {
  const double height = 10;
  const double space = 6;
  const double n = static_cast<double>(std::max<std::size_t>(count, 1));
  const double width = (canvas.width() - 2 * margin - space * (n - 1)) / n;
  for (std::size_t i = 0; i < count; ++i) {
    const double x = margin + static_cast<double>(i) * (width + space);
    canvas.fill_rounded({x, 14, width, height}, std::min(height, width) / 2,
                        i < number ? colour::teal : Colour{0xcfd4d8});
  }
}

// Where the buttons of a question stand: from the foot upwards, always at the same places for the
// same number of options, "later" always at the lower right. Two options get the whole width.
std::vector<Box> button_places(const Canvas& canvas, std::size_t options) {
  constexpr double foot = 20;
  const std::size_t columns = options <= 2 ? 1 : 2;
  const std::size_t rows = (options + 1 + columns - 1) / columns;
  const double height = rows == 2 ? 112 : 88;
  const auto n = static_cast<double>(columns);
  const double width = (canvas.width() - 2 * margin - gap * (n - 1)) / n;
  const double top = canvas.height() - foot - static_cast<double>(rows) * (height + gap) + gap;
  std::vector<Box> places;
  for (std::size_t i = 0; i <= options; ++i) {
    const std::size_t at = i == options ? rows * columns - 1 : i;
    places.push_back({margin + static_cast<double>(at % columns) * (width + gap),
                      top + static_cast<double>(at / columns) * (height + gap), width, height});
  }
  return places;
}

Screen draw_question(const QuestionScreen& question, Size size) {
  Canvas canvas(size);
  canvas.fill(colour::paper);
  draw_progress(canvas, question.number, question.count);

  const std::vector<Box> places = button_places(canvas, question.options.size());
  const double top = 32;
  const Box head{margin, top, canvas.width() - 2 * margin, places.front().y - top - 2};
  const double cap = canvas.fitting_cap(question.text, Weight::bold, head, 42, smallest_cap);
  canvas.text(question.text, Weight::bold, cap, head, Align::left, colour::ink);

  // All answers in one size. "Rather not" and "later" are often longer and may be smaller.
  std::vector<Button> buttons;
  double words = legible_cap;
  for (const auto& option : question.options) {
    buttons.push_back({option.id, option.text});
    if (option.id == choice::prefer_not) continue;
    words =
        std::min(words, canvas.fitting_cap(option.text, Weight::regular, words_of(places.front()),
                                           legible_cap, smallest_cap));
  }
  buttons.push_back(later_button(question.language));
  std::vector<Target> targets;
  for (std::size_t i = 0; i < buttons.size(); ++i) {
    const double fits = canvas.fitting_cap(buttons[i].words, Weight::regular, words_of(places[i]),
                                           words, secondary_cap);
    draw_button(canvas, buttons[i], places[i], std::min(words, fits), targets);
  }
  return canvas.finish(std::move(targets));
}

Screen draw_words(Size size, const Look& look, const std::string& language) {
  Canvas canvas(size);
  draw_look(canvas, look, {language});
  return canvas.finish({});
}

// The kept answer, smaller, above one button as wide as the panel. The rest of it means "go on".
Screen draw_moved(const Moved& moved, Size size) {
  const Look look = look_of(moved.arrived ? ScreenSlot::arrived : ScreenSlot::left);
  Canvas canvas(size);
  canvas.fill(look.ground);
  const double height = 128;
  const Box button{margin, canvas.height() - margin - height, canvas.width() - 2 * margin, height};
  const Box above{0, 0, canvas.width(), button.y - gap};

  const double side = 190;
  const Box picture{margin, (above.height - side) / 2, side, side};
  draw(canvas, look.pictogram, picture, look.first, look.ground);
  const Box words{picture.right() + 32, 24, canvas.width() - 24 - 32 - picture.right(),
                  above.height - 24};
  const auto stacked = [&](std::string text, Weight weight, double wanted) {
    const Box line{0, 0, words.width, 1.5 * wanted};  // one, with what hangs below it
    const double cap = canvas.fitting_cap(text, weight, line, wanted, legible_cap);
    return Words{std::move(text), weight, cap, look.first};
  };
  const Text what = moved.arrived ? Text::you_arrived : Text::you_left;
  draw_stack(canvas,
             {stacked(string_of(look.text, moved.language), Weight::bold, 56),
              stacked(string_of(what, moved.language) + " · " + moved.time, Weight::regular, 44)},
             words, 40);

  canvas.fill_rounded(button, radius, colour::white);
  const double icon = 88;
  const std::string said =
      string_of(moved.arrived ? Text::am_leaving : Text::am_arriving, moved.language);
  draw(canvas, moved.arrived ? Pictogram::door_out : Pictogram::door_in,
       {button.x + 28, button.y + (height - icon) / 2, icon, icon}, colour::ink, colour::white,
       weight_of_small);
  const Box beside{button.x + 28 + icon, button.y, button.width - 2 * (28 + icon), height};
  canvas.text(said, Weight::bold, canvas.fitting_cap(said, Weight::bold, beside, 44, legible_cap),
              beside, Align::centre, colour::ink);
  return canvas.finish(
      {{canvas.area(button), choice::other_way}, {canvas.area(above), choice::go_on}});
}

// What is signed fills the screen; how stands at the foot, beside the way out of it.
Screen draw_to_sign(const SignHalfDay& half_day, Size size) {
  Canvas canvas(size);
  canvas.fill(colour::paper);
  constexpr double height = 116;
  const double button = half_day.other_way.empty() ? 216 : 280;
  const double foot = canvas.height() - margin - height;
  const Box above{margin, margin, canvas.width() - 2 * margin, foot - 2 * margin};
  std::vector<Words> stack;
  const auto add = [&](const std::string& text, Weight weight, double wanted, double share,
                       Colour ink) {
    const Box room{0, 0, above.width, above.height * share};
    stack.push_back(
        {text, weight, canvas.fitting_cap(text, weight, room, wanted, smallest_cap), ink});
  };
  add(half_day.title, Weight::bold, 50, 0.44, colour::ink);
  add(half_day.when, Weight::bold, 42, 0.36, colour::teal);
  add(half_day.hours, Weight::regular, 34, 0.18, colour::soft);
  draw_stack(canvas, stack, above, 30);

  canvas.fill_rounded({margin, foot - 14, canvas.width() - 2 * margin, 2}, 1, colour::line);
  const double side = height - 8;
  draw(canvas, Pictogram::card, {margin, foot + 4, side, side}, colour::teal, colour::paper);
  const double left = margin + side + 20;
  const Box how{left, foot, canvas.width() - margin - button - 20 - left, height};
  const std::string words = string_of(Text::card_again, half_day.language);
  canvas.text(words, Weight::bold,
              canvas.fitting_cap(words, Weight::bold, how, legible_cap, smallest_cap), how,
              Align::left, colour::ink);
  std::vector<Target> targets;
  Box ends{canvas.width() - margin - button, foot, button, height};
  if (!half_day.other_way.empty()) {
    ends.height = (height - gap) / 2;
    const Button other{choice::other_way, half_day.other_way, Button::Style::quiet};
    draw_button(canvas, other, ends, secondary_cap, targets);
    ends.y += ends.height + gap;
  }
  draw_button(canvas, later_button(half_day.language), ends,
              half_day.other_way.empty() ? smallest_cap : secondary_cap, targets);
  return canvas.finish(std::move(targets));
}

Screen draw_has_signed(const HasSigned& half_day, Size size) {
  Canvas canvas(size);
  canvas.fill(colour::teal);
  const double side = 230;
  const Box picture{44, (canvas.height() - side) / 2, side, side};
  draw(canvas, Pictogram::signature, picture, colour::white, colour::teal);
  const double left = picture.right() + 48;
  const Box words{left, 24, canvas.width() - 24 - left, canvas.height() - 48};
  const Box room{0, 0, words.width, words.height / 2};
  const double cap =
      canvas.fitting_cap(half_day.when, Weight::regular, room, legible_cap, smallest_cap);
  draw_stack(canvas,
             {{string_of(Text::has_signed, half_day.language), Weight::bold, 56, colour::white},
              {half_day.when, Weight::regular, cap, colour::white}},
             words, 48);
  return canvas.finish({});
}

struct DrawLive {
  Size size;
  Screen operator()(const AssessmentOffer& s) const {
    return draw_choice(size, Pictogram::questions, string_of(Text::offer, s.language), s.title,
                       s.language);
  }
  Screen operator()(const QuestionScreen& s) const { return draw_question(s, size); }
  Screen operator()(const MoreTime& s) const {
    return draw_choice(size, Pictogram::hourglass, string_of(Text::more_time, s.language), "",
                       s.language);
  }
  Screen operator()(const ThankYou& s) const {
    return draw_words(
        size, {Pictogram::heart, Text::thank_you, colour::teal, colour::white, colour::white},
        s.language);
  }
  Screen operator()(const PleaseSeeDesk& s) const {
    return draw_words(size, look_of(ScreenSlot::see_staff), s.language);
  }
  Screen operator()(const Moved& s) const { return draw_moved(s, size); }
  Screen operator()(const SignHalfDay& s) const { return draw_to_sign(s, size); }
  Screen operator()(const HasSigned& s) const { return draw_has_signed(s, size); }
  Screen operator()(const AskTrainer& s) const {
    Look look = look_of(ScreenSlot::see_staff);
    look.text = Text::ask_trainer;
    return draw_words(size, look, s.language);
  }
  Screen operator()(const AtRest& s) const {
    return draw_words(size, look_of(ScreenSlot::idle), s.language);
  }
};

}  // namespace

Screen draw_kept(ScreenSlot slot, Size size, const std::vector<std::string>& languages) {
  if (is_small(size)) {
    return draw_small_kept(slot, size, languages.empty() ? "en" : languages.front());
  }
  Canvas canvas(size);
  draw_look(canvas, look_of(slot), languages);
  return canvas.finish({});
}

Screen draw_live(const Live& live, Size size) {
  if (is_small(size)) return draw_small_live(live, size);
  return std::visit(DrawLive{size}, live);
}

}  // namespace rollcall::screens
