#include "provisioning/code_page.hpp"

#include <filesystem>
#include <memory>
#include <stdexcept>
#include <utility>

#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <cairo.h>
#include <pango/pangocairo.h>

#include "provisioning/qr_code.hpp"

namespace rollcall::provisioning {
namespace {

// A6, in points.
constexpr double width = 297.64;
constexpr double height = 419.53;
constexpr double margin = 24;
constexpr double picture_scale = 300.0 / 72.0;  // dots a point

struct Close {
  void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
  void operator()(cairo_t* context) const { cairo_destroy(context); }
  void operator()(PangoFontDescription* font) const { pango_font_description_free(font); }
  void operator()(PangoLayout* layout) const { g_object_unref(layout); }
};
using Surface = std::unique_ptr<cairo_surface_t, Close>;
using Drawing = std::unique_ptr<cairo_t, Close>;

cairo_status_t append(void* file, const unsigned char* data, unsigned size) {
  static_cast<std::string*>(file)->append(reinterpret_cast<const char*>(data), size);
  return CAIRO_STATUS_SUCCESS;
}

// Lines in the middle of the page, from `y` on; where they end.
double write_text(cairo_t* drawing, double y, const std::string& text, const char* font) {
  const std::unique_ptr<PangoLayout, Close> layout(pango_cairo_create_layout(drawing));
  const std::unique_ptr<PangoFontDescription, Close> wanted(
      pango_font_description_from_string(font));
  pango_layout_set_font_description(layout.get(), wanted.get());
  pango_layout_set_width(layout.get(), static_cast<int>((width - 2 * margin) * PANGO_SCALE));
  pango_layout_set_alignment(layout.get(), PANGO_ALIGN_CENTER);
  pango_layout_set_text(layout.get(), text.data(), static_cast<int>(text.size()));
  cairo_move_to(drawing, margin, y);
  pango_cairo_show_layout(drawing, layout.get());
  int used = 0;
  pango_layout_get_size(layout.get(), nullptr, &used);
  return y + static_cast<double>(used) / PANGO_SCALE;
}

double draw_code(cairo_t* drawing, double y, const QrCode& code, double size) {
  const double module = size / (code.width() + 2 * quiet_zone);
  const double left = (width - module * code.width()) / 2;
  const double top = y + module * quiet_zone;
  for (int row = 0; row < code.width(); ++row) {
    for (int column = 0; column < code.width(); ++column) {
      if (code.dark(row, column))
        cairo_rectangle(drawing, left + module * column, top + module * row, module, module);
    }
  }
  cairo_fill(drawing);
  return y + size;
}

void draw(cairo_t* drawing, const CodePage& page) {
  cairo_set_antialias(drawing, CAIRO_ANTIALIAS_BEST);
  cairo_set_source_rgb(drawing, 1, 1, 1);
  cairo_paint(drawing);
  cairo_set_source_rgb(drawing, 0, 0, 0);
  double y = margin;
  bool first = true;
  for (const auto& words : page.words)
    y = write_text(drawing, y, words.title,
                   std::exchange(first, false) ? "Sans Bold 17" : "Sans 11");
  y = draw_code(drawing, y, QrCode(page.digits), 176);
  std::string digits = page.digits;
  digits.insert(digits.size() / 2, "\u2002");
  y = write_text(drawing, y, digits, "Sans Bold 30") + 6;
  first = true;
  for (const auto& words : page.words) {
    const bool own = std::exchange(first, false);
    y = write_text(drawing, y, words.valid, own ? "Sans Bold 11" : "Sans 9");
    y = write_text(drawing, y, words.use, own ? "Sans 11" : "Sans 9") + 5;
  }
}

void finish(cairo_t* drawing, const CodePage& page) {
  draw(drawing, page);
  cairo_show_page(drawing);
  if (const auto status = cairo_status(drawing); status != CAIRO_STATUS_SUCCESS)
    throw std::runtime_error(cairo_status_to_string(status));
}

std::string draw_picture(const CodePage& page) {
  const Surface surface(cairo_image_surface_create(CAIRO_FORMAT_RGB24,
                                                   static_cast<int>(width * picture_scale),
                                                   static_cast<int>(height * picture_scale)));
  const Drawing drawing(cairo_create(surface.get()));
  cairo_scale(drawing.get(), picture_scale, picture_scale);
  finish(drawing.get(), page);
  std::string file;
  cairo_surface_write_to_png_stream(surface.get(), append, &file);
  return file;
}

}  // namespace

std::string draw_page(const CodePage& page, const std::string& kind) {
  if (kind == "png") return draw_picture(page);
  std::string file;
  const Surface surface(kind == "svg"
                            ? cairo_svg_surface_create_for_stream(append, &file, width, height)
                            : cairo_pdf_surface_create_for_stream(append, &file, width, height));
  {
    const Drawing drawing(cairo_create(surface.get()));
    finish(drawing.get(), page);
  }
  cairo_surface_finish(surface.get());
  return file;
}

std::expected<PageFile, std::string> PageFile::make(const std::string& path) {
  const std::string ending = std::filesystem::path(path).extension();
  if (ending != ".svg" && ending != ".png" && ending != ".pdf")
    return std::unexpected("\"" + path + "\" ends in none of .svg, .png and .pdf");
  auto file = NewFile::make(path);
  if (!file) return std::unexpected(file.error());
  return PageFile(std::move(*file));
}

std::expected<void, std::string> PageFile::write(const CodePage& page) {
  return file_.write(
      draw_page(page, std::filesystem::path(file_.path()).extension().string().substr(1)));
}

}  // namespace rollcall::provisioning
