#include "daemon/credentials/card_reading.hpp"

#include <utility>

namespace rollcall::credentials {

using namespace desfire;

CardReading::CardReading(const ApplicationId& application, const Secret& key, hal::Entropy& entropy)
    : Conversation(wrapped(Instruction::select_application, application), entropy), key_(key) {}

void CardReading::on_answer(const Answer& answer) {
  switch (step_) {
    case Step::selecting:
      return challenge(answer);
    case Step::challenging:
      return prove(answer);
    case Step::proving:
      return read(answer);
    case Step::reading:
      return take(answer);
  }
}

void CardReading::forget() {
  key_ = {};
}

void CardReading::challenge(const Answer& answer) {
  if (answer.status == Status::application_not_found) return end(CardError::no_application);
  if (answer.status != Status::ok || !answer.data.empty()) return end(CardError::malformed);
  step_ = Step::challenging;
  say(Authentication::begin(std::to_underlying(KeyNumber::reading)));
}

void CardReading::prove(const Answer& answer) {
  switch (answer.status) {
    case Status::additional_frame:
      break;
    case Status::no_such_key:
    case Status::authentication_error:  // the key is not of AES
    case Status::illegal_command:       // the card knows no AES
      return end(CardError::no_key);
    default:
      return end(CardError::malformed);
  }
  if (answer_challenge(answer, key_)) step_ = Step::proving;
}

void CardReading::read(const Answer& answer) {
  if (!take_proof(answer, CardError::not_authentic)) return;
  step_ = Step::reading;
  say(session().plain(Instruction::read_data, token_range));
}

void CardReading::take(const Answer& answer) {
  constexpr std::size_t size = Session::sealed_size(token_size);
  switch (answer.status) {
    case Status::ok:
      break;
    case Status::additional_frame:
      return end(CardError::too_long);
    case Status::file_not_found:
    case Status::permission_denied:
    case Status::authentication_error:
    case Status::boundary_error:
      return end(CardError::no_token);
    default:
      return end(CardError::malformed);
  }
  if (answer.data.size() != size)
    return end(answer.data.size() > size ? CardError::too_long : CardError::malformed);
  Token token;
  if (!session().open(answer.data, token.bytes())) return end(CardError::not_authentic);
  end(token);
}

}  // namespace rollcall::credentials
