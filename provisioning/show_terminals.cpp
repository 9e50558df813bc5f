#include <sstream>

#include <nlohmann/json.hpp>

#include "provisioning/show.hpp"
#include "provisioning/table.hpp"

namespace rollcall::provisioning {
namespace {

using Json = nlohmann::ordered_json;

std::string languages(const Json& list) {
  std::string out;
  for (const Json& one : list) out += (out.empty() ? "" : ",") + show_text(one);
  return out.empty() ? "the site's" : out;
}

std::string key_age(const Json& terminal) {
  const Json& seconds = terminal.at("key_age_s");
  std::string age = seconds.is_null() ? "no key in use" : show_span(seconds.get<long long>());
  if (!terminal.at("new_key").is_null()) age += ", a new one waits";
  return age;
}

}  // namespace

std::string show_terminals(const Json& list) {
  if (list.at("terminals").empty())
    return "No terminal is known. To add one: rollcall terminal enrol SERIAL --room ROOM --mode "
           "MODE\n";
  Table table{
      {"TERMINAL", "ROOM", "MODE", "LANGUAGES", "STATE", "CONNECTED", "LAST SEEN", "KEY AGE"}};
  std::string revoked;
  for (const Json& one : list.at("terminals")) {
    const bool active = one.at("state") == "active";
    table.add({show_text(one.at("serial")), show_text(one.at("room")), show_text(one.at("mode")),
               languages(one.at("languages")), show_text(one.at("state")),
               one.at("connected").get<bool>() ? "yes" : "no", show_time(one.at("last_seen")),
               active || !one.at("new_key").is_null() ? key_age(one) : "-"});
    if (active) continue;
    revoked += show_text(one.at("serial")) + " was revoked " + show_time(one.at("revoked")) +
               " by " + show_text(one.at("revoked_by")) + ": " +
               show_text(one.at("revoked_reason")) + "\n";
  }
  return table.text() + (revoked.empty() ? "" : "\n" + revoked);
}

std::string show_moved(const Json& place) {
  return show_text(place.at("serial")) + " stands in " + show_text(place.at("room")) +
         " now, for " + show_text(place.at("mode")) + ", in " +
         (place.at("languages").empty() ? "the site's languages"
                                        : languages(place.at("languages"))) +
         ". Taps it took before keep their room.\n";
}

std::string show_rotated(const Json& answer) {
  const std::string serial = show_text(answer.at("serial"));
  if (answer.at("handed_over").get<bool>()) {
    return serial +
           " has stored its new key and uses it from its next connection; until then both are "
           "accepted.\n";
  }
  return serial + " did not say that it has stored the new key: " + show_text(answer.at("reason")) +
         ".\nThe old key and the new one are both accepted, so it can connect in any case. When it "
         "is "
         "connected again, give the same command again.\n";
}

std::string show_revoked(const Json& answer) {
  const std::string serial = show_text(answer.at("serial"));
  const Json& waiting = answer.at("waiting");
  std::string out =
      serial + " is revoked: its key is forgotten, and a connection it had is closed.\n";
  if (waiting.is_null()) {
    out += "It was not connected, so nobody knows whether taps wait in it. ";
  } else if (waiting == 0) {
    return out + "No tap was waiting in it.\n";
  } else {
    out += std::to_string(waiting.get<long long>()) + " taps were waiting in it. ";
  }
  return out + "To have them, enrol it again.\n";
}

std::string show_identified(const Json& answer) {
  const long long seconds = answer.at("seconds").get<long long>();
  const std::string serial = show_text(answer.at("serial"));
  if (seconds == 0) return serial + " is quiet again.\n";
  return serial + " blinks and sounds for " + std::to_string(seconds) +
         " seconds. Taps go on meanwhile.\n";
}

std::string show_stats(const Json& answer) {
  const Json& stats = answer.at("stats");
  static constexpr struct {
    const char* key;
    const char* words;
  } rows[] = {
      {"taps", "taps recorded"},
      {"not_accepted", "taps refused visibly, nothing recorded"},
      {"gave_up", "taps shown amber at the deadline"},
      {"late_answers", "answers that came after it"},
      {"retransmissions", "messages sent again"},
      {"bad_frames", "frames that could not be read"},
      {"bad_tags", "frames whose tag did not verify"},
      {"bad_messages", "messages not understood"},
      {"screens_stored", "kept screens written"},
      {"storage_errors", "storage operations that failed"},
      {"reader_errors", "reader operations that failed"},
  };
  Table table{{"COUNT", "SINCE ITS START, " +
                            show_span(stats.at("uptime_ms").get<long long>() / 1000) + " AGO"}};
  for (const auto& row : rows)
    table.add({std::to_string(stats.at(row.key).get<long long>()), row.words});
  return show_text(answer.at("serial")) + "\n" + table.text();
}

std::string show_log(const Json& answer) {
  std::string out;
  std::istringstream lines(answer.at("log").get<std::string>());
  for (std::string line; std::getline(lines, line);) out += show_text(line) + "\n";
  return out;
}

}  // namespace rollcall::provisioning
