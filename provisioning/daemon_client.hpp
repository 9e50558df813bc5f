// Talks to a running rollcalld over its control socket. The contract is docs/api/console.yaml.
#pragma once

#include <chrono>
#include <expected>
#include <string>

#include <nlohmann/json_fwd.hpp>

namespace rollcall::provisioning {

// How a command ended; also the program's exit code, told in --help.
enum class Exit : int {
  done = 0,
  refused =
      1,      // the daemon or the terminal will not, or it did not come about; nothing was changed
  usage = 2,  // the command line is wrong; nothing was asked
  unreachable = 3,  // no daemon answered
  config = 78,      // the configuration file is wrong (EX_CONFIG of sysexits.h)
  cancelled = 130,  // the person pressed Ctrl-C; nothing was changed
};

struct Failure {
  Exit exit;
  std::string text;  // what happened, what is safe, what to do
};

class DaemonClient {
 public:
  static constexpr std::chrono::seconds deadline{10};

  explicit DaemonClient(std::string socket) : socket_(std::move(socket)) {}

  // `target` is a path of the contract, with its query encoded.
  std::expected<nlohmann::ordered_json, Failure> get(const std::string& target) const;
  std::expected<nlohmann::ordered_json, Failure> post(const std::string& target,
                                                      const nlohmann::ordered_json& body) const;
  std::expected<nlohmann::ordered_json, Failure> remove(const std::string& target) const;  // DELETE
  std::expected<nlohmann::ordered_json, Failure> upload(const std::string& target,
                                                        std::string bytes) const;  // POST
  // What is no JSON: a file. GET.
  std::expected<std::string, Failure> fetch(const std::string& target) const;

 private:
  std::expected<nlohmann::ordered_json, Failure> send(const std::string& method,
                                                      const std::string& target, std::string body,
                                                      const char* content_type) const;
  Failure refused(unsigned status, const nlohmann::ordered_json& answer) const;
  std::string socket_;
};

}  // namespace rollcall::provisioning
