#include "provisioning/card_issue.hpp"

#include <chrono>
#include <ostream>
#include <thread>

#include <nlohmann/json.hpp>

#include "provisioning/line_input.hpp"
#include "provisioning/table.hpp"

namespace rollcall::provisioning {
namespace {

constexpr std::chrono::milliseconds look_again{200};
constexpr const char* issue_path = "/api/v1/cards/issue";

// What is true of each end but the good one.
constexpr const char* nobodys = "Nobody was given a card, and no card was taken away from anybody.";

class Desk {
 public:
  Desk(const Context& context, const IssueOrder& order) : context_(context), order_(order) {}

  Exit run() {
    const Answer begun = context_.post(issue_path, {{"person", order_.person},
                                                    {"serial", order_.serial},
                                                    {"replaces", order_.replaces},
                                                    {"reason", order_.reason},
                                                    {"actor", context_.actor()}});
    if (!begun) return context_.fail(begun.error());
    say("Hold the card to " + order_.serial +
        " and keep it there until this says that it is done (" +
        std::to_string(begun->at("seconds_left").get<long long>()) +
        " seconds). Ctrl-C ends it. Do it where nobody else stands near.");
    for (Answer now = begun;; now = context_.get(issue_path)) {
      if (!now) return lost_sight(now.error());
      if (now->at("serial") != order_.serial || now->at("person") != order_.person)
        return over("Another card has taken the place of this one.");
      const std::string state = now->at("state").get<std::string>();
      if (state == "done") return done(*now);
      if (const std::string why = ended(state, *now); !why.empty()) {
        if (context_.json()) context_.show(now, nullptr);
        return over(why);
      }
      if (Interrupts::happened()) {
        if (const auto exit = cancel()) return *exit;
      }
      if (state == "issuing" && !told_) {
        told_ = true;
        say("The card is there; keep it at the reader.");
      }
      std::this_thread::sleep_for(look_again);
    }
  }

 private:
  void say(const std::string& text) {
    if (!context_.json()) context_.out << text << "\n" << std::flush;
  }

  Exit done(const Json& now) {
    return context_.show(now, [this](const Json&) {
      return "The card is " + order_.person + "'s now. " +
             (order_.replaces ? "The one before is no longer accepted.\n" : "") +
             (order_.replaces ? "" : "From now on it has to prove its key.\n");
    });
  }

  // Why it did not come about, and what to do; nothing while it goes on.
  static std::string ended(const std::string& state, const Json& now) {
    if (state == "taken") {
      return "This card was issued before: to somebody here, or by another site. It stays what it "
             "is. "
             "Look at `rollcall card list`, and take a blank card.";
    }
    if (state == "refused") {
      return "This is no card that can be issued: it takes a blank MIFARE DESFire EV1 or later "
             "that "
             "shows its own number.";
    }
    if (state == "card_gone") {
      return "The card was taken away, or the reader fell silent, before it was done. Give the "
             "same "
             "command again and hold the card still; what was begun is begun anew.";
    }
    if (state == "expired") return "No card came in time. Give the same command again.";
    if (state == "cancelled") return "It was cancelled.";
    if (state == "failed") {
      const Json& reason = now.at("reason");
      return "The card was written and could not be kept here: " +
             (reason.is_string() ? printable(reason.get<std::string>()) : "no reason given") +
             ". When the cause is gone give the same command again with the same card.";
    }
    return {};
  }

  Exit over(const std::string& text) {
    context_.err << text << " " << nobodys << "\n";
    return Exit::refused;
  }

  std::optional<Exit> cancel() {
    if (!context_.remove(issue_path)) return std::nullopt;  // the card is there: a moment longer
    context_.err << "You stopped it. " << nobodys << "\n";
    return Exit::cancelled;
  }

  Exit lost_sight(const Failure& failure) {
    context_.err
        << failure.text
        << "\nWhether the card was issued says `rollcall card list`, when the daemon is back. "
           "If it was not, give the same command again with the same card.\n";
    return failure.exit;
  }

  const Context& context_;
  const IssueOrder& order_;
  bool told_ = false;
};

}  // namespace

Exit issue(const Context& context, const IssueOrder& order) {
  const Interrupts interrupts;
  try {
    return Desk{context, order}.run();
  } catch (const Json::exception&) {
    context.err
        << "rollcalld answered in a shape this rollcall does not know. Look at `rollcall card "
           "list`, and use the rollcall that came with the daemon.\n";
    return Exit::refused;
  }
}

}  // namespace rollcall::provisioning
