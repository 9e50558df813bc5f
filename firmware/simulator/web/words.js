// What the page around the simulated terminal says. The panel itself speaks for itself. English is
// complete by definition; the type checker holds the others to the same shape.

const enNumbers = new Intl.NumberFormat("en-GB");
const frNumbers = new Intl.NumberFormat("fr");

const en = {
  language: "en",
  pageTitle: "Rollcall terminal",
  heading: (/** @type {string} */ serial) => `Terminal ${serial}`,
  intro: "A simulated terminal. Tap a card, touch the panel, pull the cable.",
  waitingForTerminal: "Waiting for the terminal…",
  lost: "The terminal's program does not answer. Trying again…",
  notTaken: "The terminal did not take that. Try again when it is running.",

  panel: "Touch panel",
  panelHelp: "Arrow keys move the finger, with Shift in small steps. Enter touches.",
  screen: (/** @type {string} */ slot) => `Screen: ${slot}`,
  /** @type {Record<string, string>} */
  slots: {
    live: "a message for this person",
    idle: "ready for a card",
    idle_offline: "ready for a card, without the host",
    arrived: "arrived",
    left: "left",
    recorded: "recorded",
    repeat: "already recorded",
    see_staff: "recorded, please see the desk",
    recorded_offline: "recorded, will be checked later",
    not_accepted: "please see the desk",
    out_of_service: "not ready for this site yet",
    one_card: "one card only",
  },
  lights: {
    green: "Green: accepted",
    amber: "Amber: recorded, not yet checked",
    blue: "Blue: not recorded, or a sign for staff",
    none: "No light",
  },
  tone: (/** @type {string} */ name) => `Tone: ${name}`,
  silent: "Silent",
  /** @type {Record<string, string>} */
  tones: {
    arrived: "two notes, rising",
    left: "two notes, falling",
    recorded: "one note",
    repeat: "two short notes",
    see_staff: "one long low note",
    not_recorded: "two soft notes",
    recorded_offline: "two soft notes",
    not_accepted: "three low notes",
    out_of_service: "three low notes",
    one_card: "four notes, up and down",
  },

  enrolTitle: "Enrolment",
  notEnrolled:
    "This terminal has no key yet. Start its enrolment at the host, then open the window.",
  openWindow: "Open the provisioning window",
  windowOpen: "The window is open for two minutes. Waiting for the host…",
  compare: "Does the host show the same number?",
  same: "Same number",
  different: "Different",
  /** @type {Record<string, string>} */
  enrolResults: {
    cancelled: "It was cancelled. No key was kept. Start again at both ends.",
    not_expected:
      "Nobody at the host has asked for this terminal. Start its enrolment there, then open the window again.",
    different:
      "The numbers were different. No key was kept. Check which host the cable goes to, then start again at both ends.",
    broken_promise:
      "Somebody may be between this terminal and its host. No key was kept. Check cable and network first.",
    no_entropy: "This terminal has no seed to make keys from. It needs one from the factory.",
    expired: "Two minutes passed. No key was kept. Start again at both ends.",
    protocol:
      "Host and terminal do not understand each other. No key was kept. Check their versions.",
    storage: "The key could not be written. No key was kept. Check the disk, then start again.",
    link_lost:
      "The connection broke. No key was kept. Check the cable, then start again at both ends.",
    other_site: "Taps for its present site wait in it. Let it send them there first.",
  },

  cable: "Cable to the host",
  connected: "Connected",
  plugged: "Plugged in, waiting for the host",
  unplugged: "Unplugged",
  powerCut: "Cut the power",
  restarting: "Starting again…",
  queue: (/** @type {number} */ waiting, /** @type {number} */ capacity) =>
    waiting === 0
      ? "No tap waits in its memory"
      : `${enNumbers.format(waiting)} of at most ${enNumbers.format(capacity)} taps wait in its memory`,

  cards: "Cards",
  search: "Find a card",
  noCards: "There are no cards here.",
  noneFound: "No card is called that.",

  answers: "Last answers",
  noAnswers: "No card was tapped yet.",
  /** @type {Record<string, string>} */
  outcomes: {
    arrived: "Arrived",
    left: "Left",
    recorded: "Recorded",
    repeat: "Repeat tap ignored",
    see_staff: "Recorded, please see the desk",
    not_recorded: "Kept here, not yet recorded by the host",
    recorded_offline: "Recorded here, not yet checked",
    not_accepted: "Not recorded, please see the desk",
    out_of_service: "Not ready for this site yet",
    one_card: "Several cards at once, nothing recorded",
  },
};

/** @typedef {typeof en} Words */

/** @type {Words} */
const fr = {
  language: "fr",
  pageTitle: "Borne Rollcall",
  heading: (serial) => `Borne ${serial}`,
  intro: "Une borne simulée. Présentez une carte, touchez l’écran, débranchez le câble.",
  waitingForTerminal: "En attente de la borne…",
  lost: "Le programme de la borne ne répond pas. Nouvel essai…",
  notTaken: "La borne n’a pas pris cette action. Réessayez quand elle fonctionne.",

  panel: "Écran tactile",
  panelHelp: "Les flèches déplacent le doigt, avec Maj par petits pas. La touche Entrée appuie.",
  screen: (slot) => `Écran : ${slot}`,
  slots: {
    live: "un message pour cette personne",
    idle: "prêt pour une carte",
    idle_offline: "prêt pour une carte, sans le serveur",
    arrived: "arrivée",
    left: "départ",
    recorded: "enregistré",
    repeat: "déjà enregistré",
    see_staff: "enregistré, passez à l’accueil",
    recorded_offline: "enregistré, sera vérifié plus tard",
    not_accepted: "passez à l’accueil",
    out_of_service: "pas encore prête pour ce site",
    one_card: "une seule carte",
  },
  lights: {
    green: "Vert : accepté",
    amber: "Ambre : enregistré, à vérifier",
    blue: "Bleu : rien d’enregistré, ou un signe pour l’équipe",
    none: "Éteint",
  },
  tone: (name) => `Son : ${name}`,
  silent: "Silence",
  tones: {
    arrived: "deux notes montantes",
    left: "deux notes descendantes",
    recorded: "une note",
    repeat: "deux notes brèves",
    see_staff: "une longue note grave",
    not_recorded: "deux notes douces",
    recorded_offline: "deux notes douces",
    not_accepted: "trois notes graves",
    out_of_service: "trois notes graves",
    one_card: "quatre notes, aiguës et graves",
  },

  enrolTitle: "Mise en service",
  notEnrolled:
    "Cette borne n’a pas encore de clé. Commencez sa mise en service sur le serveur, puis ouvrez la fenêtre.",
  openWindow: "Ouvrir la fenêtre de mise en service",
  windowOpen: "La fenêtre est ouverte deux minutes. En attente du serveur…",
  compare: "Le serveur affiche-t-il le même nombre ?",
  same: "Même nombre",
  different: "Différent",
  enrolResults: {
    cancelled: "Annulé. Aucune clé n’a été gardée. Recommencez des deux côtés.",
    not_expected:
      "Personne n’a demandé cette borne sur le serveur. Commencez-y sa mise en service, puis rouvrez la fenêtre.",
    different:
      "Les nombres étaient différents. Aucune clé n’a été gardée. Vérifiez où mène le câble, puis recommencez des deux côtés.",
    broken_promise:
      "Quelqu’un est peut-être entre la borne et son serveur. Aucune clé n’a été gardée. Vérifiez d’abord le câble et le réseau.",
    no_entropy: "Cette borne n’a pas de graine pour créer des clés. Il lui en faut une de l’usine.",
    expired: "Deux minutes ont passé. Aucune clé n’a été gardée. Recommencez des deux côtés.",
    protocol:
      "Serveur et borne ne se comprennent pas. Aucune clé n’a été gardée. Vérifiez leurs versions.",
    storage:
      "La clé n’a pas pu être écrite. Aucune clé n’a été gardée. Vérifiez le disque, puis recommencez.",
    link_lost:
      "La connexion s’est rompue. Aucune clé n’a été gardée. Vérifiez le câble, puis recommencez des deux côtés.",
    other_site: "Des passages pour son site actuel y attendent encore. Envoyez-les-y d’abord.",
  },

  cable: "Câble vers le serveur",
  connected: "Connectée",
  plugged: "Branchée, attend le serveur",
  unplugged: "Débranchée",
  powerCut: "Couper le courant",
  restarting: "Redémarrage…",
  queue: (waiting, capacity) =>
    waiting === 0
      ? "Aucun passage n’attend dans sa mémoire"
      : `${frNumbers.format(waiting)} ${waiting < 2 ? "passage attend" : "passages attendent"} dans sa mémoire, sur ${frNumbers.format(capacity)} au plus`,

  cards: "Cartes",
  search: "Chercher une carte",
  noCards: "Il n’y a pas de cartes ici.",
  noneFound: "Aucune carte ne porte ce nom.",

  answers: "Dernières réponses",
  noAnswers: "Aucune carte n’a encore été présentée.",
  outcomes: {
    arrived: "Arrivée",
    left: "Départ",
    recorded: "Enregistré",
    repeat: "Passage répété ignoré",
    see_staff: "Enregistré, passez à l’accueil",
    not_recorded: "Gardé ici, pas encore enregistré par le serveur",
    recorded_offline: "Enregistré ici, à vérifier",
    not_accepted: "Non enregistré, passez à l’accueil",
    out_of_service: "Pas encore prête pour ce site",
    one_card: "Plusieurs cartes à la fois, rien d’enregistré",
  },
};

/** @type {Record<string, Words>} */
export const catalogue = { en, fr };
