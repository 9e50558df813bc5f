#include "daemon/halfdays/rules.hpp"

namespace rollcall::halfdays {

using std::chrono::milliseconds;

std::string_view phrase(Refusal refusal) {
  switch (refusal) {
    case Refusal::cancelled:
      return "the session was cancelled on that day";
    case Refusal::holiday:
      return "that day is a public holiday";
    case Refusal::not_over:
      return "the half-day is not over yet; it can be confirmed and signed from a quarter of an "
             "hour before its end on";
    case Refusal::too_long_ago:
      return "the half-day is too long ago";
    case Refusal::clock_in_doubt:
      return "the clock of this machine is in doubt; try again when it is set";
    case Refusal::closed:
      return "the sheet is closed";
    case Refusal::not_confirmed:
      return "the trainer has not confirmed this half-day yet";
    case Refusal::not_there:
      return "this person is not on the sheet as present";
    case Refusal::signed_already:
      return "this person has signed already";
  }
  return "";
}

bool too_long_ago(const HalfDayState& half_day, const Moment& moment) {
  return moment.now_ms > half_day.end_ms + milliseconds(half_day.within).count();
}

std::optional<Refusal> refuse_confirmation(const HalfDayState& half_day, const Moment& moment) {
  if (half_day.cancelled) return Refusal::cancelled;
  if (half_day.holiday) return Refusal::holiday;
  if (moment.clock_in_doubt) return Refusal::clock_in_doubt;
  if (moment.now_ms < half_day.end_ms - milliseconds(before_end).count()) return Refusal::not_over;
  if (half_day.confirmed && half_day.outdated) return std::nullopt;
  if (too_long_ago(half_day, moment)) return Refusal::too_long_ago;
  if (half_day.closed) return Refusal::closed;
  return std::nullopt;
}

std::optional<Refusal> refuse_signature(const HalfDayState& half_day, const Signer& signer,
                                        const Moment& moment) {
  if (const auto refusal = refuse_confirmation(half_day, moment)) return refusal;
  if (too_long_ago(half_day, moment)) return Refusal::too_long_ago;
  if (half_day.closed) return Refusal::closed;
  if (!half_day.confirmed) return Refusal::not_confirmed;
  if (!signer.was_there) return Refusal::not_there;
  if (signer.has_signed) return Refusal::signed_already;
  return std::nullopt;
}

}  // namespace rollcall::halfdays
