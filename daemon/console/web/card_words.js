// What the desk's page says of issued cards, and of a name that is not shown. words.js puts it into
// its catalogue.

export const en = {
  title: "Cards that cannot be copied",
  none: "No card was issued to this person.",
  states: { issued: "in force", lost: "lost", revoked: "taken back", replaced: "replaced" },
  state: (/** @type {string} */ state, /** @type {string} */ day) => `${state} since ${day}`,
  by: (/** @type {string} */ actor) => `by ${actor}`,
  issue: "Issue a card",
  replace: "Replace the card",
  issueReason: "A first card.",
  replaceReason: "The card is broken.",
  where: "Where the card is held",
  nowhere: "No terminal is connected.",
  hold: (/** @type {string} */ room, /** @type {number} */ seconds) =>
    `Hold a blank card to “${room}” and keep it there. ${seconds} seconds left. Nobody else should be near.`,
  writing: "The card is there. Keep it at the reader…",
  stop: "Stop",
  ends: {
    done: "The card is theirs now.",
    taken: "This card was issued before, here or elsewhere. It stays what it is; take a blank one.",
    refused: "This is no card that can be issued. It takes a blank MIFARE DESFire EV1 or later.",
    card_gone:
      "The card was taken away too soon, or the reader fell silent. Do the same again with the same card, and hold it still.",
    expired: "No card came in time. Do the same again.",
    cancelled: "It was stopped.",
    failed:
      "The card was written and could not be kept here. When the cause is gone, do the same again with the same card.",
  },
  nobodys: "Nobody was given a card, and nobody lost one.",
  reasonLabel: "Reason, without names",
  noAnswer:
    "Rollcall does not answer. Nothing is known to have changed; please look and try again.",
  hiddenName: "The name",
  hiddenHint:
    "It is not shown. To see it, say why; that you saw it, and the reason, stand on record.",
  seeName: "See the name",
  isName: (/** @type {string} */ code) => `${code} is`,
  hideName: "Hide it",
};

/** @type {typeof en} */
export const fr = {
  title: "Cartes qui ne se copient pas",
  none: "Aucune carte n’a été remise à cette personne.",
  states: { issued: "en vigueur", lost: "perdue", revoked: "reprise", replaced: "remplacée" },
  state: (state, day) => `${state} depuis le ${day}`,
  by: (actor) => `par ${actor}`,
  issue: "Remettre une carte",
  replace: "Remplacer la carte",
  issueReason: "Une première carte.",
  replaceReason: "La carte est cassée.",
  where: "Où la carte est présentée",
  nowhere: "Aucune borne n’est connectée.",
  hold: (room, seconds) =>
    `Présentez une carte vierge à « ${room} » et laissez-la. Encore ${seconds} secondes. Personne d’autre ne devrait être à côté.`,
  writing: "La carte est là. Laissez-la sur le lecteur…",
  stop: "Arrêter",
  ends: {
    done: "La carte est la sienne désormais.",
    taken:
      "Cette carte a déjà été remise, ici ou ailleurs. Elle reste ce qu’elle est ; prenez-en une vierge.",
    refused:
      "Cette carte ne peut pas être remise. Il faut une MIFARE DESFire EV1 ou plus récente, vierge.",
    card_gone:
      "La carte a été retirée trop tôt, ou le lecteur s’est tu. Recommencez avec la même carte, sans bouger.",
    expired: "Aucune carte n’est venue à temps. Recommencez.",
    cancelled: "C’est arrêté.",
    failed:
      "La carte a été écrite et n’a pas pu être gardée ici. Quand la cause a disparu, recommencez avec la même carte.",
  },
  nobodys: "Personne n’a reçu de carte, et personne n’en a perdu.",
  reasonLabel: "Raison, sans nom de personne",
  noAnswer: "Rollcall ne répond pas. Rien n’a changé, que l’on sache ; regardez et réessayez.",
  hiddenName: "Le nom",
  hiddenHint:
    "Il n’est pas montré. Pour le voir, dites pourquoi ; que vous l’avez vu, et la raison, sont inscrits au registre.",
  seeName: "Voir le nom",
  isName: (code) => `${code} est`,
  hideName: "Le cacher",
};
