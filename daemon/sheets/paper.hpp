// A4 paper in black and greys: a PDF by Cairo, its text by Pango (every script). Lengths are
// points, 1/72 inch; y goes down.
#pragma once

#include <cstdint>
#include <string>

#include "daemon/sheets/sheet.hpp"

typedef struct _cairo cairo_t;
typedef struct _cairo_surface cairo_surface_t;
typedef struct _PangoLayout PangoLayout;

namespace rollcall::sheets {

inline constexpr double paper_width = 595.276;
inline constexpr double paper_height = 841.89;
inline constexpr double side_margin = 45;    // 16 mm
inline constexpr double top_margin = 48;     // 17 mm
inline constexpr double bottom_margin = 40;  // 14 mm
inline constexpr double text_width = paper_width - 2 * side_margin;

enum class Align { left, centre, right };
struct Style {
  double size = 9;
  bool bold = false;
  double grey = 0;  // 0 black to 1 white
  Align align = Align::left;
};

class Paper {
 public:
  // What the PDF says of itself; the same `about` and strokes give the same bytes.
  struct About {
    std::string title;
    std::string language;  // ISO 639-1
    std::string organisation;
    std::int64_t made_ms = 0;
  };
  explicit Paper(About about);
  ~Paper();
  Paper(const Paper&) = delete;
  Paper& operator=(const Paper&) = delete;

  // Wrapped at `width`; a word that is longer is broken, so that nothing is cut off.
  double height(const std::string& text, const Style& style, double width) const;
  double width(const std::string& text, const Style& style) const;
  // `y` is the top of the first line.
  void text(const std::string& text, const Style& style, double x, double y, double width);
  // What does not fit on one line ends in "…": for what stands in full elsewhere.
  void one_line(const std::string& text, const Style& style, double x, double y, double width);
  void rule(double x, double y, double width, double thickness = 0.5, double grey = 0);
  void tint(double x, double y, double width, double height, double grey);
  void frame(double x, double y, double width, double height);
  // The largest that fits the box, its field's left edge at the box's.
  void drawing(const Drawing& drawing, double x, double y, double width, double height);
  void next_page();

  // The file. Throws std::runtime_error when Cairo failed.
  std::string finish();

 private:
  PangoLayout* layout(const std::string& text, const Style& style, double width) const;
  void grey(double value);

  About about_;
  std::string file_;
  cairo_surface_t* surface_;
  cairo_t* cairo_;
};

}  // namespace rollcall::sheets
