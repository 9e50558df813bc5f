// Makes a blank card one of ours: application, file, a new token, its own two keys. The issuing key
// comes last: a card that was taken away before still has the factory's, and is begun anew the next
// time. A card that was taken away after it is issued though its token was not told: the next
// attempt says `taken`, and CardReading reads it.
#pragma once

#include "daemon/credentials/conversation.hpp"

namespace rollcall::credentials {

struct CardKeys {
  Secret issuing;
  Secret reading;
};

// At most 15 exchanges. It needs no key of the card's own, for a blank card lets anybody make an
// application. Until it is over the card's keys are the factory's, so whoever listens to the air
// learns the new ones.
class CardIssue final : public Conversation {
 public:
  // `keys`: card_key() of this card. `entropy` is seeded and outlives this.
  CardIssue(const ApplicationId& application, const CardKeys& keys, hal::Entropy& entropy);

 private:
  // What an authentication is for.
  enum class Phase : std::uint8_t {
    removing,   // an application that was left half made
    making,     // a new one
    verifying,  // that the new issuing key holds
  };
  enum class Step : std::uint8_t {
    finding,
    asking_challenge,
    proving,
    deleting,
    leaving,  // for the card itself, where applications are made
    creating,
    entering,
    making_file,
    writing,
    changing_reading_key,
    changing_issuing_key,
  };

  void on_answer(const desfire::Answer& answer) override;
  void forget() override;

  void found(const desfire::Answer& answer);
  void authenticate();
  void prove(const desfire::Answer& answer);
  void proven(const desfire::Answer& answer);
  void leave();
  void create();
  void created(const desfire::Answer& answer);
  void make_file();
  void next_in_session(const desfire::Answer& answer);
  CardError error_of_another_key() const;
  void next(Step step, const desfire::Command& command);

  ApplicationId application_;
  CardKeys keys_;
  Step step_ = Step::finding;
  Phase phase_ = Phase::making;
  Token token_;
};

}  // namespace rollcall::credentials
