// What the host drew, drawn by a terminal in no more memory than it has.
#include <memory>

#include <gtest/gtest.h>

#include "daemon/screens/screens.hpp"
#include "firmware/terminal/unpacker.hpp"
#include "hal/sim/framebuffer.hpp"
#include "tests/unit/daemon/screens/decoded.hpp"

namespace rollcall::screens {
namespace {

class Packed final : public firmware::PackedSource {
 public:
  explicit Packed(const Screen& screen) : left_(screen.bytes) {}
  std::size_t read(MutableBytes out) override {
    const std::size_t size = std::min(out.size(), left_.size());
    std::copy_n(left_.begin(), size, out.begin());
    left_ = left_.subspan(size);
    return size;
  }

 private:
  Bytes left_;
};

template <std::uint16_t width, std::uint16_t height>
void expect_drawn(const Screen& screen) {
  const auto room = std::make_unique<firmware::ScreenRoom<width, height>>();
  hal::sim::Framebuffer display({width, height});
  firmware::Unpacker unpacker(room->memory(), display.size());
  Packed source(screen);
  ASSERT_TRUE(unpacker.draw(display, display.size(), source));
  const auto wanted = test::decode(screen);
  int different = 0;
  for (std::uint16_t y = 0; y < height; ++y) {
    for (std::uint16_t x = 0; x < width; ++x) {
      const hal::Pixel p = display.at(x, y);
      const std::uint32_t r = p >> 11, g = p >> 5 & 0x3fu, b = p & 0x1fu;
      const std::uint32_t rgb =
          (r << 3 | r >> 2) << 16 | (g << 2 | g >> 4) << 8 | (b << 3 | b >> 2);
      different += rgb != wanted.at(x, y, width) ? 1 : 0;
    }
  }
  EXPECT_EQ(different, 0);
}

TEST(OnTerminal, EveryKeptScreenIsDrawnPixelByPixel) {
  for (const auto& [slot, name] : test::kept_slots) {
    SCOPED_TRACE(name);
    expect_drawn<128, 64>(draw_kept(slot, {128, 64}, {"fr"}));
  }
  expect_drawn<800, 480>(draw_kept(protocol::ScreenSlot::one_card, {800, 480}, {"en", "fr"}));
}

TEST(OnTerminal, LiveScreensAreDrawnToo) {
  expect_drawn<128, 64>(draw_live(AtRest{"en", "23:59"}, {128, 64}));
  expect_drawn<800, 480>(draw_live(AssessmentOffer{"en", "My digital start", 5}, {800, 480}));
}

}  // namespace
}  // namespace rollcall::screens
