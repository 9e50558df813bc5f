#include "daemon/assessments/attempt.hpp"

#include <algorithm>

namespace rollcall::assessments {
namespace {

const Option* find(const Question& question, std::string_view id) {
  const auto found = std::ranges::find(question.options, id, &Option::id);
  return found == question.options.end() ? nullptr : &*found;
}

std::optional<int> best(const Question& question) {
  std::optional<int> most;
  for (const Option& option : question.options) {
    if (option.score) most = std::max(most.value_or(*option.score), *option.score);
  }
  return most;
}

}  // namespace

const Question* Attempt::next() const {
  return answers_.size() < instrument_.questions.size() ? &instrument_.questions[answers_.size()]
                                                        : nullptr;
}

bool Attempt::answer(std::string_view option, std::chrono::milliseconds took) {
  const Question* question = next();
  if (question == nullptr || find(*question, option) == nullptr) return false;
  answers_.push_back({question->id, std::string(option), took});
  return true;
}

std::optional<Score> Attempt::score() const {
  const auto scored = [](const Question& q) { return best(q).has_value(); };
  if (std::ranges::none_of(instrument_.questions, scored)) return std::nullopt;
  Score score;
  for (std::size_t i = 0; i < answers_.size(); ++i) {
    const Question& question = instrument_.questions[i];
    const Option* chosen = find(question, answers_[i].option);
    if (chosen == nullptr || !chosen->score) continue;
    score.raw += *chosen->score;
    score.max += *best(question);
  }
  return score;
}

}  // namespace rollcall::assessments
