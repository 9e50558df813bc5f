#include "daemon/attendance/recorder.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "daemon/attendance/code.hpp"
#include "daemon/attendance/code_guard.hpp"
#include "daemon/attendance/conclude.hpp"
#include "daemon/attendance/facts.hpp"
#include "daemon/attendance/proven_points.hpp"
#include "daemon/attendance/turn_round.hpp"
#include "daemon/events/event.hpp"
#include "daemon/metrics/metrics.hpp"
#include "protocol/sealed_reading.hpp"

namespace rollcall::attendance {
namespace {

using protocol::Outcome;

struct Taken {
  crypto::Digest digest;
  Outcome outcome;
  std::optional<std::string> person;
};

std::optional<Taken> taken_before(store::Database& db, const TapReport& report) {
  auto row = db.prepare(
      "SELECT digest, outcome, person FROM tap WHERE serial = ? AND epoch = ? AND number = ?");
  if (!row.bind(report.serial, report.tap.epoch, report.tap.number).step()) return std::nullopt;
  return Taken{row.fixed<32>(0), static_cast<Outcome>(row.integer(1)), row.optional_text(2)};
}

// Counts a fresh number of (terminal, epoch).
void count_number(store::Database& db, const TapReport& report) {
  db.prepare(
        "INSERT INTO terminal_epoch (serial, epoch, highest_number, taken) VALUES (?, ?, ?, 1)"
        " ON CONFLICT (serial, epoch) DO UPDATE SET taken = taken + 1,"
        " highest_number = max(highest_number, excluded.highest_number)")
      .bind(report.serial, report.tap.epoch, report.tap.number)
      .run();
}

void tell_staff(store::Database& db, std::string_view kind, const std::string& subject,
                const std::string& detail, const HostTime& now) {
  auto open =
      db.prepare("SELECT 1 FROM inbox WHERE kind = ? AND subject = ? AND closed_ms IS NULL");
  if (open.bind(kind, subject).step()) return;
  db.prepare("INSERT INTO inbox (kind, subject, detail, created_ms) VALUES (?, ?, ?, ?)")
      .bind(kind, subject, detail, now.wall_ms)
      .run();
}

std::string_view label(Outcome outcome) {
  switch (outcome) {
    case Outcome::arrived:
      return "arrived";
    case Outcome::left:
      return "left";
    case Outcome::recorded:
      return "recorded";
    case Outcome::repeat:
      return "repeat";
    case Outcome::see_staff:
      return "see_staff";
    case Outcome::not_recorded:
      break;
  }
  return "not_recorded";
}

// What staff are told of a card that is not accepted; nothing where the person's next try is all.
void tell_of_refusal(store::Database& db, const Observation& tap,
                     const std::optional<std::string>& holder, const HostTime& now) {
  const Refusal why = *tap.card.refusal;
  const std::string card = events::hex(tap.token);
  const std::string whose = holder ? ", issued to " + *holder + "," : "";
  switch (why) {
    case Refusal::not_authentic:
      return tell_staff(db, "card-not-authentic", card,
                        "A card with the number of an issued card" + whose +
                            " did not prove its key: it may be a copy. It was not accepted.",
                        now);
    case Refusal::not_known:
      return tell_staff(db, "card-not-authentic", card,
                        "A card of this site that is issued to nobody was tapped. It was not "
                        "accepted; issue it at the desk, or find out where it comes from.",
                        now);
    case Refusal::revoked:
    case Refusal::lost:
    case Refusal::replaced:
      return tell_staff(db, "card-withdrawn", card,
                        "A card" + whose + " was tapped though it is " + std::string(to_text(why)) +
                            ". It was not accepted.",
                        now);
    case Refusal::chip_number:
      return tell_staff(db, "card-by-number", card,
                        "A card that shows only its chip number was tapped, and this site accepts "
                        "none. Its taps are kept; issue the person a card.",
                        now);
    case Refusal::interrupted:
    case Refusal::not_issued:
      return;
  }
}

std::string_view check_label(const CardVerdict& card) {
  if (card.refusal) return to_text(*card.refusal);
  switch (card.use) {
    case CardUse::issue:
      return "issued";
    case CardUse::sign_in:
      return "sign_in";
    case CardUse::attendance:
      break;
  }
  return credential_text(card.assurance);
}

void count(const TapResult& result, std::chrono::steady_clock::duration took) {
  using metrics::Counter;
  if (result.conflict) metrics::add(Counter::tap_conflicts);
  if (result.resend) {
    metrics::add(Counter::tap_resends);
  } else {
    metrics::add(Counter::taps, label(result.outcome));
    if (result.outcome != Outcome::not_recorded)
      metrics::add(Counter::card_checks, check_label(result.card));
  }
  metrics::observe(metrics::Histogram::tap_commit, took);
}

}  // namespace

struct Recorder::Impl {
  store::Writer& writer;
  Concluder concluder;
  crypto::Key card_key;
  std::function<HostTime()> now;
  std::int64_t window_ms;
  bool chip_numbers_accepted;
  HasToSign has_to_sign;
  CodeGuard guard;  // of live taps

  TapResult take(store::Database& db, const TapReport& report);
  Observation observe(store::Database& db, const TapReport& report, const crypto::Digest& digest,
                      const HostTime& host) const;
  std::optional<IssuedCard> ask_card(store::Database& db, const CardProof& proof,
                                     Observation& tap) const;
  std::optional<Person> person_of_typed(store::Database& db, const Observation& tap,
                                        const HostTime& host);
  bool comes_to_sign(store::Database& db, const TapReport& report, const Judgement& judgement,
                     const HostTime& host) const;
  TapResult take_conflict(store::Database& db, const TapReport& report,
                          const crypto::Digest& digest);
};

Observation Recorder::Impl::observe(store::Database& db, const TapReport& report,
                                    const crypto::Digest& digest, const HostTime& host) const {
  Observation tap;
  tap.serial = report.serial;
  tap.place = registry::place_of(db, report.serial).value_or(registry::Place{});
  tap.tap = report.tap;
  tap.live = report.live;
  tap.digest = digest;
  tap.token = card_token(card_key, report.tap.kind, report.tap.reading.view());
  if (!tap.proven()) {
    const TapPlace place{report.serial,
                         report.tap.epoch,
                         report.tap.number,
                         {report.tap.boot, report.tap.monotonic_ms}};
    tap.bracket = bracket_of(db, place, report.start, host);
  }
  return tap;
}

// Whose code was typed or shown. A terminal at which too many were wrong takes none for a while.
std::optional<Person> Recorder::Impl::person_of_typed(store::Database& db, const Observation& tap,
                                                      const HostTime& host) {
  const CodeGuard::Millis since_start{host.monotonic_ms};
  if (tap.live && guard.closed(tap.serial, since_start)) return std::nullopt;
  const auto instants = judged_at(tap.time());
  const std::int64_t at_ms = instants ? instants->last_ms : host.wall_ms;
  std::optional<Person> person = person_of_code(db, tap.token, at_ms);
  if (person) {
    code_used(db, tap.token, at_ms);
    guard.right(tap.serial);
    return person;
  }
  if (tap.live && !tap.repeat && guard.wrong(tap.serial, since_start)) {
    concluder.raise_code_guessing(db, tap, CodeGuard::tries, host);
    tell_staff(db, "code-guessing", tap.serial,
               "Codes that are nobody's were typed at terminal " + tap.serial +
                   ", one after the other. It takes none for a minute; see who stands there.",
               host);
  }
  return std::nullopt;
}

// Judges the card and says whose it is; the issued card with its chip number or token.
std::optional<IssuedCard> Recorder::Impl::ask_card(store::Database& db, const CardProof& proof,
                                                   Observation& tap) const {
  CardFacts facts{.kind = tap.kind(),
                  .proof = proof,
                  .card = std::nullopt,
                  .chip_known = false,
                  .chip_numbers_accepted = chip_numbers_accepted,
                  .latest_ms = std::nullopt};
  const std::optional<IssuedCard> of_chip = issued_card_of_chip(db, tap.token);
  facts.chip_known = of_chip.has_value();
  facts.card = of_chip;
  if (proof.kind == CardProof::Kind::proven) {
    facts.card = issued_card(db, proof.token);
    if (facts.card && facts.card->chip != tap.token) facts.card.reset();
  }
  if (const auto instants = judged_at(tap.time())) facts.latest_ms = instants->last_ms;
  tap.card = judge_card(facts);
  if (!tap.card.aside() && tap.kind() == protocol::ReadingKind::uid) {
    tap.person =
        tap.card.issued ? person_by_id(db, facts.card->person) : person_of_card(db, tap.token);
  }
  return facts.card ? facts.card : of_chip;
}

// Who comes when nothing of theirs is held any more that day has come to sign what they left
// unsigned.
bool Recorder::Impl::comes_to_sign(store::Database& db, const TapReport& report,
                                   const Judgement& judgement, const HostTime& host) const {
  return report.live && report.signing.any() && has_to_sign && judgement.for_no_session() &&
         has_to_sign(db, judgement.day->person.id, report.signing, host);
}

TapResult Recorder::Impl::take(store::Database& db, const TapReport& report) {
  const crypto::Digest digest = protocol::tap_digest(report.tap);
  if (const auto before = taken_before(db, report)) {
    if (before->digest != digest) return take_conflict(db, report, digest);
    TapResult result;
    result.outcome = before->outcome;
    result.resend = true;
    result.person = before->person;
    return result;
  }

  const HostTime host = now();
  Observation tap = observe(db, report, digest, host);
  count_number(db, report);
  const auto instants = judged_at(tap.time());
  tap.own_repeat =
      counted_within(db, tap.token, report.serial, report.tap, tap.proven(), window_ms) ||
      signed_within(db, tap.token, report.serial, report.tap, window_ms);
  tap.repeat = tap.own_repeat ||
               (instants && instants->one() &&
                counted_within(db, tap.token, report.serial, instants->first_ms, window_ms));
  const std::optional<IssuedCard> issued = ask_card(db, report.proof, tap);
  if (tap.kind() == protocol::ReadingKind::code) tap.person = person_of_typed(db, tap, host);

  const bool answers = report.live && tap.person && tap.person->id == report.asked;
  tap.signing = answers;
  Judgement judgement = concluder.judge(db, tap, host);
  if (comes_to_sign(db, report, judgement, host)) {
    tap.signing = true;
    judgement = concluder.judge(db, tap, host);
  }
  const Decision decision = judgement.decision;
  const std::int64_t position = concluder.record_tap(db, tap, decision, 0, host);
  db.prepare(
        "INSERT INTO tap (serial, epoch, number, digest, outcome, position, card, person, time_ms,"
        " boot, monotonic_ms, trust, not_before_ms, not_after_ms, aside, own_repeat, room, mode, "
        "signing)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .bind(report.serial, report.tap.epoch, report.tap.number, digest,
            static_cast<int>(decision.outcome), position, tap.token,
            tap.person ? std::optional(tap.person->id) : std::nullopt, tap.wall_ms(),
            report.tap.boot, report.tap.monotonic_ms,
            tap.proven() ? static_cast<int>(report.tap.trust) : 0, tap.bracket.not_before_ms,
            tap.bracket.not_after_ms, tap.card.aside(), tap.own_repeat, tap.place.room,
            registry::to_text(tap.place.mode), tap.signing)
      .run();
  concluder.conclude(db, tap, std::move(judgement), position, host);
  if (tap.card.refusal) {
    const auto holder = issued ? std::optional(issued->person) : std::nullopt;
    if (is_alarming(*tap.card.refusal)) concluder.raise_card_refused(db, tap, holder, host);
    tell_of_refusal(db, tap, holder, host);
  } else if (decision.outcome == Outcome::see_staff && tap.kind() == protocol::ReadingKind::uid) {
    tell_staff(
        db, "unknown-card", events::hex(tap.token),
        "A card that belongs to nobody was tapped. Its taps are kept; attach it to a person.",
        host);
  }

  TapResult result;
  result.outcome = decision.outcome;
  result.card = tap.card;
  if (tap.live && instants && may_turn(tap.place.mode, decision))
    result.turnable = Turnable{*decision.direction, instants->last_ms, host.monotonic_ms};
  result.answers = answers;
  if (tap.person) {
    result.person = tap.person->id;
    result.language = tap.person->language;
  }
  return result;
}

// The same identity with other content: an old storage image of the terminal was put back. Both
// taps are kept; staff look at the second.
TapResult Recorder::Impl::take_conflict(store::Database& db, const TapReport& report,
                                        const crypto::Digest& digest) {
  TapResult result;
  result.outcome = Outcome::see_staff;
  result.conflict = true;
  {
    auto known = db.prepare(
        "SELECT 1 FROM tap_conflict WHERE serial = ? AND epoch = ? AND number = ? AND digest = ?");
    if (known.bind(report.serial, report.tap.epoch, report.tap.number, digest).step()) {
      result.resend = true;
      return result;
    }
  }
  std::int64_t ordinal = 1;
  {
    auto count = db.prepare(
        "SELECT count(*) FROM tap_conflict WHERE serial = ? AND epoch = ? AND number = ?");
    count.bind(report.serial, report.tap.epoch, report.tap.number).step();
    ordinal += count.integer(0);
  }
  const HostTime host = now();
  Observation tap = observe(db, report, digest, host);
  ask_card(db, {}, tap);
  tap.person.reset();
  tap.card.refusal.reset();
  Decision decision;
  decision.outcome = Outcome::see_staff;
  const std::int64_t position =
      concluder.record_tap(db, tap, decision, static_cast<int>(ordinal), host);
  concluder.raise_identity_reused(db, tap, static_cast<int>(ordinal), host);
  db.prepare(
        "INSERT INTO tap_conflict (serial, epoch, number, digest, position) VALUES (?, ?, ?, ?, ?)")
      .bind(report.serial, report.tap.epoch, report.tap.number, digest, position)
      .run();
  tell_staff(db, "identity-reused", report.serial,
             "Terminal " + report.serial +
                 " sent a tap number a second time with other content: an old copy of its "
                 "storage was put back. Both taps are kept; look at the second one.",
             host);
  return result;
}

Recorder::Recorder(store::Writer& writer, const config::Config& config, const crypto::Key& card_key,
                   std::function<HostTime()> now, HasToSign has_to_sign)
    : impl_(std::make_unique<Impl>(Impl{writer,
                                        Concluder(config),
                                        card_key,
                                        std::move(now),
                                        double_tap_window(config),
                                        config.cards.chip_numbers == "accepted",
                                        std::move(has_to_sign),
                                        {}})) {}
Recorder::~Recorder() = default;

bool Recorder::submit(TapReport report, std::function<void(const TapResult&)> done) {
  auto result = std::make_shared<TapResult>();
  const auto submitted = std::chrono::steady_clock::now();
  return impl_->writer.submit([this, report = std::move(report),
                               result](store::Database& db) { *result = impl_->take(db, report); },
                              [result, submitted, done = std::move(done)](
                                  store::Committed committed, const std::string& error) {
                                if (committed != store::Committed::yes) {
                                  *result = TapResult{};
                                  result->error = error;
                                }
                                count(*result, std::chrono::steady_clock::now() - submitted);
                                done(*result);
                              });
}

}  // namespace rollcall::attendance
