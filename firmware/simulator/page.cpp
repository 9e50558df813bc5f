#include "firmware/simulator/page.hpp"

#include <charconv>
#include <fstream>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/address.hpp>
#include <nlohmann/json.hpp>

#include "firmware/simulator/enrol.hpp"
#include "firmware/simulator/script.hpp"
#include "firmware/simulator/web/assets.hpp"
#include "hal/host/http/http.hpp"
#include "hal/host/web/assets.hpp"

namespace rollcall::simulator {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

std::string rfc3339(std::int64_t wall_ms) {
  const auto time = static_cast<std::time_t>(wall_ms / 1000);
  std::tm utc{};
  gmtime_r(&time, &utc);
  char text[40];
  const std::size_t size = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
  std::snprintf(text + size, sizeof text - size, ".%03dZ", static_cast<int>(wall_ms % 1000));
  return text;
}

http::Response answer(const ordered_json& body) {
  http::Response response;
  response.body = body.dump();
  return response;
}

http::Response bad_request(std::string_view detail) {
  return http::problem(400, "Bad Request", detail);
}

// Host part of "127.0.0.1:8481", "[::1]:8481" or "localhost".
std::string_view host_of(std::string_view authority) {
  if (authority.starts_with("[")) return authority.substr(0, authority.find(']') + 1);
  return authority.substr(0, authority.find(':'));
}

bool is_this_machine(std::string_view host) {
  return host == "127.0.0.1" || host == "[::1]" || host == "localhost";
}

// Another site's page in the same browser may not work this terminal: neither under a name of its
// own that leads here, nor by a request it starts.
std::optional<http::Response> refuse_strangers(const http::Request& request) {
  const auto host = request.headers.find("host");
  if (host == request.headers.end() || !is_this_machine(host_of(host->second))) {
    return http::problem(403, "Forbidden", "this page answers under 127.0.0.1 and localhost only");
  }
  const auto origin = request.headers.find("origin");
  if (origin != request.headers.end() && origin->second != "http://" + host->second) {
    return http::problem(403, "Forbidden", "requests of other pages are refused");
  }
  return std::nullopt;
}

}  // namespace

std::expected<std::vector<LabelledCard>, std::string> load_cards(const std::string& path) {
  std::ifstream in(path);
  if (!in) return std::unexpected("the card file " + path + " cannot be read");
  std::vector<LabelledCard> cards;
  std::string line;
  for (unsigned number = 1; std::getline(in, line); ++number) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (number == 1 || line.empty()) continue;
    const auto comma = line.find(',');
    const auto card = parse_card(line.substr(0, comma));
    if (!card) {
      return std::unexpected(path + ":" + std::to_string(number) +
                             ": the first column must be a chip number of 8, 14 or 20 hex digits");
    }
    std::string label = comma == std::string::npos ? "" : line.substr(comma + 1);
    if (label.size() > 1 && label.front() == '"' && label.back() == '"')
      label = label.substr(1, label.size() - 2);
    if (label.empty()) label = line.substr(0, comma);
    cards.push_back({*card, label});
  }
  return cards;
}

struct Page::Impl {
  Impl(asio::io_context& io, SimTerminal& sim, std::vector<LabelledCard> known)
      : terminal(sim),
        cards(std::move(known)),
        server(io.get_executor(), router, {}, web::security_headers()) {
    router.set_guard(refuse_strangers);
    web::add_assets(router, firmware::simulator_page());
    router.add_stream("/api/stream", events);
    router.add("GET", "/api/state",
               [this](const http::Request&) -> asio::awaitable<http::Response> {
                 co_return answer(state());
               });
    router.add("GET", "/api/cards",
               [this](const http::Request&) -> asio::awaitable<http::Response> {
                 ordered_json list = ordered_json::array();
                 for (const LabelledCard& c : cards)
                   list.push_back({{"card", hex(c.card.view(), true)}, {"label", c.label}});
                 co_return answer(list);
               });
    router.add(
        "GET", "/api/screen.png",
        [this](const http::Request&) -> asio::awaitable<http::Response> { co_return picture(); });
    add_action("/api/tap", [this](const json& body) -> std::string {
      const auto found = body.find("card");
      const auto card = found != body.end() && found->is_string()
                            ? parse_card(found->get<std::string>())
                            : std::nullopt;
      if (!card) return "`card` must be a chip number of 8, 14 or 20 hex digits";
      if (terminal.has_card_module()) return "cards come to the reader that --reader names";
      if (terminal.taps_pending() > 10) return "ten cards already wait for the reader";
      terminal.tap(*card);
      return "";
    });
    add_action("/api/touch", [this](const json& body) -> std::string {
      const auto coordinate = [&](const char* name, unsigned size) -> std::optional<std::uint16_t> {
        const auto found = body.find(name);
        if (found == body.end() || !found->is_number_integer()) return std::nullopt;
        const auto value = found->get<std::int64_t>();
        if (value < 0 || value >= size) return std::nullopt;
        return static_cast<std::uint16_t>(value);
      };
      const auto x = coordinate("x", panel_size.width);
      const auto y = coordinate("y", panel_size.height);
      if (!x || !y) return "`x` and `y` must be pixels of the panel";
      terminal.touch({*x, *y});
      return "";
    });
    add_action("/api/cable", [this](const json& body) -> std::string {
      const auto found = body.find("connected");
      if (found == body.end() || !found->is_boolean()) return "`connected` must be true or false";
      terminal.set_plugged(found->get<bool>());
      return "";
    });
    add_action("/api/power-cut", [this](const json&) -> std::string {
      terminal.cut_power();
      return "";
    });
    add_action("/api/window", [this](const json&) -> std::string {
      if (terminal.terminal().settings()) return "this terminal has its key already";
      terminal.open_window();
      return "";
    });
    add_action("/api/number", [this](const json& body) -> std::string {
      const auto found = body.find("same");
      if (found == body.end() || !found->is_boolean()) return "`same` must be true or false";
      if (!terminal.terminal().enrolment().number()) return "no number waits to be compared";
      terminal.agree(found->get<bool>());
      return "";
    });
    terminal.on_change([this] { publish(); });
    publish();
  }
  ~Impl() { terminal.on_change({}); }

  // `act` returns what is wrong with the body, or nothing.
  template <class Act>
  void add_action(const char* path, Act act) {
    router.add("POST", path,
               [this, act](const http::Request& request) -> asio::awaitable<http::Response> {
                 const json body = json::parse(request.body, nullptr, false);
                 if (!body.is_object()) co_return bad_request("the body must be a JSON object");
                 if (const std::string problem = act(body); !problem.empty())
                   co_return bad_request(problem);
                 co_return answer(state());
               });
  }

  ordered_json state() const {
    const firmware::Terminal& firmware = terminal.terminal();
    const auto shown = firmware.shown();
    ordered_json answers = ordered_json::array();
    for (const SimTerminal::Answer& a : terminal.answers()) {
      answers.push_back({{"time", rfc3339(a.wall_ms)},
                         {"card", hex(a.card.view(), true)},
                         {"light", a.light()},
                         {"outcome", a.outcome()}});
    }
    const ordered_json name =
        shown ? ordered_json(firmware::feedback_for(*shown).name) : ordered_json(nullptr);
    return {{"serial", terminal.serial()},
            {"connected", firmware.welcomed()},
            {"cable", terminal.plugged()},
            {"light", firmware::light_name(terminal.indicator().light().colour)},
            {"tone", name},
            {"slot", slot_name(static_cast<unsigned>(firmware.shown_slot()))},
            {"outcome", name},
            {"screen_version", terminal.display()->frames()},
            {"panel", {{"width", panel_size.width}, {"height", panel_size.height}}},
            {"queue",
             {{"waiting", firmware.queue().waiting()}, {"capacity", firmware.queue().capacity()}}},
            {"enrolment", enrolment()},
            {"answers", answers}};
  }

  ordered_json enrolment() const {
    const firmware::Enrolment& enrolment = terminal.terminal().enrolment();
    const auto number = enrolment.number();
    const auto result = terminal.enrolment_result();
    char digits[8] = "";
    if (number) std::snprintf(digits, sizeof digits, "%06u", *number);
    return {{"enrolled", terminal.terminal().settings().has_value()},
            {"site", terminal.site()},
            {"window", enrolment.window_open()},
            {"number", number ? ordered_json(digits) : ordered_json(nullptr)},
            {"result", result ? ordered_json(enrol_result_name(*result)) : ordered_json(nullptr)}};
  }

  void publish() {
    std::string now = state().dump();
    if (now != events->latest()) events->publish(std::move(now));
  }

  http::Response picture() {
    if (picture_version != terminal.display()->frames() || picture_png.empty()) {
      picture_version = terminal.display()->frames();
      picture_png = terminal.display()->png();
    }
    http::Response response;
    response.content_type = "image/png";
    response.headers["Cache-Control"] = "no-store";
    // The console's page shows it, too; that no other page can read what it embeds is up to
    // browsers.
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin";
    response.body = picture_png;
    return response;
  }

  SimTerminal& terminal;
  std::vector<LabelledCard> cards;
  std::shared_ptr<http::EventSource> events = std::make_shared<http::EventSource>();
  http::Router router;
  http::Server server;
  std::uint64_t picture_version = 0;
  std::string picture_png;
};

Page::Page(asio::io_context& io, SimTerminal& terminal, std::vector<LabelledCard> cards)
    : impl_(std::make_unique<Impl>(io, terminal, std::move(cards))) {}

Page::~Page() = default;

std::expected<unsigned short, std::string> Page::listen(const std::string& where) {
  const auto colon = where.rfind(':');
  unsigned short port = 0;
  const char* end = where.data() + where.size();
  const bool has_port =
      colon != std::string::npos && std::from_chars(where.data() + colon + 1, end, port).ptr == end;
  boost::system::error_code error;
  std::string host = where.substr(0, colon);
  if (host == "localhost") host = "127.0.0.1";
  if (host.starts_with("[") && host.ends_with("]")) host = host.substr(1, host.size() - 2);
  const auto address = asio::ip::make_address(host, error);
  if (!has_port || error)
    return std::unexpected("\"" + where + "\" is not ADDRESS:PORT, such as 127.0.0.1:8481");
  if (!address.is_loopback()) {
    return std::unexpected(
        "the page of a simulated terminal is served on this machine only: use 127.0.0.1 instead "
        "of " +
        host);
  }
  return impl_->server.listen_tcp(host, port);
}

void Page::stop() {
  impl_->server.stop();
}

}  // namespace rollcall::simulator
