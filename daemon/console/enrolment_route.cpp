// Enrolment as staff see it. The number of this end is told only after it was typed.
#include <algorithm>

#include <nlohmann/json.hpp>

#include "daemon/console/impl.hpp"
#include "daemon/console/terminal_body.hpp"
#include "daemon/registry/entry.hpp"

namespace rollcall::console {
namespace {

constexpr std::size_t number_digits = 6;

std::string_view to_text(terminals::WindowState state) {
  using terminals::WindowState;
  switch (state) {
    case WindowState::waiting_for_terminal:
      return "waiting_for_terminal";
    case WindowState::terminal_not_in_window:
      return "terminal_not_in_window";
    case WindowState::number_ready:
      return "number_ready";
    case WindowState::number_wrong:
      return "number_wrong";
    case WindowState::granted:
      return "granted";
    case WindowState::done:
      return "done";
    case WindowState::failed:
      return "failed";
    case WindowState::expired:
      break;
  }
  return "expired";
}

http::Response window_answer(const std::optional<terminals::Window>& window) {
  if (!window) {
    return http::problem(404, "Not Found",
                         "no enrolment window was opened since the daemon started");
  }
  return answer({{"serial", window->serial},
                 {"room", window->placement.room},
                 {"mode", registry::to_text(window->placement.mode)},
                 {"languages", window->placement.languages},
                 {"state", to_text(window->state)},
                 {"reason", window->reason.empty() ? Json() : Json(window->reason)},
                 {"seconds_left", (window->time_left.count() + 999) / 1000},
                 {"number", window->number.empty() ? Json() : Json(window->number)}});
}

http::Response conflict(const std::string& why) {
  return http::problem(409, "Conflict", why + "; nothing was changed");
}

}  // namespace

awaitable<http::Response> Api::Impl::open_enrolment(const http::Request& request) {
  terminals::EnrolmentWish wish;
  try {
    const Json body = parse_body(request);
    wish.serial = serial_of(body);
    wish.placement = {room_of(body), mode_of(body), languages_of(body)};
    wish.actor = actor_of(request, body);
  } catch (const BadRequest& bad) {
    co_return http::problem(400, "Bad Request", bad.detail);
  }
  if (const auto opened = parts.live.open_window(std::move(wish)); !opened)
    co_return conflict(opened.error());
  co_return window_answer(parts.live.window());
}

awaitable<http::Response> Api::Impl::see_enrolment(const http::Request&) {
  co_return window_answer(parts.live.window());
}

awaitable<http::Response> Api::Impl::type_number(const http::Request& request) {
  std::string number;
  try {
    number = text_of(parse_body(request), "number");
    const bool digits = std::ranges::all_of(number, [](char c) { return c >= '0' && c <= '9'; });
    if (!digits || number.size() != number_digits)
      throw BadRequest{"\"number\" has six digits; nothing was compared"};
  } catch (const BadRequest& bad) {
    co_return http::problem(400, "Bad Request", bad.detail);
  }
  try {
    const auto compared = co_await parts.live.submit_number(number);
    if (!compared) co_return conflict(compared.error());
  } catch (const store::StoreError& error) {
    co_return not_stored(error);
  }
  co_return window_answer(parts.live.window());
}

awaitable<http::Response> Api::Impl::cancel_enrolment(const http::Request&) {
  const bool was_open = co_await parts.live.cancel_window();
  if (!was_open) co_return conflict("no enrolment window is open");
  co_return window_answer(parts.live.window());
}

}  // namespace rollcall::console
