// What the pages for staff say: signing in, desk, inbox. words.js puts them into its catalogue.

export const en = {
  accountRoles: { viewer: "Viewer", desk: "Front desk", trainer: "Trainer", manager: "Manager" },
  signOut: "Sign out",
  pages: "Pages",
  pageNow: "Now",
  pageDesk: "Desk",
  pageSheets: "Half-days",
  pageMonths: "Sheets",
  pageInbox: "Inbox",
  pageAccounts: "Accounts",
  pageRecord: "Record",
  open: "open",

  signIn: {
    name: "Name",
    password: "Password",
    newPassword: "New password",
    signIn: "Sign in",
    wrong: "This name and this password do not go together.",
    wait: (/** @type {number} */ seconds) =>
      `Too many attempts. Please try again in ${seconds === 1 ? "1 second" : `${seconds} seconds`}.`,
    noAnswer: "Rollcall does not answer. Please try again in a moment.",
    ended: "Your session has ended. Please sign in again.",
    help: "Password or PIN forgotten? A manager can give you a new one.",
    byCard: "Sign in with card and PIN",
    byPassword: "Sign in with password",
    pin: "PIN",
    goOn: "Continue",
    wrongPin: "This name and this PIN do not go together.",
    holdCard: (/** @type {string[]} */ rooms) =>
      `Now hold your card to the reader: ${rooms.join(", ")}`,
    left: (/** @type {number} */ seconds) =>
      seconds === 1 ? "1 second left" : `${seconds} seconds left`,
    cancel: "Cancel",
    noCard: "Your card did not come in time. Please begin again.",
    noReader: "No reader for cards works at the moment. Please sign in with your password.",
    waitedFor:
      "Somebody is signing in with your card already. If that is not you, tell a manager. Otherwise try again in half a minute.",
    firstTitle: "Welcome to Rollcall",
    firstIntro: "Make the account of the first manager. This link works once.",
    nameHint: "Lower-case letters and digits, without spaces. It is for signing in only.",
    passwordHint: "At least 12 characters. A few words make a good one.",
    make: "Make the manager",
  },

  desk: {
    find: "Find a person",
    findLabel: "Part of a name, or a pseudonym",
    findHint: "Type at least two letters.",
    foundLabel: "People found",
    nobodyFound: "Nobody was found. People with protected identity are found by their pseudonym.",
    moreFound: "There are more. Type more letters.",
    nobodyChosen: "Choose a person to help them.",
    whoseCard: (/** @type {string} */ number) =>
      `Find the person whose card ${number} is, then attach it.`,
    here: "Here",
    notHere: "Not here",
    arrived: "Record that they came, because",
    left: "Record that they left, because",
    /** @type {Record<string, string>} */
    causes: {
      no_card: "Card forgotten",
      card_unreadable: "Card unreadable",
      forgotten: "Forgot to tap",
      terminal_down: "Terminal not working",
      help_wanted: "Help wanted",
      drop_in: "Dropped in",
      off_site: "Off site",
      other: "Another reason",
    },
    hasArrived: (/** @type {string} */ name) => `${name}: the arrival is recorded, as assisted.`,
    hasLeft: (/** @type {string} */ name) => `${name}: the departure is recorded, as assisted.`,
    reason: "Reason, without names",
    code: "A code for today",
    codeReason: "The card is not here today.",
    giveCode: "Give a code",
    codeOnce: "Good until tonight. It is shown here and nowhere else.",
    card: "The person's card",
    lost: "The card is lost",
    revoke: "Take the card back",
    cardEnded: (/** @type {string} */ name) => `${name}: the card is no longer accepted.`,
    attach: "A card nobody knows yet",
    attachReason: "A new card.",
    attachTo: (/** @type {string} */ name) => `Attach it to ${name}`,
    attached: (/** @type {string} */ name, /** @type {number} */ taps) =>
      taps === 0
        ? `${name}: the card is attached.`
        : `${name}: the card is attached, and its earlier taps count with their own times.`,
    noAnswer:
      "Rollcall does not answer. Nothing is known to have changed; please look and try again.",
  },

  inboxPage: {
    whose: "Whose card is it?",
    sendAgain: "Send again",
    agree: "Agree",
    agreeHint: "Whoever is removed is no longer expected. What was recorded of them stays.",
    agreeNow: "Yes, remove them",
    agreed: "The removals are done.",
    close: "Done",
    closed: "Closed.",
    sentAgain: (/** @type {number} */ n) =>
      n === 1 ? "1 record is on its way again." : `${n} records are on their way again.`,
  },
};

/** @type {typeof en} */
export const fr = {
  accountRoles: { viewer: "Lecture", desk: "Accueil", trainer: "Formation", manager: "Direction" },
  signOut: "Se déconnecter",
  pages: "Pages",
  pageNow: "Maintenant",
  pageDesk: "Accueil",
  pageSheets: "Demi-journées",
  pageMonths: "Feuilles",
  pageInbox: "À traiter",
  pageAccounts: "Comptes",
  pageRecord: "Registre",
  open: "en attente",

  signIn: {
    name: "Nom",
    password: "Mot de passe",
    newPassword: "Nouveau mot de passe",
    signIn: "Se connecter",
    wrong: "Ce nom et ce mot de passe ne vont pas ensemble.",
    wait: (seconds) =>
      `Trop d’essais. Réessayez dans ${seconds < 2 ? `${seconds} seconde` : `${seconds} secondes`}.`,
    noAnswer: "Rollcall ne répond pas. Réessayez dans un instant.",
    ended: "Votre session est terminée. Connectez-vous à nouveau.",
    help: "Mot de passe ou code PIN oublié ? La direction peut vous en donner un nouveau.",
    byCard: "Se connecter avec carte et code PIN",
    byPassword: "Se connecter avec mot de passe",
    pin: "Code PIN",
    goOn: "Continuer",
    wrongPin: "Ce nom et ce code PIN ne vont pas ensemble.",
    holdCard: (rooms) => `Présentez maintenant votre carte au lecteur : ${rooms.join(", ")}`,
    left: (seconds) => `Encore ${seconds < 2 ? `${seconds} seconde` : `${seconds} secondes`}`,
    cancel: "Annuler",
    noCard: "Votre carte n’est pas venue à temps. Recommencez.",
    noReader:
      "Aucun lecteur de cartes ne fonctionne en ce moment. Connectez-vous avec votre mot de passe.",
    waitedFor:
      "Quelqu’un se connecte déjà avec votre carte. Si ce n’est pas vous, prévenez la direction. Sinon, réessayez dans une demi-minute.",
    firstTitle: "Bienvenue dans Rollcall",
    firstIntro:
      "Créez le compte de la première personne de direction. Ce lien sert une seule fois.",
    nameHint: "Lettres minuscules et chiffres, sans espace. Il sert seulement à se connecter.",
    passwordHint: "Au moins 12 caractères. Quelques mots conviennent bien.",
    make: "Créer le compte",
  },

  desk: {
    find: "Trouver une personne",
    findLabel: "Partie du nom, ou pseudonyme",
    findHint: "Tapez au moins deux lettres.",
    foundLabel: "Personnes trouvées",
    nobodyFound:
      "Personne n’a été trouvé. Une personne à identité protégée se trouve par son pseudonyme.",
    moreFound: "Il y en a d’autres. Tapez plus de lettres.",
    nobodyChosen: "Choisissez une personne pour l’aider.",
    whoseCard: (number) => `Trouvez à qui est la carte ${number}, puis attribuez-la.`,
    here: "Présent",
    notHere: "Absent",
    arrived: "Enregistrer l’arrivée, car",
    left: "Enregistrer le départ, car",
    causes: {
      no_card: "Carte oubliée",
      card_unreadable: "Carte illisible",
      forgotten: "Passage oublié",
      terminal_down: "Borne en panne",
      help_wanted: "Aide demandée",
      drop_in: "Passage libre",
      off_site: "Hors du site",
      other: "Autre raison",
    },
    hasArrived: (name) => `${name} : l’arrivée est enregistrée, comme assistée.`,
    hasLeft: (name) => `${name} : le départ est enregistré, comme assisté.`,
    reason: "Raison, sans nom de personne",
    code: "Un code pour aujourd’hui",
    codeReason: "La carte n’est pas là aujourd’hui.",
    giveCode: "Donner un code",
    codeOnce: "Valable jusqu’à ce soir. Il est montré ici et nulle part ailleurs.",
    card: "La carte de la personne",
    lost: "La carte est perdue",
    revoke: "Reprendre la carte",
    cardEnded: (name) => `${name} : la carte n’est plus acceptée.`,
    attach: "Une carte encore inconnue",
    attachReason: "Une nouvelle carte.",
    attachTo: (name) => `L’attribuer à ${name}`,
    attached: (name, taps) =>
      taps === 0
        ? `${name} : la carte est attribuée.`
        : `${name} : la carte est attribuée, et ses passages comptent à leur propre heure.`,
    noAnswer: "Rollcall ne répond pas. Rien n’a changé, que l’on sache ; regardez et réessayez.",
  },

  inboxPage: {
    whose: "À qui est la carte ?",
    sendAgain: "Renvoyer",
    agree: "Accepter",
    agreeHint: "Qui est retiré n’est plus attendu. Ce qui a été enregistré reste.",
    agreeNow: "Oui, retirer",
    agreed: "Les retraits sont faits.",
    close: "Fait",
    closed: "C’est fait.",
    sentAgain: (n) =>
      n < 2 ? `${n} donnée est à nouveau en route.` : `${n} données sont à nouveau en route.`,
  },
};
