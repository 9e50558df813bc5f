#include "daemon/terminals/log_transfer.hpp"

#include <algorithm>

#include "protocol/cbor.hpp"

namespace rollcall::terminals {
namespace {

// What a terminal says goes to somebody's screen: no escape sequences.
bool is_plain_text(const std::string& text) {
  const Bytes bytes{reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
  return protocol::cbor::is_utf8(bytes) && std::ranges::all_of(bytes, [](std::uint8_t b) {
           return b == '\n' || (b >= 0x20 && b != 0x7f);
         });
}

}  // namespace

using protocol::BulkResult;

std::expected<std::uint32_t, BulkResult> LogTransfer::begin(const protocol::BulkOffer& offer) {
  content_.clear();
  if (offer.bytes == 0 || offer.bytes > max_bytes || !handlers_.wanted()) {
    return std::unexpected(BulkResult::refused);
  }
  return 0;
}

bool LogTransfer::held(std::uint32_t, MutableBytes) {
  return false;
}

bool LogTransfer::write(std::uint32_t, Bytes content) {
  content_.append(content.begin(), content.end());
  return true;
}

BulkResult LogTransfer::end(BulkResult result) {
  std::optional<std::string> text;
  if (result == BulkResult::complete && is_plain_text(content_)) text = std::move(content_);
  content_.clear();
  handlers_.ended(std::move(text));
  return result;
}

}  // namespace rollcall::terminals
