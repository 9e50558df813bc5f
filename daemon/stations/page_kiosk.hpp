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
  }
  boost::asio::awaitable<std::expected<std::string, flows::Interruption>> choice(
      std::chrono::milliseconds limit) override {
    return waiting.choice(limit);
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

 private:
  Station& station_;

 public:
  flows::Waiting waiting;
};

}  // namespace rollcall::stations
