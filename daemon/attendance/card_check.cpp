#include "daemon/attendance/card_check.hpp"

namespace rollcall::attendance {
namespace {

using Kind = CardProof::Kind;

// A tap counts by what the card was when it was made: one that waited in a terminal's queue may be
// older than the card's end.
std::optional<Refusal> refusal_of(const IssuedCard& card, std::optional<std::int64_t> latest_ms) {
  if (latest_ms && *latest_ms < card.since_ms) return std::nullopt;
  switch (card.state) {
    case CardState::issued:
      return std::nullopt;
    case CardState::lost:
      return Refusal::lost;
    case CardState::revoked:
      return Refusal::revoked;
    case CardState::replaced:
      return Refusal::replaced;
  }
  return Refusal::revoked;
}

CardVerdict refused(Assurance assurance, Refusal why) {
  return {.assurance = assurance, .refusal = why, .use = CardUse::attendance, .issued = true};
}

CardVerdict judge_issued(const CardFacts& facts) {
  switch (facts.proof.kind) {
    case Kind::not_authentic:
      return refused(Assurance::uid, Refusal::not_authentic);
    case Kind::interrupted:
      return refused(Assurance::unverified, Refusal::interrupted);
    case Kind::proven:
      if (!facts.card) return refused(Assurance::desfire, Refusal::not_known);
      break;
    default:
      break;
  }
  CardVerdict verdict;
  verdict.issued = true;
  verdict.assurance = facts.proof.kind == Kind::proven ? Assurance::desfire : Assurance::unverified;
  verdict.refusal = refusal_of(*facts.card, facts.latest_ms);
  return verdict;
}

}  // namespace

CardVerdict judge_card(const CardFacts& facts) {
  CardVerdict verdict;
  switch (facts.kind) {
    case protocol::ReadingKind::uid_random:
      verdict.assurance = Assurance::uid_random;
      return verdict;
    case protocol::ReadingKind::code:
      verdict.assurance = Assurance::code;
      return verdict;
    case protocol::ReadingKind::uid:
      break;
  }
  if (facts.proof.kind == Kind::issued_now || facts.proof.kind == Kind::not_issued) {
    verdict.use = CardUse::issue;
    if (facts.proof.kind == Kind::not_issued) verdict.refusal = Refusal::not_issued;
    return verdict;
  }
  if (facts.proof.kind == Kind::signs_in) {
    verdict.assurance = Assurance::desfire;
    verdict.use = CardUse::sign_in;
    return verdict;
  }
  if (facts.chip_known) return judge_issued(facts);
  if (!facts.chip_numbers_accepted) verdict.refusal = Refusal::chip_number;
  return verdict;
}

std::string_view credential_text(Assurance assurance) {
  switch (assurance) {
    case Assurance::uid:
      return "uid";
    case Assurance::unverified:
      return "unverified";
    case Assurance::desfire:
      return "desfire";
    case Assurance::uid_random:
      return "uid_random";
    case Assurance::code:
      return "code";
  }
  return "uid";
}

std::string_view assurance_text(Assurance assurance, bool live) {
  switch (assurance) {
    case Assurance::unverified:
      return live ? "uid" : "uid_offline";
    case Assurance::desfire:
      return "authenticated";
    case Assurance::uid:
    case Assurance::uid_random:
    case Assurance::code:
      break;
  }
  return credential_text(assurance);
}

std::string_view to_text(Refusal refusal) {
  switch (refusal) {
    case Refusal::not_authentic:
      return "not_authentic";
    case Refusal::not_known:
      return "not_known";
    case Refusal::revoked:
      return "revoked";
    case Refusal::lost:
      return "lost";
    case Refusal::replaced:
      return "replaced";
    case Refusal::interrupted:
      return "interrupted";
    case Refusal::chip_number:
      return "chip_number";
    case Refusal::not_issued:
      return "not_issued";
  }
  return "not_authentic";
}

std::string_view phrase(Refusal refusal) {
  switch (refusal) {
    case Refusal::not_authentic:
      return "the card has the number of an issued card and not its key";
    case Refusal::not_known:
      return "the card is of this site and nobody's";
    case Refusal::revoked:
      return "the card was revoked";
    case Refusal::lost:
      return "the card was reported lost";
    case Refusal::replaced:
      return "the card was replaced by another";
    case Refusal::interrupted:
      return "the card was taken away before it had answered";
    case Refusal::chip_number:
      return "this site accepts no card by its chip number alone";
    case Refusal::not_issued:
      return "the card was held at the desk to be issued";
  }
  return "the card is not accepted";
}

std::string_view phrase(CardUse use) {
  switch (use) {
    case CardUse::issue:
      return "the card was issued";
    case CardUse::sign_in:
      return "the card was held to sign in at the console";
    case CardUse::attendance:
      break;
  }
  return "the card was tapped";
}

bool is_alarming(Refusal refusal) {
  switch (refusal) {
    case Refusal::not_authentic:
    case Refusal::not_known:
    case Refusal::revoked:
    case Refusal::lost:
    case Refusal::replaced:
      return true;
    case Refusal::interrupted:
    case Refusal::chip_number:
    case Refusal::not_issued:
      return false;
  }
  return true;
}

}  // namespace rollcall::attendance
