// A hub's live terminals, told by the test what happens.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "daemon/store/database.hpp"
#include "daemon/terminals/live_terminals.hpp"

namespace rollcall::console {

struct FakeLive final : terminals::LiveTerminals {
  std::expected<void, std::string> open_window(terminals::EnrolmentWish wish) override {
    if (now && !terminals::is_over(now->state))
      return std::unexpected("an enrolment window is open for " + now->serial);
    now.emplace();
    now->serial = wish.serial;
    now->placement = wish.placement;
    now->time_left = std::chrono::seconds{120};
    actor = wish.actor;
    return {};
  }
  std::optional<terminals::Window> window() const override { return now; }
  boost::asio::awaitable<std::expected<bool, std::string>> submit_number(
      std::string typed) override {
    if (disk_full) throw store::StoreError(0, "database or disk is full");
    if (!now || now->state != terminals::WindowState::number_ready)
      co_return std::unexpected("there is no number to compare with yet");
    const bool agrees = typed == own_number;
    now->state = agrees ? terminals::WindowState::granted : terminals::WindowState::number_wrong;
    if (agrees) now->number = own_number;
    co_return agrees;
  }
  boost::asio::awaitable<bool> cancel_window() override {
    if (!now || terminals::is_over(now->state)) co_return false;
    now->state = terminals::WindowState::failed;
    now->reason = "it was cancelled";
    co_return true;
  }
  std::expected<void, std::string> can_take_key(const std::string& serial) const override {
    if (!connected) return std::unexpected(serial + " is not connected");
    return {};
  }
  boost::asio::awaitable<std::expected<void, std::string>> hand_over_key(std::string,
                                                                         crypto::Key key) override {
    keys.push_back(key);
    if (breaks) co_return std::unexpected("the connection broke");
    co_return std::expected<void, std::string>{};
  }
  boost::asio::awaitable<std::expected<void, std::string>> begin_update(
      terminals::UpdateWish wish) override {
    if (!connected) co_return std::unexpected(wish.serial + " is not connected");
    image = std::move(wish.image);
    firmware.emplace();
    firmware->serial = wish.serial;
    firmware->version = wish.version;
    firmware->bytes = static_cast<std::uint32_t>(image.size());
    firmware->security_counter = wish.security_counter;
    firmware->slot = wish.slot.value_or(1);
    firmware->step = terminals::UpdateStep::offered;
    firmware->patience_left = std::chrono::seconds{120};
    actor = wish.actor;
    co_return std::expected<void, std::string>{};
  }
  std::optional<terminals::UpdateView> update() const override { return firmware; }
  bool cancel_update() override {
    if (!firmware || terminals::is_over(firmware->step)) return false;
    firmware->step = terminals::UpdateStep::failed;
    firmware->reason = "it was cancelled";
    return true;
  }
  boost::asio::awaitable<std::expected<void, std::string>> identify(
      std::string serial, std::chrono::seconds time) override {
    if (!connected) co_return std::unexpected(serial + " is not connected");
    identified = time;
    co_return std::expected<void, std::string>{};
  }
  boost::asio::awaitable<std::expected<protocol::Stats, std::string>> stats(
      std::string serial) override {
    if (!connected) co_return std::unexpected(serial + " is not connected");
    protocol::Stats counted;
    counted.uptime_ms = 90'000;
    counted.taps = 41;
    co_return counted;
  }
  boost::asio::awaitable<std::expected<std::string, std::string>> log(std::string serial) override {
    if (!connected) co_return std::unexpected(serial + " is not connected");
    co_return "0.012 info started, boot 7, reset reason 1\n";
  }

  std::optional<terminals::Window> now;
  std::optional<terminals::UpdateView> firmware;
  std::vector<std::uint8_t> image;
  std::chrono::seconds identified{};
  std::string own_number = "482913";
  std::string actor;
  bool connected = false;
  bool breaks = false;
  bool disk_full = false;
  std::vector<crypto::Key> keys;  // handed over
};

}  // namespace rollcall::console
