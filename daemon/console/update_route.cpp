// What staff ask of a terminal that is there: to show itself, its counters, a firmware image.
#include <algorithm>
#include <charconv>

#include <nlohmann/json.hpp>

#include "daemon/console/impl.hpp"
#include "daemon/console/terminal_body.hpp"
#include "daemon/events/contract.hpp"
#include "daemon/events/event.hpp"
#include "daemon/log/log.hpp"

namespace rollcall::console {
namespace {

constexpr std::uint32_t longest_identify = 60;  // seconds
constexpr std::uint32_t usual_identify = 15;
constexpr std::size_t longest_version = 24;  // bytes

std::string_view to_text(terminals::UpdateStep step) {
  using terminals::UpdateStep;
  switch (step) {
    case UpdateStep::waiting_for_terminal:
      return "waiting_for_terminal";
    case UpdateStep::offered:
      return "offered";
    case UpdateStep::transferring:
      return "transferring";
    case UpdateStep::staged:
      return "staged";
    case UpdateStep::refused:
      return "refused";
    case UpdateStep::failed:
      break;
  }
  return "failed";
}

std::string_view to_text(protocol::UpdateProblem problem) {
  using protocol::UpdateProblem;
  switch (problem) {
    case UpdateProblem::unsupported:
      return "unsupported";
    case UpdateProblem::too_large:
      return "too_large";
    case UpdateProblem::too_old:
      return "too_old";
    case UpdateProblem::wrong_slot:
      return "wrong_slot";
    case UpdateProblem::digest:
      return "digest";
    case UpdateProblem::storage:
      return "storage";
    case UpdateProblem::signature:
      return "signature";
    case UpdateProblem::none:
      break;
  }
  return "unknown";
}

http::Response update_answer(const terminals::UpdateView& update) {
  const bool refused = update.step == terminals::UpdateStep::refused;
  return answer({{"serial", update.serial},
                 {"version", update.version},
                 {"bytes", update.bytes},
                 {"digest", events::hex(update.digest)},
                 {"security_counter", update.security_counter},
                 {"slot", update.slot},
                 {"state", to_text(update.step)},
                 {"problem", refused ? Json(to_text(update.problem)) : Json()},
                 {"reason", update.reason.empty() ? Json() : Json(update.reason)},
                 {"sent", update.sent},
                 {"seconds_left", (update.patience_left.count() + 999) / 1000}});
}

http::Response conflict(const std::string& why) {
  return http::problem(409, "Conflict", why + "; nothing was changed");
}

http::Response unknown(const std::string& serial) {
  return http::problem(404, "Not Found",
                       "no terminal " + serial + " is known here; nothing was changed");
}

// A number of the query, at most `largest`; nothing when it is not given. Throws BadRequest.
std::optional<std::uint32_t> number_of(const http::Request& request, const char* key,
                                       std::uint32_t largest) {
  const auto given = request.query.find(key);
  if (given == request.query.end()) return std::nullopt;
  const std::string& text = given->second;
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number > largest) {
    throw BadRequest{std::string{"\""} + key + "\" is a whole number from 0 to " +
                     std::to_string(largest)};
  }
  return number;
}

std::string version_of(const http::Request& request) {
  const auto given = request.query.find("version");
  const std::string version = given == request.query.end() ? "" : given->second;
  const bool printable = std::ranges::all_of(version, [](char c) { return c > ' ' && c <= '~'; });
  if (version.empty() || version.size() > longest_version || !printable)
    throw BadRequest{"\"version\" has 1 to 24 printable ASCII characters without spaces"};
  return version;
}

std::string actor_in_query(const http::Request& request) {
  const auto given = request.query.find("actor");
  return actor_of(request,
                  given == request.query.end() ? Json::object() : Json{{"actor", given->second}});
}

Json to_json(const protocol::Stats& stats) {
  return {{"uptime_ms", stats.uptime_ms},           {"taps", stats.taps},
          {"not_accepted", stats.not_accepted},     {"gave_up", stats.gave_up},
          {"late_answers", stats.late_answers},     {"retransmissions", stats.retransmissions},
          {"bad_frames", stats.bad_frames},         {"bad_tags", stats.bad_tags},
          {"bad_messages", stats.bad_messages},     {"screens_stored", stats.screens_stored},
          {"storage_errors", stats.storage_errors}, {"reader_errors", stats.reader_errors}};
}

}  // namespace

awaitable<http::Response> Api::Impl::identify_terminal(const http::Request& request) {
  std::string serial;
  std::int64_t seconds = usual_identify;
  try {
    serial = serial_of(request);
    const Json body = request.body.empty() ? Json::object() : parse_body(request);
    if (const auto given = body.find("seconds"); given != body.end()) {
      if (!given->is_number_integer() || *given < 0 || *given > longest_identify)
        throw BadRequest{"\"seconds\" is a whole number from 0 to 60"};
      seconds = given->get<std::int64_t>();
    }
  } catch (const BadRequest& bad) {
    co_return http::problem(400, "Bad Request", bad.detail);
  }
  if (parts.registry.find(serial) == nullptr) co_return unknown(serial);
  const auto done = co_await parts.live.identify(serial, std::chrono::seconds{seconds});
  if (!done) co_return conflict(done.error());
  co_return answer({{"serial", serial}, {"seconds", seconds}});
}

awaitable<http::Response> Api::Impl::terminal_stats(const http::Request& request) {
  std::string serial;
  try {
    serial = serial_of(request);
  } catch (const BadRequest& bad) {
    co_return http::problem(400, "Bad Request", bad.detail);
  }
  if (parts.registry.find(serial) == nullptr) co_return unknown(serial);
  const auto stats = co_await parts.live.stats(serial);
  if (!stats) co_return conflict(stats.error());
  co_return answer({{"serial", serial}, {"stats", to_json(*stats)}});
}

awaitable<http::Response> Api::Impl::terminal_log(const http::Request& request) {
  std::string serial;
  try {
    serial = serial_of(request);
  } catch (const BadRequest& bad) {
    co_return http::problem(400, "Bad Request", bad.detail);
  }
  if (parts.registry.find(serial) == nullptr) co_return unknown(serial);
  const auto log = co_await parts.live.log(serial);
  if (!log) co_return conflict(log.error());
  co_return answer({{"serial", serial}, {"log", *log}});
}

awaitable<http::Response> Api::Impl::begin_update(const http::Request& request) {
  if (request.body.size() > terminals::max_image_bytes) {
    co_return http::problem(413, "Content Too Large",
                            "the image is larger than 4 MiB; nothing was changed");
  }
  terminals::UpdateWish wish;
  try {
    wish.serial = serial_of(request);
    wish.version = version_of(request);
    wish.security_counter = number_of(request, "security_counter", UINT32_MAX).value_or(0);
    if (const auto slot = number_of(request, "slot", 1))
      wish.slot = static_cast<std::uint8_t>(*slot);
    wish.actor = actor_in_query(request);
    if (request.body.empty()) throw BadRequest{"the body is the image, and it is empty"};
  } catch (const BadRequest& bad) {
    co_return http::problem(400, "Bad Request", bad.detail);
  }
  if (parts.registry.find(wish.serial) == nullptr) co_return unknown(wish.serial);
  wish.image.assign(request.body.begin(), request.body.end());
  if (const auto begun = co_await parts.live.begin_update(std::move(wish)); !begun)
    co_return conflict(begun.error());
  co_return update_answer(*parts.live.update());
}

awaitable<http::Response> Api::Impl::see_update(const http::Request&) {
  const auto update = parts.live.update();
  if (!update) {
    co_return http::problem(404, "Not Found", "no update was begun since the daemon started");
  }
  co_return update_answer(*update);
}

awaitable<http::Response> Api::Impl::cancel_update(const http::Request&) {
  if (!parts.live.cancel_update()) co_return conflict("no update is under way");
  co_return update_answer(*parts.live.update());
}

}  // namespace rollcall::console
