#include "daemon/screens/encode.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>

#include <zlib.h>

namespace rollcall::screens {
namespace {

constexpr std::size_t kept_exactly = 6;  // colours of large areas: ground, ink, buttons

struct Shade {
  std::uint16_t rgb565;
  std::array<int, 3> rgb;  // 8 bits each, as the panel will show it
  std::uint64_t count;
};

constexpr std::uint16_t to_565(std::uint32_t rgb) {
  return static_cast<std::uint16_t>(((rgb >> 8) & 0xf800) | ((rgb >> 5) & 0x07e0) |
                                    ((rgb >> 3) & 0x001f));
}

constexpr std::array<int, 3> to_888(std::uint16_t c) {
  const int r = c >> 11;
  const int g = (c >> 5) & 0x3f;
  const int b = c & 0x1f;
  return {(r << 3) | (r >> 2), (g << 2) | (g >> 4), (b << 3) | (b >> 2)};
}

int distance(const std::array<int, 3>& a, const std::array<int, 3>& b) {
  int sum = 0;
  for (std::size_t i = 0; i < 3; ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return sum;
}

std::size_t nearest(const std::vector<std::array<int, 3>>& colours,
                    const std::array<int, 3>& wanted) {
  std::size_t best = 0;
  int best_distance = std::numeric_limits<int>::max();
  for (std::size_t i = 0; i < colours.size(); ++i) {
    if (const int d = distance(colours[i], wanted); d < best_distance) {
      best = i;
      best_distance = d;
    }
  }
  return best;
}

// The remaining shades: each time the one that the palette so far serves worst, weighed by how
// often it occurs. Deterministic, and good for the few blends between a few flat colours.
void add_blends(std::vector<std::array<int, 3>>& colours, const std::vector<Shade>& shades) {
  while (colours.size() < palette_size) {
    const Shade* worst = nullptr;
    double worst_cost = 0;
    for (const Shade& shade : shades) {
      const double cost =
          static_cast<double>(distance(colours[nearest(colours, shade.rgb)], shade.rgb)) *
          static_cast<double>(shade.count);
      if (cost > worst_cost) {
        worst = &shade;
        worst_cost = cost;
      }
    }
    if (worst == nullptr) return;
    colours.push_back(worst->rgb);
  }
}

}  // namespace

Indexed quantise(std::span<const std::uint32_t> pixels) {
  std::vector<std::uint32_t> histogram(65536);
  for (const std::uint32_t pixel : pixels) ++histogram[to_565(pixel)];
  std::vector<Shade> shades;
  for (std::size_t c = 0; c < histogram.size(); ++c) {
    const auto rgb565 = static_cast<std::uint16_t>(c);
    if (histogram[c] > 0) shades.push_back({rgb565, to_888(rgb565), histogram[c]});
  }
  std::ranges::sort(shades, [](const Shade& a, const Shade& b) {
    return a.count != b.count ? a.count > b.count : a.rgb565 < b.rgb565;
  });

  std::vector<std::array<int, 3>> colours;
  for (const Shade& shade : shades) {
    const bool large = shade.count * 200 > pixels.size();
    if (large && colours.size() < kept_exactly) colours.push_back(shade.rgb);
  }
  if (colours.empty() && !shades.empty()) colours.push_back(shades.front().rgb);
  add_blends(colours, shades);

  Indexed image;
  for (std::size_t i = 0; i < colours.size(); ++i) {
    const auto& [r, g, b] = colours[i];
    image.palette[i] = to_565(static_cast<std::uint32_t>((r << 16) | (g << 8) | b));
  }
  std::vector<std::uint8_t> index_of(65536);
  for (const Shade& shade : shades) {
    index_of[shade.rgb565] = static_cast<std::uint8_t>(nearest(colours, shade.rgb));
  }
  image.pixels.reserve(pixels.size());
  for (const std::uint32_t pixel : pixels) image.pixels.push_back(index_of[to_565(pixel)]);
  return image;
}

Indexed to_greys(std::span<const std::uint32_t> pixels) {
  Indexed image;
  for (std::uint32_t n = 0; n < palette_size; ++n) {
    const auto of = [n](std::uint32_t most) { return (2 * n * most + 15) / 30; };  // rounded
    image.palette[n] = static_cast<std::uint16_t>(of(31) << 11 | of(63) << 5 | of(31));
  }
  image.pixels.reserve(pixels.size());
  for (const std::uint32_t pixel : pixels) {
    // ITU-R BT.601, in 256ths.
    const std::uint32_t luma =
        77 * (pixel >> 16 & 0xff) + 150 * (pixel >> 8 & 0xff) + 29 * (pixel & 0xff);
    image.pixels.push_back(static_cast<std::uint8_t>((luma * 15 + 128 * 255) / (256 * 255)));
  }
  return image;
}

std::vector<std::uint8_t> compress(const Indexed& image, Size size) {
  const std::size_t row = (std::size_t{size.width} + 1) / 2;
  std::vector<std::uint8_t> plain;
  plain.reserve(palette_size * 2 + row * size.height);
  for (const std::uint16_t colour : image.palette) {
    plain.push_back(static_cast<std::uint8_t>(colour >> 8));
    plain.push_back(static_cast<std::uint8_t>(colour & 0xff));
  }
  for (std::size_t y = 0; y < size.height; ++y) {
    const std::uint8_t* pixels = image.pixels.data() + y * size.width;
    for (std::size_t x = 0; x < size.width; x += 2) {
      const std::uint8_t right = x + 1 < size.width ? pixels[x + 1] : std::uint8_t{0};
      plain.push_back(static_cast<std::uint8_t>((pixels[x] << 4) | right));
    }
  }

  z_stream stream{};
  constexpr int memory_level = 9;
  const int window_bits = protocol::screen_limits(size.width, size.height).window_bits;
  if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, window_bits, memory_level,
                   Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::runtime_error("zlib could not start");
  }
  std::vector<std::uint8_t> packed(deflateBound(&stream, static_cast<uLong>(plain.size())));
  stream.next_in = plain.data();
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = packed.data();
  stream.avail_out = static_cast<uInt>(packed.size());
  const int end = deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  if (end != Z_STREAM_END) throw std::runtime_error("zlib did not finish");
  return packed;
}

}  // namespace rollcall::screens
