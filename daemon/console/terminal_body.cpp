#include "daemon/console/terminal_body.hpp"

#include <nlohmann/json.hpp>

#include "daemon/config/values.hpp"
#include "daemon/registry/entry.hpp"

namespace rollcall::console {
namespace {

constexpr std::size_t most_languages = 16;

void accept(const char* key, const std::string& problem) {
  if (!problem.empty()) throw BadRequest{std::string{"\""} + key + "\": " + problem};
}

std::string checked_serial(std::string serial) {
  accept("serial", config::check_serial(serial));
  return serial;
}

}  // namespace

std::string serial_of(const http::Request& request) {
  return checked_serial(request.params.at("serial"));
}

std::string serial_of(const Json& body) {
  return checked_serial(text_of(body, "serial"));
}

std::string room_of(const Json& body) {
  std::string room = text_of(body, "room");
  accept("room", config::check_label(room));
  return room;
}

protocol::TerminalMode mode_of(const Json& body) {
  const auto mode = registry::mode_from(text_of(body, "mode"));
  if (!mode) throw BadRequest{"\"mode\" is none of training, childcare, work_site"};
  return *mode;
}

std::vector<std::string> languages_of(const Json& body) {
  const auto given = body.find("languages");
  if (given == body.end()) return {};
  if (!given->is_array() || given->size() > most_languages)
    throw BadRequest{"\"languages\" is a list of at most 16 language codes"};
  std::vector<std::string> out;
  for (const Json& one : *given) {
    if (!one.is_string()) throw BadRequest{"\"languages\" is a list of texts such as \"fr\""};
    out.push_back(one.get<std::string>());
    accept("languages", config::check_language(out.back()));
  }
  return out;
}

http::Response not_stored(const store::StoreError& error) {
  return http::problem(
      503, "Service Unavailable",
      std::string{"the database did not take it; nothing was changed: "} + error.what());
}

}  // namespace rollcall::console
