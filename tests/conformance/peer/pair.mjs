// For tests: two ends over a middle that loses, repeats and damages frames by a seed.
import { PartialStore } from "./bulk.mjs";
import { VirtualClock } from "./clock.mjs";
import { Link } from "./link.mjs";
import { BulkResult } from "./messages.mjs";

/** mulberry32. @param {number} seed @returns {() => number} 0 to below 1 */
export function randomOf(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** @param {() => number} random */
export const bytesFrom = (random) => (/** @type {number} */ count) =>
  Uint8Array.from({ length: count }, () => Math.floor(random() * 256));

/**
 * One direction. Frames keep their order; each takes `delay` ms.
 * @param {VirtualClock} clock
 * @param {() => number} random
 * @param {{ drop?: number, repeat?: number, damage?: number, delay?: number }} faults chances
 */
export function middle(clock, random, { drop = 0, repeat = 0, damage = 0, delay = 5 } = {}) {
  const way = {
    cut: false,
    frames: 0,
    /** @type {(bytes: Uint8Array) => void} */
    to: () => {},
    /** @type {(bytes: Uint8Array, taken: () => void) => void} */
    write(bytes, taken) {
      way.frames += 1;
      const deliver = (/** @type {Uint8Array} */ what) =>
        clock.set(() => way.cut || way.to(what), delay);
      if (random() >= drop) {
        const copy = bytes.slice();
        if (random() < damage)
          copy[Math.floor(random() * copy.length)] ^= 1 << Math.floor(random() * 8);
        deliver(copy);
        if (random() < repeat) deliver(bytes.slice());
      }
      clock.set(taken, 1);
    },
  };
  return way;
}

export const hello = (/** @type {object} */ changes = {}) => ({
  protocol_min: 1,
  protocol_max: 1,
  capabilities: 0,
  max_frame: 192,
  serial: "",
  firmware: "peer",
  boot: 0,
  reset: 0,
  slot: 0,
  last_update: 0,
  ...changes,
});

/**
 * An owner of one end that records all.
 * @param {VirtualClock} clock
 */
export function recorder(clock) {
  const seen = {
    /** @type {import("./link.mjs").Link | null} */
    link: null,
    /** @type {any[]} */
    up: [],
    /** @type {any[]} */
    messages: [],
    /** @type {string[]} */
    closed: [],
    /** @type {{ offer: any, content: Uint8Array }[]} */
    contents: [],
    /** @type {number[]} */
    outgoingResults: [],
    /** @type {(name: string, fields: any) => void} */
    onMessage: () => {},
    reopen: true,
    owner: {
      up: (/** @type {any} */ up) => void seen.up.push(up),
      message: (/** @type {string} */ name, /** @type {any} */ fields) => {
        seen.messages.push({ name, fields });
        seen.onMessage(name, fields);
      },
      closed: (/** @type {string} */ reason) => {
        seen.closed.push(reason);
        if (seen.reopen) clock.set(() => seen.link?.state === "closed" && seen.link.start(), 10);
      },
    },
    bulkOwner: {
      accept: (/** @type {any} */ offer) => (offer.bytes > 100_000 ? BulkResult.refused : null),
      received: (/** @type {any} */ offer, /** @type {Uint8Array} */ content) => {
        seen.contents.push({ offer, content });
        return BulkResult.complete;
      },
      incomingEnded: () => {},
      outgoingEnded: (/** @type {any} */ _, /** @type {number} */ result) =>
        void seen.outgoingResults.push(result),
    },
    partials: new PartialStore(),
  };
  return seen;
}

/** @param {any} options */
export function pair({
  seed = 1,
  faults = {},
  keys,
  hostKeys,
  terminalHello,
  hostHello,
  rekey,
} = {}) {
  const clock = new VirtualClock();
  const random = randomOf(seed);
  const key = new Uint8Array(32).fill(7);
  const terminal = recorder(clock);
  const host = recorder(clock);
  const toHost = middle(clock, random, faults);
  const toTerminal = middle(clock, random, faults);
  const make = (/** @type {any} */ end, /** @type {any} */ setup) =>
    (end.link = new Link({
      clock,
      random: bytesFrom(random),
      owner: end.owner,
      bulkOwner: end.bulkOwner,
      partials: end.partials,
      rekey,
      ...setup,
    }));
  make(terminal, {
    role: "terminal",
    hello: hello({ serial: "T-1", ...terminalHello }),
    keys: () => keys ?? [key],
    transport: toHost,
  });
  make(host, {
    role: "host",
    hello: hello(hostHello),
    keys: () => hostKeys ?? keys ?? [key],
    transport: toTerminal,
  });
  toHost.to = (bytes) => host.link?.receive(bytes);
  toTerminal.to = (bytes) => terminal.link?.receive(bytes);
  const start = () => {
    host.link?.start();
    terminal.link?.start();
  };
  return { clock, random, terminal, host, toHost, toTerminal, start, key };
}

/**
 * Connects a terminal to a host again and again, each time over a new middle.
 * @param {import("./terminal-end.mjs").Terminal} terminal
 * @param {import("./host-end.mjs").Host} host
 * @param {VirtualClock} clock
 * @param {{ seed?: number, faults?: object }} [options]
 */
export function join(terminal, host, clock, { seed = 1, faults = {} } = {}) {
  const random = randomOf(seed);
  const state = { cut: false, connections: 0, hangUp: () => {} };
  const dial = () => {
    if (terminal.stopped || state.cut) {
      clock.set(dial, 500);
      return;
    }
    state.connections += 1;
    const ways = [middle(clock, random, faults), middle(clock, random, faults)];
    let open = true;
    const hangUp = () => {
      if (!open) return;
      open = false;
      clock.set(() => wires.forEach((wire) => wire.onGone()), 20);
    };
    const wires = ways.map((way) => ({
      write: way.write,
      end: hangUp,
      onBytes: (/** @type {Uint8Array} */ _) => {},
      onGone: () => {},
    }));
    ways[0].to = (bytes) => open && wires[1].onBytes(bytes);
    ways[1].to = (bytes) => open && wires[0].onBytes(bytes);
    state.hangUp = hangUp;
    host.attach(wires[1]);
    terminal.attach(wires[0]);
  };
  terminal.onGone = () => void clock.set(dial, 500);
  dial();
  return state;
}
