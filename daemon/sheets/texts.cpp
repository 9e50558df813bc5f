#include "daemon/sheets/texts.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace rollcall::sheets {
namespace {

struct Entry {
  Text id;
  std::string_view en;
  std::string_view fr;
};

// No-break spaces (U+00A0) keep together what French keeps together.
constexpr std::array<Entry, text_count> catalogue{{
    {Text::attendance_sheet, "Attendance sheet", "Feuille de présence"},
    {Text::certificate, "Certificate of attendance", "Attestation de présence"},
    {Text::morning, "morning", "matin"},
    {Text::afternoon, "afternoon", "après-midi"},
    {Text::evening, "evening", "soirée"},
    {Text::planned, "Planned", "Horaire prévu"},
    {Text::site, "Site", "Site"},
    {Text::room, "Room", "Salle"},
    {Text::trainer, "Trainer", "Formation assurée par"},
    {Text::form, "Form", "Modalité"},
    {Text::in_room, "in class", "en salle"},
    {Text::drop_in, "drop-in", "accès libre"},
    {Text::one_to_one, "one to one", "individuel"},
    {Text::work_site, "at a work site", "en entreprise"},
    {Text::online, "online", "à distance"},
    {Text::course, "Course", "Formation"},
    {Text::session, "Session", "Session"},
    {Text::programme, "Programme", "Programme"},
    {Text::grant, "Grant", "Subvention"},
    {Text::contract, "Contract", "Contrat"},
    {Text::on_list, "On the list", "Sur la liste"},
    {Text::there, "Attended", "Présences"},
    {Text::excused_count, "Excused", "Absences excusées"},
    {Text::absent_count, "Absent", "Absences"},
    {Text::signed_count, "Signed", "Signatures"},
    {Text::participant, "Participant", "Participant·e"},
    {Text::presence, "Presence", "Présence"},
    {Text::came, "In", "Arrivée"},
    {Text::went, "Out", "Départ"},
    {Text::hours, "Hours", "Durée"},
    {Text::recorded_by, "Recorded by", "Relevé par"},
    {Text::signature, "Signature", "Signature"},
    {Text::present, "present", "présence"},
    {Text::late, "late", "retard"},
    {Text::left_early, "left early", "départ anticipé"},
    {Text::excused, "excused", "absence excusée"},
    {Text::absent, "absent", "absence"},
    {Text::no_exit_tap, "no exit tap", "sortie non badgée"},
    {Text::span, "{0} to {1}", "{0} à {1}"},
    {Text::card, "card", "carte"},
    {Text::code, "code", "code"},
    {Text::by_staff, "staff", "équipe"},
    {Text::connection_log, "connection log", "journal de connexion"},
    {Text::stated, "trainer’s entry", "saisie en séance"},
    {Text::clock_not_checked, "clock not checked", "horloge non vérifiée"},
    {Text::drawn_at, "Signed {0}", "Signé, {0}"},
    {Text::by_card_at, "Signed by card, {0}", "Signé par carte, {0}"},
    {Text::before_at, "Signed before {0}, {1}: {2}", "Signé devant {0}, {1}\u00a0: {2}"},
    {Text::not_signed, "Not signed, {0}", "Non signé, {0}"},
    {Text::not_signed_reason, "Not signed, {0}: {1}", "Non signé, {0}\u00a0: {1}"},
    {Text::unable, "unable to sign", "signature impossible"},
    {Text::refused, "refused", "refus"},
    {Text::not_yet_signed, "Not yet signed", "Pas encore signé"},
    {Text::confirmation, "Confirmation", "Confirmation"},
    {Text::confirmed, "{0} confirmed this sheet on {1} at {2}.",
     "Feuille confirmée par {0} le {1} à {2}."},
    {Text::not_confirmed, "Nobody has confirmed this sheet yet.",
     "Cette feuille n’est pas encore confirmée."},
    {Text::trainer_signs, "Trainer: {0}", "Formation\u00a0: {0}"},
    {Text::foreman_signs, "For the work place: {0}", "Pour l’entreprise\u00a0: {0}"},
    {Text::withdrawn, "Signatures withdrawn", "Signatures retirées"},
    {Text::withdrawn_line, "{0}: signed {1}, withdrawn {2} by {3}. {4}",
     "{0}\u00a0: signé {1}, retiré {2} par {3}. {4}"},
    {Text::corrections, "Corrections", "Corrections"},
    {Text::correction_line, "{0}, by {1}: {2} was “{3}”, is “{4}”. {5}",
     "{0}, par {1}\u00a0: {2}, «\u00a0{3}\u00a0» devient «\u00a0{4}\u00a0». {5}"},
    {Text::correction_of, "{0}, {1}", "{0}, {1}"},
    {Text::legend,
     "In and Out are the times of taps; two times are the bounds of one that no checked clock "
     "measured. “Staff” means that a member of staff recorded the person. The digest at the foot "
     "is that "
     "of the list and hours as they were shown to everybody who signed.",
     "Arrivée et Départ sont les heures des passages de carte\u00a0; deux heures sont les bornes "
     "d’un passage qu’aucune horloge vérifiée n’a mesuré. «\u00a0Équipe\u00a0»\u00a0: un membre de "
     "l’équipe a noté la personne. L’empreinte en bas de page est celle de la liste et des heures "
     "telles que montrées aux signataires."},
    {Text::sheet_version, "Sheet {0}, version {1}", "Feuille {0}, version {1}"},
    {Text::replaces, "replaces {0}", "remplace {0}"},
    {Text::no_longer_in_force,
     "Version {0} is in force no more since {1}; signatures given under it were withdrawn then.",
     "La version {0} n’est plus en vigueur depuis le {1}\u00a0; les signatures données sous elle "
     "ont été retirées à ce moment."},
    {Text::sheet_digest, "SHA-256 {0}", "SHA-256 {0}"},
    {Text::page, "Page {0} of {1}", "Page {0} sur {1}"},
    {Text::certifies, "{0} certifies that", "{0} atteste que"},
    {Text::attended, "attended", "a suivi"},
    {Text::from_to, "from {0} to {1}", "du {0} au {1}"},
    {Text::on_day, "on {0}", "le {0}"},
    {Text::hours_attended, "Hours attended", "Heures suivies"},
    {Text::of_planned, "of {0} planned", "sur {0} prévues"},
    {Text::half_days, "Half-days attended", "Demi-journées suivies"},
    {Text::of_half_days, "of {0} held", "sur {0} tenues"},
    {Text::issued, "Issued on {0}", "Fait le {0}"},
    {Text::signs_for, "For {0}: name, function, signature",
     "Pour {0}\u00a0: nom, fonction, signature"},
    {Text::stamp, "Stamp", "Cachet"},
    {Text::rests_on, "Half-days this certificate rests on",
     "Demi-journées sur lesquelles repose cette attestation"},
    {Text::half_day, "Half-day", "Demi-journée"},
    {Text::planned_hours, "Planned", "Prévu"},
    {Text::attended_hours, "Attended", "Suivi"},
    {Text::digest_of_sheet, "SHA-256 of the sheet", "SHA-256 de la feuille"},
    {Text::certificate_number, "Certificate {0}", "Attestation {0}"},
    {Text::summary_digest, "SHA-256 of all sheets {0}", "SHA-256 des feuilles {0}"},
    {Text::name_by_hand, "Name, written by hand", "Nom, écrit à la main"},
    {Text::hours_of_module, "{0} of {1} planned, {2} of {3} half-days",
     "{0} sur {1} prévues, {2} demi-journées sur {3}"},
    {Text::finding_place, "{0} {1}, sheet {2}", "{0} {1}, feuille {2}"},
    {Text::colon, ": ", "\u00a0: "},
    {Text::duration, "{0}\u00a0h\u00a0{1}", "{0}\u00a0h\u00a0{1}"},
    {Text::long_date, "{0} {1} {2} {3}", "{0} {1} {2} {3}"},
    {Text::date, "{0} {1} {2}", "{0} {1} {2}"},
    {Text::short_date, "{0} {1}", "{0} {1}"},
    {Text::day_and_time, "{0}, {1}", "{0}, {1}"},
    {Text::first_of_month, "1", "1er"},
    {Text::sunday, "Sunday", "dimanche"},
    {Text::monday, "Monday", "lundi"},
    {Text::tuesday, "Tuesday", "mardi"},
    {Text::wednesday, "Wednesday", "mercredi"},
    {Text::thursday, "Thursday", "jeudi"},
    {Text::friday, "Friday", "vendredi"},
    {Text::saturday, "Saturday", "samedi"},
    {Text::january, "January", "janvier"},
    {Text::february, "February", "février"},
    {Text::march, "March", "mars"},
    {Text::april, "April", "avril"},
    {Text::may, "May", "mai"},
    {Text::june, "June", "juin"},
    {Text::july, "July", "juillet"},
    {Text::august, "August", "août"},
    {Text::september, "September", "septembre"},
    {Text::october, "October", "octobre"},
    {Text::november, "November", "novembre"},
    {Text::december, "December", "décembre"},
}};

constexpr bool in_order() {
  for (std::size_t i = 0; i < catalogue.size(); ++i) {
    if (static_cast<std::size_t>(catalogue[i].id) != i) return false;
  }
  return true;
}
static_assert(in_order(), "the catalogue has one entry per text, in the order of the enum");

template <class Value>
std::string fill(std::string_view text, std::span<const Value> values) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '{' && at + 2 < text.size() && text[at + 2] == '}') {
      const auto index = static_cast<std::size_t>(text[at + 1] - '0');
      if (index < values.size()) out += values[index];
      at += 2;
    } else {
      out += text[at];
    }
  }
  return out;
}

}  // namespace

const std::vector<std::string>& languages() {
  static const std::vector<std::string> all{"en", "fr"};
  return all;
}

std::string_view text(Text id, std::string_view language) {
  const Entry& entry = catalogue[static_cast<std::size_t>(id)];
  return language == "fr" ? entry.fr : entry.en;
}

std::string filled(std::string_view text, std::initializer_list<std::string_view> values) {
  return fill(text, std::span<const std::string_view>(values.begin(), values.size()));
}

std::string filled(std::string_view text, const std::vector<std::string>& values) {
  return fill(text, std::span<const std::string>(values));
}

}  // namespace rollcall::sheets
