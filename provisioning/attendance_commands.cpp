#include "provisioning/attendance_commands.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "hal/host/http/http.hpp"
#include "provisioning/show.hpp"

namespace rollcall::provisioning {
namespace {

struct AttendanceOptions {
  std::string person;
  std::string session;
  std::string day = "today";
  std::string cause;
  std::string room;
  std::string at;
  std::string reason;
  std::string event;
  std::string was;
  std::vector<std::string> except;
  std::string from, until;  // days to check
  bool left = false;
  bool evacuation = false;
};

// What one movement and many have in common.
Json movement_of(const Context& context, const AttendanceOptions& options) {
  Json body = {{"direction", options.left ? "out" : "in"},
               {"cause", options.cause},
               {"actor", context.actor()}};
  if (!options.room.empty()) body["room"] = options.room;
  if (!options.at.empty()) body["at"] = options.at;
  if (options.day != "today") body["day"] = options.day;
  if (!options.reason.empty()) body["reason"] = options.reason;
  return body;
}

Exit assist(const Context& context, const AttendanceOptions& options) {
  Json body = movement_of(context, options);
  body["person"] = options.person;
  return context.show(context.post("/api/v1/attendance/assist", body), show_assisted);
}

// Whom the page would tick: who is expected and has not come, or who has not tapped out.
bool is_meant(const Json& person, const AttendanceOptions& options) {
  const std::string state = person.at("state").get<std::string>();
  const bool fits = options.left ? state == "here" || state == "no_exit" : state == "expected";
  const auto id = person.at("person").get<std::string>();
  return fits && std::ranges::find(options.except, id) == options.except.end();
}

Exit assist_many(const Context& context, const AttendanceOptions& options) {
  const Answer group =
      context.get("/api/v1/attendance/group/" + http::percent_encode(options.session) + "/" +
                  http::percent_encode(options.day));
  if (!group) return context.fail(group.error());
  Json body = movement_of(context, options);
  body["session"] = options.session;
  body["people"] = Json::array();
  for (const Json& person : group->at("people"))
    if (is_meant(person, options)) body["people"].push_back(person.at("person"));
  if (body["people"].empty()) {
    const Json nobody = {
        {"direction", body["direction"]}, {"recorded", 0}, {"people", Json::array()}};
    return context.show(nobody, show_many_assisted);
  }
  return context.show(context.post("/api/v1/attendance/assist-many", body), show_many_assisted);
}

Exit correct(const Context& context, const AttendanceOptions& options) {
  const Json body = {{"event", options.event},
                     {"was", options.was},
                     {"reason", options.reason},
                     {"actor", context.actor()}};
  return context.show(context.post("/api/v1/attendance/correct", body), show_corrected);
}

Exit show_day(const Context& context, const AttendanceOptions& options) {
  const std::string target = "/api/v1/attendance/" + http::percent_encode(options.person) + "/" +
                             http::percent_encode(options.day);
  return context.show(context.get(target), show_person_day);
}

Exit check_days(const Context& context, const AttendanceOptions& options) {
  const Answer answer =
      context.get("/api/v1/attendance/check?from=" + http::percent_encode(options.from) +
                  "&until=" + http::percent_encode(options.until));
  const Exit shown = context.show(answer, show_checked_days);
  const bool differ = answer && answer->value("differ", 0) > 0;
  return shown == Exit::done && differ ? Exit::refused : shown;
}

}  // namespace

void add_attendance_commands(CLI::App& app, Choices& choices, const Context& context, Exit& exit) {
  const auto options = std::make_shared<AttendanceOptions>();
  auto* attendance = app.add_subcommand("attendance", "Who came and went");
  attendance->require_subcommand(1);
  const auto command = [&](const char* name, const char* help,
                           Exit (*run)(const Context&, const AttendanceOptions&)) {
    auto* made = attendance->add_subcommand(name, help);
    made->callback([&context, &exit, options, run] { exit = run(context, *options); });
    return made;
  };
  const auto of_person = [&](CLI::App* made) {
    made->add_option("person", options->person, "The person's pseudonym, as `person find` has it")
        ->required();
  };
  const auto by_somebody = [&](CLI::App* made) {
    made->add_option("--actor", choices.actor,
                     "Who records it: a staff id, no name (else the local account)");
  };
  const auto movement = [&](CLI::App* made) {
    made->add_option("--cause", options->cause,
                     "Why: no_card, card_unreadable, forgotten, help_wanted, terminal_down, "
                     "drop_in, off_site, other")
        ->required();
    made->add_flag("--left", options->left, "They left (else they came)");
    made->add_option("--room", options->room, "Where (else the room of their session)");
    made->add_option("--day", options->day, "Local date of the last 31 days (else today)");
    made->add_option("--at", options->at, "Time of that day, such as 08:55 (else now)");
    by_somebody(made);
  };
  constexpr const char* why = "Why, in words without names; it is delivered";

  auto* assisting = command("assist", "Record that somebody without a card came, or left", assist);
  of_person(assisting);
  movement(assisting);
  assisting->add_option("--reason", options->reason, why);

  auto* many = command(
      "assist-many", "Record that everybody of a session who is expected came, or who is here left",
      assist_many);
  many->add_option("--session", options->session, "Session of the roster")->required();
  many->add_option("--except", options->except, "Not these pseudonyms")->delimiter(',');
  many->add_option("--reason", options->reason, why)->required();
  movement(many);

  auto* showing =
      command("show", "What is recorded of a person on a day, and what was corrected", show_day);
  of_person(showing);
  showing->add_option("--day", options->day, "Local date (else today)");

  auto* correcting =
      command("correct", "Say what a tap was, or take back what staff entered", correct);
  correcting->add_option("event", options->event, "Its id, as `attendance show` has it")
      ->required();
  correcting
      ->add_option(
          "--was", options->was,
          "in, out, or none: no movement of this person; none takes back what staff entered")
      ->required();
  correcting->add_option("--reason", options->reason, why)->required();
  by_somebody(correcting);

  auto* checking = command(
      "check", "Whether the log says of each day what its taps and statements come to", check_days);
  checking->add_option("--from", options->from, "First day, such as 2026-03-01")->required();
  checking->add_option("--until", options->until, "Last day")->required();

  command("waiting", "Exits that nobody tapped, and taps whose time nobody knows",
          [](const Context& asked, const AttendanceOptions&) {
            return asked.show(asked.get("/api/v1/attendance/waiting"), show_waiting);
          });

  auto* now = app.add_subcommand("now", "Who is here");
  now->add_flag("--evacuation", options->evacuation,
                "Who may be inside, by room, to be printed and ticked off");
  now->callback([&context, &exit, options] {
    exit = options->evacuation ? context.show(context.get("/api/v1/evacuation"), show_evacuation)
                               : context.show(context.get("/api/v1/overview"), show_now);
  });
}

}  // namespace rollcall::provisioning
