#include <nlohmann/json.hpp>

#include "provisioning/show.hpp"
#include "provisioning/table.hpp"

namespace rollcall::provisioning {

using Json = nlohmann::ordered_json;

std::string show_people(const Json& found) {
  Table table({"PERSON", "NAME", "ROLE", "HERE"});
  for (const Json& one : found.at("people")) {
    table.add({show_text(one.at("person")), show_text(one.at("name")), show_text(one.at("role")),
               one.at("here").get<bool>() ? "yes" : "no"});
  }
  if (table.empty())
    return "Nobody of the roster was found. Part of a name, or a pseudonym, will do.\n";
  return table.text() +
         (found.at("more").get<bool>() ? "There are more; give more letters.\n" : "");
}

std::string show_name(const Json& answer) {
  return show_text(answer.at("person")) + " is " + show_text(answer.at("name")) +
         ". That this was seen, and why, is on record.\n";
}

// In two halves, as people read numbers out.
std::string show_code(const Json& answer) {
  std::string code = show_text(answer.at("code"));
  code.insert(code.size() / 2, " ");
  const std::string kind = show_text(answer.at("kind"));
  std::string out = "The code of " + show_text(answer.at("person")) + " is " + code + ". ";
  if (kind == "lasting") out += "It is good until it is withdrawn; the one before is not.\n";
  if (kind == "day") out += "It is good until tonight.\n";
  if (kind == "once") out += "It is good for one tap, until tonight.\n";
  return out + "It is shown here and nowhere else.\n";
}

std::string show_withdrawn_codes(const Json& answer) {
  const long long count = answer.at("withdrawn").get<long long>();
  return std::to_string(count) + (count == 1 ? " code" : " codes") + " of " +
         show_text(answer.at("person")) + (count == 1 ? " is" : " are") + " no longer accepted.\n";
}

}  // namespace rollcall::provisioning
