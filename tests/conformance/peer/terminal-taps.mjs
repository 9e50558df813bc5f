// Taps of a terminal: at once while the host answers, from the queue otherwise.
import { BulkKind, BulkResult, Outcome, ReadingKind, nameOf } from "./messages.mjs";
import { MAX_ENTRIES, MAX_MESSAGES, encodeQueue, liveFields } from "./queue.mjs";

const ANSWER_MS = 1500;
const AGAIN_MS = 10_000;
const PASS_MS = 5000;

/** @typedef {import("./messages.mjs").Fields} Fields */
/** @typedef {import("./queue.mjs").Tap} Tap */

export class TerminalTaps {
  /** @param {import("./terminal-end.mjs").Terminal} terminal */
  constructor(terminal) {
    this.terminal = terminal;
    this.counts = { taps: 0, gave_up: 0, late_answers: 0, unknown: 0 };
    this.refused = false;
  }

  get #queue() {
    return this.terminal.queue;
  }

  /** A new link: what was under way on another goes again. */
  begin() {
    this.refused = false;
    this.#queue.forgetUnderWay();
  }

  /** A card is held to the reader. @param {Uint8Array} reading @param {number} kind */
  seen(reading, kind) {
    const { terminal } = this;
    const monotonic = terminal.monotonic;
    const tap = this.#queue.append({
      boot: terminal.boot,
      monotonic_ms: monotonic,
      ...terminal.time.at(monotonic),
      kind,
      reading,
    });
    this.counts.taps += 1;
    terminal.emit({ event: "tap", number: tap.number, reading, live: terminal.ready });
    if (!terminal.ready) return tap;
    tap.live = true;
    terminal.send("tap", liveFields(tap));
    terminal.clock.set(() => this.#deadline(tap, terminal.link), ANSWER_MS);
    if (terminal.watching) this.#report(kind, reading, monotonic);
    return tap;
  }

  /** @param {number} kind @param {Uint8Array} reading @param {bigint} monotonic */
  #report(kind, reading, monotonic) {
    const { terminal } = this;
    terminal.send("card", { present: true, kind, reading, monotonic_ms: monotonic });
    terminal.send("card", {
      present: false,
      kind,
      reading: new Uint8Array(0),
      monotonic_ms: terminal.monotonic,
    });
  }

  /** @param {Tap} tap @param {unknown} link that it was sent on */
  #deadline(tap, link) {
    const { terminal } = this;
    if (!tap.live) return;
    tap.live = false;
    this.counts.gave_up += 1;
    terminal.emit({ event: "gave_up", number: tap.number });
    if (!terminal.ready || terminal.link !== link) return;
    terminal.send("gave_up", { epoch: tap.epoch, number: tap.number });
    this.flush();
  }

  /** @param {Fields} answer */
  answered({ epoch, number, outcome }) {
    const tap = this.#queue.find(epoch, number);
    if (!tap) {
      this.counts.unknown += 1;
      return;
    }
    const late = !tap.live;
    tap.live = false;
    if (late) this.counts.late_answers += 1;
    this.terminal.emit({ event: "answer", number, outcome: nameOf(Outcome, outcome), late });
    if (outcome !== Outcome.not_recorded) this.#durable(epoch, number, number);
    this.flush();
  }

  /** @param {Fields} range */
  acknowledged({ epoch, first, last }) {
    this.#durable(epoch, first, last);
    this.flush();
  }

  /** @param {Uint8Array} epoch @param {bigint} first @param {bigint} last */
  #durable(epoch, first, last) {
    for (const tap of this.#queue.acknowledge(epoch, first, last))
      this.terminal.emit({ event: "acknowledged", number: tap.number });
  }

  /** @param {Fields} request */
  resend({ epoch, from }) {
    this.terminal.emit({ event: "resend", taps: this.#queue.resend(epoch, from) });
    this.flush();
  }

  /** Sends the oldest of the queue, when nothing of it is under way and no person waits. */
  flush() {
    const { terminal } = this;
    const { siteKey, link } = terminal;
    if (!terminal.ready || !siteKey || !link || link.bulk.outgoing) return;
    const waiting = this.#queue.waiting;
    if (waiting.length === 0 || waiting.some((tap) => tap.live || tap.underWay)) return;
    const byBulk = !this.refused && (terminal.byBulk || waiting.length > MAX_MESSAGES);
    const batch = waiting.slice(0, byBulk ? MAX_ENTRIES : MAX_MESSAGES);
    for (const tap of batch) tap.underWay = true;
    terminal.emit({ event: "queue", taps: batch.length, by_bulk: byBulk });
    const entries = batch.map((tap) => this.#queue.queuedFields(tap, siteKey));
    if (byBulk) link.bulk.offer(BulkKind.queue, 0, encodeQueue(entries));
    else for (const fields of entries) terminal.send("queued_tap", fields);
    this.#expect(batch, link);
  }

  /** What is not acknowledged in time goes again. @param {Tap[]} batch @param {import("./link.mjs").Link} link */
  #expect(batch, link) {
    this.terminal.clock.set(() => {
      if (this.terminal.link !== link || !this.terminal.ready) return;
      if (link.bulk.outgoing?.offer.kind === BulkKind.queue) return this.#expect(batch, link);
      for (const tap of batch) tap.underWay = false;
      this.flush();
    }, AGAIN_MS);
  }

  /** A transfer of this terminal is over. @param {import("./bulk.mjs").Offer} offer @param {number} result */
  transferred({ kind }, result) {
    const { terminal } = this;
    if (kind === BulkKind.queue && result !== BulkResult.complete) {
      for (const tap of this.#queue.taps) tap.underWay = false;
      this.refused ||= result === BulkResult.refused;
      if (!this.refused) return void terminal.clock.set(() => this.flush(), PASS_MS);
    }
    terminal.clock.set(() => this.flush(), 0);
  }
}

/** What a reader takes this for. @param {Uint8Array} reading */
export const kindOf = (reading) =>
  reading.length === 4 && reading[0] === 8 ? ReadingKind.uid_random : ReadingKind.uid;
