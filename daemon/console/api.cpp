#include "daemon/console/api.hpp"

#include <algorithm>
#include <charconv>
#include <map>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "daemon/console/guard.hpp"
#include "daemon/console/impl.hpp"
#include "daemon/console/web/assets.hpp"
#include "daemon/events/event.hpp"
#include "daemon/log/log.hpp"

namespace rollcall::console {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

constexpr auto quickest_repeat = 250ms;  // at most four overviews a second
constexpr auto longest_silence = 10s;    // a page that hears nothing for longer knows it is alone

std::string_view to_text(protocol::ClockTrust trust) {
  switch (trust) {
    case protocol::ClockTrust::synced:
      return "synced";
    case protocol::ClockTrust::drifting:
      return "drifting";
    case protocol::ClockTrust::unproven:
      break;
  }
  return "unproven";
}

// A reader of this machine is, to those who look, a terminal with a page.
Json to_json(const StationView& station) {
  const bool never = !station.online && station.last_seen_ms == 0;
  return {{"serial", station.id},
          {"room", station.room},
          {"mode", station.mode},
          {"state", station.online ? "online"
                    : never        ? "never"
                                   : "offline"},
          {"last_seen",
           station.last_seen_ms == 0 ? Json() : Json(events::rfc3339(station.last_seen_ms))},
          {"firmware", Json()},
          {"waiting", 0},
          {"reader", station.reader},
          {"kiosk", "/kiosk/" + station.id}};
}

std::string dump(const Json& value) {
  // Names come from files of others: bytes that are no UTF-8 become U+FFFD instead of an exception.
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

http::Response answer(const Json& body) {
  http::Response response;
  response.body = dump(body);
  response.headers["Cache-Control"] = "no-store";
  return response;
}

http::Response pdf_answer(std::string file, std::string_view name) {
  http::Response response;
  response.body = std::move(file);
  response.content_type = "application/pdf";
  response.headers["Cache-Control"] = "no-store";
  response.headers["Content-Disposition"] = "inline; filename=\"" + std::string{name} + "\"";
  return response;
}

Api::Impl::Impl(Parts given)
    : parts(std::move(given)),
      zone(parts.config.site.timezone),
      totals(zone),
      pause(parts.executor) {
  add_routes();
  console.set_guard([this](const http::Request& request) {
    return refuse_strangers(request, parts.config.console);
  });
  web::add_assets(console, page());
}

TerminalView Api::Impl::completed(TerminalView now, const Json& stored) {
  if (const auto before = stored.find(now.serial); before != stored.end()) {
    now.last_seen_ms = std::max(now.last_seen_ms, before->at("last_seen_ms").get<std::int64_t>());
    if (now.firmware.empty()) now.firmware = before->at("firmware").get<std::string>();
  }
  return now;
}

std::map<std::string, TerminalView> Api::Impl::seen(const Json& stored) const {
  std::map<std::string, TerminalView> all;
  for (const registry::Entry* entry : parts.registry.all())
    all[entry->serial].serial = entry->serial;
  for (TerminalView& view : parts.terminals()) all[view.serial] = std::move(view);
  for (auto& [serial, view] : all) view = completed(std::move(view), stored);
  return all;
}

Json Api::Impl::terminals(const Json& stored) const {
  const std::map<std::string, TerminalView> all = seen(stored);
  Json out = Json::array();
  for (const registry::Entry* entry : parts.registry.all()) {
    const registry::Entry& terminal = *entry;
    if (terminal.state != registry::State::active) continue;
    const TerminalView& now = all.at(terminal.serial);
    const bool never = !now.online && now.last_seen_ms == 0;
    Json one = {
        {"serial", terminal.serial},
        {"room", terminal.room},
        {"mode", registry::to_text(terminal.mode)},
        {"state", now.online ? "online"
                  : never    ? "never"
                             : "offline"},
        {"last_seen", now.last_seen_ms == 0 ? Json() : Json(events::rfc3339(now.last_seen_ms))},
        {"firmware", now.firmware.empty() ? Json() : Json(now.firmware)},
        {"waiting", now.waiting}};
    if (now.capacity != 0) one["capacity"] = now.capacity;
    for (const config::SimulatedTerminal& simulated : parts.config.simulated_terminals)
      if (simulated.serial == terminal.serial) one["page"] = simulated.page;
    out.push_back(std::move(one));
  }
  if (parts.stations)
    for (const StationView& station : parts.stations()) out.push_back(to_json(station));
  return out;
}

std::uint64_t Api::Impl::rejected_events(const delivery::Status& now) {
  std::uint64_t total = 0;
  for (const auto& [reason, count] : now.rejected) total += count;
  return total;
}

Json Api::Impl::delivery_json(const delivery::Status& now) const {
  std::string_view state = "waiting";
  if (now.state == delivery::State::off) state = "off";
  if (now.state == delivery::State::delivering) state = now.waiting == 0 ? "current" : "sending";
  Json reasons = Json::object();
  for (const auto& [reason, count] : now.rejected) reasons[reason] = count;
  return {
      {"state", state},
      {"waiting", now.waiting},
      {"rejected", rejected_events(now)},
      {"reasons", std::move(reasons)},
      {"last_receipt", now.last_receipt_ms ? Json(events::rfc3339(*now.last_receipt_ms)) : Json()},
      {"last_error", now.last_error.empty() ? Json() : Json(now.last_error)}};
}

Json Api::Impl::site_json(const attendance::HostTime& now) const {
  const config::Site& site = parts.config.site;
  return {{"id", site.id},
          {"name", site.name},
          {"organisation", site.organisation},
          {"time", events::rfc3339(now.wall_ms)},
          {"clock", to_text(now.trust)},
          {"timezone", site.timezone}};
}

// What the case system has accepted: all but what waits or was rejected.
void Api::Impl::put_delivered(Json& counts, const delivery::Status& now) {
  const auto events = counts["events"].get<std::int64_t>();
  const auto undelivered = static_cast<std::int64_t>(now.waiting + rejected_events(now));
  counts["delivered"] = std::max<std::int64_t>(0, events - undelivered);
}

// GCC 12 destroys a temporary lambda with captures twice when it is part of a co_await expression:
// each query is therefore a variable first.

awaitable<Json> Api::Impl::make_overview() {
  const attendance::HostTime now = parts.now();
  Query query = [this, now](store::Database& db) { return read_overview(db, view(), now.wall_ms); };
  Json read = co_await parts.readers.query<Json>(std::move(query));
  const delivery::Status delivery = parts.delivery();
  Json out;
  out["site"] = site_json(now);
  out["present"] = std::move(read["present"]);
  out["sessions"] = std::move(read["sessions"]);
  out["taps"] = std::move(read["taps"]);
  out["terminals"] = terminals(read["stored_terminals"]);
  out["delivery"] = delivery_json(delivery);
  out["inbox"] = std::move(read["inbox"]);
  out["counts"] = std::move(read["counts"]);
  put_delivered(out["counts"], delivery);
  co_return out;
}

awaitable<http::Response> Api::Impl::overview(const http::Request&) {
  const Json body = co_await make_overview();
  co_return answer(body);
}

awaitable<http::Response> Api::Impl::status(const http::Request&) {
  const attendance::HostTime now = parts.now();
  Query query = [this, now](store::Database& db) { return read_status(db, view(), now.wall_ms); };
  Json read = co_await parts.readers.query<Json>(std::move(query));
  const delivery::Status delivery = parts.delivery();
  const store::Writer::Stats writer = parts.writer.stats();
  const auto up = std::chrono::steady_clock::now() - started;
  Json out;
  out["version"] = ROLLCALL_VERSION;
  out["pid"] = getpid();
  out["uptime_s"] = std::chrono::duration_cast<std::chrono::seconds>(up).count();
  out["site"] = site_json(now);
  out["terminals"] = terminals(read["stored_terminals"]);
  out["delivery"] = delivery_json(delivery);
  out["delivery"]["open_batches"] = delivery.open_batches;
  out["delivery"]["recovering"] = delivery.recovering;
  out["counts"] = std::move(read["counts"]);
  put_delivered(out["counts"], delivery);
  out["database"] = std::move(read["database"]);
  out["writer"] = {{"queued", writer.queued},
                   {"jobs", writer.jobs},
                   {"groups", writer.groups},
                   {"refused", writer.refused},
                   {"failed_groups", writer.failed_groups}};
  co_return answer(out);
}

awaitable<http::Response> Api::Impl::inbox(const http::Request&) {
  Query query = [](store::Database& db) { return read_inbox(db, most_listed); };
  const Json body = co_await parts.readers.query<Json>(std::move(query));
  co_return answer(body);
}

awaitable<http::Response> Api::Impl::rejected(const http::Request& request) {
  std::optional<std::string> reason;
  if (const auto given = request.query.find("reason"); given != request.query.end()) {
    reason = given->second;
  }
  std::int64_t after = 0;
  if (const auto given = request.query.find("after"); given != request.query.end()) {
    const std::string& text = given->second;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), after);
    if (error != std::errc{} || end != text.data() + text.size() || after < 0) {
      co_return http::problem(400, "Bad Request",
                              "\"after\" is no number from \"next\" of an earlier answer");
    }
  }
  Query query = [reason, after](store::Database& db) { return read_rejected(db, reason, after); };
  const Json body = co_await parts.readers.query<Json>(std::move(query));
  co_return answer(body);
}

// Publishes when something changed and somebody listens, and now and then in any case.
awaitable<void> Api::Impl::publish_changes() {
  const auto self = shared_from_this();
  auto last = std::chrono::steady_clock::time_point{};
  while (running) {
    const auto now = std::chrono::steady_clock::now();
    const bool wanted = dirty.load() && stream->clients() > 0;
    if ((wanted && now - last >= quickest_repeat) || now - last >= longest_silence) {
      dirty.store(false);
      last = now;
      try {
        const Json overview_now = co_await make_overview();
        stream->publish(dump(overview_now));
      } catch (const std::exception& error) {
        static logging::Limited limited;
        limited.write(logging::Level::error, "overview cannot be read", {{"why", error.what()}});
      }
      continue;
    }
    // Listeners come without a sign: while something is new, look again soon.
    pause.expires_at(dirty.load() ? now + quickest_repeat : last + longest_silence);
    co_await pause.async_wait(asio::as_tuple(asio::use_awaitable));
  }
}

Api::Api(Parts parts) : impl_(std::make_shared<Impl>(std::move(parts))) {}
Api::~Api() {
  stop();
}

const http::Router& Api::console() const {
  return impl_->console;
}
void Api::add_pages(const std::function<void(http::Router&)>& add) {
  add(impl_->console);
}
const http::Router& Api::control() const {
  return impl_->control;
}

void Api::start() {
  impl_->running = true;
  asio::co_spawn(impl_->parts.executor, impl_->publish_changes(), asio::detached);
}

void Api::stop() {
  impl_->running = false;
  impl_->pause.cancel();
}

void Api::opened(std::uint16_t port) {
  impl_->port = port;
}

std::string Api::Impl::address() const {
  const config::Console& own = parts.config.console;
  const std::string host = own.host.empty() ? "127.0.0.1" : own.host;
  return (tls() ? "https://" : "http://") + host + ":" + std::to_string(port) + "/";
}

// Behind the '#': no server, log or Referer gets to see it.
std::string Api::first_manager_address(const std::string& link) const {
  return impl_->address() + "#first-manager=" + link;
}

void Api::changed() {
  impl_->dirty.store(true);
  if (impl_->waking.exchange(true)) return;
  asio::post(impl_->parts.executor, [impl = impl_] {
    impl->waking.store(false);
    impl->pause.cancel();
  });
}

}  // namespace rollcall::console
