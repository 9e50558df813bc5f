#include "daemon/terminals/queue_transfers.hpp"

#include <algorithm>

namespace rollcall::terminals {

using protocol::BulkResult;

std::expected<std::uint32_t, BulkResult> QueueTransfers::begin(const protocol::BulkOffer& offer) {
  content_.clear();
  if (offer.kind != protocol::BulkKind::queue || offer.bytes > max_bytes || !handlers_.room()) {
    return std::unexpected(BulkResult::refused);
  }
  return 0;
}

bool QueueTransfers::held(std::uint32_t, MutableBytes) {
  return false;
}

bool QueueTransfers::write(std::uint32_t, Bytes content) {
  content_.insert(content_.end(), content.begin(), content.end());
  return true;
}

BulkResult QueueTransfers::end(BulkResult result) {
  if (result == BulkResult::complete) hand_on();
  content_.clear();
  return result;
}

void QueueTransfers::hand_on() {
  Bytes rest(content_);
  while (!rest.empty()) {
    const std::size_t size = rest.size() < 2 ? 0 : rest[0] | std::size_t{rest[1]} << 8;
    if (size == 0 || size > rest.size() - 2) return handlers_.unreadable();
    const auto tap = protocol::decode<protocol::QueuedTap>(rest.subspan(2, size));
    if (!tap) return handlers_.unreadable();
    handlers_.tap(*tap);
    rest = rest.subspan(2 + size);
  }
}

}  // namespace rollcall::terminals
