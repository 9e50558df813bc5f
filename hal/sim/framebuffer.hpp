// A display in memory that can be looked at as PNG.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hal/display.hpp"

namespace rollcall::hal::sim {

class Framebuffer final : public Display {
 public:
  explicit Framebuffer(Size size) : size_(size), pixels_(std::size_t{size.width} * size.height) {}

  Size size() const override { return size_; }
  void write_row(std::uint16_t y, std::span<const Pixel> pixels) override;
  void frame_complete() override { ++frames_; }
  void sleep(bool on) override;

  bool asleep() const { return asleep_; }
  std::uint64_t frames() const { return frames_; }  // completed, gone dark or come back
  Pixel at(std::uint16_t x, std::uint16_t y) const {
    return pixels_[std::size_t{y} * size_.width + x];
  }
  // 8-bit RGB, black while asleep; empty when the encoder fails.
  std::string png() const;

 private:
  Size size_;
  std::vector<Pixel> pixels_;
  std::uint64_t frames_ = 0;
  bool asleep_ = false;
};

}  // namespace rollcall::hal::sim
