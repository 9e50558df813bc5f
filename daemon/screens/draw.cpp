// The layouts: one for what a terminal keeps, one for each kind of live screen.
#include <algorithm>
#include <string>
#include <vector>

#include "daemon/screens/canvas.hpp"
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
constexpr Colour grey{0x3b3f44};
constexpr Colour line{0x6a7683};
}  // namespace colour

constexpr double margin = 32;
constexpr double gap = 12;
constexpr double radius = 16;

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
    case ScreenSlot::live:
    case ScreenSlot::out_of_service:
      break;
  }
  return {Pictogram::pause, Text::not_in_use, grey, white, white};
}

std::string string_of(Text id, const std::string& language) {
  return std::string(text(id, language));
}

// Pictogram at the left, words at the right, the first language large.
void draw_look(Canvas& canvas, const Look& look, const std::vector<std::string>& languages) {
  canvas.fill(look.ground);
  const double side = 260;
  const Box picture{margin + 4, (canvas.height() - side) / 2, side, side};
  draw(canvas, look.pictogram, picture, look.first, look.ground);

  const double left = picture.right() + 40;
  const double width = canvas.width() - margin - left;
  const std::size_t shown = std::clamp<std::size_t>(languages.size(), 1, 2);
  const double space = 40;
  const double each = (canvas.height() - 2 * margin - space * static_cast<double>(shown - 1)) /
                      static_cast<double>(shown);
  struct Line {
    std::string words;
    Weight weight;
    double cap;
    double height;
    Colour colour;
  };
  std::vector<Line> lines;
  double total = 0;
  for (std::size_t i = 0; i < shown; ++i) {
    const bool first = i == 0;
    Line line{string_of(look.text, languages[i]), first ? Weight::bold : Weight::regular, 0, 0,
              first ? look.first : look.second};
    line.cap = canvas.fitting_cap(line.words, line.weight, {0, 0, width, each}, first ? 56 : 44,
                                  legible_cap);
    line.height = canvas.text_height(line.words, line.weight, line.cap, width);
    total += line.height + (first ? 0 : space);
    lines.push_back(std::move(line));
  }
  double y = (canvas.height() - total) / 2;
  for (const Line& line : lines) {
    canvas.text(line.words, line.weight, line.cap, {left, y, width, line.height}, Align::left,
                line.colour);
    y += line.height + space;
  }
}

struct Button {
  std::string choice;
  std::string words;
  enum class Style { main, plain, quiet } style = Style::plain;
};

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
  canvas.text(button.words, filled ? Weight::bold : Weight::regular, cap, box.inset(10),
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

// Picture and words above, the two buttons below.
Screen draw_choice(Size size, Pictogram pictogram, const std::string& title,
                   const std::string& detail, const std::string& language) {
  Canvas canvas(size);
  canvas.fill(colour::paper);
  const double side = 190;
  const double top = margin + 16;
  draw(canvas, pictogram, {margin, top, side, side}, colour::teal, colour::paper);
  const double left = margin + side + 36;
  const double width = canvas.width() - margin - left;
  const double height = detail.empty() ? side + 40 : 120;
  const Box box{left, top - 8, width, height};
  canvas.text(title, Weight::bold, canvas.fitting_cap(title, Weight::bold, box, 52, legible_cap),
              box, Align::left, colour::ink);
  if (!detail.empty()) {
    const Box below{left, box.bottom() + 8, width, side - height + 40};
    canvas.text(detail, Weight::regular,
                canvas.fitting_cap(detail, Weight::regular, below, legible_cap, smallest_cap),
                below, Align::left, colour::soft);
  }
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
    canvas.fill_rounded({x, 18, width, height}, std::min(height, width) / 2,
                        i < number ? colour::teal : Colour{0xcfd4d8});
  }
}

Screen draw_question(const QuestionScreen& question, Size size) {
  Canvas canvas(size);
  canvas.fill(colour::paper);
  draw_progress(canvas, question.number, question.count);

  std::vector<Button> buttons;
  for (const auto& option : question.options) buttons.push_back({option.id, option.text});
  buttons.push_back(later_button(question.language));
  // Few choices get the whole width; more stand in two columns, "later" always at the lower right.
  const bool list = question.options.size() <= 3;
  const std::size_t columns = list ? 1 : 2;
  const std::size_t rows = list ? buttons.size() : (question.options.size() + 2) / 2;

  const double top = 48;
  const double foot = 20;
  const double width = canvas.width() - 2 * margin;
  const double row_least = list ? 66 : 84;
  const double n = static_cast<double>(rows);
  const double room = canvas.height() - top - foot - n * row_least - (n - 1) * gap - 22;
  const double cap =
      canvas.fitting_cap(question.text, Weight::bold, {0, 0, width, room}, 44, smallest_cap);
  const double height = canvas.text_height(question.text, Weight::bold, cap, width);
  canvas.text(question.text, Weight::bold, cap, {margin, top, width, height}, Align::left,
              colour::ink);

  const double below = top + height + 26;
  const double row = std::min(112.0, (canvas.height() - foot - below - (n - 1) * gap) / n);
  const double column =
      (width - gap * static_cast<double>(columns - 1)) / static_cast<double>(columns);
  const double first = canvas.height() - foot - n * row - (n - 1) * gap;
  const auto cell = [&](std::size_t at) {
    const auto c = static_cast<double>(at % columns);
    const auto r = static_cast<double>(at / columns);
    return Box{margin + c * (column + gap), first + r * (row + gap), column, row};
  };
  double words = legible_cap;
  for (const Button& button : buttons) {
    const Box inside = cell(0).inset(12);
    words = std::min(words, canvas.fitting_cap(button.words, Weight::regular, inside, legible_cap,
                                               smallest_cap));
  }
  std::vector<Target> targets;
  for (std::size_t i = 0; i < buttons.size(); ++i) {
    const bool last = i + 1 == buttons.size();
    draw_button(canvas, buttons[i], cell(last ? rows * columns - 1 : i), words, targets);
  }
  return canvas.finish(std::move(targets));
}

Screen draw_words(Size size, const Look& look, const std::string& language) {
  Canvas canvas(size);
  draw_look(canvas, look, {language});
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
};

}  // namespace

Screen draw_kept(ScreenSlot slot, Size size, const std::vector<std::string>& languages) {
  Canvas canvas(size);
  draw_look(canvas, look_of(slot), languages);
  return canvas.finish({});
}

Screen draw_live(const Live& live, Size size) {
  return std::visit(DrawLive{size}, live);
}

}  // namespace rollcall::screens
