#include <nlohmann/json.hpp>

#include "provisioning/show.hpp"
#include "provisioning/table.hpp"

namespace rollcall::provisioning {
namespace {

using Json = nlohmann::ordered_json;

std::string number(const Json& value) {
  return std::to_string(value.get<long long>());
}

std::string counts_table(const Json& counts, std::string_view indent) {
  Table table({"RECORD", "ADDED", "CHANGED", "UNCHANGED", "REMOVED", "WAITING", "SKIPPED"});
  for (const auto& [kind, c] : counts.items()) {
    table.add({kind, number(c.at("added")), number(c.at("changed")), number(c.at("unchanged")),
               number(c.at("removed")), number(c.at("held")), number(c.at("bad"))});
  }
  return table.empty() ? std::string(indent) + "It names nothing.\n" : table.text(indent);
}

std::string messages_of(const Json& answer, std::string_view indent) {
  std::string out;
  for (const Json& message : answer.at("messages"))
    out += std::string(indent) + printable(message.get<std::string>()) + '\n';
  const auto skipped = answer.at("skipped").get<std::size_t>();
  if (skipped > answer.at("messages").size()) {
    out += std::string(indent) + "and " + std::to_string(skipped - answer.at("messages").size()) +
           " more\n";
  }
  return out;
}

bool any_held(const Json& counts) {
  for (const auto& [kind, c] : counts.items())
    if (c.at("held") != 0) return true;
  return false;
}

}  // namespace

std::string show_import(const Json& answer) {
  const bool dry_run = answer.at("dry_run").get<bool>();
  std::string out = (dry_run ? "Nothing was changed. It would be, from " : "Read from ") +
                    show_text(answer.at("source")) + ":\n" + counts_table(answer.at("counts"), "") +
                    messages_of(answer, "");
  if (!dry_run && any_held(answer.at("counts"))) {
    out +=
        "More than a tenth would go: that waits, and all else is done. To agree: rollcall "
        "roster apply-removals\n";
  }
  return out;
}

std::string show_roster(const Json& answer) {
  std::string out;
  for (const Json& one : answer.at("sources")) {
    out += show_text(one.at("source")) + ", read " + show_time(one.at("read")) + ":\n" +
           counts_table(one.at("counts"), "  ") + messages_of(one, "  ");
    for (const auto& [kind, count] : one.at("held").items())
      out += "  " + number(count) + ' ' + printable(kind) + " to be removed, when someone agrees\n";
  }
  return out.empty() ? "No roster was read yet.\n" : out;
}

std::string show_removals(const Json& answer) {
  std::string out;
  for (const auto& [kind, count] : answer.at("removed").items())
    out += (out.empty() ? "Removed: " : ", ") + number(count) + ' ' + printable(kind);
  return out.empty() ? "Nothing waits to be removed.\n"
                     : out + ". What was recorded of them stays.\n";
}

std::string show_corrected_day(const Json& answer) {
  return show_text(answer.at("session")) + " of " + show_text(answer.at("day")) +
         " is corrected. To be concluded again: " + number(answer.at("people")) +
         " people who moved on that day.\n";
}

}  // namespace rollcall::provisioning
