#include "provisioning/qr_code.hpp"

#include <memory>
#include <stdexcept>

#include <qrencode.h>

namespace rollcall::provisioning {
namespace {

struct Free {
  void operator()(QRcode* code) const { QRcode_free(code); }
};

constexpr const char* black_on_white = "\x1b[30;107m";
constexpr const char* as_before = "\x1b[0m";

}  // namespace

QrCode::QrCode(const std::string& digits) {
  constexpr int smallest = 0;  // version that it fits into
  const std::unique_ptr<QRcode, Free> made(
      QRcode_encodeString(digits.c_str(), smallest, QR_ECLEVEL_H, QR_MODE_8, 1));
  if (made == nullptr) throw std::invalid_argument("no QR code holds this");
  width_ = made->width;
  modules_.assign(made->data, made->data + static_cast<std::ptrdiff_t>(width_) * width_);
}

bool QrCode::dark(int row, int column) const {
  if (row < 0 || column < 0 || row >= width_ || column >= width_) return false;
  constexpr std::uint8_t is_dark = 1;  // of the bits that libqrencode tells of a module
  return (modules_[static_cast<std::size_t>(row * width_ + column)] & is_dark) != 0;
}

std::string in_terminal(const QrCode& code) {
  static constexpr const char* halves[] = {" ", "▄", "▀", "█"};
  std::string text;
  for (int row = -quiet_zone; row < code.width() + quiet_zone; row += 2) {
    text += black_on_white;
    for (int column = -quiet_zone; column < code.width() + quiet_zone; ++column)
      text += halves[2 * code.dark(row, column) + code.dark(row + 1, column)];
    text += std::string(as_before) + "\n";
  }
  return text;
}

}  // namespace rollcall::provisioning
