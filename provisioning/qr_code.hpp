// QR codes (ISO/IEC 18004) of digits, by libqrencode. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace rollcall::provisioning {

// Modules that stay light around it, as the standard asks for.
inline constexpr int quiet_zone = 4;

class QrCode {
 public:
  // At the highest level of error correction: paper is folded. `digits`: 1 to 17 of them.
  explicit QrCode(const std::string& digits);

  int width() const { return width_; }  // modules, without the quiet zone
  // Row and column from 0; light outside.
  bool dark(int row, int column) const;

 private:
  int width_ = 0;
  std::vector<std::uint8_t> modules_;
};

// With its quiet zone, two rows of modules a line, in colours of its own whatever the terminal has.
std::string in_terminal(const QrCode& code);

}  // namespace rollcall::provisioning
