// The page of a station as the place of a flow.
#pragma once

#include "daemon/stations/station.hpp"

namespace rollcall::stations {

class Station::PageKiosk final : public flows::Kiosk {
 public:
  explicit PageKiosk(Station& station) : station_(station), waiting(station.reactor_) {}

  boost::asio::awaitable<void> show(const screens::Live& screen) override {
    if (waiting.interrupted()) co_return;
    waiting.begin();
    station_.answer_.reset();
    station_.flow_page_ = page_of(screen);
    station_.refresh();
    shown_at_ = Clock::now();
  }
  boost::asio::awaitable<std::expected<std::string, flows::Interruption>> choice(
      std::chrono::milliseconds limit) override {
    return waiting.choice(limit);
  }
  boost::asio::awaitable<std::expected<flows::Sign, flows::Interruption>> signature(
      std::chrono::milliseconds limit) override {
    return waiting.signature(limit);
  }
  boost::asio::awaitable<std::optional<flows::Interruption>> pause(
      std::chrono::milliseconds time) override {
    return waiting.pause(time);
  }
  boost::asio::awaitable<void> answer(protocol::Outcome outcome) override {
    if (waiting.interrupted()) co_return;
    const std::string language =
        station_.flow_page_ ? station_.flow_page_->language : station_.language_;
    station_.flow_page_.reset();
    station_.show_answer(stations::answer(outcome, station_.languages(language)));
  }
  boost::asio::awaitable<void> finish() override {
    station_.flow_page_.reset();
    station_.refresh();
    co_return;
  }

  // A card of the person who began the flow.
  void held(halfdays::OwnTap tap, Clock::time_point at) {
    const auto seen = std::chrono::duration_cast<std::chrono::milliseconds>(at - shown_at_);
    waiting.give(flows::OwnCard{std::move(tap), seen});
  }

 private:
  Station& station_;
  Clock::time_point shown_at_{};  // the newest screen

 public:
  flows::Waiting waiting;
};

}  // namespace rollcall::stations
