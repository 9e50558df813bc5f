#include "daemon/stations/stations.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <nlohmann/json.hpp>

#include "daemon/halfdays/forms.hpp"
#include "daemon/stations/web/assets.hpp"
#include "hal/host/readers/line_reader.hpp"
#include "hal/host/readers/pcsc.hpp"
#include "hal/host/readers/pn532_reader.hpp"
#include "hal/host/serial_line.hpp"

namespace rollcall::stations {
namespace {

namespace asio = boost::asio;
using asio::awaitable;
using http::Request;
using http::Response;

// A page that hears nothing for three times as long knows that it is alone.
constexpr std::chrono::seconds sign_of_life{10};
constexpr std::size_t most_body_bytes = 1024;
constexpr std::size_t most_drawing_bytes = 64 * 1024;
constexpr std::string_view page_file = "/stations/index.html";

Response not_found() {
  return http::problem(404, "Not Found", "no reader of this site has this id");
}

// What came of a touch.
Response told(Station::Chosen chosen) {
  switch (chosen) {
    case Station::Chosen::taken:
      break;
    case Station::Chosen::stale:
      return http::problem(409, "Conflict", "another screen is shown by now");
    case Station::Chosen::not_offered:
      return http::problem(400, "Bad Request", "the screen does not offer this choice");
  }
  Response response;
  response.status = 204;
  return response;
}

// Of a reader that prints lines; null of another.
std::unique_ptr<readers::LineSource> line_source(const config::Reader& reader) {
  if (!reader.keyboard.empty()) return readers::keyboard_source(reader.keyboard);
  if (reader.line.empty()) return nullptr;
  return readers::serial_source(
      hal::host::parse_serial_address(reader.line, config::line_baud).value());
}

}  // namespace

struct Stations::Impl : std::enable_shared_from_this<Stations::Impl> {
  Impl(asio::any_io_executor on, Services with)
      : reactor(std::move(on)), services(std::move(with)) {
    for (const config::Reader& reader : services.config.readers) {
      stations.push_back(std::make_shared<Station>(reactor, services, reader, [this] {
        if (changed) changed();
      }));
    }
  }

  Station* find(const std::string& id) const {
    const auto found = std::ranges::find(
        stations, id, [](const auto& station) -> const std::string& { return station->id(); });
    return found == stations.end() ? nullptr : found->get();
  }
  Station* find(const Request& request) const {
    const auto id = request.params.find("id");
    return id == request.params.end() ? nullptr : find(id->second);
  }

  awaitable<Response> page_of(const Request& request) const {
    if (find(request) == nullptr) co_return not_found();
    const auto file = std::ranges::find(page(), page_file, &web::Asset::path);
    Response response;
    response.content_type = file->content_type;
    response.body = file->body;
    response.headers["Cache-Control"] = "no-cache";
    co_return response;
  }

  awaitable<Response> choose(const Request& request) const {
    Station* station = find(request);
    if (station == nullptr) co_return not_found();
    if (request.body.size() > most_body_bytes)
      co_return http::problem(413, "Content Too Large", "a choice has at most 1 KiB");
    const auto body = nlohmann::json::parse(request.body, nullptr, false);
    const auto text = [&body](const char* key) -> std::optional<std::string> {
      const auto found = body.is_object() ? body.find(key) : body.end();
      if (found == body.end() || !found->is_string()) return std::nullopt;
      return found->get<std::string>();
    };
    const auto screen = text("screen");
    const auto choice = text("choice");
    if (!screen || !choice) {
      co_return http::problem(400, "Bad Request",
                              R"(a choice is {"screen": TEXT, "choice": TEXT})");
    }
    co_return told(station->choose(*screen, *choice));
  }

  awaitable<Response> sign(const Request& request) const {
    Station* station = find(request);
    if (station == nullptr) co_return not_found();
    if (request.body.size() > most_drawing_bytes)
      co_return http::problem(413, "Content Too Large", "a signature has at most 64 KiB");
    const auto body = nlohmann::ordered_json::parse(request.body, nullptr, false);
    const bool named = body.is_object() && body.contains("screen") && body["screen"].is_string();
    auto drawing = named ? halfdays::drawing_of(body) : std::nullopt;
    if (!drawing) {
      co_return http::problem(
          400, "Bad Request",
          R"(a signature is {"screen": TEXT, "strokes": [[[x, y], ...], ...], "aspect": NUMBER})");
    }
    if (const auto why = halfdays::refuse_drawing(*drawing))
      co_return http::problem(400, "Bad Request", *why);
    co_return told(station->sign(body["screen"].get<std::string>(), std::move(*drawing)));
  }

  void open(const std::shared_ptr<Station>& station, const config::Reader& reader) {
    readers::Events events{
        .state = [station](bool working,
                           const std::string& what) { station->state(working, what); },
        .sight = [station](const hal::Sight& sight) { station->seen(sight); },
        .line = [station](const auto& line) { station->read(line); }};
    if (auto source = line_source(reader)) {
      const auto format = readers::line_format_from(reader.format);
      opened.push_back(
          readers::line_reader(reactor, std::move(source), format.value(), std::move(events)));
      return;
    }
    if (!reader.pn532.empty()) {
      const auto line = hal::host::parse_serial_address(reader.pn532);
      opened.push_back(readers::pn532_reader(reactor, line.value(), std::move(events)));
      station->talk_through(opened.back().get());
      return;
    }
    if (pcsc == nullptr) pcsc = readers::pcsc_bus(reactor);
    opened.push_back(pcsc->reader(reader.pcsc == "auto" ? "" : reader.pcsc, std::move(events)));
    station->talk_through(opened.back().get());
  }

  void close() {
    for (const auto& station : stations) station->talk_through(nullptr);
    opened.clear();
    pcsc.reset();
  }

  awaitable<void> tell_life() {
    while (!stopping) {
      co_await life.wait(flows::Signal::Clock::now() + sign_of_life);
      if (stopping) co_return;
      for (const auto& station : stations) station->publish();
    }
  }

  const asio::any_io_executor reactor;
  const Services services;
  std::function<void()> changed;
  std::vector<std::shared_ptr<Station>> stations;
  std::unique_ptr<readers::PcscBus> pcsc;
  std::vector<std::unique_ptr<readers::Reader>> opened;
  flows::Signal life{reactor};
  bool stopping = false;
};

Stations::Stations(asio::any_io_executor reactor, Services services)
    : impl_(std::make_shared<Impl>(std::move(reactor), std::move(services))) {}
Stations::~Stations() {
  impl_->close();
}

void Stations::add_routes(http::Router& router) {
  if (impl_->stations.empty()) return;
  web::add_assets(router, page());
  const auto impl = impl_.get();
  router.add("GET", "/kiosk/{id}",
             [impl](const Request& request) { return impl->page_of(request); });
  router.add("POST", "/kiosk/{id}/choice",
             [impl](const Request& request) { return impl->choose(request); });
  router.add("POST", "/kiosk/{id}/signature",
             [impl](const Request& request) { return impl->sign(request); });
  for (const auto& station : impl_->stations)
    router.add_stream("/kiosk/" + station->id() + "/stream", station->stream());
}

void Stations::start() {
  for (std::size_t i = 0; i < impl_->stations.size(); ++i)
    impl_->open(impl_->stations[i], impl_->services.config.readers[i]);
  if (impl_->stations.empty()) return;
  asio::co_spawn(impl_->reactor, [impl = impl_] { return impl->tell_life(); }, asio::detached);
}

awaitable<void> Stations::stop() {
  const auto impl = impl_;
  impl->stopping = true;
  impl->life.notify();
  impl->close();
  for (const auto& station : impl->stations) co_await station->stop();
}

std::vector<StationStatus> Stations::status() const {
  std::vector<StationStatus> all;
  for (const auto& station : impl_->stations) all.push_back(station->status());
  return all;
}

std::optional<std::expected<void, std::string>> Stations::can_issue(const std::string& id) const {
  const Station* station = impl_->find(id);
  if (station == nullptr) return std::nullopt;
  return station->can_issue();
}

void Stations::on_change(std::function<void()> changed) {
  impl_->changed = std::move(changed);
}

std::expected<void, std::string> keep_readers(store::Database& db,
                                              const std::vector<config::Reader>& readers) {
  for (const config::Reader& reader : readers) {
    auto terminal = db.prepare("SELECT 1 FROM registry WHERE serial = ?");
    if (terminal.bind(reader.id).step()) {
      return std::unexpected("readers.id: \"" + reader.id +
                             "\" is the serial number of an enrolled terminal; choose another id");
    }
    db.prepare(
          "INSERT INTO reader (id, room, mode) VALUES (?, ?, ?)"
          " ON CONFLICT (id) DO UPDATE SET room = excluded.room, mode = excluded.mode")
        .bind(reader.id, reader.room, reader.mode)
        .run();
  }
  return {};
}

}  // namespace rollcall::stations
