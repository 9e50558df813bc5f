// A conversation with one card that ends with its token or with an error. Pure: responses come in,
// commands come out; the owner exchanges them with the card and keeps the time. Each response ends
// the conversation or brings it one step further, and there are few steps, so it always ends.
#pragma once

#include <expected>
#include <optional>

#include "daemon/credentials/desfire.hpp"
#include "daemon/credentials/layout.hpp"
#include "hal/entropy.hpp"

namespace rollcall::credentials {

enum class CardError : std::uint8_t {
  no_application,  // the card has none of ours, or is of another kind
  no_key,          // the application has no such key of AES
  not_authentic,   // the card does not hold the key, or what it said was changed on the way
  no_token,        // there is no token that this key may read
  too_long,        // the card says more than one of ours has to say
  malformed,       // an answer that no card gives here: wrong size, order or status
  card_gone,       // the card left, fell silent, or the reader failed
  taken,           // issuing: the card was issued already
  refused,         // issuing: the card does not let an application be made, or has no room for it
};

// A token is there only when the card has proven its key and the token came whole.
using Token = Secret;
static_assert(token_size == block_size);
using TokenOrError = std::expected<Token, CardError>;

class Conversation {
 public:
  virtual ~Conversation() = default;
  Conversation(const Conversation&) = delete;
  Conversation& operator=(const Conversation&) = delete;

  // The command APDU to exchange next, until the next call of on_response() or on_card_gone();
  // empty when the conversation is over. Nothing secret is in it.
  Bytes command() const { return command_.view(); }
  // Nothing until the conversation is over. What is said afterwards is not heard.
  const std::optional<TokenOrError>& result() const { return result_; }

  // A response APDU to command(), status last.
  void on_response(Bytes response);
  // There is no response and will be none.
  void on_card_gone() { end(CardError::card_gone); }

 protected:
  // `entropy` is seeded and outlives this.
  Conversation(const desfire::Command& first, hal::Entropy& entropy)
      : entropy_(entropy), command_(first) {}

  // Says something or ends.
  virtual void on_answer(const desfire::Answer& answer) = 0;
  // Its secrets are no longer needed.
  virtual void forget() = 0;

  void say(const desfire::Command& command) { command_ = command; }
  void end(const Token& token) { end_with(token); }
  void end(CardError error) { end_with(std::unexpected(error)); }

  // Each says false when it has ended the conversation.
  // Answers the card's challenge as one who holds `key`.
  bool answer_challenge(const desfire::Answer& challenge, const Secret& key);
  // Takes the card's own proof: session() is there from then on. `of_another_key`: what it is when
  // the card says that the key is not its own.
  bool take_proof(const desfire::Answer& proof, CardError of_another_key);
  desfire::Session& session() { return *session_; }

  hal::Entropy& entropy_;

 private:
  void end_with(const TokenOrError& result);

  std::optional<desfire::Authentication> authentication_;
  std::optional<desfire::Session> session_;
  desfire::Command command_;
  std::optional<TokenOrError> result_;
  bool begun_ = false;
};

}  // namespace rollcall::credentials
