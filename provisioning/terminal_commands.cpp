#include "provisioning/terminal_commands.hpp"

#include <memory>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "hal/host/http/http.hpp"
#include "provisioning/enrol.hpp"
#include "provisioning/show.hpp"
#include "provisioning/update.hpp"

namespace rollcall::provisioning {
namespace {

struct TerminalOptions {
  EnrolWish wish;
  UpdateOrder order;
  std::string reason;
  unsigned seconds = 15;
};

std::string path_of(const std::string& serial, const char* action) {
  return "/api/v1/terminals/" + http::percent_encode(serial) + "/" + action;
}

Exit move(const Context& context, const EnrolWish& to, bool languages_given) {
  Json body = {{"actor", context.actor()}};
  if (!to.room.empty()) body["room"] = to.room;
  if (!to.mode.empty()) body["mode"] = to.mode;
  if (languages_given) body["languages"] = to.languages;
  return context.show(context.post(path_of(to.serial, "move"), body), show_moved);
}

Exit rotate(const Context& context, const std::string& serial) {
  const Answer answer = context.post(path_of(serial, "rotate-key"), {{"actor", context.actor()}});
  const Exit exit = context.show(answer, show_rotated);
  if (exit != Exit::done) return exit;
  return answer->value("handed_over", false) ? Exit::done : Exit::refused;
}

Exit revoke(const Context& context, const std::string& serial, const std::string& reason) {
  const Json body = {{"reason", reason}, {"actor", context.actor()}};
  return context.show(context.post(path_of(serial, "revoke"), body), show_revoked);
}

Exit identify(const Context& context, const std::string& serial, unsigned seconds) {
  const Json body = {{"seconds", seconds}};
  return context.show(context.post(path_of(serial, "identify"), body), show_identified);
}

}  // namespace

void add_terminal_commands(CLI::App& app, Choices& choices, const Context& context, Exit& exit) {
  const auto options = std::make_shared<TerminalOptions>();
  EnrolWish& wish = options->wish;
  auto* terminal = app.add_subcommand("terminal", "The site's terminals");
  terminal->require_subcommand(1);

  const auto add = [&](const char* name, const char* what) {
    CLI::App* command = terminal->add_subcommand(name, what);
    command->add_option("serial", wish.serial, "Its serial number, as printed on it")->required();
    command->add_option("--actor", choices.actor,
                        "Who decides it: a staff id, no name (else the local account)");
    return command;
  };
  const auto place = [&](CLI::App* command, bool whole) {
    command->add_option("--room", wish.room, "The room it stands in, as the timetable writes it")
        ->required(whole);
    command->add_option("--mode", wish.mode, "What it is for: training, childcare, work_site")
        ->check(CLI::IsMember({"training", "childcare", "work_site"}))
        ->required(whole);
    return command
        ->add_option("--languages", wish.languages,
                     "Its own languages, the first one first, such as fr,nl (else the site's)")
        ->delimiter(',');
  };

  terminal->add_subcommand("list", "Where they stand, who is connected, how old their keys are")
      ->callback([&context, &exit] {
        exit = context.show(context.get("/api/v1/terminals"), show_terminals);
      });

  auto* moving = add("move", "Say where it stands now and what it is for");
  auto* languages = place(moving, false);
  moving->callback([&context, &exit, options, languages] {
    exit = move(context, options->wish, languages->count() > 0);
  });

  add("rotate-key", "Give it a new link key; it must be connected")
      ->callback([&context, &exit, options] { exit = rotate(context, options->wish.serial); });

  auto* revoking = add("revoke", "Accept it no longer: its key is forgotten at once");
  revoking->add_option("--reason", options->reason, "Why, in words without names; it is delivered")
      ->required();
  revoking->callback([&context, &exit, options] {
    exit = revoke(context, options->wish.serial, options->reason);
  });

  const auto ask = [&](const char* name, const char* what) {
    CLI::App* command = terminal->add_subcommand(name, what);
    command->add_option("serial", wish.serial, "Its serial number, as printed on it")->required();
    return command;
  };
  auto* identifying = ask("identify", "Have it blink and sound, so that you find it");
  identifying->add_option("--seconds", options->seconds, "How long, at most 60; 0 stops it")
      ->capture_default_str()
      ->check(CLI::Range(0, 60));
  identifying->callback([&context, &exit, options] {
    exit = identify(context, options->wish.serial, options->seconds);
  });
  ask("stats", "What it has counted since its start; it must be connected")
      ->callback([&context, &exit, options] {
        exit = context.show(context.get(path_of(options->wish.serial, "stats")), show_stats);
      });

  ask("log", "What it has logged since its power came, newest last; it must be connected")
      ->callback([&context, &exit, options] {
        exit = context.show(context.get(path_of(options->wish.serial, "log")), show_log);
      });

  auto* updating = add("update", "Bring a firmware image into its other slot; starts nothing yet");
  UpdateOrder& order = options->order;
  updating->add_option("--image", order.image, "File of the image, at most 4 MiB")->required();
  updating
      ->add_option("--version", order.version,
                   "Of the image: at most 24 printable characters, no spaces")
      ->required();
  updating->add_option("--security-counter", order.security_counter,
                       "Of the image; a terminal takes none below that of its firmware");
  updating
      ->add_option("--slot", order.slot,
                   "That the image is built for (else the one that is not in use)")
      ->check(CLI::Range(0, 1));
  updating->callback([&context, &exit, options] {
    options->order.serial = options->wish.serial;
    exit = update(context, options->order);
  });

  auto* enrolling = add("enrol", "Make it part of the site: compare six digits at both ends");
  place(enrolling, true);
  enrolling->callback([&context, &exit, options] { exit = enrol(context, options->wish); });
}

}  // namespace rollcall::provisioning
