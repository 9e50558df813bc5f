// A kiosk whose person has made up their mind.
#pragma once

#include <chrono>
#include <deque>
#include <stdexcept>
#include <string>
#include <vector>

#include "daemon/flows/kiosk.hpp"

namespace rollcall::flows {

// What was shown, in words: "offer en", "question q-text 1/2 [a b]".
inline std::string in_words(const screens::Live& live) {
  struct Words {
    std::string operator()(const screens::AssessmentOffer& s) const {
      return "offer " + s.language + " " + s.title + " " + std::to_string(s.questions);
    }
    std::string operator()(const screens::QuestionScreen& s) const {
      std::string options;
      for (const auto& option : s.options)
        options += (options.empty() ? "" : " ") + option.id + "=" + option.text;
      return "question " + s.language + " " + s.text + " " + std::to_string(s.number) + "/" +
             std::to_string(s.count) + " [" + options + "]";
    }
    std::string operator()(const screens::MoreTime& s) const { return "more time " + s.language; }
    std::string operator()(const screens::ThankYou& s) const { return "thank you " + s.language; }
    std::string operator()(const screens::PleaseSeeDesk& s) const {
      return "see desk " + s.language;
    }
    std::string operator()(const screens::Moved& s) const {
      return (s.arrived ? "arrived " : "left ") + s.language + " " + s.time;
    }
    std::string operator()(const screens::SignHalfDay& s) const {
      const char* how = !s.by_drawing ? "card" : s.by_card ? "card or drawing" : "drawing";
      return "sign " + s.language + " " + s.title + " | " + s.when + " | " + s.hours + " | " + how +
             (s.other_way.empty() ? "" : " | " + s.other_way);
    }
    std::string operator()(const screens::HasSigned& s) const {
      return "signed " + s.language + " " + s.when;
    }
    std::string operator()(const screens::AskTrainer& s) const {
      return "ask trainer " + s.language;
    }
    std::string operator()(const screens::AtRest& s) const { return "at rest " + s.language; }
  };
  return std::visit(Words{}, live);
}

// Plays a person: each wait is answered by the next move.
class FakeKiosk final : public Kiosk {
 public:
  using Move = std::expected<std::string, Interruption>;
  std::deque<std::expected<Sign, Interruption>> moves;
  std::optional<Interruption> taken_while_settling;

  std::vector<std::string> shown;
  std::vector<std::chrono::milliseconds> limits;
  std::vector<protocol::Outcome> answers;
  bool idle = false;

  boost::asio::awaitable<void> show(const screens::Live& screen) override {
    shown.push_back(in_words(screen));
    co_return;
  }
  boost::asio::awaitable<Move> choice(std::chrono::milliseconds limit) override {
    const std::expected<Sign, Interruption> move = next(limit);
    if (!move) co_return std::unexpected(move.error());
    co_return std::get<std::string>(*move);
  }
  boost::asio::awaitable<std::expected<Sign, Interruption>> signature(
      std::chrono::milliseconds limit) override {
    co_return next(limit);
  }
  boost::asio::awaitable<std::optional<Interruption>> pause(std::chrono::milliseconds) override {
    co_return shown.empty() ? taken_while_settling : std::nullopt;
  }
  boost::asio::awaitable<void> answer(protocol::Outcome outcome) override {
    answers.push_back(outcome);
    co_return;
  }
  boost::asio::awaitable<void> finish() override {
    idle = true;
    co_return;
  }

 private:
  std::expected<Sign, Interruption> next(std::chrono::milliseconds limit) {
    limits.push_back(limit);
    if (moves.empty()) throw std::logic_error("the person has no move for: " + shown.back());
    const auto move = moves.front();
    moves.pop_front();
    return move;
  }
};

}  // namespace rollcall::flows
