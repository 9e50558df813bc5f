#include "provisioning/show.hpp"

#include <nlohmann/json.hpp>

#include "provisioning/table.hpp"

namespace rollcall::provisioning {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t shown_token_digits = 12;  // enough to tell the cards of a site apart

std::string number(const Json& value) {
  return value.is_number_integer() ? std::to_string(value.get<long long>()) : "-";
}

// "1 event", "2 events"
std::string count(const Json& value, const std::string& one, const std::string& many) {
  const long long n = value.get<long long>();
  return std::to_string(n) + " " + (n == 1 ? one : many);
}

std::string reasons_in_words(const Json& reasons) {
  std::string out;
  for (const auto& [reason, n] : reasons.items()) {
    out += (out.empty() ? "" : ", ") + number(n) + " " + printable(reason);
  }
  return out;
}

std::string delivery_in_words(const Json& delivery) {
  const std::string state = show_text(delivery.at("state"));
  const std::string waiting = count(delivery.at("waiting"), "event", "events");
  std::string out;
  if (state == "current") out = "everything is delivered";
  if (state == "sending") out = waiting + " on the way";
  if (state == "waiting")
    out = "the case system accepts nothing just now; " + waiting + " kept here";
  if (state == "off") out = "no case system is configured; " + waiting + " kept here";
  out += "\n            last receipt " + show_time(delivery.at("last_receipt"));
  if (delivery.at("last_error").is_string())
    out += "\n            last error: " + show_text(delivery.at("last_error"));
  if (delivery.at("rejected").get<long long>() > 0) {
    out += "\n            " + count(delivery.at("rejected"), "event was", "events were") +
           " not accepted (" + reasons_in_words(delivery.at("reasons")) +
           "): rollcall delivery rejected";
  }
  return out;
}

}  // namespace

std::string show_text(const Json& value) {
  return value.is_string() ? printable(value.get<std::string>()) : "-";
}

std::string show_time(const Json& time) {
  if (!time.is_string()) return "-";
  std::string out = printable(time.get<std::string>());
  if (const auto t = out.find('T'); t != std::string::npos) out[t] = ' ';
  if (const auto dot = out.find('.'); dot != std::string::npos) out = out.substr(0, dot) + "Z";
  return out;
}

std::string show_span(long long seconds) {
  const auto two = [](long long big, const char* unit, long long small, const char* small_unit) {
    std::string out = std::to_string(big) + " " + unit;
    if (small > 0) out += " " + std::to_string(small) + " " + small_unit;
    return out;
  };
  if (seconds < 60) return std::to_string(seconds) + " s";
  if (seconds < 3600) return std::to_string(seconds / 60) + " min";
  if (seconds < 86400) return two(seconds / 3600, "h", seconds % 3600 / 60, "min");
  return two(seconds / 86400, "d", seconds % 86400 / 3600, "h");
}

std::string show_status(const Json& status) {
  const Json& site = status.at("site");
  const Json& counts = status.at("counts");
  std::string out = show_text(site.at("name")) + " (" + show_text(site.at("id")) + ")\n";
  out += "rollcalld " + show_text(status.at("version")) + ", up " +
         show_span(status.at("uptime_s").get<long long>()) + ", clock " +
         show_text(site.at("clock")) + ", " + show_time(site.at("time")) + "\n\n";

  Table terminals{{"TERMINAL", "ROOM", "STATE", "LAST SEEN", "WAITING IN IT", "FIRMWARE"}};
  for (const Json& one : status.at("terminals")) {
    terminals.add({show_text(one.at("serial")), show_text(one.at("room")),
                   show_text(one.at("state")), show_time(one.at("last_seen")),
                   number(one.at("waiting")), show_text(one.at("firmware"))});
  }
  out += terminals.empty() ? "No terminal is configured.\n" : terminals.text();

  out += "\nPresent     " + number(counts.at("present")) + "\n";
  out += "Records     " + count(counts.at("taps"), "tap", "taps") + " (" +
         number(counts.at("repeat")) + " repeated), " +
         count(counts.at("assessments"), "assessment", "assessments") + ", " +
         count(counts.at("events"), "event", "events") + ", " + number(counts.at("delivered")) +
         " delivered\n";
  out += "Delivery    " + delivery_in_words(status.at("delivery")) + "\n";
  const long long waiting = counts.at("inbox").get<long long>();
  out += "For staff   " +
         (waiting == 0
              ? std::string{"nothing waits"}
              : count(counts.at("inbox"), "matter waits", "matters wait") + ": rollcall inbox") +
         "\n";
  return out;
}

std::string show_inbox(const Json& inbox) {
  if (inbox.at("items").empty()) return "Nothing waits for staff.\n";
  std::string out;
  std::string unknown_card;
  Table table{{"ID", "SINCE", "KIND", "ABOUT"}};
  for (const Json& item : inbox.at("items")) {
    std::string subject = show_text(item.at("subject"));
    if (item.at("kind") == "unknown-card")
      unknown_card = subject = subject.substr(0, shown_token_digits);
    table.add({number(item.at("id")), show_time(item.at("created")), show_text(item.at("kind")),
               subject});
  }
  out += table.text() + "\n";
  for (const Json& item : inbox.at("items")) {
    out += number(item.at("id")) + ": " + show_text(item.at("detail")) + "\n";
  }
  const auto shown = static_cast<long long>(inbox.at("items").size());
  const long long open = inbox.at("open").get<long long>();
  if (open > shown) out += "and " + std::to_string(open - shown) + " more, newer than these\n";
  if (!unknown_card.empty()) {
    out += "\nTo attach a card: rollcall card attach " + unknown_card + " PERSON --reason TEXT\n";
  }
  return out;
}

std::string show_rejected(const Json& rejected) {
  if (rejected.at("total").get<long long>() == 0)
    return "The case system has accepted every event it was sent.\n";
  std::string out = count(rejected.at("total"), "event was", "events were") +
                    " not accepted: " + reasons_in_words(rejected.at("reasons")) + "\n\n";
  Table table{{"REASON", "PERSON", "TYPE", "TIME", "ATTEMPT", "EVENT"}};
  for (const Json& event : rejected.at("events")) {
    table.add({show_text(event.at("reason")), show_text(event.at("person")),
               show_text(event.at("type")), show_time(event.at("time")),
               number(event.at("attempt")), show_text(event.at("id"))});
  }
  out += table.text();
  if (!rejected.at("next").is_null()) out += "and more\n";
  out +=
      "\nThey are kept here. When what was wrong is repaired, send them again: rollcall delivery "
      "retry\n";
  return out;
}

}  // namespace rollcall::provisioning
