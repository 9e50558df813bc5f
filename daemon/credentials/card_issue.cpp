#include "daemon/credentials/card_issue.hpp"

#include <utility>

namespace rollcall::credentials {

using namespace desfire;

namespace {

constexpr std::uint8_t issuing = std::to_underlying(KeyNumber::issuing);
constexpr std::uint8_t reading = std::to_underlying(KeyNumber::reading);

bool is_plain_ok(const Answer& answer) {
  return answer.status == Status::ok && answer.data.empty();
}

}  // namespace

CardIssue::CardIssue(const ApplicationId& application, const CardKeys& keys, hal::Entropy& entropy)
    : Conversation(wrapped(Instruction::select_application, application), entropy),
      application_(application),
      keys_(keys) {
  entropy_.fill(token_.bytes());
}

void CardIssue::forget() {
  keys_ = {};
  token_ = {};
}

void CardIssue::next(Step step, const Command& command) {
  step_ = step;
  say(command);
}

void CardIssue::on_answer(const Answer& answer) {
  switch (step_) {
    case Step::finding:
      return found(answer);
    case Step::asking_challenge:
      return prove(answer);
    case Step::proving:
      return proven(answer);
    case Step::deleting:
      // The session went with the application: nothing vouches for this answer. Had it not been
      // deleted, it could not be made now.
      if (answer.status != Status::ok) return end(CardError::refused);
      phase_ = Phase::making;
      return leave();
    case Step::leaving:
      return is_plain_ok(answer) ? create() : end(CardError::malformed);
    case Step::creating:
      return created(answer);
    case Step::entering:
      return is_plain_ok(answer) ? authenticate() : end(CardError::malformed);
    case Step::making_file:
    case Step::writing:
    case Step::changing_reading_key:
      return next_in_session(answer);
    case Step::changing_issuing_key:
      // The session went with its key, and again nothing vouches for this answer: the card does.
      if (!is_plain_ok(answer)) return end(CardError::refused);
      phase_ = Phase::verifying;
      return authenticate();
  }
}

void CardIssue::found(const Answer& answer) {
  if (answer.status == Status::application_not_found) return leave();
  if (!is_plain_ok(answer)) return end(CardError::malformed);
  phase_ = Phase::removing;
  authenticate();
}

void CardIssue::authenticate() {
  next(Step::asking_challenge, Authentication::begin(issuing));
}

void CardIssue::prove(const Answer& answer) {
  if (answer.status != Status::additional_frame) return end(error_of_another_key());
  const Secret factory;  // an application's keys when it is made: zeros
  if (answer_challenge(answer, phase_ == Phase::verifying ? keys_.issuing : factory))
    step_ = Step::proving;
}

void CardIssue::proven(const Answer& answer) {
  if (!take_proof(answer, error_of_another_key())) return;
  switch (phase_) {
    case Phase::removing:
      return next(Step::deleting, session().plain(Instruction::delete_application, application_));
    case Phase::making:
      return make_file();
    case Phase::verifying:
      return end(token_);
  }
}

CardError CardIssue::error_of_another_key() const {
  return phase_ == Phase::removing ? CardError::taken : CardError::not_authentic;
}

void CardIssue::leave() {
  constexpr ApplicationId card{};
  next(Step::leaving, wrapped(Instruction::select_application, card));
}

void CardIssue::create() {
  // Key 0 changes keys, also itself; without it nobody lists, makes or deletes; this stays so.
  constexpr std::uint8_t settings = 0x01;
  constexpr std::uint8_t aes = 0x80;
  const std::uint8_t data[] = {application_[0], application_[1], application_[2], settings,
                               aes | key_count};
  next(Step::creating, wrapped(Instruction::create_application, data));
}

void CardIssue::created(const Answer& answer) {
  if (answer.status != Status::ok) return end(CardError::refused);
  if (!answer.data.empty()) return end(CardError::malformed);
  next(Step::entering, wrapped(Instruction::select_application, application_));
}

void CardIssue::make_file() {
  constexpr std::uint8_t enciphered = 0x03;
  // Four bits each: key that changes the rights, key that reads and writes (none), lowest first;
  // then the one that writes, the one that reads.
  constexpr std::uint8_t nobody = 0x0f;
  const std::uint8_t data[] = {
      token_file, enciphered, nobody << 4 | issuing, reading << 4 | issuing, token_size, 0, 0};
  next(Step::making_file, session().plain(Instruction::create_standard_file, data));
}

void CardIssue::next_in_session(const Answer& answer) {
  if (answer.status != Status::ok) return end(CardError::refused);
  if (!session().confirms(answer.data)) return end(CardError::not_authentic);
  if (step_ == Step::making_file) {
    return next(Step::writing,
                session().enciphered(Instruction::write_data, token_range, token_.view()));
  }
  if (step_ == Step::writing) {
    return next(Step::changing_reading_key,
                session().change_key(reading, keys_.reading, key_version, false));
  }
  next(Step::changing_issuing_key, session().change_key(issuing, keys_.issuing, key_version, true));
}

}  // namespace rollcall::credentials
