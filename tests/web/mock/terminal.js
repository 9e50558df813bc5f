// A stand-in for rollcall-terminal: known cards arrive, others are sent to the desk, and without
// its cable it keeps taps. Its panel is a drawing.
import { json, startMock } from "./server.js";

/**
 * @typedef {import("../../../firmware/simulator/web/state.js").State} State
 * @typedef {import("../../../firmware/simulator/web/state.js").Card} Card
 */

/** @type {Card[]} */
export const cards = Array.from({ length: 40 }, (_, index) => ({
  card: (0x0407e1214324d1n + BigInt(index) * 0x1030507n)
    .toString(16)
    .toUpperCase()
    .padStart(14, "0"),
  label:
    index === 8 ? "Jean-Pierre Vandenbossche" : `Participant ${String(index + 1).padStart(2, "0")}`,
}));
export const stranger = { card: "04DEADBEEF0001", label: "Card without a name" };

/** @type {Record<string, [string, string]>} what the drawn panel shows: background and words */
const drawings = {
  idle: ["#f6f4ee", "Tap your card"],
  idle_offline: ["#f6f4ee", "Tap your card"],
  arrived: ["#d9f0e2", "Welcome"],
  see_staff: ["#fbeccd", "Please see the desk"],
  recorded_offline: ["#fbeccd", "Recorded"],
  out_of_service: ["#f6f4ee", "Not ready"],
};

export async function startTerminal() {
  /** @type {State} */
  let state = {
    serial: "T-0101",
    connected: true,
    cable: true,
    light: "none",
    tone: null,
    slot: "idle",
    outcome: null,
    screen_version: 1,
    panel: { width: 800, height: 480 },
    queue: { waiting: 0, capacity: 20000 },
    enrolment: { enrolled: true, site: "site-7", window: false, number: null, result: null },
    answers: [],
  };
  /** @type {{ x: number, y: number }[]} */
  const touches = [];

  const change = (/** @type {Partial<State>} */ part) => {
    state = { ...state, ...part, screen_version: state.screen_version + 1 };
    mock.stream.publish(state);
    return json({});
  };
  const enrolment = (/** @type {Partial<State["enrolment"]>} */ part) =>
    change({ enrolment: { ...state.enrolment, ...part } });
  const answer = (/** @type {string} */ card, /** @type {State["light"]} */ light, /** @type {string} */ outcome) => {
    const entry = { time: "2026-03-02T08:13:12.000Z", card, light, outcome };
    return { light, outcome, slot: outcome, tone: outcome, answers: [entry, ...state.answers].slice(0, 20) };
  }; // prettier-ignore

  const mock = await startMock("firmware/simulator/web", "/api/stream", {
    "GET /api/state": () => json(state),
    "GET /api/cards": () => json([...cards, stranger]),
    "GET /api/screen.png": () => {
      const [background, words] = drawings[state.slot];
      return {
        type: "image/svg+xml",
        body: `<svg xmlns="http://www.w3.org/2000/svg" width="800" height="480"><rect width="800" height="480" fill="${background}"/><text x="400" y="264" font-family="sans-serif" font-size="64" font-weight="600" text-anchor="middle" fill="#1b2026">${words}</text></svg>`,
      };
    },
    "POST /api/tap": ({ card }) => {
      if (!state.cable) {
        return change({
          ...answer(card, "amber", "recorded_offline"),
          queue: { ...state.queue, waiting: state.queue.waiting + 1 },
        });
      }
      const known = cards.some((one) => one.card === card);
      return change(known ? answer(card, "green", "arrived") : answer(card, "amber", "see_staff"));
    },
    "POST /api/touch": (point) => {
      touches.push(point);
      return json({});
    },
    "POST /api/cable": ({ connected }) =>
      change({
        cable: connected,
        connected,
        light: "none",
        tone: null,
        slot: connected ? "idle" : "idle_offline",
        queue: { ...state.queue, waiting: connected ? 0 : state.queue.waiting },
      }),
    "POST /api/window": () => enrolment({ window: true, result: null }),
    "POST /api/number": ({ same }) =>
      same
        ? enrolment({ window: false, number: null, enrolled: true, site: "site-7", result: "done" })
        : enrolment({ window: false, number: null, result: "different" }),
    "POST /api/power-cut": () => change({ light: "none", tone: null, slot: "idle", outcome: null }),
  });
  mock.stream.publish(state);
  return { ...mock, touches, change, enrolment };
}
