#include <nlohmann/json.hpp>

#include "provisioning/show.hpp"
#include "provisioning/table.hpp"

namespace rollcall::provisioning {

using Json = nlohmann::ordered_json;

namespace {

std::string number(const Json& value) {
  return value.is_number() ? std::to_string(value.get<long long>()) : "-";
}

std::string end_of(const Json& line) {
  if (const Json& signature = line.at("signature"); signature.is_object())
    return "signed (" + show_text(signature.at("form")) + ") " + show_text(signature.at("at"));
  if (const Json& why = line.at("not_signed"); why.is_object())
    return "not signed: " + show_text(why.at("why"));
  return "-";
}

}  // namespace

std::string show_sheets(const Json& answer) {
  Table table({"SESSION", "HALF-DAY", "HOURS", "TITLE", "STATE", "PRESENT", "DONE"});
  for (const Json& one : answer.at("sheets")) {
    table.add({show_text(one.at("session")), show_text(one.at("half_day")),
               show_text(one.at("start")) + "-" + show_text(one.at("end")),
               show_text(one.at("title")), show_text(one.at("state")),
               number(one.at("present")) + " of " + number(one.at("expected")),
               number(one.at("done"))});
  }
  if (table.empty()) {
    const std::string whose =
        answer.contains("trainer") ? " of " + show_text(answer.at("trainer")) : "";
    return "No session" + whose + " takes place on " + show_text(answer.at("day")) + ".\n";
  }
  return table.text();
}

std::string show_sheet(const Json& sheet) {
  std::string out = show_text(sheet.at("title")) + ", " + show_text(sheet.at("day")) + " " +
                    show_text(sheet.at("half_day")) + ", " + show_text(sheet.at("start")) + "-" +
                    show_text(sheet.at("end")) + ": " + show_text(sheet.at("state")) + "\n";
  if (sheet.at("waits_because").is_string())
    out += "It waits: " + show_text(sheet.at("waits_because")) + ".\n";
  Table table({"PERSON", "NAME", "MARK", "CAME", "LEFT", "MINUTES", "SIGNATURE"});
  for (const Json& line : sheet.at("people")) {
    table.add({show_text(line.at("person")), show_text(line.at("name")), show_text(line.at("mark")),
               show_text(line.at("arrived")),
               line.at("no_exit_tap").get<bool>() ? "no exit tap" : show_text(line.at("left")),
               number(line.at("minutes")), end_of(line)});
  }
  return out + table.text();
}

std::string show_confirmed(const Json& answer) {
  std::string out = "The half-day is confirmed. Now it can be signed.\n";
  if (answer.at("withdrawn").get<long long>() > 0)
    out += number(answer.at("withdrawn")) + " signatures of what it said before are withdrawn.\n";
  return out;
}

std::string show_signed(const Json&) {
  return "It is signed.\n";
}

std::string show_line_closed(const Json& answer) {
  return "The line of " + show_text(answer.at("person")) + " is closed without a signature.\n";
}

std::string show_excused(const Json& answer) {
  return "The absence of " + show_text(answer.at("person")) +
         (answer.at("excused").get<bool>() ? " is excused.\n" : " is not excused any more.\n");
}

std::string show_sheet_closed(const Json&) {
  return "The sheet is closed.\n";
}

std::string show_withdrawn_signature(const Json& answer) {
  return number(answer.at("withdrawn")) + " withdrawn. What was signed stays on record.\n";
}

std::string show_month(const Json& answer) {
  const auto keys = [&](const char* member, const char* state) {
    std::string out;
    for (const Json& one : answer.at(member))
      out += show_text(one.at("day")) + " " + show_text(one.at("session")) + ": " + state + "\n";
    return out;
  };
  std::string out = std::to_string(answer.at("closed").size()) + " half-days are closed.\n" +
                    keys("open", "to be closed") + keys("lapsed", "not confirmed in time");
  const Json& sent = answer.at("sent");
  if (!sent.is_object()) {
    out += show_text(answer.at("month")) +
           (answer.at("over").get<bool>() ? " was not sent yet.\n" : " is not over yet.\n");
  } else {
    out += "Sent at " + show_text(sent.at("at")) + ", version " + number(sent.at("version")) +
           (answer.at("changed").get<bool>() ? "; corrected since, send it again.\n" : ".\n");
  }
  return out;
}

std::string show_month_sent(const Json& answer) {
  return show_text(answer.at("month")) + " is sent, version " + number(answer.at("version")) +
         ".\n";
}

std::string show_certificates(const Json& answer) {
  const auto hours = [](const Json& minutes) {
    const long long all = minutes.get<long long>();
    return std::to_string(all / 60) + " h " + (all % 60 < 10 ? "0" : "") + std::to_string(all % 60);
  };
  Table table({"COURSE", "MODULE", "HOURS", "PLANNED", "HALF-DAYS"});
  for (const Json& course : answer.at("courses")) {
    for (const Json& one : course.at("modules")) {
      table.add({show_text(course.at("course")), show_text(one.at("title")),
                 hours(one.at("minutes")), hours(one.at("planned_minutes")),
                 number(one.at("attended")) + " of " + number(one.at("held"))});
    }
  }
  std::string out = table.empty() ? "No half-day of " + show_text(answer.at("person")) +
                                        " is confirmed in that time.\n"
                                  : table.text();
  const auto left_out = answer.at("left_out").size();
  if (left_out > 0) {
    out += std::to_string(left_out) + (left_out == 1 ? " half-day is" : " half-days are") +
           " not confirmed and counts for nothing:";
    for (const Json& one : answer.at("left_out"))
      out += " " + show_text(one.at("session")) + " " + show_text(one.at("day")) + ";";
    out.back() = '\n';
  }
  return out;
}

std::string show_findings(const Json& answer) {
  std::string out;
  for (const Json& one : answer.at("findings")) out += show_text(one.at("text")) + "\n";
  return out.empty() ? "Nothing to object to in " + show_text(answer.at("month")) + ".\n" : out;
}

}  // namespace rollcall::provisioning
