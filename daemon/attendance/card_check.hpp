// What a tap's card has shown, and whether it is accepted. A pure function; the tables are asked by
// the recorder.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "daemon/attendance/card_token.hpp"
#include "daemon/attendance/issued_card.hpp"
#include "protocol/types.hpp"

namespace rollcall::attendance {

// What came of asking the card that was tapped.
struct CardProof {
  enum class Kind : std::uint8_t {
    none,           // it was not asked
    proven,         // it has proven its key, and `token` is what is on it
    not_authentic,  // it did not, or has nothing of ours
    interrupted,    // it left, or the reader fell silent
    issued_now,     // held at the desk: it became a card of the site
    not_issued,     // held at the desk: it did not
    signs_in,       // proven, by somebody of staff who signs in at the console with it
  };
  Kind kind = Kind::none;
  CardToken token{};  // issued_token()
};

// What the identification rests on.
enum class Assurance : std::uint8_t {
  uid,         // the chip number alone, which can be copied
  unverified,  // the chip number of a card that could have proven more, and could not be asked
  desfire,     // the card has proven its key
  uid_random,
  code,
};

// Why a card is not accepted.
enum class Refusal : std::uint8_t {
  not_authentic,  // the chip number of an issued card, and not its key
  not_known,      // it has the key, and its token is not known here
  revoked,
  lost,
  replaced,
  interrupted,  // asked, and taken away before its last answer
  chip_number,  // this site accepts no card that shows its chip number only
  not_issued,   // held at the desk to be issued, and it was not
};

// What the card was held to the reader for.
enum class CardUse : std::uint8_t {
  attendance,
  issue,    // it is made a card of the site
  sign_in,  // at the console
};

struct CardVerdict {
  Assurance assurance = Assurance::uid;
  std::optional<Refusal> refusal;
  CardUse use = CardUse::attendance;
  bool issued = false;  // one of ours: whose it is, is the issued card's matter

  // No tap of anybody's: it swallows no later one.
  bool aside() const { return use != CardUse::attendance || refusal.has_value(); }
};

struct CardFacts {
  protocol::ReadingKind kind = protocol::ReadingKind::uid;
  CardProof proof;
  // By token when that is proven, otherwise by chip number; nothing: none was issued.
  std::optional<IssuedCard> card;
  bool chip_known = false;                // some card with this chip number was issued
  bool chip_numbers_accepted = true;      // by the site
  std::optional<std::int64_t> latest_ms;  // when the tap was made, at the latest
};
CardVerdict judge_card(const CardFacts& facts);

// Members of events (docs/api/events): `credential`, `assurance` and `refused`.
std::string_view credential_text(Assurance assurance);
std::string_view assurance_text(Assurance assurance, bool live);
std::string_view to_text(Refusal refusal);
// A phrase for `decided_by` and a log line.
std::string_view phrase(Refusal refusal);
std::string_view phrase(CardUse use);
// Whether it may be an attack, or the misuse of somebody else's card.
bool is_alarming(Refusal refusal);

}  // namespace rollcall::attendance
