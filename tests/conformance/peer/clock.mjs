// Time, passed in, so that tests run hours in moments.

/**
 * @typedef {object} Clock
 * @property {() => number} now ms, monotonic
 * @property {() => number} wall Unix ms
 * @property {(fn: () => void, ms: number) => any} set
 * @property {(handle: any) => void} clear
 */

/** @type {Clock} */
export const realClock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  set: (fn, ms) => setTimeout(fn, ms).unref(), // a connection keeps a program running, not a timer
  clear: (handle) => clearTimeout(handle),
};

/** A clock that moves only when told. @implements {Clock} */
export class VirtualClock {
  constructor() {
    this.time = 0;
    this.order = 0;
    /** @type {{ at: number, order: number, fn: () => void }[]} */
    this.timers = [];
  }

  now = () => this.time;
  wall = () => 1_700_000_000_000 + this.time;
  set = (/** @type {() => void} */ fn, /** @type {number} */ ms) => {
    const timer = { at: this.time + Math.max(0, ms), order: this.order++, fn };
    this.timers.push(timer);
    return timer;
  };
  clear = (/** @type {any} */ handle) => {
    this.timers = this.timers.filter((timer) => timer !== handle);
  };

  /** Runs what falls due within `ms`, or until `done` says so. @param {number} ms @param {() => boolean} [done] */
  run(ms, done = () => false) {
    const end = this.time + ms;
    while (!done()) {
      const next = this.timers.reduce(
        (a, b) => (!a || b.at < a.at || (b.at === a.at && b.order < a.order) ? b : a),
        /** @type {VirtualClock["timers"][number] | null} */ (null),
      );
      if (!next || next.at > end) {
        this.time = end;
        return;
      }
      this.clear(next);
      this.time = next.at;
      next.fn();
    }
  }
}
