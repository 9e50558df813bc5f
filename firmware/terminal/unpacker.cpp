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

Unpacker::Unpacker(const ScreenMemory& memory, hal::Size panel)
    : work_(memory.work),
      pixels_(memory.pixels),
      window_bits_(protocol::screen_limits(panel.width, panel.height).window_bits) {}

std::uint8_t* Unpacker::take(std::size_t bytes) {
  constexpr std::size_t align = alignof(std::max_align_t);
  bytes = (bytes + align - 1) / align * align;
  if (bytes > work_.size() - used_) return nullptr;
  std::uint8_t* block = work_.data() + used_;
  used_ += bytes;
  return block;
}

void* Unpacker::allocate(void* self, unsigned items, unsigned size) {
  return static_cast<Unpacker*>(self)->take(std::size_t{items} * size);
}

bool Unpacker::draw(hal::Display& display, hal::Size size, PackedSource& source) {
  if (size.width == 0 || size.width > pixels_.size()) return false;
  used_ = 0;
  const std::size_t row_bytes = (std::size_t{size.width} + 1) / 2;
  std::uint8_t* const packed = take(row_bytes);
  std::uint8_t* const read_ahead = take(read_ahead_bytes);
  if (packed == nullptr || read_ahead == nullptr) return false;
  const MutableBytes input(read_ahead, read_ahead_bytes);

  z_stream stream{};
  stream.zalloc = allocate;
  stream.zfree = release;
  stream.opaque = this;
  if (inflateInit2(&stream, window_bits_) != Z_OK) return false;

  std::uint8_t raw[2 * palette_entries];
  if (!inflate_exactly(stream, source, input, raw)) return false;
  hal::Pixel palette[palette_entries];
  for (std::size_t i = 0; i < palette_entries; ++i) {
    palette[i] = static_cast<hal::Pixel>(raw[2 * i] << 8 | raw[2 * i + 1]);
  }
  for (std::uint16_t y = 0; y < size.height; ++y) {
    if (!inflate_exactly(stream, source, input, {packed, row_bytes})) return false;
    hal::Pixel* pixel = pixels_.data();
    for (const std::uint8_t pair : Bytes(packed, size.width / 2u)) {
      *pixel++ = palette[pair >> 4];
      *pixel++ = palette[pair & 0x0f];
    }
    if (size.width % 2 != 0) *pixel = palette[packed[row_bytes - 1] >> 4];
    display.write_row(y, pixels_.first(size.width));
  }
  inflateEnd(&stream);
  display.frame_complete();
  return true;
}

}  // namespace rollcall::firmware
