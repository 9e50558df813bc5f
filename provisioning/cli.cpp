#include "provisioning/cli.hpp"

#include <algorithm>
#include <ostream>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "hal/host/http/http.hpp"
#include "provisioning/account_commands.hpp"
#include "provisioning/attendance_commands.hpp"
#include "provisioning/card_commands.hpp"
#include "provisioning/context.hpp"
#include "provisioning/desk_commands.hpp"
#include "provisioning/roster_commands.hpp"
#include "provisioning/sheet_commands.hpp"
#include "provisioning/show.hpp"
#include "provisioning/site_init.hpp"
#include "provisioning/terminal_commands.hpp"

namespace rollcall::provisioning {
namespace {

constexpr const char* exit_codes =
    "Exit codes:\n"
    "  0   done\n"
    "  1   the daemon refused, or an enrolment, card or update did not come about; nothing was "
    "changed\n"
    "  2   the command line is wrong; nothing was asked\n"
    "  3   no daemon answered\n"
    "  78  the configuration file is wrong\n"
    "  130 ended by Ctrl-C; nothing was changed\n";

// What single commands take.
struct Options {
  std::string reason;
  std::string token;
  std::string person;
  long long notice = 0;
};

std::string with_reason(const std::string& target, const std::string& reason) {
  return reason.empty() ? target : target + "?reason=" + http::percent_encode(reason);
}

class Commands {
 public:
  Commands(const Options& options, const Context& context) : options_(options), context_(context) {}

  Exit status() { return context_.show(context_.get("/api/v1/status"), show_status); }
  Exit inbox() { return context_.show(context_.get("/api/v1/inbox"), show_inbox); }
  Exit rejected() {
    return context_.show(context_.get(with_reason("/api/v1/delivery/rejected", options_.reason)),
                         show_rejected);
  }

  Exit close_notice() {
    const Json body = {{"id", options_.notice}, {"actor", context_.actor()}};
    return context_.show(context_.post("/api/v1/inbox/close", body), [](const Json& answer) {
      const std::string id = std::to_string(answer.at("id").get<long long>());
      return answer.at("was_open").get<bool>() ? "Closed " + id + ".\n"
                                               : id + " was closed already; nothing was changed.\n";
    });
  }

  Exit retry() {
    Json body = {{"actor", context_.actor()}};
    if (!options_.reason.empty()) body["reason"] = options_.reason;
    return context_.show(context_.post("/api/v1/delivery/retry", body), [](const Json& answer) {
      const long long events = answer.at("events").get<long long>();
      if (events == 0)
        return std::string{"No rejected event is waiting; nothing was sent again.\n"};
      return std::to_string(events) + (events == 1 ? " event is" : " events are") +
             " on the way again, in order. Look at `rollcall status` for the receipt.\n";
    });
  }

  Exit attach() {
    const Json body = {{"token", options_.token},
                       {"person", options_.person},
                       {"reason", options_.reason},
                       {"actor", context_.actor()}};
    return context_.show(context_.post("/api/v1/cards/attach", body), [](const Json& answer) {
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
  const Options& options_;
  const Context& context_;
};

}  // namespace

int run(const std::vector<std::string>& arguments, std::ostream& out, std::ostream& err, int in) {
  Choices choices;
  Options options;
  const Context context{choices, out, err, in};
  Commands commands{options, context};
  Exit exit = Exit::done;

  CLI::App app{"Talks to the rollcalld that runs on this machine.", "rollcall"};
  app.set_version_flag("--version", std::string{"rollcall "} + ROLLCALL_VERSION);
  app.footer(exit_codes);
  app.require_subcommand(1);
  app.fallthrough();
  auto* socket = app.add_option(
      "--socket", choices.socket,
      std::string{"Control socket of the daemon (usually "} + Context::usual_socket + ")");
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
  close->add_option("id", options.notice, "Its number, as `rollcall inbox` lists it")->required();
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
    command->add_option("--reason", options.reason,
                        "Only those with this reason, such as unknown-person");
  }
  actor(retry);
  does(rejected, &Commands::rejected);
  does(retry, &Commands::retry);

  auto* card = app.add_subcommand("card", "Cards");
  card->require_subcommand(1);
  auto* attach =
      card->add_subcommand("attach", "Say whose card it is; its earlier taps become that person's");
  attach
      ->add_option("token", options.token,
                   "The card's token from `rollcall inbox`, or its first 8 digits or more")
      ->required();
  attach->add_option("person", options.person, "The person's pseudonym")->required();
  attach->add_option("--reason", options.reason, "Why, in words without names")->required();
  actor(attach);
  does(attach, &Commands::attach);
  add_card_commands(*card, choices, context, exit);

  add_desk_commands(app, choices, context, exit);
  add_attendance_commands(app, choices, context, exit);
  add_account_commands(app, choices, context, exit);
  add_roster_commands(app, choices, context, exit);
  add_sheet_commands(app, choices, context, exit);
  add_terminal_commands(app, choices, context, exit);

  NewSite site;
  auto* site_command = app.add_subcommand("site", "Sites");
  site_command->require_subcommand(1);
  auto* init = site_command->add_subcommand(
      "init", "Make a folder with keys and configuration, from which rollcalld starts");
  init->add_option("folder", site.folder, "A new folder, or an empty one")->required();
  init->add_option("--id", site.id, "The site's identity in every event, such as brussels-north")
      ->required();
  init->add_option("--organisation", site.organisation, "Who runs it, as the case system knows it")
      ->required();
  init->add_option("--name", site.name, "What people call it")->required();
  init->add_option("--timezone", site.timezone, "IANA name, such as Europe/Brussels")->required();
  init->add_option("--languages", site.languages, "Of the screens, its own first, such as fr,en")
      ->delimiter(',')
      ->required();
  init->add_option("--link", site.link, "Where terminals connect (usually " + site.link + ")");
  init->add_option("--console-port", site.console_port,
                   "Port of the console page (usually " + std::to_string(site.console_port) + ")");
  init->callback([&] { exit = init_site(site, out, err); });

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
