// Reads the token of a card after the card has proven that it holds its key.
#pragma once

#include "daemon/credentials/conversation.hpp"

namespace rollcall::credentials {

// Four exchanges when all goes well, fewer otherwise.
class CardReading final : public Conversation {
 public:
  // `key`: card_key() of this card, KeyNumber::reading. `entropy` is seeded and outlives this.
  CardReading(const ApplicationId& application, const Secret& key, hal::Entropy& entropy);

 private:
  enum class Step : std::uint8_t { selecting, challenging, proving, reading };

  void on_answer(const desfire::Answer& answer) override;
  void forget() override;
  void challenge(const desfire::Answer& answer);
  void prove(const desfire::Answer& answer);
  void read(const desfire::Answer& answer);
  void take(const desfire::Answer& answer);

  Step step_ = Step::selecting;
  Secret key_;
};

}  // namespace rollcall::credentials
