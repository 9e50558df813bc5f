#include "hal/chips/touch_decoder.hpp"

#include <algorithm>

namespace rollcall::hal {
namespace {

namespace type {
constexpr std::uint16_t report = 0;  // EV_SYN
constexpr std::uint16_t key = 1;     // EV_KEY
constexpr std::uint16_t axis = 3;    // EV_ABS
}  // namespace type

constexpr std::uint16_t axis_x = 0;
constexpr std::uint16_t axis_y = 1;
constexpr std::uint16_t button_left = 0x110;
constexpr std::uint16_t button_touch = 0x14a;

std::uint16_t scale(std::uint32_t value, AxisRange range, std::uint16_t pixels) {
  const std::uint32_t within = std::clamp(value, range.low, range.high) - range.low;
  return static_cast<std::uint16_t>(std::uint64_t{within} * pixels /
                                    (std::uint64_t{range.high} - range.low + 1));
}

}  // namespace

std::optional<TouchPoint> TouchDecoder::take(const InputEvent& event,
                                             std::chrono::milliseconds now) {
  switch (event.type) {
    case type::axis:
      if (event.code == axis_x) at_.x = scale(event.value, x_, display_.width);
      if (event.code == axis_y) at_.y = scale(event.value, y_, display_.height);
      return std::nullopt;
    case type::key:
      if (event.code == button_left || event.code == button_touch) touching_ = event.value != 0;
      return std::nullopt;
    case type::report:
      break;
    default:
      return std::nullopt;
  }
  if (touching_ == down_) return std::nullopt;
  down_ = touching_;
  if (!down_) {
    lifted_at_ = now;
    return std::nullopt;
  }
  const bool bounced = lifted_at_ && now - *lifted_at_ < bounce;
  if (bounced) return std::nullopt;
  at_.at = now;
  return at_;
}

}  // namespace rollcall::hal
