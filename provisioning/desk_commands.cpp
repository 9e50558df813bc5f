#include "provisioning/desk_commands.hpp"

#include <memory>
#include <optional>
#include <ostream>
#include <string_view>
#include <utility>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "hal/host/http/http.hpp"
#include "provisioning/code_page.hpp"
#include "provisioning/qr_code.hpp"
#include "provisioning/show.hpp"

namespace rollcall::provisioning {
namespace {

constexpr std::string_view terminal = "-";

struct DeskOptions {
  std::string find;
  std::string person;
  bool once = false;
  bool lasting = false;
  std::string reason;
  std::string qr;
};

CodePage page_of(const Json& answer) {
  CodePage page{answer.at("code").get<std::string>(), {}};
  for (const Json& one : answer.at("page")) {
    const auto text = [&one](const char* key) { return one.at(key).get<std::string>(); };
    page.words.push_back({text("language"), text("title"), text("use"), text("valid")});
  }
  return page;
}

Exit issue_code(const Context& context, const DeskOptions& options) {
  // Before the code is: what cannot be written is no reason to have given it out.
  std::optional<PageFile> file;
  if (options.qr == terminal && context.json())
    return context.fail({Exit::usage, "--qr - draws for people; with --json, name a file"});
  if (!options.qr.empty() && options.qr != terminal) {
    auto made = PageFile::make(options.qr);
    if (!made) return context.fail({Exit::usage, made.error() + "; no code was given out"});
    file.emplace(std::move(*made));
  }
  const Json body = {{"person", options.person},
                     {"kind", options.lasting ? "lasting"
                              : options.once  ? "once"
                                              : "day"},
                     {"reason", options.reason},
                     {"actor", context.actor()}};
  const Answer answer = context.post("/api/v1/codes", body);
  const Exit shown = context.show(answer, show_code);
  if (!answer || options.qr.empty()) return shown;
  if (!file) {
    context.out << in_terminal(QrCode(answer->at("code").get<std::string>()));
  } else if (const auto written = file->write(page_of(*answer)); !written) {
    return context.fail({Exit::refused, written.error() + "; the code above is in force"});
  }
  return shown;
}

Exit withdraw_codes(const Context& context, const DeskOptions& options) {
  const Json body = {
      {"person", options.person}, {"reason", options.reason}, {"actor", context.actor()}};
  return context.show(context.post("/api/v1/codes/withdraw", body), show_withdrawn_codes);
}

}  // namespace

void add_desk_commands(CLI::App& app, Choices& choices, const Context& context, Exit& exit) {
  const auto options = std::make_shared<DeskOptions>();

  auto* person = app.add_subcommand("person", "People of the roster");
  person->require_subcommand(1);
  auto* find = person->add_subcommand("find", "Who has these letters in the name");
  find->add_option("text", options->find, "A part of a name, or a pseudonym")->required();
  find->callback([&context, &exit, options] {
    const std::string target = "/api/v1/people?find=" + http::percent_encode(options->find);
    exit = context.show(context.get(target), show_people);
  });

  auto* naming = person->add_subcommand(
      "name", "A name that is not shown, for a reason that is put on record");
  naming->add_option("person", options->person, "The person's pseudonym")->required();
  naming->add_option("--reason", options->reason, "Why, in words without names")->required();
  naming->add_option("--actor", choices.actor,
                     "Who asks: a staff id, no name (else the local account)");
  naming->callback([&context, &exit, options] {
    const Json body = {{"reason", options->reason}, {"actor", context.actor()}};
    const std::string target = "/api/v1/people/" + http::percent_encode(options->person) + "/name";
    exit = context.show(context.post(target, body), show_name);
  });

  auto* code = app.add_subcommand("code", "Codes to type or to show in place of a card");
  code->require_subcommand(1);
  const auto about_codes = [&](const char* name, const char* what) {
    CLI::App* command = code->add_subcommand(name, what);
    command->add_option("person", options->person, "The person's pseudonym")->required();
    command->add_option("--reason", options->reason, "Why, in words without names; it is delivered")
        ->required();
    command->add_option("--actor", choices.actor,
                        "Who decides it: a staff id, no name (else the local account)");
    return command;
  };
  auto* issuing = about_codes("issue", "Give a person a code; it ends tonight");
  auto* once = issuing->add_flag("--once", options->once, "For one tap");
  issuing
      ->add_flag("--lasting", options->lasting, "Until it is withdrawn, in place of the one before")
      ->excludes(once);
  issuing->add_option(
      "--qr", options->qr,
      "Draw it as a QR code too: a new FILE.svg, FILE.png or FILE.pdf to print, or - "
      "for this terminal");
  issuing->callback([&context, &exit, options] { exit = issue_code(context, *options); });
  about_codes("withdraw", "Accept no code of this person any more")
      ->callback([&context, &exit, options] { exit = withdraw_codes(context, *options); });
}

}  // namespace rollcall::provisioning
