// A drawing surface with the few operations the screens are made of. Lengths are design pixels: the
// layouts are made for 800 x 480, those of small panels for 128 x 64, and scaled to the panel.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <cairo.h>
#include <pango/pangocairo.h>

#include "daemon/screens/screen.hpp"

namespace rollcall::screens {

struct Colour {
  std::uint32_t rgb = 0;  // 0xRRGGBB
};

struct Box {
  double x = 0, y = 0, width = 0, height = 0;
  Box inset(double by) const { return {x + by, y + by, width - 2 * by, height - 2 * by}; }
  double right() const { return x + width; }
  double bottom() const { return y + height; }
};

enum class Weight { regular, bold };
enum class Align { left, centre };

// The height of a capital H, which is what the rules speak of. On a seven-inch 800 x 480 panel 40
// pixels are 7.6 mm: 0.7 degrees at 600 mm (EN 301 549, 5.1.4).
inline constexpr double legible_cap = 40;
// The floor for long texts on touch screens, read at arm's length (0.7 degrees at 430 mm).
inline constexpr double smallest_cap = 28;
// Of a small panel: 128 x 64 pixels on 2.7 inches are 0.48 mm each, so 15 of them are 7.2 mm. Two
// lines of ten letters then fill the panel.
inline constexpr double small_cap = 15;

class Canvas {
 public:
  explicit Canvas(Size panel);
  ~Canvas();
  Canvas(const Canvas&) = delete;
  Canvas& operator=(const Canvas&) = delete;

  double width() const { return width_; }
  double height() const { return height_; }
  cairo_t* cairo() const { return cairo_; }

  void set(Colour colour);
  void fill(Colour colour);
  void rounded(const Box& box, double radius);  // path only
  void fill_rounded(const Box& box, double radius, Colour colour);
  void stroke_rounded(const Box& box, double radius, double line, Colour colour);

  // The largest cap height in [floor, wanted] at which the text fits the box, wrapped between
  // words; `floor` when none does.
  double fitting_cap(const std::string& text, Weight weight, const Box& box, double wanted,
                     double floor) const;
  // From the top of the first line's capitals to the last baseline, when wrapped at `width`.
  double text_height(const std::string& text, Weight weight, double cap, double width) const;
  // Draws it, vertically centred in the box.
  void text(const std::string& text, Weight weight, double cap, const Box& box, Align align,
            Colour colour);

  Area area(const Box& box) const;  // on the panel
  Screen finish(std::vector<Target> targets);

 private:
  double balanced_width(const std::string& text, Weight weight, double cap, double width) const;
  PangoLayout* layout(const std::string& text, Weight weight, double cap, double width) const;

  Size panel_;
  double scale_;
  double width_;
  double height_;
  cairo_surface_t* surface_;
  cairo_t* cairo_;
};

}  // namespace rollcall::screens
