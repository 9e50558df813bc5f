// The simulated terminal, drawn from its state: the device on its wall, a tray of cards beside it.
import { html } from "/lib/html.js";
import { Mark } from "/lib/marks.js";

/**
 * @typedef {import("./state.js").State} State
 * @typedef {import("./state.js").Card} Card
 * @typedef {import("./words.js").Words} Words
 * @typedef {{ x: number, y: number }} Point in panel pixels
 *
 * @typedef {object} View
 * @property {State | null} state the newest one
 * @property {Card[]} cards
 * @property {"connecting" | "live" | "lost"} link to the terminal's program
 * @property {string} search
 * @property {string | null} held the card that is at the reader now
 * @property {Point | null} finger where the keyboard's finger is
 * @property {boolean} busy starting again after a power cut
 * @property {string} problem what the terminal did not take, "" = nothing
 * @property {Words} words
 *
 * @typedef {object} Actions
 * @property {(text: string) => void} search
 * @property {(card: string) => void} tap
 * @property {(x: number, y: number) => void} touch
 * @property {(finger: Point) => void} moveFinger
 * @property {() => void} openWindow
 * @property {(same: boolean) => void} compared
 * @property {(connected: boolean) => void} cable
 * @property {() => void} powerCut
 */

/** @param {{ view: View, act: Actions }} props */
export function Page({ view, act }) {
  const { state, words } = view;
  if (!state) {
    return html`<main class="alone">
      <h1>${words.pageTitle}</h1>
      <p role="status">${view.link === "lost" ? words.lost : words.waitingForTerminal}</p>
    </main>`;
  }
  const problem = view.link === "lost" ? words.lost : view.problem;
  return html`
    <header>
      <h1>${words.heading(state.serial)}</h1>
      <p class="quiet">${words.intro}</p>
      <div role="alert">
        ${problem &&
        html`<p class="banner"><${Mark} name="attention" tone="amber" />${problem}</p>`}
      </div>
    </header>
    <main class="bench">
      <div class="wall">
        <${Enrolment} view=${view} state=${state} act=${act} />
        <${Device} view=${view} state=${state} act=${act} />
        <${Plate} view=${view} state=${state} act=${act} />
      </div>
      <div class="table">
        <${Tray} view=${view} act=${act} />
        <${Answers} view=${view} state=${state} />
      </div>
    </main>
  `;
}

/** @param {{ view: View, state: State, act: Actions }} props */
function Device({ view, state, act }) {
  return html`<div class="device">
      <div class="lamp ${state.light}" aria-hidden="true"><i></i><i></i></div>
      <${Panel} view=${view} state=${state} act=${act} />
      <div class="chin" aria-hidden="true">
        <span>Rollcall</span>
        <svg class="reader ${view.held ? "reading" : ""}" viewBox="0 0 64 64">
          <circle cx="32" cy="32" r="30" />
          <path d="M22 24a14 14 0 0 1 0 16M30 19a23 23 0 0 1 0 26M38 14a32 32 0 0 1 0 36" />
        </svg>
        <span>${state.serial}</span>
      </div>
    </div>
    <div class="cord ${state.cable ? "" : "pulled"}" aria-hidden="true"><i></i><i></i></div>`;
}

/** @param {{ view: View, state: State, act: Actions }} props */
function Panel({ view, state, act }) {
  const { words } = view;
  const { width, height } = state.panel;
  const finger = view.finger ?? { x: Math.round(width / 2), y: Math.round(height / 2) };

  const onClick = (/** @type {MouseEvent} */ event) => {
    const box = /** @type {HTMLElement} */ (event.currentTarget).getBoundingClientRect();
    const along = (/** @type {number} */ share, /** @type {number} */ size) =>
      Math.max(0, Math.min(size - 1, Math.floor(share * size)));
    const x = along((event.clientX - box.left) / box.width, width);
    const y = along((event.clientY - box.top) / box.height, height);
    act.moveFinger({ x, y });
    act.touch(x, y);
  };

  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    const step = Math.max(1, Math.round(width / (event.shiftKey ? 200 : 40)));
    /** @type {Record<string, [number, number]>} */
    const moves = {
      ArrowLeft: [-step, 0],
      ArrowRight: [step, 0],
      ArrowUp: [0, -step],
      ArrowDown: [0, step],
    };
    const move = moves[event.key];
    if (move) {
      act.moveFinger({
        x: Math.max(0, Math.min(width - 1, finger.x + move[0])),
        y: Math.max(0, Math.min(height - 1, finger.y + move[1])),
      });
    } else if (event.key === "Enter" || event.key === " ") {
      act.touch(finger.x, finger.y);
    } else {
      return;
    }
    event.preventDefault();
  };

  return html`<div
    class="panel"
    role="application"
    tabindex="0"
    aria-label=${words.panel}
    aria-describedby="panel-help"
    onClick=${onClick}
    onKeyDown=${onKeyDown}
  >
    <img
      class=${width < 400 ? "coarse" : ""}
      src="/api/screen.png?v=${state.screen_version}"
      width=${width}
      height=${height}
      draggable=${false}
      alt=${words.screen(words.slots[state.slot] ?? state.slot)}
    />
    <span
      class="finger"
      style=${{
        insetInlineStart: `${((finger.x + 0.5) / width) * 100}%`,
        insetBlockStart: `${((finger.y + 0.5) / height) * 100}%`,
      }}
    ></span>
    <span id="panel-help" class="help">${words.panelHelp}</span>
  </div>`;
}

/** Belonging to no site yet: the window, and the number to be compared. @param {{ view: View, state: State, act: Actions }} props */
function Enrolment({ view, state, act }) {
  const { words } = view;
  const { enrolled, window: open, number, result } = state.enrolment;
  if (enrolled) return null;
  const said = result && result !== "done" ? (words.enrolResults[result] ?? result) : "";
  return html`<section class="enrolment" aria-labelledby="enrolment-title">
    <h2 id="enrolment-title">${words.enrolTitle}</h2>
    <div role="status">
      ${number
        ? html`<p>${words.compare}</p>
            <p class="number">${number.slice(0, 3)} ${number.slice(3)}</p>`
        : html`<p>${open ? words.windowOpen : words.notEnrolled}</p>`}
      ${!open && said && html`<p class="said"><${Mark} name="attention" tone="amber" />${said}</p>`}
    </div>
    <p class="choices">
      ${number &&
      html`<button class="button" type="button" onClick=${() => act.compared(false)}>
          ${words.different}
        </button>
        <button class="button" type="button" onClick=${() => act.compared(true)}>
          ${words.same}
        </button>`}
      ${!open &&
      html`<button class="button" type="button" onClick=${act.openWindow}>
        ${words.openWindow}
      </button>`}
    </p>
  </section>`;
}

/** What light, panel and tone say, in words; cable, memory and power. @param {{ view: View, state: State, act: Actions }} props */
function Plate({ view, state, act }) {
  const { words } = view;
  const { waiting, capacity } = state.queue;
  return html`<div class="plate">
    <div class="readout" role="status">
      <p class="light">
        <${Mark}
          name=${state.light === "green"
            ? "recorded"
            : state.light === "amber"
              ? "attention"
              : "never"}
          tone=${state.light === "green" || state.light === "amber" ? state.light : "quiet"}
        />${words.lights[state.light]}
      </p>
      <p>${words.screen(words.slots[state.slot] ?? state.slot)}</p>
      <p>${state.tone ? words.tone(words.tones[state.tone] ?? state.tone) : words.silent}</p>
    </div>
    <div class="controls">
      <button
        class="switch"
        type="button"
        role="switch"
        aria-checked=${state.cable}
        onClick=${() => act.cable(!state.cable)}
      >
        <span class="track" aria-hidden="true"></span>
        <span>${words.cable}</span>
      </button>
      <div>
        <p class="host">
          <${Mark}
            name=${state.connected ? "online" : state.cable ? "waiting" : "offline"}
            tone=${state.connected ? "green" : "amber"}
          />
          ${state.connected ? words.connected : state.cable ? words.plugged : words.unplugged}
        </p>
        <p class=${waiting > 0 ? "queue filled" : "queue"}>${words.queue(waiting, capacity)}</p>
      </div>
      <button class="button" type="button" aria-disabled=${view.busy} onClick=${act.powerCut}>
        ${view.busy ? words.restarting : words.powerCut}
      </button>
    </div>
  </div>`;
}

/** @param {{ view: View, act: Actions }} props */
function Tray({ view, act }) {
  const { words, cards } = view;
  const wanted = view.search.trim().toLowerCase();
  const found = cards.filter(({ card, label }) =>
    `${label} ${card}`.toLowerCase().includes(wanted),
  );
  return html`<section class="tray" aria-labelledby="tray-title">
    <div class="tray-head">
      <h2 id="tray-title">${words.cards}</h2>
      <input
        type="search"
        placeholder=${words.search}
        aria-label=${words.search}
        value=${view.search}
        onInput=${(/** @type {InputEvent} */ event) =>
          act.search(/** @type {HTMLInputElement} */ (event.currentTarget).value)}
      />
    </div>
    ${cards.length === 0 && html`<p class="quiet">${words.noCards}</p>`}
    ${cards.length > 0 && found.length === 0 && html`<p class="quiet">${words.noneFound}</p>`}
    <ul class="cards">
      ${found.map(
        ({ card, label }) =>
          html`<li key=${card}>
            <button
              class="card ${view.held === card ? "held" : ""}"
              type="button"
              onClick=${() => act.tap(card)}
            >
              <img src="/lib/mark.svg" alt="" width="16" height="16" />
              <span class="label">${label}</span>
              <span class="chip">${card}</span>
            </button>
          </li>`,
      )}
    </ul>
  </section>`;
}

/** @param {{ view: View, state: State }} props */
function Answers({ view, state }) {
  const { words } = view;
  const labels = new Map(view.cards.map(({ card, label }) => [card, label]));
  const time = new Intl.DateTimeFormat(words.language === "en" ? "en-GB" : words.language, {
    timeStyle: "medium",
  });
  return html`<section class="answers" aria-labelledby="answers-title">
    <h2 id="answers-title">${words.answers}</h2>
    ${state.answers.length === 0
      ? html`<p class="quiet">${words.noAnswers}</p>`
      : html`<ol>
          ${state.answers.map(
            (answer) =>
              html`<li>
                <${Mark}
                  name=${answer.light === "green" ? "recorded" : "attention"}
                  tone=${answer.light === "none" ? "quiet" : answer.light}
                />
                <span class="label">${labels.get(answer.card) ?? answer.card}</span>
                <span class="quiet">${words.outcomes[answer.outcome] ?? answer.outcome}</span>
                <span class="quiet time">${time.format(new Date(answer.time))}</span>
              </li>`,
          )}
        </ol>`}
  </section>`;
}
