// A terminal's log that comes as a bulk transfer: kept in memory until its digest is right.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "protocol/bulk.hpp"

namespace rollcall::terminals {

class LogTransfer final : public protocol::BulkSink {
 public:
  static constexpr std::size_t max_bytes = 64 * 1024;

  // `ended` gets the text: UTF-8 without control characters but line feeds; or nothing when it is
  // no such text, or did not arrive.
  struct Handlers {
    std::function<bool()> wanted;  // somebody has asked
    std::function<void(std::optional<std::string>)> ended;
  };
  explicit LogTransfer(Handlers handlers) : handlers_(std::move(handlers)) {}

  std::expected<std::uint32_t, protocol::BulkResult> begin(
      const protocol::BulkOffer& offer) override;
  bool held(std::uint32_t offset, MutableBytes out) override;
  bool write(std::uint32_t offset, Bytes content) override;
  protocol::BulkResult end(protocol::BulkResult result) override;

 private:
  Handlers handlers_;
  std::string content_;
};

}  // namespace rollcall::terminals
