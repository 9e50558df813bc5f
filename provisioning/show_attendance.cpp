#include <nlohmann/json.hpp>

#include "provisioning/show.hpp"
#include "provisioning/table.hpp"

namespace rollcall::provisioning {

using Json = nlohmann::ordered_json;

namespace {

std::string people(long long count) {
  return std::to_string(count) + (count == 1 ? " person" : " people");
}

// What a conclusion, or a part of one, says.
std::string revision(const Json& stated) {
  if (stated.is_null()) return "nothing";
  std::string out;
  for (const auto& [member, value] : stated.items()) {
    if (value.is_object()) continue;  // the half-day goes with the session
    const std::string text = member == "wall" ? show_time(value) : show_text(value);
    out += (out.empty() ? "" : ", ") + member + " " + text;
  }
  return out;
}

std::string correction(const Json& one) {
  return "    " + show_time(one.at("at")) + " by " + show_text(one.at("actor")) + ": " +
         revision(one.at("old")) + " -> " + revision(one.at("new")) + ". " +
         show_text(one.at("reason")) + "\n";
}

std::string what_it_was(const Json& entry) {
  if (entry.at("kind") == "tap")
    return show_text(entry.at("method")) + ", " + show_text(entry.at("terminal"));
  return "entered by " + show_text(entry.at("actor")) + " (" + show_text(entry.at("cause")) + ")";
}

std::string counts_as(const Json& entry) {
  if (!entry.at("stands").get<bool>())
    return entry.at("kind") == "tap" ? "set aside" : "taken back";
  const Json& counts = entry.at("counts");
  if (counts.is_null()) return "nothing";
  std::string out = show_text(counts.at("direction"));
  if (counts.at("session").is_string()) out += " " + show_text(counts.at("session"));
  if (!entry.at("closed").is_null()) out += ", no exit tap: ended " + show_time(entry.at("closed"));
  return out;
}

std::string who(const Json& person) {
  const Json& name = person.at("name");
  return name.is_string() ? show_text(name) + " (" + show_text(person.at("person")) + ")"
                          : show_text(person.at("person"));
}

std::string doubt_text(const Json& doubt) {
  if (doubt == "no_exit_tap") return "no exit tap, may have left";
  if (doubt == "earlier_day") return "since an earlier day, may have left";
  if (doubt == "time_unproven") return "tapped at an unknown time today";
  return "";
}

}  // namespace

std::string show_checked_days(const Json& answer) {
  const auto count = [&answer](const char* key, const char* one, const char* many) {
    const long long number = answer.at(key).get<long long>();
    return std::to_string(number) + ' ' + (number == 1 ? one : many);
  };
  std::string out = count("days", "day", "days") + " of " + count("people", "person", "people") +
                    ", " + count("movements", "movement", "movements") + ": ";
  if (answer.at("differ") == 0) {
    out += "the log says what their taps and statements come to.\n";
  } else {
    out += count("differ", "day comes", "days come") + " to something else.\n";
    for (const Json& one : answer.at("differences")) {
      out += show_text(one.at("person")) + ", " + show_text(one.at("day")) + ": " +
             show_text(one.at("text")) + "\n";
    }
  }
  if (answer.at("waiting") != 0) {
    out += count("waiting", "day was not compared: it waits", "days were not compared: they wait") +
           " to be concluded again.\n";
  }
  return out;
}

std::string show_assisted(const Json& answer) {
  const bool in = answer.at("direction").get<std::string>() == "in";
  std::string out = show_text(answer.at("person")) + (in ? " came" : " left") + " at " +
                    show_time(answer.at("time"));
  if (answer.at("room").is_string()) out += ", " + show_text(answer.at("room"));
  out += answer.at("session").is_string() ? ", for " + show_text(answer.at("session")) + ". "
                                          : ", for no session. ";
  return out + "It is recorded as assisted.\n";
}

std::string show_many_assisted(const Json& answer) {
  const long long recorded = answer.at("recorded").get<long long>();
  std::string out =
      people(recorded) + (recorded == 1 ? " is" : " are") + " recorded, as assisted.\n";
  for (const Json& one : answer.at("people"))
    if (!one.at("recorded").get<bool>())
      out += "  " + show_text(one.at("person")) + ": " + show_text(one.at("why")) + "\n";
  return out;
}

std::string show_corrected(const Json& answer) {
  const std::string whose = show_text(answer.at("person"));
  if (!answer.at("changed").get<bool>())
    return "It counts so already; nothing was changed of " + whose + ".\n";
  const long long count = answer.at("conclusions").get<long long>();
  return "It is stated. Of " + whose + " " + std::to_string(count) +
         (count == 1 ? " conclusion is" : " conclusions are") + " corrected.\n";
}

std::string show_person_day(const Json& day) {
  std::string out = who(day) + ", " + show_text(day.at("day")) + "\n";
  for (const Json& session : day.at("sessions")) {
    out += "  " + show_text(session.at("start")) + "-" + show_text(session.at("end")) + " " +
           show_text(session.at("title")) + ": " +
           (session.at("present").get<bool>()
                ? std::to_string(session.at("minutes").get<long long>()) + " minutes seen"
                : "absent");
    if (session.at("missing_exit").get<bool>()) out += ", no exit tap";
    if (session.at("confirmed").get<bool>()) out += ", confirmed";
    out += "\n";
  }
  if (day.at("entries").empty()) return out + "Nothing is recorded of that day.\n";
  for (const Json& entry : day.at("entries")) {
    const Json& time = entry.at("time");
    out += "\n" + (time.is_null() ? std::string{"time unknown"} : show_time(time)) + "  " +
           show_text(entry.at("room")) + ", " + what_it_was(entry) +
           "\n    counts as: " + counts_as(entry) + "\n    event: " + show_text(entry.at("event")) +
           "\n";
    for (const Json& one : entry.at("corrections")) out += correction(one);
  }
  if (!day.at("others").empty()) out += "\nOther corrections\n";
  for (const Json& one : day.at("others")) out += correction(one);
  return out;
}

std::string show_waiting(const Json& answer) {
  Table exits({"PERSON", "NAME", "DAY", "SESSION", "ARRIVED"});
  for (const Json& one : answer.at("missing_exits"))
    exits.add({show_text(one.at("person")), show_text(one.at("name")), show_text(one.at("day")),
               show_text(one.at("session")), show_time(one.at("arrived"))});
  Table taps({"PERSON", "NAME", "DAY", "ROOM", "EVENT"});
  for (const Json& one : answer.at("unproven_taps"))
    taps.add({show_text(one.at("person")), show_text(one.at("name")), show_text(one.at("day")),
              show_text(one.at("room")), show_text(one.at("event"))});
  if (exits.empty() && taps.empty()) return "Nothing waits.\n";
  std::string out;
  if (!exits.empty())
    out +=
        "No exit was tapped (rollcall attendance assist PERSON --left --day DAY --at HH:MM "
        "--cause forgotten):\n" +
        exits.text("  ");
  if (!taps.empty())
    out += "Tapped at an unknown time (rollcall attendance correct EVENT --was in|out|none):\n" +
           taps.text("  ");
  return out + (answer.at("more").get<bool>() ? "There are more.\n" : "");
}

std::string show_now(const Json& overview) {
  Table table({"ROOM", "PERSON", "NAME", "SESSION", "SINCE"});
  for (const Json& one : overview.at("present"))
    table.add({show_text(one.at("room")), show_text(one.at("person")), show_text(one.at("name")),
               show_text(one.at("session")), show_time(one.at("since"))});
  if (table.empty()) return "Nobody is checked in.\n";
  return people(overview.at("counts").at("present").get<long long>()) + " here.\n" + table.text();
}

// To be printed and ticked off by hand.
std::string show_evacuation(const Json& list) {
  const Json& counts = list.at("counts");
  const auto count = [&counts](const char* name) { return counts.at(name).get<long long>(); };
  std::string out = show_text(list.at("site").at("name")) + ": who may be inside, " +
                    show_text(list.at("made")) + "\n" + people(count("inside")) + " inside, " +
                    people(count("in_doubt")) + " in doubt, " +
                    std::to_string(count("unknown_cards")) + " unknown card(s)\n";
  if (list.at("site").at("clock") == "unproven")
    out += "! The clock of this machine is in doubt.\n";
  for (const Json& one : list.at("away"))
    out += "! " + show_text(one.at("room")) + " (" + show_text(one.at("serial")) +
           ") is not connected, last seen " + show_text(one.at("last_seen")) +
           ": people there may be missing below.\n";
  for (const Json& room : list.at("rooms")) {
    const std::string name = show_text(room.at("room"));
    out += "\n" + (name.empty() ? std::string{"No room"} : name) + "\n";
    for (const Json& person : room.at("people")) {
      out += "  [ ] " + who(person) + ", since " + show_text(person.at("since"));
      if (person.at("title").is_string()) out += ", " + show_text(person.at("title"));
      if (const std::string doubt = doubt_text(person.at("doubt")); !doubt.empty())
        out += "  ? " + doubt;
      out += "\n";
    }
    for (const Json& card : room.at("cards"))
      out += "  [ ] unknown card " + show_text(card.at("card")) + ", last tap " +
             show_text(card.at("last")) + "\n";
  }
  return out;
}

}  // namespace rollcall::provisioning
