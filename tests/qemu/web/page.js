// The page of a board in QEMU: its display as it is, its lamp, what hands do to it. It asks a few times a second.

/** @typedef {{ serial: string, board: string, keys: string[], touch: boolean, picture: number, light: string,
 *   connected: boolean, waiting: number, cable: boolean }} State
 */

const LIGHTS = {
  green: "Green: accepted",
  amber: "Amber: recorded, to be checked",
  blue: "Blue: see the display",
  off: "No light",
};
const SIGNS = { left: "◀", up: "▲", select: "●", down: "▼", right: "▶" };
const ASK_EVERY = 200; // ms

/** @param {string} id */
const element = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
const display = /** @type {HTMLImageElement} */ (element("screen"));
const search = /** @type {HTMLInputElement} */ (element("search"));

/** @type {State | null} */
let state = null;
/** @type {{ card: string, label: string }[]} */
let cards = [];

/** @param {string} text nothing = all is well */
function problem(text) {
  element("problem").hidden = text === "";
  element("problem").textContent = text;
}

/** @param {string} action @param {object} body */
async function act(action, body = {}) {
  const answer = await fetch(`/api/${action}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  }).catch(() => null);
  problem(answer?.ok ? "" : "The board did not take that. Is ./run still open?");
}

/** @param {State} now */
function draw(now) {
  if (!state) {
    element("title").textContent = `Terminal ${now.serial}`;
    element("serial").textContent = now.serial;
    element("intro").textContent =
      `The ${now.board} board in QEMU. Tap a card` +
      (now.touch ? ", touch the panel." : ", press its keys.");
    element("keys").replaceChildren(...now.keys.map(keyButton));
  }
  if (state?.picture !== now.picture) display.src = `/api/screen.png?v=${now.picture}`;
  display.alt = `Display of ${now.serial}`;
  display.className = now.touch ? "" : "small";
  element("lamp").className = `lamp ${now.light === "off" ? "none" : now.light}`;
  element("light").textContent = LIGHTS[/** @type {keyof LIGHTS} */ (now.light)] ?? now.light;
  element("queue").textContent = now.connected
    ? `Connected. Taps in its queue: ${now.waiting}`
    : now.cable
      ? "Waits for the host"
      : "Unplugged";
  element("cable").textContent = now.cable ? "Pull the cable" : "Plug the cable in";
  state = now;
}

/** @param {string} name */
function keyButton(name) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button";
  button.textContent = SIGNS[/** @type {keyof SIGNS} */ (name)];
  button.ariaLabel = `Key ${name}`;
  button.onclick = () => act("key", { key: name });
  return button;
}

function drawCards() {
  const wanted = search.value.trim().toLowerCase();
  const found = cards.filter(({ card, label }) =>
    `${label} ${card}`.toLowerCase().includes(wanted),
  );
  element("cards").replaceChildren(
    ...found.map(({ card, label }) => {
      const item = document.createElement("li");
      const button = document.createElement("button");
      button.type = "button";
      button.className = "card";
      for (const [name, text] of [
        ["label", label],
        ["chip", card],
      ]) {
        const span = document.createElement("span");
        span.className = /** @type {string} */ (name);
        span.textContent = /** @type {string} */ (text);
        button.append(span);
      }
      button.onclick = () => act("tap", { card });
      item.append(button);
      return item;
    }),
  );
}

async function follow() {
  const answer = await fetch("/api/state").catch(() => null);
  if (answer?.ok) {
    if (!element("problem").hidden && element("problem").dataset.lost) problem("");
    delete element("problem").dataset.lost;
    draw(await answer.json());
  } else {
    problem("The board is gone. Start ./run --qemu again.");
    element("problem").dataset.lost = "yes";
  }
  setTimeout(follow, ASK_EVERY);
}

display.onclick = (/** @type {MouseEvent} */ event) => {
  if (!state?.touch) return;
  const box = display.getBoundingClientRect();
  void act("touch", {
    x: Math.floor(((event.clientX - box.left) / box.width) * display.naturalWidth),
    y: Math.floor(((event.clientY - box.top) / box.height) * display.naturalHeight),
  });
};
search.oninput = drawCards;
element("cable").onclick = () => act("cable", { connected: !state?.cable });
element("power").onclick = () => act("power");

async function start() {
  cards = await (await fetch("/api/cards")).json();
  drawCards();
  await follow();
}

void start();
