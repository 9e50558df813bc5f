#include "provisioning/card_commands.hpp"

#include <memory>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "provisioning/card_issue.hpp"
#include "provisioning/show.hpp"

namespace rollcall::provisioning {
namespace {

Exit withdraw(const Context& context, const IssueOrder& order, const char* state) {
  const Json body = {{"person", order.person},
                     {"state", state},
                     {"reason", order.reason},
                     {"actor", context.actor()}};
  return context.show(context.post("/api/v1/cards/withdraw", body), show_withdrawn);
}

}  // namespace

void add_card_commands(CLI::App& card, Choices& choices, const Context& context, Exit& exit) {
  const auto order = std::make_shared<IssueOrder>();
  const auto add = [&](const char* name, const char* what) {
    CLI::App* command = card.add_subcommand(name, what);
    command->add_option("--person", order->person, "The person's pseudonym")->required();
    command->add_option("--reason", order->reason, "Why, in words without names; it is delivered")
        ->required();
    command->add_option("--actor", choices.actor,
                        "Who decides it: a staff id, no name (else the local account)");
    return command;
  };
  const auto issuing = [&](const char* name, const char* what, bool replaces) {
    CLI::App* command = add(name, what);
    command->add_option("--terminal", order->serial, "Where the card is held: its serial number")
        ->required();
    command->callback([&context, &exit, order, replaces] {
      order->replaces = replaces;
      exit = issue(context, *order);
    });
  };
  issuing("issue", "Make the next card that is held to a terminal this person's", false);
  issuing("replace", "The same, in place of the card that the person had", true);

  const auto ending = [&](const char* name, const char* what, const char* state) {
    add(name, what)->callback([&context, &exit, order, state] {
      exit = withdraw(context, *order, state);
    });
  };
  ending("lost", "The person's card was lost: it is no longer accepted", "lost");
  ending("revoke", "The person's card is taken back: it is no longer accepted", "revoked");

  card.add_subcommand("list", "Cards that were issued here, and what they are now")
      ->callback(
          [&context, &exit] { exit = context.show(context.get("/api/v1/cards"), show_cards); });
}

}  // namespace rollcall::provisioning
