#include "tests/casesim/gzip.hpp"

#include <algorithm>

#include <zlib.h>

namespace rollcall::casesim {
namespace {

constexpr int gzip_window = 15 + 16;  // zlib: largest window, gzip header and trailer
constexpr std::size_t step = 64 * 1024;

class Inflater {
 public:
  Inflater() { ready_ = inflateInit2(&stream_, gzip_window) == Z_OK; }
  ~Inflater() {
    if (ready_) inflateEnd(&stream_);
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  bool ready() const { return ready_; }
  z_stream& stream() { return stream_; }

 private:
  z_stream stream_{};
  bool ready_ = false;
};

}  // namespace

std::expected<std::string, GzipError> gunzip(std::string_view compressed, std::size_t limit) {
  Inflater inflater;
  if (!inflater.ready()) return std::unexpected(GzipError::damaged);
  z_stream& stream = inflater.stream();
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(compressed.data()));
  stream.avail_in = static_cast<uInt>(compressed.size());
  std::string out;
  for (;;) {
    const std::size_t had = out.size();
    out.resize(had + step);
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + had);
    stream.avail_out = static_cast<uInt>(step);
    const int code = inflate(&stream, Z_NO_FLUSH);
    out.resize(had + step - stream.avail_out);
    if (out.size() > limit) return std::unexpected(GzipError::too_large);
    if (code == Z_STREAM_END) break;
    if (code != Z_OK || (stream.avail_in == 0 && stream.avail_out > 0)) {
      return std::unexpected(GzipError::damaged);
    }
  }
  if (stream.avail_in != 0) return std::unexpected(GzipError::damaged);
  return out;
}

}  // namespace rollcall::casesim
