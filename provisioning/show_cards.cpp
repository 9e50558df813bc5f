// Issued cards as text for people.
#include <nlohmann/json.hpp>

#include "provisioning/show.hpp"
#include "provisioning/table.hpp"

namespace rollcall::provisioning {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t shown_token_digits = 8;

std::string text(const Json& value) {
  return printable(value.get<std::string>());
}

}  // namespace

std::string show_cards(const Json& list) {
  if (list.at("cards").empty()) return "No card was issued here.\n";
  Table table{{"PERSON", "CARD", "STATE", "SINCE", "BY", "REASON"}};
  for (const Json& card : list.at("cards")) {
    table.add({text(card.at("person")), text(card.at("card")).substr(0, shown_token_digits),
               text(card.at("state")), show_time(card.at("since")), text(card.at("by")),
               text(card.at("reason"))});
  }
  return table.text();
}

std::string show_withdrawn(const Json& answer) {
  return "The card of " + text(answer.at("person")) + " is " + text(answer.at("state")) +
         " and is no longer accepted. Whoever taps with it is asked to see staff, and you are "
         "told.\n";
}

}  // namespace rollcall::provisioning
