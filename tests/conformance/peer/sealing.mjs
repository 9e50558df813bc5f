// Readings of queued taps, sealed to the site (docs/protocol.md, "Sealed readings").
import { concat, u32be, u64be, utf8 } from "./bytes.mjs";
import { hkdf, openAt, publicKey, sealAt, sharedSecret } from "./noise.mjs";

const INFO = utf8("rollcall queue v1");

/**
 * What a tap says in clear.
 * @typedef {{ epoch: Uint8Array, number: bigint, boot: number, monotonic_ms: bigint, wall_ms: bigint, trust: number }} Clear
 */

/**
 * @param {Uint8Array} privateKey
 * @param {Uint8Array} other
 * @param {Uint8Array} epoch
 * @param {number} unit
 * @param {Uint8Array} unitKey
 */
function keyOf(privateKey, other, epoch, unit, unitKey) {
  const shared = sharedSecret(privateKey, other);
  return shared && hkdf(epoch, shared, concat(INFO, u32be(unit), unitKey), 32);
}

const nonceOf = (/** @type {bigint} */ number) => concat(new Uint8Array(4), u64be(number));

/** @param {Clear} clear */
const associatedOf = ({ epoch, number, boot, monotonic_ms, wall_ms, trust }) =>
  concat(
    epoch,
    u64be(number),
    u32be(boot),
    u64be(monotonic_ms),
    u64be(wall_ms),
    Uint8Array.of(trust),
  );

/** The key pair of an erase unit, or of a start within one. */
export class UnitSealer {
  /**
   * @param {Uint8Array} siteKey
   * @param {Uint8Array} epoch
   * @param {number} unit
   * @param {(bytes: number) => Uint8Array} random
   */
  constructor(siteKey, epoch, unit, random) {
    const privateKey = random(32);
    this.unitKey = publicKey(privateKey);
    const key = keyOf(privateKey, siteKey, epoch, unit, this.unitKey);
    if (!key) throw new RangeError("not a site key");
    this.key = key;
  }

  /** @param {Clear} clear @param {number} kind @param {Uint8Array} reading */
  seal(clear, kind, reading) {
    const plain = concat(Uint8Array.of(kind), reading);
    return sealAt(this.key, nonceOf(clear.number), associatedOf(clear), plain);
  }
}

/**
 * @param {Uint8Array} sitePrivate
 * @param {Clear & { unit: number, unit_key: Uint8Array, sealed: Uint8Array }} tap
 * @returns {{ kind: number, reading: Uint8Array } | null} null = not sealed to this site, or changed
 */
export function openReading(sitePrivate, tap) {
  const key = keyOf(sitePrivate, tap.unit_key, tap.epoch, tap.unit, tap.unit_key);
  const plain = key && openAt(key, nonceOf(tap.number), associatedOf(tap), tap.sealed);
  return plain && plain.length > 0 ? { kind: plain[0], reading: plain.slice(1) } : null;
}
