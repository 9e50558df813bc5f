#include "tests/unit/daemon/screens/decoded.hpp"

#include <algorithm>
#include <iostream>

#include <cairo.h>
#include <zlib.h>

namespace rollcall::screens::test {

Decoded decode(const Screen& screen) {
  Decoded decoded;
  const std::size_t row = (screen.size.width + 1u) / 2;
  std::vector<std::uint8_t> plain(32 + row * screen.size.height);
  z_stream stream{};
  const auto limits = protocol::screen_limits(screen.size.width, screen.size.height);
  if (inflateInit2(&stream, limits.window_bits) != Z_OK) return decoded;
  std::vector<std::uint8_t> packed = screen.bytes;
  stream.next_in = packed.data();
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = plain.data();
  stream.avail_out = static_cast<uInt>(plain.size());
  const int end = inflate(&stream, Z_FINISH);
  decoded.whole = end == Z_STREAM_END && stream.avail_out == 0 && stream.avail_in == 0;
  inflateEnd(&stream);

  for (std::size_t i = 0; i < 16; ++i) {
    decoded.palette[i] = static_cast<std::uint16_t>((plain[2 * i] << 8) | plain[2 * i + 1]);
  }
  for (std::size_t y = 0; y < screen.size.height; ++y) {
    for (std::size_t x = 0; x < screen.size.width; ++x) {
      const std::uint8_t two = plain[32 + y * row + x / 2];
      const std::uint16_t c = decoded.palette[x % 2 == 0 ? two >> 4 : two & 0x0f];
      const std::uint32_t r = (c >> 11) & 0x1fu;
      const std::uint32_t g = (c >> 5) & 0x3fu;
      const std::uint32_t b = c & 0x1fu;
      decoded.pixels.push_back(((r << 3 | r >> 2) << 16) | ((g << 2 | g >> 4) << 8) |
                               (b << 3 | b >> 2));
    }
  }
  return decoded;
}

namespace {

cairo_surface_t* surface_of(const Screen& screen) {
  const Decoded decoded = decode(screen);
  cairo_surface_t* surface =
      cairo_image_surface_create(CAIRO_FORMAT_RGB24, screen.size.width, screen.size.height);
  auto* data = cairo_image_surface_get_data(surface);
  const auto stride = static_cast<std::size_t>(cairo_image_surface_get_stride(surface));
  for (std::size_t y = 0; y < screen.size.height; ++y) {
    for (std::size_t x = 0; x < screen.size.width; ++x) {
      *reinterpret_cast<std::uint32_t*>(data + y * stride + 4 * x) =
          decoded.pixels[y * screen.size.width + x];
    }
  }
  cairo_surface_mark_dirty(surface);
  return surface;
}

cairo_surface_t* enlarged(cairo_surface_t* surface, Size size, int scale) {
  cairo_surface_t* large =
      cairo_image_surface_create(CAIRO_FORMAT_RGB24, size.width * scale, size.height * scale);
  cairo_t* cr = cairo_create(large);
  cairo_scale(cr, scale, scale);
  cairo_set_source_surface(cr, surface, 0, 0);
  cairo_pattern_set_filter(cairo_get_source(cr), CAIRO_FILTER_NEAREST);
  cairo_paint(cr);
  cairo_destroy(cr);
  cairo_surface_destroy(surface);
  return large;
}

}  // namespace

std::size_t median(const std::string& kind, std::vector<std::size_t> sizes) {
  std::ranges::sort(sizes);
  const std::size_t middle = sizes.at(sizes.size() / 2);
  std::cout << kind << ": " << sizes.size() << " screens of " << sizes.front() << " to "
            << sizes.back() << " bytes, median " << middle << "\n";
  return middle;
}

void write_png(const Screen& screen, const std::string& path, int scale) {
  cairo_surface_t* surface = surface_of(screen);
  if (scale > 1) surface = enlarged(surface, screen.size, scale);
  cairo_surface_write_to_png(surface, path.c_str());
  cairo_surface_destroy(surface);
}

void write_sheet(const std::vector<const Screen*>& screens, const std::string& path) {
  constexpr int columns = 3;
  const int width = is_small(screens.front()->size) ? 384 : 400;  // a small panel is enlarged
  const int height = is_small(screens.front()->size) ? 192 : 240;
  constexpr int space = 8;
  const int rows = (static_cast<int>(screens.size()) + columns - 1) / columns;
  cairo_surface_t* sheet = cairo_image_surface_create(
      CAIRO_FORMAT_RGB24, columns * (width + space) + space, rows * (height + space) + space);
  cairo_t* cr = cairo_create(sheet);
  cairo_set_source_rgb(cr, 0.6, 0.6, 0.6);
  cairo_paint(cr);
  for (std::size_t i = 0; i < screens.size(); ++i) {
    cairo_surface_t* one = surface_of(*screens[i]);
    const int at = static_cast<int>(i);
    cairo_save(cr);
    cairo_translate(cr, space + at % columns * (width + space),
                    space + at / columns * (height + space));
    cairo_scale(cr, 1.0 * width / screens[i]->size.width, 1.0 * height / screens[i]->size.height);
    cairo_set_source_surface(cr, one, 0, 0);
    cairo_pattern_set_filter(cairo_get_source(cr),
                             is_small(screens[i]->size) ? CAIRO_FILTER_NEAREST : CAIRO_FILTER_GOOD);
    cairo_paint(cr);
    cairo_restore(cr);
    cairo_surface_destroy(one);
  }
  cairo_destroy(cr);
  cairo_surface_write_to_png(sheet, path.c_str());
  cairo_surface_destroy(sheet);
}

}  // namespace rollcall::screens::test
