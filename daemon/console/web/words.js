// What the console says, in the languages of its readers. English is complete by definition; the
// type checker holds the others to the same shape.

import * as attendance from "./attendance_words.js";
import * as cards from "./card_words.js";
import * as manager from "./manager_words.js";
import * as months from "./month_words.js";
import * as sheets from "./sheet_words.js";
import * as staff from "./staff_words.js";

const enNumbers = new Intl.NumberFormat("en-GB");
const frNumbers = new Intl.NumberFormat("fr");

const en = {
  ...staff.en,
  attendance: attendance.en,
  cards: cards.en,
  manager: manager.en,
  months: months.en,
  sheets: sheets.en,
  language: "en",
  number: (/** @type {number} */ n) => enNumbers.format(n),
  pageTitle: "Rollcall console",
  skip: "Skip to who is here",

  connecting: "Connecting to Rollcall…",
  live: "Live",
  notLive: "Not live",
  lost: "The connection to Rollcall is lost.",
  lostSince: (/** @type {string} */ time) =>
    `You see how things stood at ${time}. The terminals keep every tap. Trying again…`,
  lostNever: "Nothing can be shown yet. The terminals keep every tap. Trying again…",

  clock: {
    synced: "Clock checked",
    drifting: "Clock not checked lately",
    unproven: "Clock not checked",
  },

  summary: "In short",
  hereNow: "Here now",
  tapsToday: "Taps today",
  repeats: (/** @type {number} */ n) =>
    n === 1 ? "1 repeat tap ignored" : `${enNumbers.format(n)} repeat taps ignored`,
  toDeliver: "To be delivered",
  forYou: "Waiting for you",

  here: "Who is here",
  nobody: "Nobody is checked in.",
  ofEnrolled: (/** @type {number} */ present, /** @type {number} */ enrolled) =>
    `${present} of ${enrolled} here`,
  peopleHere: (/** @type {number} */ n) => `${enNumbers.format(n)} here`,
  noSession: "No session",
  noRoom: "No room",
  otherSessions: "Other sessions today",
  since: (/** @type {string} */ time) => `since ${time}`,
  /** @type {Record<string, string>} */
  roles: {
    trainer: "Trainer",
    staff: "Staff",
    guardian: "Guardian",
    child: "Child",
  },

  taps: "Last taps",
  noTaps: "No card was tapped today.",
  outcomes: {
    arrived: "Arrived",
    left: "Left",
    recorded: "Recorded",
    repeat: "Repeat tap ignored",
    see_staff: "Recorded, sent to the desk",
    not_recorded: "Kept by the terminal, not recorded here yet",
  },
  unknownCard: "Card nobody knows yet",
  noTime: "no time",
  later: "tapped while offline",
  moreTaps: "Show more",
  fewerTaps: "Show fewer",

  terminals: "Terminals",
  noTerminals: "No terminal is set up.",
  online: "Online",
  offlineSince: (/** @type {string} */ time) => `Offline since ${time}`,
  offline: "Offline",
  neverSeen: "Never connected",
  inQueue: (/** @type {number} */ n) =>
    n === 1 ? "1 tap waits in it" : `${enNumbers.format(n)} taps wait in it`,
  nearlyFull: "Its memory is nearly full: connect it soon",
  openPage: "Open its page",
  displayOf: (/** @type {string} */ room) => `Display: ${room}`,
  modes: { training: "Training", childcare: "Childcare", work_site: "Work site" },

  delivery: "Delivery to the case system",
  allDelivered: "Everything is delivered.",
  sending: (/** @type {number} */ n) =>
    n === 1 ? "1 record is on its way." : `${enNumbers.format(n)} records are on their way.`,
  notAnswering: (/** @type {number} */ n) =>
    `The case system does not answer. ${n === 1 ? "1 record is" : `${enNumbers.format(n)} records are`} safe here and will be sent again.`,
  deliveryOff: (/** @type {number} */ n) =>
    `No case system is set up. ${n === 1 ? "1 record is" : `${enNumbers.format(n)} records are`} safe here.`,
  lastReceipt: (/** @type {string} */ time) => `Last receipt ${time}`,
  noReceipt: "No receipt yet",
  rejected: (/** @type {number} */ n) =>
    n === 1 ? "1 record was not accepted:" : `${enNumbers.format(n)} records were not accepted:`,
  /** @type {Record<string, string>} */
  reasons: {
    "unknown-person": "person not known there",
    "unknown-session": "session not known there",
    schema: "not in the agreed form",
    "duplicate-person": "person known twice there",
    "not-allowed": "not allowed there",
  },

  inbox: "Waiting for you",
  nothingWaits: "Nothing is waiting for you.",
  moreNotices: (/** @type {number} */ n) => `and ${enNumbers.format(n)} more`,
  /** @type {Record<string, string>} */
  notices: {
    "unknown-card": "Card nobody knows yet",
    "card-not-authentic": "A card may be a copy",
    "card-withdrawn": "A card was used that is no longer accepted",
    "card-by-number": "A card that this site does not accept",
    "identity-reused": "A terminal sent two different taps under one number",
    restored: "Records were put back from an older copy",
    rejected: "Not accepted by the case system",
    "roster-removals": "People or courses to be removed wait for your yes",
    "sealed-unreadable": "A stored tap could not be read",
  },
  otherNotice: "Please look at this",
  cardNumber: (/** @type {string} */ start) => `Card number ${start}`,
};

/** @typedef {typeof en} Words */

/** @type {Words} */
const fr = {
  ...staff.fr,
  attendance: attendance.fr,
  cards: cards.fr,
  manager: manager.fr,
  months: months.fr,
  sheets: sheets.fr,
  language: "fr",
  number: (n) => frNumbers.format(n),
  pageTitle: "Console Rollcall",
  skip: "Aller aux personnes présentes",

  connecting: "Connexion à Rollcall…",
  live: "En direct",
  notLive: "Pas en direct",
  lost: "La connexion à Rollcall est perdue.",
  lostSince: (time) =>
    `Vous voyez la situation de ${time}. Les bornes gardent chaque passage. Nouvel essai…`,
  lostNever: "Rien à montrer pour l’instant. Les bornes gardent chaque passage. Nouvel essai…",

  clock: {
    synced: "Heure vérifiée",
    drifting: "Heure non vérifiée récemment",
    unproven: "Heure non vérifiée",
  },

  summary: "En bref",
  hereNow: "Présents",
  tapsToday: "Passages aujourd’hui",
  repeats: (n) =>
    n < 2
      ? `${frNumbers.format(n)} passage répété ignoré`
      : `${frNumbers.format(n)} passages répétés ignorés`,
  toDeliver: "À transmettre",
  forYou: "À traiter par vous",

  here: "Qui est présent",
  nobody: "Personne n’est enregistré comme présent.",
  ofEnrolled: (present, enrolled) =>
    `${present} sur ${enrolled} ${present < 2 ? "présent" : "présents"}`,
  peopleHere: (n) => (n < 2 ? `${frNumbers.format(n)} présent` : `${frNumbers.format(n)} présents`),
  noSession: "Sans séance",
  noRoom: "Sans salle",
  otherSessions: "Autres séances du jour",
  since: (time) => `depuis ${time}`,
  roles: {
    trainer: "Formation",
    staff: "Équipe",
    guardian: "Responsable",
    child: "Enfant",
  },

  taps: "Derniers passages",
  noTaps: "Aucune carte n’a été présentée aujourd’hui.",
  outcomes: {
    arrived: "Arrivée",
    left: "Départ",
    recorded: "Enregistré",
    repeat: "Passage répété ignoré",
    see_staff: "Enregistré, envoyé à l’accueil",
    not_recorded: "Gardé par la borne, pas encore enregistré ici",
  },
  unknownCard: "Carte encore inconnue",
  noTime: "sans heure",
  later: "passage hors connexion",
  moreTaps: "En montrer plus",
  fewerTaps: "En montrer moins",

  terminals: "Bornes",
  noTerminals: "Aucune borne n’est installée.",
  online: "Connectée",
  offlineSince: (time) => `Hors connexion depuis ${time}`,
  offline: "Hors connexion",
  neverSeen: "Jamais connectée",
  inQueue: (n) =>
    n < 2
      ? `${frNumbers.format(n)} passage y attend`
      : `${frNumbers.format(n)} passages y attendent`,
  nearlyFull: "Sa mémoire est presque pleine : connectez-la bientôt",
  openPage: "Ouvrir sa page",
  displayOf: (/** @type {string} */ room) => `Écran : ${room}`,
  modes: { training: "Formation", childcare: "Accueil d’enfants", work_site: "Chantier" },

  delivery: "Transmission au système de suivi",
  allDelivered: "Tout est transmis.",
  sending: (n) =>
    n < 2
      ? `${frNumbers.format(n)} donnée est en route.`
      : `${frNumbers.format(n)} données sont en route.`,
  notAnswering: (n) =>
    `Le système de suivi ne répond pas. ${n < 2 ? `${frNumbers.format(n)} donnée est gardée ici et sera renvoyée.` : `${frNumbers.format(n)} données sont gardées ici et seront renvoyées.`}`,
  deliveryOff: (n) =>
    `Aucun système de suivi n’est configuré. ${n < 2 ? `${frNumbers.format(n)} donnée est gardée ici.` : `${frNumbers.format(n)} données sont gardées ici.`}`,
  lastReceipt: (time) => `Dernier accusé de réception : ${time}`,
  noReceipt: "Pas encore d’accusé de réception",
  rejected: (n) =>
    n < 2
      ? `${frNumbers.format(n)} donnée n’a pas été acceptée :`
      : `${frNumbers.format(n)} données n’ont pas été acceptées :`,
  reasons: {
    "unknown-person": "personne inconnue là-bas",
    "unknown-session": "séance inconnue là-bas",
    schema: "forme non conforme",
    "duplicate-person": "personne connue deux fois là-bas",
    "not-allowed": "non autorisé là-bas",
  },

  inbox: "À traiter par vous",
  nothingWaits: "Rien ne vous attend.",
  moreNotices: (n) => `et ${frNumbers.format(n)} de plus`,
  notices: {
    "unknown-card": "Carte encore inconnue",
    "card-not-authentic": "Une carte est peut-être une copie",
    "card-withdrawn": "Une carte qui n’est plus acceptée a été utilisée",
    "card-by-number": "Une carte que ce site n’accepte pas",
    "identity-reused": "Une borne a envoyé deux passages différents sous un même numéro",
    restored: "Les données ont été remises à partir d’une copie plus ancienne",
    rejected: "Non accepté par le système de suivi",
    "roster-removals": "Des personnes ou des cours à retirer attendent votre accord",
    "sealed-unreadable": "Un passage gardé n’a pas pu être lu",
  },
  otherNotice: "À regarder",
  cardNumber: (start) => `Numéro de carte ${start}`,
};

/** @type {Record<string, Words>} */
export const catalogue = { en, fr };
