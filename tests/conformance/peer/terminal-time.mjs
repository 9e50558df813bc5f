// The wall time of a terminal, as its host gives it (docs/protocol.md, "Time").
import { ClockTrust, nameOf } from "./messages.mjs";

const AT_ONCE = 4;
const BETWEEN_MS = 1000;
const LATER = { first: 120_000, most: 960_000 };
const UNANSWERED = { first: 2000, most: 120_000 };

export class TerminalTime {
  /**
   * @param {object} setup
   * @param {import("./clock.mjs").Clock} setup.clock
   * @param {() => bigint} setup.monotonic ms since boot
   * @param {(t1: bigint) => void} setup.ask
   * @param {(event: object) => void} setup.emit
   */
  constructor({ clock, monotonic, ask, emit }) {
    this.clock = clock;
    this.monotonic = monotonic;
    this.ask = ask;
    this.emit = emit;
    /** Wall time less monotonic time, ms; null = none yet. @type {number | null} */
    this.offset = null;
    /** @type {number} */
    this.trust = ClockTrust.unproven;
    this.answers = 0;
    this.best = Infinity;
    this.later = LATER.first;
    this.unanswered = UNANSWERED.first;
    /** Of the request that is under way. @type {bigint | null} */
    this.t1 = null;
    this.timer = null;
  }

  /** The terminal has started: nothing is known. */
  reset() {
    this.end();
    this.offset = null;
    this.trust = ClockTrust.unproven;
  }

  /** The link is welcomed. */
  begin() {
    this.answers = 0;
    this.best = Infinity;
    this.later = LATER.first;
    this.unanswered = UNANSWERED.first;
    this.#request();
  }

  /** The link has ended. */
  end() {
    this.clock.clear(this.timer);
    this.timer = null;
    this.t1 = null;
  }

  #in(/** @type {number} */ ms) {
    this.clock.clear(this.timer);
    this.timer = this.clock.set(() => this.#request(), ms);
  }

  #request() {
    this.t1 = this.monotonic();
    this.ask(this.t1);
    this.#in(this.unanswered);
    this.unanswered = Math.min(2 * this.unanswered, UNANSWERED.most);
  }

  /** @param {{ t1_ms: bigint, t2_ms: bigint, t3_ms: bigint, trust: number }} reply */
  answered({ t1_ms: t1, t2_ms: t2, t3_ms: t3, trust }) {
    if (this.t1 === null || t1 !== this.t1) return;
    const t4 = this.monotonic();
    this.t1 = null;
    this.unanswered = UNANSWERED.first;
    const roundTrip = Number(t4 - t1 - (t3 - t2));
    if (this.answers >= AT_ONCE || roundTrip < this.best) {
      this.best = roundTrip;
      this.offset = Number(t2 - t1 + (t3 - t4)) / 2;
    }
    this.trust = Math.min(trust, ClockTrust.synced);
    this.emit({
      event: "time",
      offset_ms: this.offset,
      round_trip_ms: roundTrip,
      trust: nameOf(ClockTrust, trust),
    });
    this.answers += 1;
    if (this.answers < AT_ONCE) return this.#in(BETWEEN_MS);
    this.#in(this.later);
    this.later = Math.min(2 * this.later, LATER.most);
  }

  /** Wall time and trust of a tap. @param {bigint} monotonic */
  at(monotonic) {
    if (this.offset === null) return { wall_ms: 0n, trust: ClockTrust.unproven };
    return { wall_ms: monotonic + BigInt(Math.round(this.offset)), trust: this.trust };
  }
}
