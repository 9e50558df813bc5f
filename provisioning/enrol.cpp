#include "provisioning/enrol.hpp"

#include <algorithm>
#include <chrono>
#include <ostream>
#include <thread>

#include <nlohmann/json.hpp>

#include "provisioning/line_input.hpp"
#include "provisioning/table.hpp"

namespace rollcall::provisioning {
namespace {

constexpr std::chrono::milliseconds look_again{300};
constexpr const char* window_path = "/api/v1/enrolment";
constexpr const char* number_path = "/api/v1/enrolment/number";

// What stays true whatever goes wrong before the numbers agree.
constexpr const char* as_before =
    "Nothing was changed: no new key is accepted, and a terminal that was enrolled before works on "
    "as it did.";

// The six digits of a line such as "482 913"; otherwise nothing.
std::string digits_of(const std::string& line) {
  std::string digits;
  for (const char c : line) {
    if (c >= '0' && c <= '9') {
      digits += c;
    } else if (c != ' ' && c != '-' && c != '\r' && c != '\t') {
      return {};
    }
  }
  return digits.size() == 6 ? digits : std::string{};
}

std::string grouped(const std::string& number) {
  return number.size() == 6 ? number.substr(0, 3) + " " + number.substr(3) : number;
}

class Conversation {
 public:
  Conversation(const Context& context, const EnrolWish& wish)
      : context_(context), wish_(wish), input_(context.in) {}

  Exit run() {
    const Json body = {{"serial", wish_.serial},
                       {"room", wish_.room},
                       {"mode", wish_.mode},
                       {"languages", wish_.languages},
                       {"actor", context_.actor()}};
    const Answer opened = context_.post(window_path, body);
    if (!opened) return context_.fail(opened.error());
    say("The window for " + wish_.serial + " is open for " +
        std::to_string(opened->at("seconds_left").get<long long>()) +
        " seconds. Ctrl-C closes it.\nNow open the enrolment window of the terminal, at the "
        "terminal.");
    Answer now = opened;
    for (;;) {
      if (Interrupts::happened()) return cancel("You closed the window.", Exit::cancelled);
      if (!now) return lost_sight(now.error());
      if (now->at("serial").get<std::string>() != wish_.serial)
        return over("Another enrolment has taken the place of this one. " + std::string{as_before});
      const std::string state = now->at("state").get<std::string>();
      if (const auto exit = ended(state, *now)) return *exit;
      if (state == "number_ready") {
        if (const auto exit = ask_for_number()) return *exit;
      } else {
        if (state != told_) hint(state);
        std::this_thread::sleep_for(look_again);
      }
      now = context_.get(window_path);
    }
  }

 private:
  void say(const std::string& text) { context_.out << text << "\n" << std::flush; }

  void hint(const std::string& state) {
    told_ = state;
    if (state == "terminal_not_in_window") {
      say(wish_.serial +
          " is connected, but its own enrolment window is not open. Open it at the terminal; this "
          "end waits.");
    }
  }

  // Waits for a typed line or for the window to change; an exit when the conversation is over.
  std::optional<Exit> ask_for_number() {
    if (told_ != "number_ready") {
      told_ = "number_ready";
      input_.forget_typed();
      context_.out << "The terminal shows six digits. Type them: " << std::flush;
    }
    std::string line;
    switch (input_.wait(look_again, line)) {
      case LineInput::Event::nothing:
        return std::nullopt;
      case LineInput::Event::end:
        say("");
        return cancel("The input ended before a number was typed.", Exit::refused);
      case LineInput::Event::line:
        break;
    }
    const std::string number = digits_of(line);
    if (number.empty()) {
      context_.out << "That is not six digits; nothing was compared. Type them again: "
                   << std::flush;
      return std::nullopt;
    }
    const Answer compared = context_.post(number_path, {{"number", number}});
    if (!compared) {
      context_.err << compared.error().text << "\n";
      return cancel("The number could not be compared.", compared.error().exit);
    }
    if (compared->at("state") == "granted" || compared->at("state") == "done") {
      say("The numbers agree: " + grouped(compared->at("number").get<std::string>()) +
          ". Now confirm on the terminal.");
    }
    return std::nullopt;  // the next look says what has become of it
  }

  std::optional<Exit> ended(const std::string& state, const Json& window) {
    if (state == "done") {
      say(wish_.serial + " is enrolled: " + printable(window.at("room").get<std::string>()) + ", " +
          window.at("mode").get<std::string>() + ". It connects with its new key.");
      return Exit::done;
    }
    if (state == "number_wrong") {
      return over(
          "The numbers differ. Either a digit was mistyped, or somebody is between this machine "
          "and "
          "the terminal. " +
          std::string{as_before} +
          "\nThe attempt is over. Check cable and network to the terminal, then begin again at "
          "both "
          "ends.");
    }
    if (state == "expired") {
      return over("The time is up. " + std::string{as_before} +
                  "\nBegin again, and open the window at the terminal soon after.");
    }
    if (state == "failed") {
      const Json& reason = window.at("reason");
      return over("The enrolment did not come about: " +
                  (reason.is_string() ? printable(reason.get<std::string>()) : "no reason given") +
                  ". " + as_before + "\nBegin again when the cause is gone.");
    }
    return std::nullopt;
  }

  Exit over(const std::string& text) {
    if (told_ == "number_ready") say("");  // leaves the prompt's line
    context_.err << text << "\n";
    return Exit::refused;
  }

  Exit cancel(const std::string& why, Exit exit) {
    const Answer closed = context_.remove(window_path);
    if (told_ == "number_ready" && exit == Exit::cancelled) say("");
    if (closed) {
      context_.err << why << " The window is closed. " << as_before << "\n";
      return exit;
    }
    // Between two looks it may have come to its end by itself.
    const Answer now = context_.get(window_path);
    if (now && now->at("serial") == wish_.serial && now->at("state") == "done") {
      say("Before that, " + wish_.serial + " had been enrolled.");
      return Exit::done;
    }
    context_.err << why << " "
                 << (now ? "The window was closed already. " : closed.error().text + " ")
                 << (now ? as_before : "The daemon closes the window by itself.") << "\n";
    return exit;
  }

  Exit lost_sight(const Failure& failure) {
    if (told_ == "number_ready") say("");
    context_.err << failure.text
                 << "\nThe window closes by itself, at the latest after two minutes. Look at "
                    "`rollcall terminal list` before you begin again.\n";
    return failure.exit;
  }

  const Context& context_;
  const EnrolWish& wish_;
  LineInput input_;
  std::string told_;  // the state that the person was told of last
};

}  // namespace

Exit enrol(const Context& context, const EnrolWish& wish) {
  const Interrupts interrupts;
  try {
    return Conversation{context, wish}.run();
  } catch (const Json::exception&) {
    context.err << "rollcalld answered in a shape this rollcall does not know. Look at `rollcall "
                   "terminal list`, and use the rollcall that came with the daemon.\n";
    return Exit::refused;
  }
}

}  // namespace rollcall::provisioning
