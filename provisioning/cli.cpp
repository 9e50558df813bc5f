#include "provisioning/cli.hpp"

#include <algorithm>
#include <ostream>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "daemon/config/config.hpp"
#include "hal/host/http/http.hpp"
#include "provisioning/daemon_client.hpp"
#include "provisioning/show.hpp"

namespace rollcall::provisioning {
namespace {

using Json = nlohmann::ordered_json;
using Answer = std::expected<Json, Failure>;

constexpr const char* usual_socket = "/run/rollcall/control.sock";

constexpr const char* exit_codes =
    "Exit codes:\n"
    "  0   done\n"
    "  1   the daemon refused; nothing was changed\n"
    "  2   the command line is wrong; nothing was asked\n"
    "  3   no daemon answered\n"
    "  78  the configuration file is wrong\n";

struct Choices {
  std::string socket;
  std::string config;
  bool json = false;
  std::string reason;
  std::string actor;
  std::string token;
  std::string person;
  long long notice = 0;
};

// Who acts when nobody is named: the local account.
std::string local_account() {
  return "unix:" + std::to_string(getuid());
}

std::string actor_of(const Choices& choices) {
  return choices.actor.empty() ? local_account() : choices.actor;
}

std::expected<std::string, Failure> find_socket(const Choices& choices) {
  if (!choices.socket.empty()) return choices.socket;
  if (choices.config.empty()) return usual_socket;
  const auto config = config::load(choices.config);
  if (config) return config->control_socket;
  std::string text;
  for (const std::string& problem : config.error()) text += problem + "\n";
  return std::unexpected(
      Failure{Exit::config,
              text + "Nothing was asked. Repair the file, or name the socket with --socket PATH."});
}

std::string with_reason(const std::string& target, const std::string& reason) {
  return reason.empty() ? target : target + "?reason=" + http::percent_encode(reason);
}

class Commands {
 public:
  Commands(const Choices& choices, std::ostream& out, std::ostream& err)
      : choices_(choices), out_(out), err_(err) {}

  Exit status() { return show(get("/api/v1/status"), show_status); }
  Exit inbox() { return show(get("/api/v1/inbox"), show_inbox); }
  Exit rejected() {
    return show(get(with_reason("/api/v1/delivery/rejected", choices_.reason)), show_rejected);
  }

  Exit close_notice() {
    const Json body = {{"id", choices_.notice}, {"actor", actor_of(choices_)}};
    return show(post("/api/v1/inbox/close", body), [](const Json& answer) {
      const std::string id = std::to_string(answer.at("id").get<long long>());
      return answer.at("was_open").get<bool>() ? "Closed " + id + ".\n"
                                               : id + " was closed already; nothing was changed.\n";
    });
  }

  Exit retry() {
    const Json body = choices_.reason.empty() ? Json::object() : Json{{"reason", choices_.reason}};
    return show(post("/api/v1/delivery/retry", body), [](const Json& answer) {
      const long long events = answer.at("events").get<long long>();
      if (events == 0)
        return std::string{"No rejected event is waiting; nothing was sent again.\n"};
      return std::to_string(events) + (events == 1 ? " event is" : " events are") +
             " on the way again, in order. Look at `rollcall status` for the receipt.\n";
    });
  }

  Exit attach() {
    const Json body = {{"token", choices_.token},
                       {"person", choices_.person},
                       {"reason", choices_.reason},
                       {"actor", actor_of(choices_)}};
    return show(post("/api/v1/cards/attach", body), [](const Json& answer) {
      const long long taps = answer.at("earlier_taps").get<long long>();
      const std::string earlier =
          taps == 0   ? "It had no earlier taps."
          : taps == 1 ? "Its one earlier tap is that person's now, with its own time."
                      : "Its " + std::to_string(taps) +
                            " earlier taps are that person's now, with their own times.";
      return "The card belongs to " + answer.at("person").get<std::string>() + ". " + earlier +
             "\n";
    });
  }

 private:
  Answer get(const std::string& target) const {
    const auto socket = find_socket(choices_);
    if (!socket) return std::unexpected(socket.error());
    return DaemonClient{*socket}.get(target);
  }
  Answer post(const std::string& target, const Json& body) const {
    const auto socket = find_socket(choices_);
    if (!socket) return std::unexpected(socket.error());
    return DaemonClient{*socket}.post(target, body);
  }

  template <class Words>
  Exit show(const Answer& answer, Words words) {
    if (!answer) {
      err_ << answer.error().text << (answer.error().text.ends_with('\n') ? "" : "\n");
      return answer.error().exit;
    }
    try {
      out_ << (choices_.json ? answer->dump(2, ' ', false, Json::error_handler_t::replace) + "\n"
                             : words(*answer));
    } catch (const Json::exception&) {
      err_ << "rollcalld answered in a shape this rollcall does not know. What was asked has been "
              "done; use the "
              "rollcall that came with the daemon, or --json.\n";
      return Exit::refused;
    }
    return Exit::done;
  }

  const Choices& choices_;
  std::ostream& out_;
  std::ostream& err_;
};

}  // namespace

int run(const std::vector<std::string>& arguments, std::ostream& out, std::ostream& err) {
  Choices choices;
  Commands commands{choices, out, err};
  Exit exit = Exit::done;

  CLI::App app{"Talks to the rollcalld that runs on this machine.", "rollcall"};
  app.set_version_flag("--version", std::string{"rollcall "} + ROLLCALL_VERSION);
  app.footer(exit_codes);
  app.require_subcommand(1);
  app.fallthrough();
  auto* socket =
      app.add_option("--socket", choices.socket,
                     std::string{"Control socket of the daemon (usually "} + usual_socket + ")");
  app.add_option("--config", choices.config, "Configuration file of the daemon, to find its socket")
      ->excludes(socket);
  app.add_flag("--json", choices.json, "Answer in JSON, for programs (docs/api/console.yaml)");
  const auto actor = [&](CLI::App* command) {
    command->add_option("--actor", choices.actor,
                        "Who decides it: a staff id, no name (else the local account)");
  };
  const auto does = [&](CLI::App* command, Exit (Commands::*action)()) {
    command->callback([&commands, &exit, action] { exit = (commands.*action)(); });
  };

  does(app.add_subcommand("status", "How daemon, terminals and delivery are doing"),
       &Commands::status);

  auto* inbox = app.add_subcommand("inbox", "What waits for staff");
  inbox->require_subcommand(0, 1);
  auto* close = inbox->add_subcommand("close", "Close one matter");
  close->add_option("id", choices.notice, "Its number, as `rollcall inbox` lists it")->required();
  actor(close);
  does(close, &Commands::close_notice);
  inbox->callback([&] {
    if (!*close) exit = commands.inbox();
  });

  auto* delivery = app.add_subcommand("delivery", "Delivery to the case system");
  delivery->require_subcommand(1);
  auto* rejected = delivery->add_subcommand("rejected", "Events the case system did not accept");
  auto* retry =
      delivery->add_subcommand("retry", "Send them again, after what was wrong has been repaired");
  for (CLI::App* command : {rejected, retry}) {
    command->add_option("--reason", choices.reason,
                        "Only those with this reason, such as unknown-person");
  }
  does(rejected, &Commands::rejected);
  does(retry, &Commands::retry);

  auto* card = app.add_subcommand("card", "Cards");
  card->require_subcommand(1);
  auto* attach =
      card->add_subcommand("attach", "Say whose card it is; its earlier taps become that person's");
  attach
      ->add_option("token", choices.token,
                   "The card's token from `rollcall inbox`, or its first 8 digits or more")
      ->required();
  attach->add_option("person", choices.person, "The person's pseudonym")->required();
  attach->add_option("--reason", choices.reason, "Why, in words without names")->required();
  actor(attach);
  does(attach, &Commands::attach);

  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());  // as CLI11 takes them
  try {
    app.parse(reversed);
  } catch (const CLI::Success& wanted) {  // --help, --version
    app.exit(wanted, out, err);
    return static_cast<int>(Exit::done);
  } catch (const CLI::ParseError& wrong) {
    err << wrong.what() << "\nNothing was asked. `rollcall --help` lists the commands.\n";
    return static_cast<int>(Exit::usage);
  }
  return static_cast<int>(exit);
}

}  // namespace rollcall::provisioning
