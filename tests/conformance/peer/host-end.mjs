// A host of version 1 that serves terminals, over any transport. What it says to one is in host-terminal.mjs.
import { randomBytes } from "node:crypto";

import { PartialStore } from "./bulk.mjs";
import { equal, toHex } from "./bytes.mjs";
import { realClock } from "./clock.mjs";
import { MAX_MAX_FRAME } from "./frames.mjs";
import { HostTerminal } from "./host-terminal.mjs";
import { EnrolEndReason, Outcome } from "./messages.mjs";
import { publicKey } from "./noise.mjs";

const WINDOW_MS = 120_000;

/** @typedef {import("./messages.mjs").Fields} Fields */

/**
 * What the host does with a terminal once it has been welcomed, in order.
 * @typedef {object} Plan
 * @property {boolean} [screens] draw the idle screen, and a live one that is shown
 * @property {Uint8Array} [update] an image
 * @property {boolean} [reboot] when the image is staged, or at once without one
 * @property {boolean} [stats]
 * @property {boolean} [log]
 * @property {number} [identify] seconds
 * @property {boolean} [watch] report cards
 * @property {boolean} [apdu]
 * @property {Uint8Array} [rotate] new link key
 * @property {bigint} [resendFrom]
 *
 * A window of enrolment: staff asked for a serial.
 * @typedef {{ link: HostTerminal | null, begun: boolean, unproven: Uint8Array | null }} Window
 */

export class Host {
  /**
   * @param {object} setup
   * @param {Map<string, Uint8Array[]>} setup.keys by serial, the newest first
   * @param {Uint8Array} [setup.sitePrivate]
   * @param {string} [setup.site]
   * @param {Iterable<string>} [setup.askedFor] serials that staff asked to enrol
   * @param {Plan} [setup.plan]
   * @param {number | null} [setup.outcome] of every tap; null = arrived and left in turn
   * @param {number} [setup.answerAfterMs]
   * @param {number} [setup.maxFrame]
   * @param {number} [setup.maxDropped] frames on a link
   * @param {{ frames?: number, ms?: number }} [setup.rekey] in place of what the protocol says
   * @param {(event: Fields) => void} setup.emit
   * @param {import("./clock.mjs").Clock} [setup.clock]
   * @param {(bytes: number) => Uint8Array} [setup.random]
   */
  constructor(setup) {
    this.keys = setup.keys;
    this.clock = setup.clock ?? realClock;
    this.random = setup.random ?? ((bytes) => new Uint8Array(randomBytes(bytes)));
    this.sitePrivate = setup.sitePrivate ?? this.random(32);
    this.siteKey = publicKey(this.sitePrivate);
    this.site = setup.site ?? "PEER-SITE";
    this.plan = setup.plan ?? {};
    this.outcome = setup.outcome ?? null;
    this.answerAfterMs = setup.answerAfterMs ?? 0;
    this.maxFrame = setup.maxFrame ?? MAX_MAX_FRAME;
    this.maxDropped = setup.maxDropped ?? Infinity;
    this.rekey = setup.rekey;
    this.emit = setup.emit;
    /** @type {Map<string, Fields>} by identity */
    this.taps = new Map();
    /** @type {Map<string, boolean>} */
    this.present = new Map();
    this.partials = new PartialStore();
    /** @type {Map<string, HostTerminal>} proven, by serial */
    this.served = new Map();
    /** @type {Map<string, Window>} by serial */
    this.windows = new Map();
    for (const serial of setup.askedFor ?? []) this.openWindow(serial);
  }

  /** @param {import("./tcp.mjs").Wire} wire */
  attach(wire) {
    return new HostTerminal(this, wire);
  }

  // Taps

  /**
   * Records a tap once.
   * @param {string} serial
   * @param {Fields} tap
   * @returns {"new" | "known" | "other"} other = the identity was used for another tap
   */
  record(serial, tap) {
    const identity = `${serial}/${toHex(tap.epoch)}/${tap.number}`;
    const known = this.taps.get(identity);
    if (known)
      return known.boot === tap.boot && known.monotonic_ms === tap.monotonic_ms ? "known" : "other";
    this.taps.set(identity, { serial, ...tap });
    return "new";
  }

  /** @param {string} serial @param {Uint8Array} epoch */
  highest(serial, epoch) {
    let highest = 0n;
    for (const tap of this.taps.values()) {
      if (tap.serial === serial && tap.number > highest && equal(tap.epoch, epoch))
        highest = tap.number;
    }
    return highest;
  }

  /** @param {Uint8Array} reading */
  direction(reading) {
    if (this.outcome !== null) return this.outcome;
    const here = !this.present.get(toHex(reading));
    this.present.set(toHex(reading), here);
    return here ? Outcome.arrived : Outcome.left;
  }

  // Keys

  /** @param {string} serial @param {Uint8Array} key taken first; the one before stays until this is proven */
  addKey(serial, key) {
    this.keys.set(serial, [key, ...(this.keys.get(serial) ?? [])].slice(0, 2));
  }

  /** @param {string} serial @param {Uint8Array} key */
  forgetKey(serial, key) {
    const keys = (this.keys.get(serial) ?? []).filter((known) => !equal(known, key));
    this.keys.set(serial, keys);
  }

  /** The terminal has proven this key. @param {string} serial @param {Uint8Array} key */
  proven(serial, key) {
    const [newest] = this.keys.get(serial) ?? [];
    if (newest && equal(key, newest)) this.keys.set(serial, [newest]);
    const window = this.windows.get(serial);
    if (window?.unproven && equal(window.unproven, key)) window.unproven = null;
  }

  // Windows of enrolment

  /** A member of staff asks for this terminal. @param {string} serial */
  openWindow(serial) {
    /** @type {Window} */
    const window = { link: null, begun: false, unproven: null };
    this.windows.set(serial, window);
    this.clock.set(() => {
      if (window.link?.enrolment) window.link.enrolment.end(EnrolEndReason.expired);
      if (window.unproven) this.forgetKey(serial, window.unproven);
      if (this.windows.get(serial) === window) this.windows.delete(serial);
    }, WINDOW_MS);
  }

  /** The person at the host typed what the terminal shows. @param {string} digits */
  typed(digits) {
    const begun = [...this.windows.values()].find((window) => window.begun);
    const enrolment = begun?.link?.enrolment;
    if (!enrolment) return;
    const { number } = enrolment;
    this.emit({ event: "typed", digits, number, same: digits === number });
    enrolment.typed(digits);
  }
}
