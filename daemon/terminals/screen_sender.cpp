#include "daemon/terminals/screen_sender.hpp"

#include <utility>

namespace rollcall::terminals {

using protocol::BulkResult;
using protocol::ScreenSlot;
using Rank = Transfer::Rank;

bool ScreenSender::put(std::uint32_t id, ScreenSlot slot,
                       std::shared_ptr<const screens::Screen> screen) {
  const bool live = slot == ScreenSlot::live;
  const protocol::Screen announced{id, slot, screen->size.width, screen->size.height};
  return transfers_.put(
      {.rank = live ? Rank::live : Rank::kept,
       .kind = protocol::BulkKind::screen,
       .subject = id,
       .content = Content(screen, &screen->bytes),
       .digest = crypto::sha256(screen->bytes),
       .begins = [this, announced] { messages_.announce(announced); },
       .sent = nullptr,
       .ended = [this, id, live](BulkResult result) { ended(id, live, result); }});
}

bool ScreenSender::show_idle() {
  return transfers_.put({.rank = Rank::live,
                         .content = nullptr,
                         .begins = [this] { messages_.show({}); },
                         .sent = nullptr,
                         .ended = nullptr});
}

void ScreenSender::ended(std::uint32_t id, bool live, BulkResult result) {
  if (result == BulkResult::complete && live) messages_.show({id});
  if (result != BulkResult::complete && result != BulkResult::cancelled) ++refused_;
}

}  // namespace rollcall::terminals
