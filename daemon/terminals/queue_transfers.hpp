// Taps of a terminal's queue that come as a bulk transfer: kept in memory until the digest is
// right, then handed on one by one. The terminal keeps them until each is acknowledged.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "protocol/bulk.hpp"
#include "protocol/messages.hpp"

namespace rollcall::terminals {

class QueueTransfers final : public protocol::BulkSink {
 public:
  static constexpr std::size_t max_taps = 32;
  static constexpr std::size_t max_bytes =
      max_taps * (2 + protocol::max_encoded_size(protocol::QueuedTap::fields));

  // What came of a transfer whose digest is right.
  struct Handlers {
    std::function<void(const protocol::QueuedTap&)> tap;
    std::function<void()> unreadable;  // an entry that is none, and all after it
    std::function<bool()> room;        // for a whole transfer
  };
  explicit QueueTransfers(Handlers handlers) : handlers_(std::move(handlers)) {}

  std::expected<std::uint32_t, protocol::BulkResult> begin(
      const protocol::BulkOffer& offer) override;
  bool held(std::uint32_t offset, MutableBytes out) override;
  bool write(std::uint32_t offset, Bytes content) override;
  protocol::BulkResult end(protocol::BulkResult result) override;

 private:
  void hand_on();

  Handlers handlers_;
  std::vector<std::uint8_t> content_;
};

}  // namespace rollcall::terminals
