// What the page of a month's sheets says. words.js puts it into its catalogue.

export const en = {
  title: "Sheets of a month",
  before: "Month before",
  after: "Month after",
  none: "No session takes place in this month.",
  tally: (/** @type {number} */ n, /** @type {string} */ state) => `${n} ${state.toLowerCase()}`,
  findings: "What an audit would object to",
  noFindings: "Nothing to object to so far.",
  severity: { rejected: "To be mended", doubtful: "To be looked at" },
  list: "All half-days",
  day: "Half-day",
  module: "Module",
  state: "State",
  present: "Present",
  done: "Signed or closed",
  paper: "Paper",
  open: (/** @type {string} */ what) => `Open: ${what}`,
  printOf: (/** @type {string} */ what) => `Print: ${what}`,
  of: (/** @type {number} */ n, /** @type {number} */ all) => `${n} of ${all}`,

  certificate: "Certificate of attendance",
  certificateHint:
    "It rests on confirmed half-days alone. Where no name may be shown, it has the code and a line to write the name on.",
  person: "Part of a name, or a pseudonym",
  look: "Look",
  people: "People found",
  from: "From",
  to: "To",
  nobody: "Nobody was found.",
  nothing: "No half-day is confirmed in that time.",
  hours: (/** @type {string} */ some, /** @type {string} */ all) => `${some} of ${all} planned`,
  halfDays: (/** @type {number} */ some, /** @type {number} */ all) =>
    `${some} of ${all} half-days`,
  printCertificate: (/** @type {string} */ course) => `Certificate, ${course}`,
  leftOut: (/** @type {number} */ n) =>
    n === 1
      ? "1 half-day is not confirmed and counts for nothing:"
      : `${n} half-days are not confirmed and count for nothing:`,
  sending: {
    title: "Sending the month",
    notOver: "A month is sent when it is over and each of its half-days is closed.",
    open: (/** @type {number} */ n) =>
      n === 1 ? "1 half-day is still to be closed:" : `${n} half-days are still to be closed:`,
    lapsed: (/** @type {number} */ n) =>
      n === 1
        ? "1 half-day was not confirmed in time; it is sent without a sheet:"
        : `${n} half-days were not confirmed in time; they are sent without sheets:`,
    hint: "Nothing more is to come of it then. What is corrected later makes it be sent again.",
    send: "Send the month",
    sendAgain: "Send it again",
    sent: (/** @type {number} */ version, /** @type {string} */ day, /** @type {string} */ at) =>
      version === 1 ? `Sent on ${day}, ${at}.` : `Sent on ${day}, ${at}, as version ${version}.`,
    changed: "It was corrected since.",
  },
  noAnswer: "Rollcall does not answer. Please try again in a moment.",
};

/** @type {typeof en} */
export const fr = {
  title: "Feuilles d’un mois",
  before: "Mois précédent",
  after: "Mois suivant",
  none: "Aucune séance n’a lieu ce mois-là.",
  tally: (n, state) => `${n} × ${state.toLowerCase()}`,
  findings: "Ce qu’un contrôle relèverait",
  noFindings: "Rien à relever pour l’instant.",
  severity: { rejected: "À corriger", doubtful: "À vérifier" },
  list: "Toutes les demi-journées",
  day: "Demi-journée",
  module: "Module",
  state: "État",
  present: "Présences",
  done: "Signées ou clôturées",
  paper: "Papier",
  open: (what) => `Ouvrir : ${what}`,
  printOf: (what) => `Imprimer : ${what}`,
  of: (n, all) => `${n} sur ${all}`,

  certificate: "Attestation de présence",
  certificateHint:
    "Elle repose sur les seules demi-journées confirmées. Quand aucun nom ne peut être montré, elle porte le code et une ligne pour écrire le nom.",
  person: "Partie du nom, ou pseudonyme",
  look: "Chercher",
  people: "Personnes trouvées",
  from: "Du",
  to: "Au",
  nobody: "Personne n’a été trouvé.",
  nothing: "Aucune demi-journée n’est confirmée sur cette période.",
  hours: (some, all) => `${some} sur ${all} prévues`,
  halfDays: (some, all) => `${some} demi-journées sur ${all}`,
  printCertificate: (course) => `Attestation, ${course}`,
  leftOut: (n) =>
    n < 2
      ? `${n} demi-journée n’est pas confirmée et ne compte pas :`
      : `${n} demi-journées ne sont pas confirmées et ne comptent pas :`,
  sending: {
    title: "Envoi du mois",
    notOver:
      "Un mois est envoyé quand il est terminé et que chacune de ses demi-journées est clôturée.",
    open: (n) =>
      n < 2 ? `${n} demi-journée reste à clôturer :` : `${n} demi-journées restent à clôturer :`,
    lapsed: (n) =>
      n < 2
        ? `${n} demi-journée n’a pas été confirmée à temps ; elle part sans feuille :`
        : `${n} demi-journées n’ont pas été confirmées à temps ; elles partent sans feuille :`,
    hint: "Plus rien n’en est attendu ensuite. Une correction ultérieure entraîne un nouvel envoi.",
    send: "Envoyer le mois",
    sendAgain: "Envoyer à nouveau",
    sent: (version, day, at) =>
      version === 1 ? `Envoyé le ${day} à ${at}.` : `Envoyé le ${day} à ${at}, version ${version}.`,
    changed: "Il a été corrigé depuis.",
  },
  noAnswer: "Rollcall ne répond pas. Réessayez dans un instant.",
};
