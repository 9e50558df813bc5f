#include "provisioning/account_commands.hpp"

#include <memory>
#include <utility>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "hal/host/http/http.hpp"
#include "provisioning/show.hpp"

namespace rollcall::provisioning {
namespace {

constexpr const char* accounts_path = "/api/v1/accounts";

struct AccountOptions {
  std::string name;
  std::string role;
  std::string person;
  std::string subject, by, day;
};

std::string path_of(const AccountOptions& options, const char* what) {
  return std::string{accounts_path} + "/" + http::percent_encode(options.name) + "/" + what;
}

Json role_and_person(const Context& context, const AccountOptions& options) {
  return {{"role", options.role},
          {"person", options.person.empty() ? Json() : Json(options.person)},
          {"actor", context.actor()}};
}

Exit add(const Context& context, const AccountOptions& options) {
  Json body = role_and_person(context, options);
  body["name"] = options.name;
  return context.show(context.post(accounts_path, body), show_new_password);
}

Exit change_role(const Context& context, const AccountOptions& options) {
  const Json body = role_and_person(context, options);
  return context.show(context.post(path_of(options, "role"), body), show_account);
}

Exit enable(const Context& context, const AccountOptions& options, bool enabled) {
  const Json body = {{"enabled", enabled}, {"actor", context.actor()}};
  return context.show(context.post(path_of(options, "enabled"), body), show_account);
}

Exit reset_password(const Context& context, const AccountOptions& options) {
  const Json body = {{"actor", context.actor()}};
  return context.show(context.post(path_of(options, "password"), body), show_new_password);
}

Exit reset_pin(const Context& context, const AccountOptions& options) {
  const Json body = {{"actor", context.actor()}};
  return context.show(context.post(path_of(options, "pin"), body), show_new_pin);
}

Exit remove_pin(const Context& context, const AccountOptions& options) {
  const Json body = {{"actor", context.actor()}};
  return context.show(context.post(path_of(options, "pin/remove"), body), show_account);
}

Exit make_link(const Context& context) {
  const Json body = {{"actor", context.actor()}};
  return context.show(context.post("/api/v1/one-time-link", body), show_link);
}

Exit list_audit(const Context& context, const AccountOptions& options) {
  std::string target = "/api/v1/audit";
  for (const auto& [key, value] : {std::pair{"subject", options.subject},
                                   std::pair{"actor", options.by}, std::pair{"day", options.day}}) {
    if (value.empty()) continue;
    target += target.find('?') == std::string::npos ? '?' : '&';
    target += std::string{key} + "=" + http::percent_encode(value);
  }
  return context.show(context.get(target), show_audit);
}

}  // namespace

void add_account_commands(CLI::App& app, Choices& choices, const Context& context, Exit& exit) {
  const auto options = std::make_shared<AccountOptions>();
  auto* account = app.add_subcommand("account", "Who may sign in at the console");
  account->require_subcommand(1);

  account->add_subcommand("list", "All accounts, and what they may do")
      ->callback(
          [&context, &exit] { exit = context.show(context.get(accounts_path), show_accounts); });
  account
      ->add_subcommand("link",
                       "While there is no manager: an address that makes one, once, within a day")
      ->callback([&context, &exit] { exit = make_link(context); });

  const auto about_one = [&](const char* name, const char* what) {
    CLI::App* command = account->add_subcommand(name, what);
    command->add_option("name", options->name, "The name to sign in with")->required();
    command->add_option("--actor", choices.actor,
                        "Who decides it: a staff id, no name (else the local account)");
    return command;
  };
  const auto with_role = [&](CLI::App* command) {
    command->add_option("--role", options->role, "viewer, desk, trainer or manager")->required();
    command->add_option("--acts-as", options->person,
                        "Pseudonym of the trainer or member of staff whose account it is");
    return command;
  };
  with_role(about_one("add", "Make an account; its password is shown once"))
      ->callback([&context, &exit, options] { exit = add(context, *options); });
  with_role(about_one("role", "Change what an account may do"))
      ->callback([&context, &exit, options] { exit = change_role(context, *options); });
  about_one("password", "A new password, shown once; whoever is signed in with it is signed out")
      ->callback([&context, &exit, options] { exit = reset_password(context, *options); });
  CLI::App* pin =
      about_one("pin", "A new PIN, shown once: with it and the card of who acts, one signs in");
  const auto none = std::make_shared<bool>(false);
  pin->add_flag("--remove", *none, "Take it away: it signs in with its password alone");
  pin->callback([&context, &exit, options, none] {
    exit = *none ? remove_pin(context, *options) : reset_pin(context, *options);
  });
  about_one("disable", "It may no longer sign in, and is signed out")
      ->callback([&context, &exit, options] { exit = enable(context, *options, false); });
  about_one("enable", "It may sign in again, with the password it had")
      ->callback([&context, &exit, options] { exit = enable(context, *options, true); });

  auto* audit = app.add_subcommand("audit", "Who looked at what and changed what");
  audit->require_subcommand(1);
  auto* list = audit->add_subcommand("list", "The newest 200, newest first");
  list->add_option("--subject", options->subject, "Only what is about this person or account");
  list->add_option("--by", options->by, "Only what this one did: a staff id, or an account's name");
  list->add_option("--day", options->day, "Only of this local date");
  list->callback([&context, &exit, options] { exit = list_audit(context, *options); });
}

}  // namespace rollcall::provisioning
