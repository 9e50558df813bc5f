#include "daemon/screens/canvas.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "daemon/screens/encode.hpp"

namespace rollcall::screens {
namespace {

double design_scale(Size panel) {
  const bool small = is_small(panel);
  return std::min(panel.width / (small ? 128.0 : 800.0), panel.height / (small ? 64.0 : 480.0));
}

constexpr double cap_of_em = 0.714;     // Noto Sans: height of H
constexpr double line_distance = 1.54;  // baseline to baseline, of the cap height
constexpr double overhang = 0.32;       // of the cap height: descenders below, accents above
constexpr double step = 2;              // between the sizes tried

struct LayoutRef {
  PangoLayout* layout;
  ~LayoutRef() { g_object_unref(layout); }
};

struct Measured {
  double width;
  double height;
  bool broken;  // a word did not fit the width
};

Measured measure(PangoLayout* layout, double cap, double width) {
  PangoRectangle logical;
  pango_layout_get_extents(layout, nullptr, &logical);
  const int lines = pango_layout_get_line_count(layout);
  const double text_width = static_cast<double>(logical.width) / PANGO_SCALE;
  return {text_width, cap + (lines - 1) * cap * line_distance, text_width > width + 0.5};
}

}  // namespace

Canvas::Canvas(Size panel)
    : panel_(panel),
      scale_(design_scale(panel)),
      width_(panel.width / scale_),
      height_(panel.height / scale_),
      surface_(cairo_image_surface_create(CAIRO_FORMAT_RGB24, panel.width, panel.height)),
      cairo_(cairo_create(surface_)) {
  cairo_scale(cairo_, scale_, scale_);
  cairo_set_line_cap(cairo_, CAIRO_LINE_CAP_ROUND);
  cairo_set_line_join(cairo_, CAIRO_LINE_JOIN_ROUND);
}

Canvas::~Canvas() {
  cairo_destroy(cairo_);
  cairo_surface_destroy(surface_);
}

void Canvas::set(Colour colour) {
  const auto part = [&](unsigned shift) { return ((colour.rgb >> shift) & 0xff) / 255.0; };
  cairo_set_source_rgb(cairo_, part(16), part(8), part(0));
}

void Canvas::fill(Colour colour) {
  set(colour);
  cairo_paint(cairo_);
}

void Canvas::rounded(const Box& box, double radius) {
  using std::numbers::pi;
  cairo_new_sub_path(cairo_);
  cairo_arc(cairo_, box.right() - radius, box.y + radius, radius, -pi / 2, 0);
  cairo_arc(cairo_, box.right() - radius, box.bottom() - radius, radius, 0, pi / 2);
  cairo_arc(cairo_, box.x + radius, box.bottom() - radius, radius, pi / 2, pi);
  cairo_arc(cairo_, box.x + radius, box.y + radius, radius, pi, 3 * pi / 2);
  cairo_close_path(cairo_);
}

void Canvas::fill_rounded(const Box& box, double radius, Colour colour) {
  rounded(box, radius);
  set(colour);
  cairo_fill(cairo_);
}

void Canvas::stroke_rounded(const Box& box, double radius, double line, Colour colour) {
  rounded(box.inset(line / 2), radius - line / 2);
  set(colour);
  cairo_set_line_width(cairo_, line);
  cairo_stroke(cairo_);
}

PangoLayout* Canvas::layout(const std::string& text, Weight weight, double cap,
                            double width) const {
  PangoLayout* layout = pango_cairo_create_layout(cairo_);
  PangoFontDescription* font = pango_font_description_from_string("Noto Sans");
  pango_font_description_set_weight(
      font, weight == Weight::bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
  pango_font_description_set_absolute_size(font, cap / cap_of_em * PANGO_SCALE);
  pango_layout_set_font_description(layout, font);
  pango_font_description_free(font);

  cairo_font_options_t* options = cairo_font_options_create();
  cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
  cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
  cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
  pango_cairo_context_set_font_options(pango_layout_get_context(layout), options);
  cairo_font_options_destroy(options);

  pango_layout_set_width(layout, static_cast<int>(std::lround(width * PANGO_SCALE)));
  pango_layout_set_wrap(layout, PANGO_WRAP_WORD);
  pango_layout_set_text(layout, text.data(), static_cast<int>(text.size()));
  return layout;
}

double Canvas::fitting_cap(const std::string& text, Weight weight, const Box& box, double wanted,
                           double floor) const {
  for (double cap = wanted; cap > floor; cap -= step) {
    const LayoutRef tried{layout(text, weight, cap, box.width)};
    const Measured measured = measure(tried.layout, cap, box.width);
    const double with_overhang = measured.height + 2 * overhang * cap;
    if (!measured.broken && with_overhang <= box.height) return cap;
  }
  return floor;
}

double Canvas::text_height(const std::string& text, Weight weight, double cap, double width) const {
  const LayoutRef made{layout(text, weight, cap, width)};
  return measure(made.layout, cap, width).height;
}

// The narrowest width that needs no more lines: no line is left with a single short word.
double Canvas::balanced_width(const std::string& text, Weight weight, double cap,
                              double width) const {
  const double height = text_height(text, weight, cap, width);
  double narrow = width / 3;
  double wide = width;
  while (wide - narrow > 2) {
    const double middle = (narrow + wide) / 2;
    const LayoutRef tried{layout(text, weight, cap, middle)};
    const Measured measured = measure(tried.layout, cap, middle);
    (measured.height > height || measured.broken ? narrow : wide) = middle;
  }
  return wide;
}

// Lines are placed by their capitals: the box centres what the eye sees, not the font's own
// metrics.
void Canvas::text(const std::string& text, Weight weight, double cap, const Box& box, Align align,
                  Colour colour) {
  const double wrap = balanced_width(text, weight, cap, box.width);
  const LayoutRef made{layout(text, weight, cap, wrap)};
  set(colour);
  const double height = measure(made.layout, cap, wrap).height;
  double baseline = box.y + (box.height - height) / 2 + cap;
  for (GSList* item = pango_layout_get_lines_readonly(made.layout); item != nullptr;
       item = item->next) {
    auto* line = static_cast<PangoLayoutLine*>(item->data);
    PangoRectangle logical;
    pango_layout_line_get_extents(line, nullptr, &logical);
    const double line_width = static_cast<double>(logical.width) / PANGO_SCALE;
    const double x = align == Align::centre ? box.x + (box.width - line_width) / 2 : box.x;
    cairo_move_to(cairo_, x, baseline);
    pango_cairo_show_layout_line(cairo_, line);
    baseline += cap * line_distance;
  }
}

Area Canvas::area(const Box& box) const {
  const auto pixel = [&](double length) { return static_cast<int>(std::lround(length * scale_)); };
  return {pixel(box.x), pixel(box.y), pixel(box.width), pixel(box.height)};
}

Screen Canvas::finish(std::vector<Target> targets) {
  cairo_surface_flush(surface_);
  const auto* data = cairo_image_surface_get_data(surface_);
  const auto stride = static_cast<std::size_t>(cairo_image_surface_get_stride(surface_));
  std::vector<std::uint32_t> pixels;
  pixels.reserve(std::size_t{panel_.width} * panel_.height);
  for (std::size_t y = 0; y < panel_.height; ++y) {
    const auto* row = reinterpret_cast<const std::uint32_t*>(data + y * stride);
    for (std::size_t x = 0; x < panel_.width; ++x) pixels.push_back(row[x] & 0xffffff);
  }
  const Indexed image = is_small(panel_) ? to_greys(pixels) : quantise(pixels);
  return {panel_, compress(image, panel_), std::move(targets)};
}

}  // namespace rollcall::screens
