// The taps of a terminal, in memory: this fixture keeps what docs/queue-format.md promises except power cuts.
import { equal } from "./bytes.mjs";
import { encodeMessage } from "./messages.mjs";
import { UnitSealer } from "./sealing.mjs";

/**
 * @typedef {object} Tap
 * @property {Uint8Array} epoch
 * @property {bigint} number
 * @property {number} boot
 * @property {bigint} monotonic_ms
 * @property {bigint} wall_ms
 * @property {number} trust
 * @property {number} kind
 * @property {Uint8Array} reading
 * @property {number} unit
 * @property {boolean} acknowledged
 * @property {boolean} live its answer is awaited
 * @property {boolean} underWay sent from the queue, not acknowledged yet
 */

export const MAX_MESSAGES = 8;
export const MAX_ENTRIES = 32;

export class TapQueue {
  /** @param {(bytes: number) => Uint8Array} random */
  constructor(random) {
    this.random = random;
    this.epoch = random(16);
    this.nextNumber = 1n;
    this.unit = 1;
    /** @type {Tap[]} */
    this.taps = [];
    /** By unit and boot. @type {Map<string, UnitSealer>} */
    this.sealers = new Map();
  }

  openEpoch() {
    this.epoch = this.random(16);
    this.nextNumber = 1n;
    this.unit += 1;
  }

  /** @param {Pick<Tap, "boot" | "monotonic_ms" | "wall_ms" | "trust" | "kind" | "reading">} seen */
  append(seen) {
    /** @type {Tap} */
    const tap = {
      ...seen,
      epoch: this.epoch,
      number: this.nextNumber++,
      unit: this.unit,
      acknowledged: false,
      live: false,
      underWay: false,
    };
    this.taps.push(tap);
    return tap;
  }

  /** @param {Uint8Array} epoch @param {bigint} number */
  find(epoch, number) {
    return this.taps.find((tap) => tap.number === number && equal(tap.epoch, epoch));
  }

  /** @param {Uint8Array} epoch @param {bigint} first @param {bigint} last @returns {Tap[]} newly acknowledged */
  acknowledge(epoch, first, last) {
    const meant = this.taps.filter(
      (tap) => tap.number >= first && tap.number <= last && equal(tap.epoch, epoch),
    );
    for (const tap of meant) tap.underWay = false;
    const fresh = meant.filter((tap) => !tap.acknowledged);
    for (const tap of fresh) tap.acknowledged = true;
    return fresh;
  }

  /** The host asks for all of them again. @param {Uint8Array} epoch @param {bigint} from */
  resend(epoch, from) {
    const meant = this.taps.filter((tap) => tap.number >= from && equal(tap.epoch, epoch));
    for (const tap of meant) tap.acknowledged = tap.underWay = false;
    return meant.length;
  }

  get waiting() {
    return this.taps.filter((tap) => !tap.acknowledged);
  }

  get anyUnderWay() {
    return this.taps.some((tap) => tap.underWay);
  }

  /** The link has ended: what was under way is to be sent again. */
  forgetUnderWay() {
    for (const tap of this.taps) tap.underWay = tap.live = false;
  }

  /** @param {Tap} tap @param {Uint8Array} siteKey */
  queuedFields(tap, siteKey) {
    const { epoch, number, boot, monotonic_ms, wall_ms, trust, unit, kind, reading } = tap;
    const clear = { epoch, number, boot, monotonic_ms, wall_ms, trust };
    const name = `${unit}/${boot}`;
    let sealer = this.sealers.get(name);
    if (!sealer) {
      sealer = new UnitSealer(siteKey, epoch, unit, this.random);
      this.sealers.set(name, sealer);
    }
    return { ...clear, unit, unit_key: sealer.unitKey, sealed: sealer.seal(clear, kind, reading) };
  }
}

/** @param {Tap} tap */
export const liveFields = ({
  epoch,
  number,
  boot,
  monotonic_ms,
  wall_ms,
  trust,
  kind,
  reading,
}) => ({
  epoch,
  number,
  boot,
  monotonic_ms,
  wall_ms,
  trust,
  kind,
  reading,
});

/** Content of a transfer of kind `queue`. @param {object[]} entries fields of `queued_tap` */
export function encodeQueue(entries) {
  const parts = entries.map((fields) => encodeMessage("queued_tap", fields));
  const out = new Uint8Array(parts.reduce((n, part) => n + 2 + part.length, 0));
  let at = 0;
  for (const part of parts) {
    new DataView(out.buffer).setUint16(at, part.length, true);
    out.set(part, at + 2);
    at += 2 + part.length;
  }
  return out;
}

/** @param {Uint8Array} content @returns {Uint8Array[]} encoded entries; the last one is shorter than it says if it is cut */
export function splitQueue(content) {
  const entries = [];
  const view = new DataView(content.buffer, content.byteOffset, content.length);
  for (let at = 0; at < content.length; ) {
    const size = at + 2 <= content.length ? view.getUint16(at, true) : 0;
    entries.push(content.slice(at + 2, at + 2 + size));
    at += 2 + size;
  }
  return entries;
}
