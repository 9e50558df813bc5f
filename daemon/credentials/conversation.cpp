#include "daemon/credentials/conversation.hpp"

#include <utility>

namespace rollcall::credentials {
namespace {

// A card that does not know the class, the instruction or the application (ISO/IEC 7816-4 5.1.3).
bool is_refusal(Bytes response) {
  return response.size() == 2 && response[0] >= 0x67 && response[0] <= 0x6f;
}

}  // namespace

void Conversation::on_response(Bytes response) {
  if (result_) return;
  const bool first = !std::exchange(begun_, true);
  if (const auto answer = desfire::unwrapped(response)) return on_answer(*answer);
  end(first && is_refusal(response) ? CardError::no_application : CardError::malformed);
}

void Conversation::end_with(const TokenOrError& result) {
  if (result_) return;
  result_ = result;
  command_ = {};
  authentication_.reset();
  session_.reset();
  forget();
}

bool Conversation::answer_challenge(const desfire::Answer& challenge, const Secret& key) {
  if (challenge.data.size() != desfire::Authentication::challenge_size) {
    end(CardError::malformed);
    return false;
  }
  Secret random;
  entropy_.fill(random.bytes());
  authentication_.emplace(key, random);
  say(wrapped(desfire::Instruction::additional_frame, authentication_->prove(challenge.data)));
  return true;
}

bool Conversation::take_proof(const desfire::Answer& proof, CardError of_another_key) {
  if (proof.status == desfire::Status::authentication_error) {
    end(of_another_key);
    return false;
  }
  if (proof.status != desfire::Status::ok || proof.data.size() != block_size) {
    end(CardError::malformed);
    return false;
  }
  session_ = authentication_->check(proof.data);
  if (!session_) end(CardError::not_authentic);
  return session_.has_value();
}

}  // namespace rollcall::credentials
