#include "firmware/simulator/player.hpp"

#include <ctime>
#include <iostream>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace rollcall::simulator {
namespace {

using namespace std::chrono_literals;
using asio::awaitable;

constexpr auto poll_interval = 5ms;
constexpr auto tap_patience = 5s;      // for the reader to be free and the answer to show
constexpr auto screen_patience = 15s;  // for a screen to come
constexpr auto link_patience = 15s;    // for the link, and for the queue to empty

std::chrono::seconds local_time_of_day() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm local{};
  localtime_r(&now, &local);
  return std::chrono::hours(local.tm_hour) + std::chrono::minutes(local.tm_min) +
         std::chrono::seconds(local.tm_sec);
}

awaitable<void> pause(std::chrono::milliseconds time) {
  asio::steady_timer timer(co_await asio::this_coro::executor, time);
  co_await timer.async_wait(asio::use_awaitable);
}

template <class Condition>
awaitable<bool> wait_until(Condition condition, std::chrono::milliseconds patience) {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= end) co_return false;
    co_await pause(poll_interval);
  }
  co_return true;
}

}  // namespace

struct Player::Run {
  SimTerminal& terminal;
  bool cut_during_next_tap = false;
  std::uint32_t touched_screen = 0;  // the live screen that the last touch was for

  bool settled() const {
    return terminal.taps_pending() == 0 && terminal.taps_shown() == terminal.taps_taken();
  }

  awaitable<std::string> operator()(step::At at) {
    while (local_time_of_day() < at.time) co_await pause(poll_interval);
    co_return "";
  }
  awaitable<std::string> operator()(step::Wait wait) {
    co_await pause(wait.time);
    co_return "";
  }
  awaitable<std::string> operator()(step::Tap tap) {
    if (terminal.has_card_module()) co_return "cards come to the reader that --reader names";
    if (!co_await wait_until([this] { return settled(); }, tap_patience)) {
      co_return "the tap before this one was neither answered nor given up";
    }
    if (std::exchange(cut_during_next_tap, false)) terminal.cut_power_during_next_write();
    terminal.tap(tap.card);
    if (!co_await wait_until([this] { return terminal.taps_pending() == 0; }, tap_patience)) {
      co_return "the reader did not take the card";
    }
    co_return "";
  }
  awaitable<std::string> operator()(step::Cable cable) {
    terminal.set_plugged(cable.plugged);
    co_return "";
  }
  awaitable<std::string> operator()(step::PowerCut cut) {
    if (cut.during_append) {
      cut_during_next_tap = true;
    } else {
      terminal.cut_power();
    }
    co_return "";
  }
  // Waits for a live screen that was not touched yet, as a person would.
  awaitable<std::string> operator()(step::Touch touch) {
    const auto fresh = [this] {
      const std::uint32_t live = terminal.terminal().shown_live();
      return live != 0 && live != touched_screen;
    };
    if (!co_await wait_until(fresh, screen_patience)) {
      std::cerr << terminal.serial()
                << ": no screen came that was not touched yet; touching what is shown\n";
    }
    touched_screen = terminal.terminal().shown_live();
    terminal.touch(touch.point);
    co_return "";
  }
  awaitable<std::string> operator()(step::Expect expect) {
    std::string found;
    const auto check = [&] {
      found = now(expect.what);
      return found == expect.value;
    };
    using What = step::Expect::What;
    switch (expect.what) {
      case What::light:
      case What::outcome:
        co_await wait_until([this] { return settled(); }, tap_patience);
        if (check()) co_return "";
        break;
      case What::screen:
        if (co_await wait_until(check, screen_patience)) co_return "";
        break;
      case What::link:
      case What::waiting:
        if (co_await wait_until(check, link_patience)) co_return "";
        break;
    }
    co_return "it was " + found;
  }

  std::string now(step::Expect::What what) const {
    using What = step::Expect::What;
    const firmware::Terminal& firmware = terminal.terminal();
    const auto& answers = terminal.answers();
    switch (what) {
      case What::light:
        return answers.empty() ? "none" : answers.front().light();
      case What::outcome:
        return answers.empty() ? "nothing" : answers.front().outcome();
      case What::screen:
        return slot_name(static_cast<unsigned>(firmware.shown_slot()));
      case What::link:
        return firmware.welcomed() ? "up" : "down";
      case What::waiting:
        break;
    }
    return std::to_string(firmware.queue().waiting());
  }
};

Player::Player(asio::io_context& io, SimTerminal& terminal, std::vector<Step> steps,
               std::string name)
    : io_(io), terminal_(terminal), steps_(std::move(steps)), name_(std::move(name)) {}

void Player::play(std::function<void(std::string)> done) {
  const auto all = [](Player& player) -> awaitable<std::string> {
    Run run{player.terminal_};
    for (const Step& step : player.steps_) {
      const std::string problem = co_await std::visit(run, step.action);
      if (!problem.empty()) {
        co_return player.name_ + ":" + std::to_string(step.line) + ": `" + step.text +
            "` failed: " + problem;
      }
    }
    co_return "";
  };
  asio::co_spawn(io_, all(*this),
                 [done = std::move(done)](const std::exception_ptr& failed, std::string problem) {
                   if (failed) std::rethrow_exception(failed);
                   done(std::move(problem));
                 });
}

}  // namespace rollcall::simulator
