#include "daemon/console/body.hpp"

#include <nlohmann/json.hpp>

#include "daemon/events/contract.hpp"

namespace rollcall::console {
namespace {

constexpr std::size_t most_body_bytes = std::size_t{16} << 10;
constexpr std::size_t longest_text = 500;  // bytes

}  // namespace

Json parse_body(const http::Request& request) {
  if (request.body.size() > most_body_bytes) throw BadRequest{"the body is larger than 16 KiB"};
  Json body = Json::parse(request.body, nullptr, false);
  if (!body.is_object()) throw BadRequest{"the body must be a JSON object"};
  return body;
}

std::string text_of(const Json& body, const char* key) {
  const auto found = body.find(key);
  if (found == body.end() || !found->is_string() || found->get_ref<const std::string&>().empty()) {
    throw BadRequest{std::string{"\""} + key + "\" is missing; give it as a text"};
  }
  const std::string& text = found->get_ref<const std::string&>();
  if (text.size() > longest_text)
    throw BadRequest{std::string{"\""} + key + "\" is longer than 500 bytes"};
  return text;
}

std::string actor_of(const http::Request& request, const Json& body) {
  if (!request.actor.empty()) return request.actor;
  std::string actor = text_of(body, "actor");
  if (!events::is_actor(actor)) {
    throw BadRequest{
        "\"actor\" says who decides it: an id of 1 to 64 letters, digits and _ . : @ -"};
  }
  return actor;
}

std::string reason_of(const Json& body) {
  std::string reason = text_of(body, "reason");
  if (!events::is_sentence(reason)) throw BadRequest{"\"reason\" has 1 to 300 bytes"};
  return reason;
}

}  // namespace rollcall::console
