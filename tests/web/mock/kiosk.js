// What the daemon tells a kiosk page, one of each kind (daemon/stations/page.cpp).

/** @typedef {import("../../../daemon/stations/web/state.js").State} State */

let showings = 0;

/** @param {Partial<State>} of @returns {State} */
function state(of) {
  return {
    screen: `a1b2c3d4-${++showings}`,
    kind: "idle",
    language: "fr",
    title: "",
    second: null,
    detail: "",
    choices: [],
    progress: null,
    keypad: null,
    signing: null,
    languages: [],
    away: { title: "Hors service", detail: "Merci de passer à l’accueil" },
    ...of,
  };
}

/** @param {State["kind"]} kind @param {string} title @param {string} english */
const said = (kind, title, english) =>
  state({ kind, title, second: { language: "en", text: english } });

/** @type {State["choices"]} */
const yesLater = [
  { id: "yes", text: "Oui", style: "main" },
  { id: "later", text: "Plus tard", style: "quiet" },
];

/** @type {State["choices"][number]} */
const later = { id: "later", text: "Plus tard", style: "quiet" };
/** @type {State["choices"][number]} */
const cannotDraw = { id: "cannot-draw", text: "Je ne peux pas dessiner", style: "quiet" };

/** @param {string} done "" = no field @param {string} how @param {State["choices"]} choices */
const sign = (done, how, choices) =>
  state({
    kind: "sign",
    title: "Rédiger et envoyer une candidature avec un traitement de texte",
    choices,
    signing: {
      when: "Mercredi 23 septembre, après-midi",
      hours: "13:30–17:00 · 3\u00a0h\u00a030",
      how,
      field: done ? { label: "Signez ici", erase: "Effacer", done } : null,
    },
  });

/** @param {string[]} options */
const question = (options) =>
  state({
    kind: "question",
    title: "Avec quelle facilité envoyez-vous un courriel avec une pièce jointe\u00a0?",
    choices: [
      ...options.map((text, index) => ({ id: `o${index}`, text, style: /** @type {const} */ ("plain") })),
      { id: "later", text: "Plus tard", style: "quiet" },
    ],
    progress: { number: 2, count: 5 },
  }); // prettier-ignore

/** @returns {Record<string, State>} */
export function states() {
  return {
    idle: { ...said("idle", "Présentez votre carte ici", "Hold your card here"), languages: ["en", "fr"],
      choices: [{ id: "have-code", text: "J’ai un code", style: "quiet" }] },
    idle_code: { ...said("idle_code", "Présentez votre code ici", "Show your code here"), languages: ["en", "fr"],
      choices: [{ id: "have-code", text: "Tapez votre code", style: "quiet" }] },
    code: state({ kind: "code", title: "Tapez votre code", detail: "Huit chiffres, reçus à l’accueil",
      choices: [{ id: "no-code", text: "Retour", style: "quiet" }], keypad: { digits: 8, erase: "Effacer", done: "Valider" } }),
    english_code: state({ kind: "code", language: "en", title: "Type your code", detail: "Eight digits, from the desk",
      choices: [{ id: "no-code", text: "Back", style: "quiet" }], keypad: { digits: 8, erase: "Erase", done: "Done" } }),
    arrived: said("arrived", "Bienvenue", "Welcome"),
    left: said("left", "Au revoir", "Goodbye"),
    came: state({ kind: "arrived", title: "Bienvenue", detail: "Arrivée · 08:52",
      choices: [{ id: "other-way", text: "Je pars", style: "plain" }] }),
    went: state({ kind: "left", language: "en", title: "Goodbye", detail: "You left · 16:31",
      choices: [{ id: "other-way", text: "I am arriving", style: "plain" }] }),
    recorded: said("recorded", "C’est noté", "Recorded"),
    repeat: said("repeat", "Déjà noté", "Already recorded"),
    see_desk: said("see_desk", "Merci de passer à l’accueil", "Please see the desk"),
    see_desk_first: said("see_desk_first", "Passez d’abord à l’accueil", "Please see the desk first"),
    one_card: said("one_card", "Une carte à la fois", "One card at a time"),
    not_working: { ...said("not_working", "Hors service", "Out of order"), detail: "Merci de passer à l’accueil" },
    offer: state({ kind: "offer", title: "Quelques questions\u00a0?", detail: "Vous et le numérique", choices: yesLater }),
    question: question(["Très facilement", "Facilement", "Difficilement", "Je ne l’ai jamais fait", "Je préfère ne pas répondre"]),
    short_question: question(["Oui", "Non"]),
    more_time: state({ kind: "more_time", title: "Voulez‑vous plus de temps\u00a0?", choices: yesLater }),
    thank_you: state({ kind: "thank_you", title: "Merci" }),
    sign: sign("J’étais là, et je signe", "ou repassez votre carte", [later]),
    sign_drawn: sign("J’étais là, et je signe", "", [cannotDraw, later]),
    sign_card: sign("", "Repassez votre carte pour signer", [later]),
    signed: state({ kind: "signed", title: "Signé", detail: "Mercredi 23 septembre, après-midi" }),
    ask_trainer: state({ kind: "ask_trainer", title: "Demandez à votre formateur" }),
  }; // prettier-ignore
}
