#include "hal/sim/framebuffer.hpp"

#include <algorithm>

#include <png.h>

namespace rollcall::hal::sim {

void Framebuffer::write_row(std::uint16_t y, std::span<const Pixel> pixels) {
  if (y >= size_.height) return;
  const std::size_t count = std::min<std::size_t>(pixels.size(), size_.width);
  std::copy_n(pixels.begin(), count, pixels_.begin() + std::ptrdiff_t{y} * size_.width);
}

void Framebuffer::sleep(bool on) {
  if (on == asleep_) return;
  asleep_ = on;
  ++frames_;
}

std::string Framebuffer::png() const {
  std::vector<std::uint8_t> rgb;
  rgb.reserve(pixels_.size() * 3);
  for (const Pixel held : pixels_) {
    const Pixel p = asleep_ ? Pixel{0} : held;
    // Five and six bits spread over eight, so that full brightness stays full.
    const unsigned r = p >> 11, g = p >> 5 & 0x3f, b = p & 0x1f;
    rgb.push_back(static_cast<std::uint8_t>(r << 3 | r >> 2));
    rgb.push_back(static_cast<std::uint8_t>(g << 2 | g >> 4));
    rgb.push_back(static_cast<std::uint8_t>(b << 3 | b >> 2));
  }
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = size_.width;
  image.height = size_.height;
  image.format = PNG_FORMAT_RGB;
  image.flags = PNG_IMAGE_FLAG_FAST;
  std::string out(PNG_IMAGE_PNG_SIZE_MAX(image), '\0');
  png_alloc_size_t size = out.size();
  if (!png_image_write_to_memory(&image, out.data(), &size, 0, rgb.data(), 0, nullptr)) return {};
  out.resize(size);
  return out;
}

}  // namespace rollcall::hal::sim
