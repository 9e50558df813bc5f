#include "provisioning/roster_commands.hpp"

#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "hal/host/http/http.hpp"
#include "provisioning/pack.hpp"
#include "provisioning/show.hpp"

namespace rollcall::provisioning {
namespace {

struct RosterOptions {
  std::string path;
  std::string source;
  std::string name;
  std::string course;
  bool dry_run = false;
  std::string session, day, start, end;  // of the day to correct
  bool cancelled = false;
};

std::string given(const char* key, const std::string& value) {
  return value.empty() ? "" : std::string("&") + key + '=' + http::percent_encode(value);
}

Exit import(const Context& context, const RosterOptions& options) {
  std::string bytes;
  if (!options.path.empty()) {
    auto packed = pack(options.path);
    if (!packed) return context.fail({Exit::usage, packed.error() + "; nothing was changed"});
    bytes = std::move(*packed);
  }
  const std::string target =
      "/api/v1/roster/import?actor=" + http::percent_encode(context.actor()) +
      given("name", options.name) + given("course", options.course) +
      (options.dry_run ? "&dry_run=yes" : "");
  return context.show(context.upload(target, std::move(bytes)), show_import);
}

Exit apply_removals(const Context& context, const RosterOptions& options) {
  Json body = {{"actor", context.actor()}};
  if (!options.source.empty()) body["source"] = options.source;
  return context.show(context.post("/api/v1/roster/removals", body), show_removals);
}

Exit correct_day(const Context& context, const RosterOptions& options) {
  Json body = {{"actor", context.actor()}, {"state", options.cancelled ? "cancelled" : "held"}};
  if (!options.start.empty()) body["start"] = options.start;
  if (!options.end.empty()) body["end"] = options.end;
  return context.show(context.post("/api/v1/roster/days/" + http::percent_encode(options.session) +
                                       '/' + http::percent_encode(options.day),
                                   body),
                      show_corrected_day);
}

}  // namespace

void add_roster_commands(CLI::App& app, Choices& choices, const Context& context, Exit& exit) {
  const auto options = std::make_shared<RosterOptions>();
  auto* roster = app.add_subcommand("roster", "People, timetable and enrolments");
  roster->require_subcommand(1);

  auto* importing = roster->add_subcommand("import", "Read a roster now");
  importing->add_option("source", options->path,
                        "A folder or zip archive of our CSV files or of a OneRoster export, or an "
                        "iCalendar file (else the files of the daemon's configuration)");
  importing->add_option("--name", options->name,
                        "Of a calendar: which one it takes the place of (else timetable)");
  importing->add_option("--course", options->course,
                        "Of a calendar: the course of events that name none");
  importing->add_flag("--dry-run", options->dry_run, "Count what would change, and change nothing");
  importing->add_option("--actor", choices.actor,
                        "Who hands it in: a staff id, no name (else the local account)");
  importing->callback([&context, &exit, options] { exit = import(context, *options); });

  roster->add_subcommand("status", "What each source said last, and what waits")
      ->callback(
          [&context, &exit] { exit = context.show(context.get("/api/v1/roster"), show_roster); });

  auto* removals = roster->add_subcommand("apply-removals",
                                          "Agree to the removals that wait (see `roster status`)");
  removals->add_option("source", options->source, "Of this source only");
  removals->add_option("--actor", choices.actor,
                       "Who agrees: a staff id, no name (else the local account)");
  removals->callback([&context, &exit, options] { exit = apply_removals(context, *options); });

  auto* correct =
      roster->add_subcommand("correct-day", "Correct a session's hours on a day gone by");
  correct->add_option("session", options->session, "As the roster has it")->required();
  correct->add_option("day", options->day, "Such as 2026-03-02")->required();
  correct->add_option("--start", options->start, "When it began, such as 09:30 (else it stays)");
  correct->add_option("--end", options->end, "When it ended");
  correct->add_flag("--cancelled", options->cancelled, "It did not take place");
  correct->add_option("--actor", choices.actor,
                      "Who corrects it: a staff id, no name (else the local account)");
  correct->callback([&context, &exit, options] { exit = correct_day(context, *options); });
}

}  // namespace rollcall::provisioning
