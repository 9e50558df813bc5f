#include "daemon/screens/texts.hpp"

#include <algorithm>
#include <array>

namespace rollcall::screens {
namespace {

struct Entry {
  Text id;
  std::string_view en;
  std::string_view fr;
  std::string_view word_en = {};
  std::string_view word_fr = {};
};

// No-break spaces (U+00A0) and hyphens (U+2011) keep together what French keeps together.
constexpr std::array<Entry, text_count> catalogue{{
    {Text::hold_card, "Hold your card here", "Présentez votre carte ici", "Card", "Carte"},
    {Text::arrived, "Welcome", "Bienvenue", "Welcome", "Bienvenue"},
    {Text::left, "Goodbye", "Au revoir", "Goodbye", "Au revoir"},
    {Text::recorded, "Recorded", "C’est noté", "Recorded", "C’est noté"},
    {Text::repeat, "Already recorded", "Déjà noté", "Already", "Déjà noté"},
    {Text::see_desk, "Please see the desk", "Merci de passer à l’accueil", "See desk", "Accueil"},
    {Text::recorded_offline, "Recorded, checked later", "Noté, vérifié plus tard", "Saved",
     "Gardé"},
    {Text::see_desk_first, "Please see the desk first", "Passez d’abord à l’accueil", "Desk first",
     "À l’accueil"},
    {Text::not_in_use, "Not in use yet", "Pas encore en service", "Not yet", "Pas encore"},
    {Text::one_card, "One card at a time", "Une carte à la fois", "One card", "Une carte"},
    {Text::offer, "A few questions?", "Quelques questions\u00a0?"},
    {Text::yes, "Yes", "Oui"},
    {Text::later, "Later", "Plus tard"},
    {Text::more_time, "Do you need more time?", "Voulez\u2011vous plus de temps\u00a0?"},
    {Text::thank_you, "Thank you", "Merci", "Thank you", "Merci"},
    {Text::not_working, "Out of order", "Hors service"},
    {Text::show_code, "Show your code here", "Présentez votre code ici"},
    {Text::have_code, "I have a code", "J’ai un code"},
    {Text::type_code, "Type your code", "Tapez votre code"},
    {Text::code_hint, "Eight digits, from the desk", "Huit chiffres, reçus à l’accueil"},
    {Text::erase, "Erase", "Effacer"},
    {Text::done, "Done", "Valider"},
    {Text::back, "Back", "Retour"},
    {Text::your_code, "Your code", "Votre code"},
    {Text::show_or_type, "Show it to the scanner, or type it",
     "Montrez‑le au lecteur, ou tapez‑le"},
    {Text::valid_on, "Good on", "Valable le"},
    {Text::valid_once_on, "Good once, on", "Valable une fois, le"},
    {Text::valid_until_withdrawn, "Good until it is withdrawn", "Valable jusqu’à son retrait"},
    {Text::you_arrived, "You arrived", "Arrivée"},
    {Text::you_left, "You left", "Départ"},
    {Text::am_leaving, "I am leaving", "Je pars"},
    {Text::am_arriving, "I am arriving", "J’arrive"},
    {Text::card_again, "Hold your card again to sign", "Repassez votre carte pour signer"},
    {Text::sign_here, "Sign here", "Signez ici"},
    {Text::or_card_again, "or hold your card again", "ou repassez votre carte"},
    {Text::has_signed, "Signed", "Signé"},
    {Text::i_sign, "I was there, and I sign", "J’étais là, et je signe"},
    {Text::cannot_draw, "I cannot draw", "Je ne peux pas dessiner"},
    {Text::ask_trainer, "Please ask your trainer", "Demandez à votre formateur"},
}};

constexpr bool in_order() {
  for (std::size_t i = 0; i < catalogue.size(); ++i) {
    if (static_cast<std::size_t>(catalogue[i].id) != i) return false;
  }
  return true;
}
static_assert(in_order(), "the catalogue has one entry per text, in the order of the enum");

}  // namespace

const std::vector<std::string>& languages() {
  static const std::vector<std::string> all{"en", "fr"};
  return all;
}

bool has_language(std::string_view language) {
  return std::ranges::find(languages(), language) != languages().end();
}

std::string_view text(Text id, std::string_view language) {
  const Entry& entry = catalogue[static_cast<std::size_t>(id)];
  return language == "fr" ? entry.fr : entry.en;
}

std::string_view word(Text id, std::string_view language) {
  const Entry& entry = catalogue[static_cast<std::size_t>(id)];
  return language == "fr" ? entry.word_fr : entry.word_en;
}

}  // namespace rollcall::screens
