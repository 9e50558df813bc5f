#include <array>
#include <cerrno>
#include <utility>

#include <unistd.h>

#include "hal/host/readers/line_source.hpp"

namespace rollcall::readers {
namespace {

constexpr int most_reads = 8;  // at once; whoever sends without an end holds up nobody

class SerialSource final : public LineSource {
 public:
  explicit SerialSource(hal::host::SerialAddress address) : address_(std::move(address)) {}
  ~SerialSource() override { close(); }

  std::string name() const override { return "lines of " + address_.device; }
  bool ends_by_pause() const override { return false; }

  std::expected<int, std::string> open() override {
    const auto opened = hal::host::open_serial_line(address_);
    if (!opened) return std::unexpected(address_.device + " cannot be opened: " + opened.error());
    return descriptor_ = *opened;
  }

  bool receive(std::string& characters) override {
    std::array<char, 256> piece;
    for (int i = 0; i < most_reads; ++i) {
      const ssize_t size = ::read(descriptor_, piece.data(), piece.size());
      if (size < 0 && errno == EINTR) continue;
      if (size < 0) return errno == EAGAIN || errno == EWOULDBLOCK;
      if (size == 0) return false;
      characters.append(piece.data(), static_cast<std::size_t>(size));
    }
    return true;
  }

  void close() override {
    if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
  }

 private:
  const hal::host::SerialAddress address_;
  int descriptor_ = -1;
};

}  // namespace

std::unique_ptr<LineSource> serial_source(hal::host::SerialAddress address) {
  return std::make_unique<SerialSource>(std::move(address));
}

}  // namespace rollcall::readers
