// Screens: those that the terminal keeps, live ones, and the time on a small panel at rest.
#include <utility>

#include "daemon/attendance/local_time.hpp"
#include "daemon/terminals/session.hpp"

namespace rollcall::terminals {

namespace asio = boost::asio;

void Session::begin_screens() {
  if (screens_sent_at_ || !screens::drawable(panel_size())) return;
  screens_sent_at_ = Clock::now();
  spawn(send_kept_screens(panel_size()));
  if (screens::is_small(panel_size())) spawn(show_time(panel_size()));
}

// The terminal found one that is damaged.
void Session::send_screens_again() {
  if (!screens_sent_at_ || Clock::now() - *screens_sent_at_ < services_.screens_again) return;
  screens_sent_at_ = Clock::now();
  spawn(send_kept_screens(panel_size()));
}

asio::awaitable<void> Session::send_kept_screens(screens::Size size) {
  const std::shared_ptr<const screens::KeptScreens> kept = co_await services_.screens.kept(size);
  if (stage_ != Stage::serving || kept == nullptr) co_return;
  transfers_.drop(Transfer::Rank::kept);
  for (std::size_t slot = 1; slot < kept->size(); ++slot) {
    const auto id = static_cast<std::uint32_t>(slot);
    sent_or_slow(screens_.put(id, static_cast<protocol::ScreenSlot>(slot), (*kept)[slot]));
  }
}

// A new one each minute. A time that nobody can vouch for is not shown.
asio::awaitable<void> Session::show_time(screens::Size size) {
  const attendance::TimeZone zone(services_.config.site.timezone);
  const std::string language = services_.screens.language_for("");
  bool shown = false;
  while (stage_ == Stage::serving) {
    const attendance::HostTime host = services_.now();
    const auto next_minute =
        Clock::now() + std::chrono::milliseconds(60'000 - host.wall_ms % 60'000);
    if (host.trust != protocol::ClockTrust::unproven) {
      screens::AtRest rest{language, attendance::clock_of(zone, host.wall_ms)};
      auto screen = co_await services_.screens.live(size, std::move(rest));
      if (stage_ != Stage::serving) co_return;
      put(std::move(screen));
      shown = true;
    } else if (std::exchange(shown, false)) {
      put_idle();
    }
    co_await rest_signal_.wait(next_minute);
  }
}

bool Session::has_panel() const {
  return screens::drawable(panel_size()) && !screens::is_small(panel_size()) &&
         (hello_.capabilities & protocol::capability::touch) != 0;
}

std::uint32_t Session::put(std::shared_ptr<const screens::Screen> screen) {
  screens_.drop_live();
  const std::uint32_t id = next_live_screen_++;
  sent_or_slow(screens_.put(id, protocol::ScreenSlot::live, std::move(screen)));
  return id;
}

void Session::put_idle() {
  screens_.drop_live();
  sent_or_slow(screens_.show_idle());
}

void Session::give_answer(protocol::Outcome outcome) {
  send(protocol::Feedback{outcome, static_cast<std::uint16_t>(other_answer.count())});
}

}  // namespace rollcall::terminals
