// Accounts and the record as text for people.
#include <nlohmann/json.hpp>

#include "provisioning/show.hpp"
#include "provisioning/table.hpp"

namespace rollcall::provisioning {
namespace {

using Json = nlohmann::ordered_json;

std::string text(const Json& value) {
  return printable(value.get<std::string>());
}

std::string one_line(const Json& account) {
  std::string out = text(account.at("name")) + " has the role " + text(account.at("role"));
  if (!account.at("person").is_null()) out += " and acts as " + text(account.at("person"));
  if (account.at("pin").get<bool>()) out += ", with a PIN";
  if (!account.at("disabled").is_null()) out += "; it may not sign in";
  return out + ".\n";
}

}  // namespace

std::string show_accounts(const Json& list) {
  if (list.at("accounts").empty())
    return "There is no account yet. `rollcall account link` tells how to make the first.\n";
  Table table{{"NAME", "ROLE", "ACTS AS", "PIN", "SINCE", "MAY SIGN IN"}};
  for (const Json& account : list.at("accounts")) {
    const std::string actor =
        account.at("person").is_null() ? text(account.at("account")) : text(account.at("person"));
    table.add({text(account.at("name")), text(account.at("role")), actor,
               account.at("pin").get<bool>() ? "yes" : "no", show_time(account.at("created")),
               account.at("disabled").is_null() ? "yes" : "no"});
  }
  return table.text();
}

std::string show_account(const Json& account) {
  return one_line(account);
}

std::string show_new_password(const Json& answer) {
  return one_line(answer) + "Its password is " + text(answer.at("password")) +
         "\nIt is shown here and nowhere else.\n";
}

std::string show_new_pin(const Json& answer) {
  return one_line(answer) + "The PIN is " + text(answer.at("new_pin")) +
         "\nIt is shown here and nowhere else.\n";
}

std::string show_link(const Json& answer) {
  return "Open this once, within " + std::to_string(answer.at("hours").get<long long>()) +
         " hours, to make the first manager:\n  " + text(answer.at("address")) + "\n";
}

std::string show_audit(const Json& answer) {
  if (answer.at("rows").empty()) return "Nothing is on record.\n";
  Table table{{"TIME", "WHO", "ROLE", "WHAT", "ABOUT", "DETAIL", "ANSWER"}};
  for (const Json& row : answer.at("rows")) {
    table.add(
        {show_time(row.at("time")),
         row.at("account").is_null() ? text(row.at("actor")) : text(row.at("account")),
         text(row.at("role")), text(row.at("action")), show_text(row.at("subject")),
         text(row.at("detail")),
         row.at("status").is_null() ? "-" : std::to_string(row.at("status").get<long long>())});
  }
  return table.text();
}

}  // namespace rollcall::provisioning
