#include "firmware/terminal/unpacker.hpp"

#include <zlib.h>

namespace rollcall::firmware {
namespace {

constexpr std::size_t palette_entries = 16;

// Fills `out` from the stream; false at its end, on damage, or when the source runs dry.
bool inflate_exactly(z_stream& stream, PackedSource& source, MutableBytes input, MutableBytes out) {
  stream.next_out = out.data();
  stream.avail_out = static_cast<uInt>(out.size());
  while (stream.avail_out > 0) {
    if (stream.avail_in == 0) {
      stream.next_in = input.data();
      stream.avail_in = static_cast<uInt>(source.read(input));
      if (stream.avail_in == 0) return false;
    }
    const int result = inflate(&stream, Z_NO_FLUSH);
    if (result == Z_STREAM_END) return stream.avail_out == 0;
    if (result != Z_OK) return false;
  }
  return true;
}

}  // namespace

void* Unpacker::allocate(void* self, unsigned items, unsigned size) {
  auto& unpacker = *static_cast<Unpacker*>(self);
  constexpr std::size_t align = alignof(std::max_align_t);
  const std::size_t bytes = (std::size_t{items} * size + align - 1) / align * align;
  if (bytes > arena_size - unpacker.used_) return nullptr;
  void* block = unpacker.arena_ + unpacker.used_;
  unpacker.used_ += bytes;
  return block;
}

bool Unpacker::draw(hal::Display& display, hal::Size size, PackedSource& source) {
  if (size.width == 0 || size.width > max_screen_width) return false;
  used_ = 0;
  z_stream stream{};
  stream.zalloc = allocate;
  stream.zfree = release;
  stream.opaque = this;
  if (inflateInit2(&stream, window_bits) != Z_OK) return false;

  std::uint8_t raw[2 * palette_entries];
  if (!inflate_exactly(stream, source, input_, raw)) return false;
  hal::Pixel palette[palette_entries];
  for (std::size_t i = 0; i < palette_entries; ++i) {
    palette[i] = static_cast<hal::Pixel>(raw[2 * i] << 8 | raw[2 * i + 1]);
  }
  const std::size_t row_bytes = (std::size_t{size.width} + 1) / 2;
  for (std::uint16_t y = 0; y < size.height; ++y) {
    if (!inflate_exactly(stream, source, input_, {packed_, row_bytes})) return false;
    for (std::size_t x = 0; x < size.width; ++x) {
      const std::uint8_t pair = packed_[x / 2];
      row_[x] = palette[x % 2 == 0 ? pair >> 4 : pair & 0x0f];
    }
    display.write_row(y, {row_, size.width});
  }
  inflateEnd(&stream);
  display.frame_complete();
  return true;
}

}  // namespace rollcall::firmware
