#include "daemon/screens/pictograms.hpp"

#include <initializer_list>
#include <numbers>
#include <utility>

namespace rollcall::screens {
namespace {

using std::numbers::pi;

// Drawn on a grid of 100 x 100 with one line weight, all times `weight`.
class Pen {
 public:
  static constexpr double line = 7;

  Pen(Canvas& canvas, const Box& box, Colour colour, Colour ground, double weight)
      : canvas_(canvas), cr_(canvas.cairo()), colour_(colour), ground_(ground), weight_(weight) {
    cairo_save(cr_);
    cairo_translate(cr_, box.x, box.y);
    cairo_scale(cr_, box.width / 100, box.height / 100);
    canvas_.set(colour_);
  }
  ~Pen() { cairo_restore(cr_); }
  Pen(const Pen&) = delete;
  Pen& operator=(const Pen&) = delete;

  void path(std::initializer_list<std::pair<double, double>> points, double width = line) {
    cairo_new_path(cr_);
    for (const auto& [x, y] : points) cairo_line_to(cr_, x, y);
    cairo_set_line_width(cr_, width * weight_);
    cairo_stroke(cr_);
  }
  void ring(double x, double y, double radius, double width = line) {
    cairo_new_path(cr_);
    cairo_arc(cr_, x, y, radius, 0, 2 * pi);
    cairo_set_line_width(cr_, width * weight_);
    cairo_stroke(cr_);
  }
  void dot(double x, double y, double radius) {
    cairo_new_path(cr_);
    cairo_arc(cr_, x, y, radius, 0, 2 * pi);
    cairo_fill(cr_);
  }
  void arc(double x, double y, double radius, double from, double to) {
    cairo_new_path(cr_);
    cairo_arc(cr_, x, y, radius, from * pi, to * pi);
    cairo_set_line_width(cr_, line * weight_);
    cairo_stroke(cr_);
  }
  void frame(const Box& box, double radius) {
    cairo_new_path(cr_);
    canvas_.rounded(box, radius);
    cairo_set_line_width(cr_, line * weight_);
    cairo_stroke(cr_);
  }
  void solid(const Box& box, double radius) {
    cairo_new_path(cr_);
    canvas_.rounded(box, radius);
    cairo_fill(cr_);
  }
  // Clears a disc, so that what follows stands free of what is below.
  void clear(double x, double y, double radius) {
    canvas_.set(ground_);
    dot(x, y, radius);
    canvas_.set(colour_);
  }
  void clear_box(const Box& box, double radius) {
    canvas_.set(ground_);
    solid(box, radius);
    canvas_.set(colour_);
  }
  void heart() {
    cairo_new_path(cr_);
    cairo_move_to(cr_, 50, 84);
    cairo_curve_to(cr_, 6, 56, 8, 18, 32, 18);
    cairo_curve_to(cr_, 42, 18, 48, 25, 50, 32);
    cairo_curve_to(cr_, 52, 25, 58, 18, 68, 18);
    cairo_curve_to(cr_, 92, 18, 94, 56, 50, 84);
    cairo_close_path(cr_);
    cairo_fill(cr_);
  }

 private:
  Canvas& canvas_;
  cairo_t* cr_;
  Colour colour_;
  Colour ground_;
  double weight_;
};

void card(Pen& pen) {
  pen.frame({6, 43, 58, 42}, 7);
  pen.solid({17, 53, 15, 9}, 2);
  pen.path({{19, 71}, {38, 71}});
  // Waves of the reader.
  pen.arc(58, 30, 9, -0.25, 0.25);
  pen.arc(58, 30, 21, -0.25, 0.25);
  pen.arc(58, 30, 33, -0.25, 0.25);
}

// Solid in front and outlined behind: this one, and not that one too.
void two_cards(Pen& pen) {
  pen.frame({30, 16, 62, 42}, 7);
  pen.clear_box({3, 34, 72, 54}, 12);
  pen.solid({9, 40, 60, 42}, 8);
  pen.clear_box({19, 51, 15, 9}, 2);
  pen.clear_box({19, 67, 28, 5}, 2);
}

void clock_face(Pen& pen, double x, double y, double radius, double line) {
  pen.ring(x, y, radius, line);
  pen.path({{x, y - radius * 0.58}, {x, y}, {x + radius * 0.44, y + radius * 0.26}}, line);
}

void tick(Pen& pen, double x, double y, double size, double line) {
  pen.path({{x, y + size * 0.52}, {x + size * 0.36, y + size * 0.88}, {x + size, y + size * 0.12}},
           line);
}

void signature(Pen& pen) {
  pen.path({{40, 62}, {44, 46}, {76, 12}, {90, 26}, {56, 60}, {40, 62}});
  pen.path({{64, 24}, {78, 38}});
  pen.path({{8, 86}, {18, 70}, {24, 86}, {34, 76}, {44, 86}, {92, 86}});
}

void desk(Pen& pen) {
  pen.dot(50, 24, 13);
  pen.arc(50, 66, 24, 1, 2);
  pen.solid({8, 62, 84, 10}, 5);
  pen.path({{19, 68}, {19, 90}, {81, 90}, {81, 68}});
}

}  // namespace

void draw(Canvas& canvas, Pictogram pictogram, const Box& box, Colour colour, Colour ground,
          double weight) {
  Pen pen(canvas, box, colour, ground, weight);
  switch (pictogram) {
    case Pictogram::card:
      card(pen);
      break;
    case Pictogram::card_waiting:
      card(pen);
      pen.clear(67, 79, 22);
      clock_face(pen, 67, 79, 15, 6);
      break;
    case Pictogram::tick:
      pen.ring(50, 50, 40);
      tick(pen, 30, 30, 40, 10);
      break;
    case Pictogram::door_out:
      pen.path({{58, 22}, {58, 12}, {16, 12}, {16, 88}, {58, 88}, {58, 78}});
      pen.path({{40, 50}, {90, 50}}, 9);
      pen.path({{72, 32}, {90, 50}, {72, 68}}, 9);
      break;
    case Pictogram::door_in:
      pen.path({{42, 22}, {42, 12}, {84, 12}, {84, 88}, {42, 88}, {42, 78}});
      pen.path({{10, 50}, {60, 50}}, 9);
      pen.path({{42, 32}, {60, 50}, {42, 68}}, 9);
      break;
    case Pictogram::note:
      pen.frame({20, 10, 60, 80}, 8);
      pen.path({{34, 28}, {66, 28}});
      tick(pen, 34, 42, 32, 8);
      break;
    case Pictogram::two_ticks:
      tick(pen, 8, 30, 42, 9);
      tick(pen, 46, 30, 42, 9);
      break;
    case Pictogram::desk:
      desk(pen);
      break;
    case Pictogram::desk_first:
      desk(pen);
      pen.path({{2, 34}, {22, 34}});
      pen.path({{13, 24}, {23, 34}, {13, 44}});
      break;
    case Pictogram::clock:
      clock_face(pen, 50, 50, 40, 8);
      break;
    case Pictogram::pause:
      pen.ring(50, 50, 40);
      pen.path({{40, 35}, {40, 65}}, 9);
      pen.path({{60, 35}, {60, 65}}, 9);
      break;
    case Pictogram::arrow:
      pen.path({{8, 50}, {88, 50}}, 9);
      pen.path({{58, 22}, {88, 50}, {58, 78}}, 9);
      break;
    case Pictogram::two_cards:
      two_cards(pen);
      break;
    case Pictogram::questions:
      pen.frame({14, 12, 72, 58}, 12);
      pen.path({{34, 70}, {34, 88}, {54, 70}});
      pen.dot(33, 41, 6);
      pen.dot(50, 41, 6);
      pen.dot(67, 41, 6);
      break;
    case Pictogram::hourglass:
      pen.path({{24, 12}, {76, 12}});
      pen.path({{24, 88}, {76, 88}});
      pen.path({{32, 12}, {32, 28}, {68, 72}, {68, 88}});
      pen.path({{68, 12}, {68, 28}, {32, 72}, {32, 88}});
      break;
    case Pictogram::heart:
      pen.heart();
      break;
    case Pictogram::signature:
      signature(pen);
      break;
  }
}

}  // namespace rollcall::screens
