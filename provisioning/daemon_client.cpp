#include "provisioning/daemon_client.hpp"

#include <cerrno>
#include <utility>

#include <nlohmann/json.hpp>
#include <unistd.h>

#include "hal/host/http/http.hpp"

namespace rollcall::provisioning {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* json_type = "application/json";

Failure unreachable(const std::string& socket, const http::ClientError& error, bool changing) {
  const auto failure = [&](const std::string& text) { return Failure{Exit::unreachable, text}; };
  const bool may_be_done = changing && error.kind != http::ClientError::Kind::connect;
  if (may_be_done) {
    return failure("rollcalld took the request but did not answer (" + error.text +
                   "). It was carried out as a whole or not at all; give the same command again, "
                   "it does no harm.");
  }
  const std::string safe = " Nothing was asked or changed; terminals keep every tap meanwhile.\n";
  if (access(socket.c_str(), F_OK) != 0 && errno == ENOENT) {
    return failure("rollcalld is not running here: there is no socket " + socket + "." + safe +
                   "Start it with `rollcalld --config FILE`, or say where its socket is: --socket "
                   "PATH or --config FILE.");
  }
  if (access(socket.c_str(), R_OK | W_OK) != 0 && errno == EACCES) {
    return failure("You may not open " + socket + "." + safe +
                   "Run rollcall as the user that runs rollcalld.");
  }
  return failure("rollcalld does not answer on " + socket + " (" + error.text + ")." + safe +
                 "Look at its log; if it has ended, start it again.");
}

}  // namespace

std::expected<Json, Failure> DaemonClient::get(const std::string& target) const {
  return send("GET", target, {}, json_type);
}

std::expected<Json, Failure> DaemonClient::post(const std::string& target, const Json& body) const {
  return send("POST", target, body.dump(-1, ' ', false, Json::error_handler_t::replace), json_type);
}

std::expected<Json, Failure> DaemonClient::remove(const std::string& target) const {
  return send("DELETE", target, {}, json_type);
}

std::expected<Json, Failure> DaemonClient::upload(const std::string& target,
                                                  std::string bytes) const {
  return send("POST", target, std::move(bytes), "application/octet-stream");
}

std::expected<std::string, Failure> DaemonClient::fetch(const std::string& target) const {
  http::Request request;
  request.method = "GET";
  request.path = target;
  http::ClientResult result = http::request_unix(socket_, request, deadline);
  if (!result) return std::unexpected(unreachable(socket_, result.error(), false));
  if (result->status == 200 && !result->body.empty()) return std::move(result->body);
  return std::unexpected(refused(result->status, Json::parse(result->body, nullptr, false)));
}

Failure DaemonClient::refused(unsigned status, const Json& answer) const {
  if (answer.is_object() && answer.contains("detail") && answer.at("detail").is_string())
    return {Exit::refused, "rollcalld refused: " + answer.at("detail").get<std::string>() + "."};
  return {Exit::refused, "What listens on " + socket_ +
                             " does not speak as rollcalld does (status " + std::to_string(status) +
                             "). Nothing is known to have changed; check that rollcall and "
                             "rollcalld have the same version."};
}

std::expected<Json, Failure> DaemonClient::send(const std::string& method,
                                                const std::string& target, std::string body,
                                                const char* content_type) const {
  http::Request request;
  request.method = method;
  request.path = target;
  request.body = std::move(body);
  if (!request.body.empty()) request.headers["Content-Type"] = content_type;
  const http::ClientResult result = http::request_unix(socket_, request, deadline);
  if (!result) return std::unexpected(unreachable(socket_, result.error(), method != "GET"));
  Json answer = Json::parse(result->body, nullptr, false);
  if (result->status == 200 && answer.is_object()) return answer;
  return std::unexpected(refused(result->status, answer));
}

}  // namespace rollcall::provisioning
