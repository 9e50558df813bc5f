#include "provisioning/sheet_commands.hpp"

#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "hal/host/http/http.hpp"
#include "provisioning/show.hpp"

namespace rollcall::provisioning {
namespace {

struct SheetOptions {
  std::string session, day, month, trainer;
  std::string person, why, reason, event;
  std::string out, language, from, to, course;
  int version = 0;  // 0: as it stands now
  bool not_excused = false;
};

std::string path_of(const SheetOptions& options, const std::string& act = "") {
  return "/api/v1/sheets/" + http::percent_encode(options.session) + "/" +
         http::percent_encode(options.day) + act;
}

std::string month_path(const SheetOptions& options) {
  return "/api/v1/months/" + http::percent_encode(options.month);
}

// Adds what was given.
void add(std::string& target, const char* key, const std::string& value) {
  if (value.empty()) return;
  target += target.find('?') == std::string::npos ? '?' : '&';
  target += std::string{key} + "=" + http::percent_encode(value);
}

// A name of its own in the folder one is in: of letters and digits of the session and the day.
std::string file_of(const SheetOptions& options) {
  if (!options.out.empty()) return options.out;
  std::string name = options.session + "-" + options.day;
  for (char& c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!plain) c = '-';
  }
  return name + (options.version > 0 ? "-v" + std::to_string(options.version) : "") + ".pdf";
}

// The half-days of a day that this trainer holds.
void leave_only(const std::string& trainer, Json& answer) {
  Json own = Json::array();
  for (const Json& one : answer.at("sheets"))
    if (one.at("trainer") == trainer) own.push_back(one);
  answer["sheets"] = std::move(own);
  answer["trainer"] = trainer;
}

Exit print(const Context& context, const SheetOptions& options) {
  std::string target = path_of(options, "/pdf");
  add(target, "language", options.language);
  if (options.version > 0) add(target, "version", std::to_string(options.version));
  return context.save(target, file_of(options));
}

Exit certificate(const Context& context, const SheetOptions& options) {
  std::string target = "/api/v1/people/" + http::percent_encode(options.person) + "/certificates";
  if (!options.out.empty()) target += "/pdf";
  add(target, "from", options.from);
  add(target, "to", options.to);
  if (options.out.empty()) return context.show(context.get(target), show_certificates);
  add(target, "course", options.course);
  add(target, "language", options.language);
  return context.save(target, options.out);
}

Exit act(const Context& context, const SheetOptions& options, const std::string& what, Json body,
         const std::function<std::string(const Json&)>& words) {
  body["actor"] = context.actor();
  return context.show(context.post(path_of(options, "/" + what), body), words);
}

}  // namespace

void add_sheet_commands(CLI::App& app, Choices& choices, const Context& context, Exit& exit) {
  const auto options = std::make_shared<SheetOptions>();
  auto* sheets = app.add_subcommand("sheets", "Half-days: confirmed, signed, closed, checked");
  sheets->require_subcommand(1);
  const auto command = [&](const char* name, const char* help, const std::function<Exit()>& run) {
    auto* made = sheets->add_subcommand(name, help);
    made->callback([&exit, run] { exit = run(); });
    return made;
  };
  const auto on_one = [&](const char* name, const char* help, const std::function<Exit()>& run) {
    auto* made = command(name, help, run);
    made->add_option("session", options->session, "Session of the roster")->required();
    made->add_option("day", options->day, "Local date, such as 2026-03-02")->required();
    return made;
  };
  const auto by_somebody = [&](CLI::App* made) {
    made->add_option("--actor", choices.actor,
                     "Who does it: a staff id, no name (else the local account)");
    return made;
  };
  const auto of_person = [&](CLI::App* made) {
    made->add_option("person", options->person, "The person's pseudonym")->required();
    return by_somebody(made);
  };

  auto* list = command("list", "The half-days of a day", [&context, options] {
    const std::string day =
        options->day.empty() ? "" : "?day=" + http::percent_encode(options->day);
    Answer answer = context.get("/api/v1/sheets" + day);
    if (answer && !options->trainer.empty()) leave_only(options->trainer, *answer);
    return context.show(answer, show_sheets);
  });
  list->add_option("--day", options->day, "Local date (else today)");
  list->add_option("--trainer", options->trainer, "Only this trainer's: a pseudonym");
  on_one("show", "One half-day with its people",
         [&context, options] { return context.show(context.get(path_of(*options)), show_sheet); });
  by_somebody(on_one("confirm", "Confirm who was there, with what was seen", [&context, options] {
    return act(context, *options, "confirm", Json::object(), show_confirmed);
  }));
  of_person(on_one("witness", "Sign for somebody who cannot, as witness",
                   [&context, options] {
                     return act(context, *options, "sign",
                                {{"person", options->person},
                                 {"form", "witnessed"},
                                 {"reason", options->reason}},
                                show_signed);
                   }))
      ->add_option("--reason", options->reason, "Why, without names")
      ->required();
  auto* unsigned_line = of_person(
      on_one("not-signed", "Close the line of somebody who does not sign", [&context, options] {
        return act(
            context, *options, "not-signed",
            {{"person", options->person}, {"why", options->why}, {"reason", options->reason}},
            show_line_closed);
      }));
  unsigned_line->add_option("--why", options->why, "left_early, unable, refused or absent")
      ->required();
  unsigned_line->add_option("--reason", options->reason, "As staff state it, without names")
      ->required();
  of_person(on_one("excuse", "A reason for the absence is on file", [&context, options] {
    return act(context, *options, "excuse",
               {{"person", options->person}, {"excused", !options->not_excused}}, show_excused);
  }))->add_flag("--not", options->not_excused, "No longer");
  by_somebody(on_one("close", "Nothing more is expected", [&context, options] {
    return act(context, *options, "close", Json::object(), show_sheet_closed);
  }));
  auto* withdraw = by_somebody(
      command("withdraw", "Take back a signature or a confirmation", [&context, options] {
        return context.show(
            context.post("/api/v1/signatures/withdraw", {{"event", options->event},
                                                         {"why", options->why},
                                                         {"reason", options->reason},
                                                         {"actor", context.actor()}}),
            show_withdrawn_signature);
      }));
  withdraw->add_option("event", options->event, "Its id (see `sheets show --json`)")->required();
  withdraw
      ->add_option("--why", options->why,
                   "wrong_half_day, wrong_session, content_changed, by_mistake or other")
      ->required();
  withdraw->add_option("--reason", options->reason, "As staff state it, without names")->required();
  auto* printing = on_one("print", "The sheet as a PDF file, also one of its older versions",
                          [&context, options] { return print(context, *options); });
  printing->add_option("--out", options->out, "A new file (else named as session and day)");
  printing->add_option("--version", options->version, "Which one, from 1 on (else as it stands)")
      ->check(CLI::PositiveNumber);
  printing->add_option("--language", options->language, "en or fr (else the site's own)");
  auto* certifying = command("certificate", "What of a person's half-days is confirmed, as hours",
                             [&context, options] { return certificate(context, *options); });
  certifying->add_option("person", options->person, "The person's pseudonym")->required();
  certifying->add_option("--from", options->from, "First local date")->required();
  certifying->add_option("--to", options->to, "Last local date")->required();
  auto* file = certifying->add_option("--out", options->out, "The certificate, as a new PDF file");
  certifying->add_option("--course", options->course, "When there are several: which one")
      ->needs(file);
  certifying->add_option("--language", options->language, "en or fr (else the site's own)")
      ->needs(file);
  const auto of_month = [&](const char* name, const char* help, const std::function<Exit()>& run) {
    auto* made = command(name, help, run);
    made->add_option("month", options->month, "Such as 2026-03")->required();
    return made;
  };
  of_month("month", "What of a month is closed, open, sent", [&context, options] {
    return context.show(context.get(month_path(*options)), show_month);
  });
  by_somebody(of_month("send", "Send a month: nothing more is to come of it", [&context, options] {
    return context.show(context.post(month_path(*options) + "/send", {{"actor", context.actor()}}),
                        show_month_sent);
  }));
  command("check", "What an audit would object to in a month",
          [&context, options] {
            return context.show(
                context.get("/api/v1/sheets/check?month=" + http::percent_encode(options->month)),
                show_findings);
          })
      ->add_option("--month", options->month, "Such as 2026-03")
      ->required();
}

}  // namespace rollcall::provisioning
