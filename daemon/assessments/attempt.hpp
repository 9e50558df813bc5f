// One person's way through an instrument, and its score. Pure: time comes in, no I/O.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/assessments/instrument.hpp"

namespace rollcall::assessments {

struct Answer {
  std::string question;
  std::string option;
  std::chrono::milliseconds took{0};  // from showing the question to the answer
  bool operator==(const Answer&) const = default;
};

struct Score {
  int raw = 0;  // sum of the chosen options' scores
  int max = 0;  // best possible sum over the questions that were answered with a scored option
  bool operator==(const Score&) const = default;
};

class Attempt {
 public:
  // `instrument` outlives the attempt.
  explicit Attempt(const Instrument& instrument) : instrument_(instrument) {}

  // The question to ask now, nothing once all are answered.
  const Question* next() const;
  // From 1, for "2 of 5".
  std::size_t number() const { return answers_.size() + 1; }
  // False, and nothing changed, when the current question has no such option.
  bool answer(std::string_view option, std::chrono::milliseconds took);

  bool complete() const { return next() == nullptr; }
  const std::vector<Answer>& answers() const { return answers_; }
  std::size_t questions() const { return instrument_.questions.size(); }
  // Nothing for an instrument without scores.
  std::optional<Score> score() const;

 private:
  const Instrument& instrument_;
  std::vector<Answer> answers_;
};

}  // namespace rollcall::assessments
