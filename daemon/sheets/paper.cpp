#include "daemon/sheets/paper.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <stdexcept>
#include <utility>

#include <cairo-pdf.h>
#include <pango/pangocairo.h>

#include "daemon/events/event.hpp"
#include "daemon/sheets/pdf_language.hpp"

namespace rollcall::sheets {
namespace {

constexpr double pen = 0.9;
constexpr double line_spacing = 1.08;

cairo_status_t append(void* file, const unsigned char* data, unsigned size) {
  static_cast<std::string*>(file)->append(reinterpret_cast<const char*>(data), size);
  return CAIRO_STATUS_SUCCESS;
}

struct LayoutRef {
  PangoLayout* layout;
  ~LayoutRef() { g_object_unref(layout); }
};

double in_points(int pango_units) {
  return static_cast<double>(pango_units) / PANGO_SCALE;
}

}  // namespace

Paper::Paper(About about)
    : about_(std::move(about)),
      surface_(cairo_pdf_surface_create_for_stream(append, &file_, paper_width, paper_height)),
      cairo_(cairo_create(surface_)) {
  // Cairo reads no fractions of a second.
  const std::string made =
      events::rfc3339(about_.made_ms).substr(0, std::strlen("2026-03-02T08:01:02")) + "Z";
  const auto say = [&](cairo_pdf_metadata_t what, const std::string& value) {
    cairo_pdf_surface_set_metadata(surface_, what, value.c_str());
  };
  say(CAIRO_PDF_METADATA_TITLE, about_.title);
  say(CAIRO_PDF_METADATA_AUTHOR, about_.organisation);
  say(CAIRO_PDF_METADATA_CREATOR, "Rollcall");
  say(CAIRO_PDF_METADATA_CREATE_DATE, made);
  say(CAIRO_PDF_METADATA_MOD_DATE, made);
  cairo_set_line_cap(cairo_, CAIRO_LINE_CAP_ROUND);
  cairo_set_line_join(cairo_, CAIRO_LINE_JOIN_ROUND);
}

Paper::~Paper() {
  cairo_destroy(cairo_);
  cairo_surface_destroy(surface_);
}

PangoLayout* Paper::layout(const std::string& text, const Style& style, double width) const {
  PangoLayout* layout = pango_cairo_create_layout(cairo_);
  PangoContext* context = pango_layout_get_context(layout);
  pango_context_set_language(context, pango_language_from_string(about_.language.c_str()));
  cairo_font_options_t* options = cairo_font_options_create();
  cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
  cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
  pango_cairo_context_set_font_options(context, options);
  cairo_font_options_destroy(options);
  pango_cairo_context_set_resolution(context, 72);
  pango_context_set_round_glyph_positions(context, FALSE);

  PangoFontDescription* font = pango_font_description_from_string("Noto Sans,Noto Sans Arabic");
  pango_font_description_set_weight(font, style.bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
  pango_font_description_set_absolute_size(font, style.size * PANGO_SCALE);
  pango_layout_set_font_description(layout, font);
  pango_font_description_free(font);

  // The paper runs from left to right; a name in another direction stands in it as a word does.
  pango_layout_set_auto_dir(layout, FALSE);
  pango_layout_set_alignment(layout, style.align == Align::left     ? PANGO_ALIGN_LEFT
                                     : style.align == Align::centre ? PANGO_ALIGN_CENTER
                                                                    : PANGO_ALIGN_RIGHT);
  pango_layout_set_line_spacing(layout, static_cast<float>(line_spacing));
  pango_layout_set_width(layout,
                         width < 0 ? -1 : static_cast<int>(std::lround(width * PANGO_SCALE)));
  pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
  pango_layout_set_text(layout, text.data(), static_cast<int>(text.size()));
  // A long word is broken without a hyphen: a name is not spelled with one.
  PangoAttrList* attributes = pango_attr_list_new();
  pango_attr_list_insert(attributes, pango_attr_insert_hyphens_new(FALSE));
  pango_layout_set_attributes(layout, attributes);
  pango_attr_list_unref(attributes);
  return layout;
}

double Paper::height(const std::string& text, const Style& style, double width) const {
  const LayoutRef made{layout(text, style, width)};
  int height = 0;
  pango_layout_get_size(made.layout, nullptr, &height);
  return in_points(height);
}

double Paper::width(const std::string& text, const Style& style) const {
  const LayoutRef made{layout(text, style, -1)};
  int width = 0;
  pango_layout_get_size(made.layout, &width, nullptr);
  return in_points(width);
}

void Paper::grey(double value) {
  cairo_set_source_rgb(cairo_, value, value, value);
}

void Paper::text(const std::string& text, const Style& style, double x, double y, double width) {
  const LayoutRef made{layout(text, style, width)};
  grey(style.grey);
  cairo_move_to(cairo_, x, y);
  pango_cairo_show_layout(cairo_, made.layout);
}

void Paper::one_line(const std::string& text, const Style& style, double x, double y,
                     double width) {
  const LayoutRef made{layout(text, style, width)};
  pango_layout_set_ellipsize(made.layout, PANGO_ELLIPSIZE_END);
  grey(style.grey);
  cairo_move_to(cairo_, x, y);
  pango_cairo_show_layout(cairo_, made.layout);
}

void Paper::rule(double x, double y, double width, double thickness, double value) {
  grey(value);
  cairo_rectangle(cairo_, x, y - thickness / 2, width, thickness);
  cairo_fill(cairo_);
}

void Paper::tint(double x, double y, double width, double height, double value) {
  grey(value);
  cairo_rectangle(cairo_, x, y, width, height);
  cairo_fill(cairo_);
}

void Paper::frame(double x, double y, double width, double height) {
  grey(0.45);
  cairo_set_line_width(cairo_, 0.5);
  cairo_rectangle(cairo_, x, y, width, height);
  cairo_stroke(cairo_);
}

void Paper::drawing(const Drawing& drawing, double x, double y, double width, double height) {
  const double aspect = std::isfinite(drawing.aspect) ? std::clamp(drawing.aspect, 0.2, 20.0) : 3;
  // The pen's own width stays inside, too.
  const double tall = std::min(height - pen, (width - pen) / aspect);
  const double wide = tall * aspect;
  const auto inside = [](double at) { return std::isfinite(at) ? std::clamp(at, 0.0, 1.0) : 0; };
  const double left = x + pen / 2;
  const double top = y + (height - tall) / 2;
  grey(0);
  cairo_set_line_width(cairo_, pen);
  for (const auto& stroke : drawing.strokes) {
    cairo_new_sub_path(cairo_);
    for (const Point& point : stroke)
      cairo_line_to(cairo_, left + inside(point.x) * wide, top + inside(point.y) * tall);
    if (stroke.size() == 1) cairo_close_path(cairo_);  // a dot, by its round ends
  }
  cairo_stroke(cairo_);
}

void Paper::next_page() {
  cairo_show_page(cairo_);
}

std::string Paper::finish() {
  cairo_show_page(cairo_);
  cairo_surface_finish(surface_);
  for (const auto status : {cairo_status(cairo_), cairo_surface_status(surface_)}) {
    if (status != CAIRO_STATUS_SUCCESS) throw std::runtime_error(cairo_status_to_string(status));
  }
  return with_language(std::move(file_), about_.language);
}

}  // namespace rollcall::sheets
