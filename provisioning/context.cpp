#include "provisioning/context.hpp"

#include <ostream>

#include <nlohmann/json.hpp>
#include <unistd.h>

#include "daemon/config/config.hpp"
#include "provisioning/new_file.hpp"

namespace rollcall::provisioning {

std::expected<std::string, Failure> Context::socket() const {
  if (!choices_.socket.empty()) return choices_.socket;
  if (choices_.config.empty()) return usual_socket;
  const auto config = config::load(choices_.config);
  if (config) return config->control_socket;
  std::string text;
  for (const std::string& problem : config.error()) text += problem + "\n";
  return std::unexpected(
      Failure{Exit::config,
              text + "Nothing was asked. Repair the file, or name the socket with --socket PATH."});
}

Answer Context::get(const std::string& target) const {
  const auto path = socket();
  if (!path) return std::unexpected(path.error());
  return DaemonClient{*path}.get(target);
}

Answer Context::post(const std::string& target, const Json& body) const {
  const auto path = socket();
  if (!path) return std::unexpected(path.error());
  return DaemonClient{*path}.post(target, body);
}

Answer Context::remove(const std::string& target) const {
  const auto path = socket();
  if (!path) return std::unexpected(path.error());
  return DaemonClient{*path}.remove(target);
}

Answer Context::upload(const std::string& target, std::string bytes) const {
  const auto path = socket();
  if (!path) return std::unexpected(path.error());
  return DaemonClient{*path}.upload(target, std::move(bytes));
}

Exit Context::fail(const Failure& failure) const {
  err << failure.text << (failure.text.ends_with('\n') ? "" : "\n");
  return failure.exit;
}

Exit Context::save(const std::string& target, const std::string& path) const {
  const auto where = socket();
  if (!where) return fail(where.error());
  auto file = NewFile::make(path);
  if (!file) return fail({Exit::usage, file.error() + "; nothing was asked"});
  const auto bytes = DaemonClient{*where}.fetch(target);
  if (!bytes) return fail(bytes.error());
  if (const auto written = file->write(*bytes); !written)
    return fail({Exit::refused, written.error() + "; nothing was changed"});
  return show(Json{{"file", path}},
              [](const Json& answer) { return answer.at("file").get<std::string>() + "\n"; });
}

Exit Context::show(const Answer& answer,
                   const std::function<std::string(const Json&)>& words) const {
  if (!answer) return fail(answer.error());
  try {
    out << (json() ? answer->dump(2, ' ', false, Json::error_handler_t::replace) + "\n"
                   : words(*answer));
  } catch (const Json::exception&) {
    err << "rollcalld answered in a shape this rollcall does not know. What was asked has been "
           "done; use the rollcall that came with the daemon, or --json.\n";
    return Exit::refused;
  }
  return Exit::done;
}

std::string Context::actor() const {
  return choices_.actor.empty() ? "unix:" + std::to_string(getuid()) : choices_.actor;
}

}  // namespace rollcall::provisioning
