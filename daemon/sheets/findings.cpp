// Each kind of finding, declared once.
#include <algorithm>
#include <array>

#include "daemon/sheets/month.hpp"
#include "daemon/sheets/texts.hpp"

namespace rollcall::sheets {
namespace {

struct Declared {
  FindingKind kind;
  std::string_view name;
  Severity severity;
  std::string_view en;
  std::string_view fr;
};

using enum FindingKind;
using enum Severity;

constexpr std::array<Declared, finding_kinds> declared{{
    {one_signature_many_half_days, "one_signature_many_half_days", rejected,
     "one signature stands under {0} half-days, also on sheet {1}; each needs its own: withdraw it "
     "and have each half-day signed",
     "une même signature couvre {0} demi-journées, aussi sur la feuille {1}\u00a0; chacune demande "
     "la sienne\u00a0: retirez-la et faites signer chaque demi-journée"},
    {identical_drawings, "identical_drawings", rejected,
     "this drawn signature is the same stroke for stroke as that of {0} on sheet {1}; have it "
     "signed again by hand",
     "cette signature est identique, trait pour trait, à celle de {0} sur la feuille {1}\u00a0; "
     "faites signer à nouveau à la main"},
    {half_day_on_holiday, "half_day_on_holiday", rejected,
     "{0} is a public holiday ({1}) and {2} signed for it; withdraw the signatures, or keep the "
     "decision to hold it with the sheet",
     "le {0} est un jour férié ({1}) et {2} ont signé\u00a0; retirez les signatures, ou joignez la "
     "décision de maintenir la séance"},
    {signed_on_holiday, "signed_on_holiday", rejected,
     "signed on {0}, a public holiday ({1}); have it signed again on a working day",
     "signé le {0}, jour férié ({1})\u00a0; faites signer à nouveau un jour ouvré"},
    {half_day_cancelled, "half_day_cancelled", rejected,
     "the half-day was cancelled and {0} signed for it; withdraw the signatures, or the "
     "cancellation",
     "la demi-journée était annulée et {0} ont signé\u00a0; retirez les signatures, ou "
     "l’annulation"},
    {signed_before_end, "signed_before_end", rejected,
     "signed on {0}, before the end on {1}; withdraw it and have it signed after the half-day",
     "signé le {0}, avant la fin le {1}\u00a0; retirez la signature et faites signer après la "
     "demi-journée"},
    {planned_outside_hours, "planned_outside_hours", doubtful,
     "planned from {0} to {1}, when the site is closed; correct the timetable or the opening hours",
     "prévu de {0} à {1}, site fermé\u00a0; corrigez l’horaire ou les heures d’ouverture"},
    {signed_outside_hours, "signed_outside_hours", doubtful,
     "signed on {0}, when the site is closed; note where and how it was signed",
     "signé le {0}, site fermé\u00a0; notez où et comment"},
    {trainer_in_two_rooms, "trainer_in_two_rooms", rejected,
     "the trainer is in {0} here and in {1} at the same time, sheet {2}; correct who gave which",
     "cette personne forme ici en {0} et en même temps en {1}, feuille {2}\u00a0; corrigez qui a "
     "assuré quoi"},
    {title_differs, "title_differs", rejected,
     "the module is called “{0}”, in the roster “{1}”; use the words of the other papers on both",
     "le module s’intitule «\u00a0{0}\u00a0», dans la liste «\u00a0{1}\u00a0»\u00a0; reprenez "
     "partout les termes des autres pièces"},
    {not_in_roster, "not_in_roster", doubtful,
     "the roster has no session {0}; add it, or correct the sheet",
     "la liste ne connaît pas la session {0}\u00a0; ajoutez-la ou corrigez la feuille"},
    {many_assisted, "many_assisted", doubtful,
     "{0} of {1} were recorded by staff, more than a tenth; note why, and check the terminal",
     "{0} personnes sur {1} ont été notées par l’équipe, plus d’un dixième\u00a0; notez pourquoi "
     "et vérifiez la borne"},
    {line_open, "line_open", rejected,
     "attended, and neither signed nor closed with a reason; have it signed, or close the line",
     "présence ni signée ni clôturée avec un motif\u00a0; faites signer ou clôturez la ligne"},
    {not_confirmed, "not_confirmed", rejected,
     "the trainer has not confirmed and signed it; ask the trainer to",
     "non confirmée et signée par la personne qui forme\u00a0; demandez-le-lui"},
}};

constexpr bool in_order() {
  for (std::size_t i = 0; i < declared.size(); ++i) {
    if (static_cast<std::size_t>(declared[i].kind) != i) return false;
  }
  return true;
}
static_assert(in_order(), "one declaration per kind, in the order of the enum");

const Declared& of(FindingKind kind) {
  return declared[static_cast<std::size_t>(kind)];
}

}  // namespace

Severity severity(FindingKind kind) {
  return of(kind).severity;
}

std::string_view name(FindingKind kind) {
  return of(kind).name;
}

std::string clause(const Finding& finding, std::string_view language) {
  const Declared& kind = of(finding.kind);
  return filled(language == "fr" ? kind.fr : kind.en, finding.values);
}

std::string in_words(const Finding& finding, std::string_view language) {
  const Text half_day = finding.part == Part::am   ? Text::morning
                        : finding.part == Part::pm ? Text::afternoon
                                                   : Text::evening;
  std::string out = filled(text(Text::finding_place, language),
                           {iso(finding.date), text(half_day, language), finding.sheet});
  if (finding.person) out += ", " + *finding.person;
  return out + std::string(text(Text::colon, language)) + clause(finding, language);
}

}  // namespace rollcall::sheets
