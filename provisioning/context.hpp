// What every command works with: the daemon it asks, and where it writes and reads.
#pragma once

#include <expected>
#include <functional>
#include <iosfwd>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "provisioning/daemon_client.hpp"

namespace rollcall::provisioning {

using Json = nlohmann::ordered_json;
using Answer = std::expected<Json, Failure>;

// Options that all commands share.
struct Choices {
  std::string socket;
  std::string config;
  bool json = false;
  std::string actor;
};

class Context {
 public:
  static constexpr const char* usual_socket = "/run/rollcall/control.sock";

  // `in`: file descriptor of what a person types. All outlive the context.
  Context(const Choices& choices, std::ostream& answers, std::ostream& problems, int typed)
      : out(answers), err(problems), in(typed), choices_(choices) {}

  Answer get(const std::string& target) const;
  Answer post(const std::string& target, const Json& body) const;
  Answer remove(const std::string& target) const;                     // DELETE
  Answer upload(const std::string& target, std::string bytes) const;  // POST, of any content
  // Puts a file that the daemon draws into a new one of this name, which only its owner may read.
  Exit save(const std::string& target, const std::string& path) const;

  // Writes the answer in words, or as JSON when that was asked for; a failure goes to `err`.
  Exit show(const Answer& answer, const std::function<std::string(const Json&)>& words) const;
  Exit fail(const Failure& failure) const;

  // Who acts: a staff id, else the local account (unix:<uid>).
  std::string actor() const;
  bool json() const { return choices_.json; }

  std::ostream& out;
  std::ostream& err;
  const int in;

 private:
  std::expected<std::string, Failure> socket() const;

  const Choices& choices_;
};

}  // namespace rollcall::provisioning
