// Noise_NNpsk0_25519_ChaChaPoly_SHA256 (The Noise Protocol Framework, revision 34) and the sealing of frames
// with what it yields. The primitives are those of the @noble packages.
import { chacha20poly1305 } from "@noble/ciphers/chacha";
import { x25519 } from "@noble/curves/ed25519";
import { extract, expand } from "@noble/hashes/hkdf";
import { hmac } from "@noble/hashes/hmac";
import { sha256 } from "@noble/hashes/sha2";

import { concat, empty, utf8 } from "./bytes.mjs";
import { Flag } from "./frames.mjs";

export { sha256 };

const PROTOCOL_NAME = "Noise_NNpsk0_25519_ChaChaPoly_SHA256";

/** Frames and time after which the sender takes a new key. */
export const REKEY_FRAMES = 65536;
export const REKEY_MS = 3_600_000;

/** Four zero bytes and the counter, little-endian. @param {bigint} counter */
function nonceOf(counter) {
  const nonce = new Uint8Array(12);
  new DataView(nonce.buffer).setBigUint64(4, counter, true);
  return nonce;
}

/** @param {Uint8Array} key @param {Uint8Array} nonce @param {Uint8Array} associated @param {Uint8Array} plain */
export const sealAt = (key, nonce, associated, plain) =>
  chacha20poly1305(key, nonce, associated).encrypt(plain);

/** @param {Uint8Array} key @param {bigint} counter @param {Uint8Array} associated @param {Uint8Array} plain */
export const seal = (key, counter, associated, plain) =>
  sealAt(key, nonceOf(counter), associated, plain);

/** @returns {Uint8Array | null} null = the tag does not verify */
export function openAt(
  /** @type {Uint8Array} */ key,
  /** @type {Uint8Array} */ nonce,
  /** @type {Uint8Array} */ associated,
  /** @type {Uint8Array} */ sealed,
) {
  if (sealed.length < 16) return null;
  try {
    return chacha20poly1305(key, nonce, associated).decrypt(sealed);
  } catch {
    return null;
  }
}

/** @type {(key: Uint8Array, counter: bigint, associated: Uint8Array, sealed: Uint8Array) => Uint8Array | null} */
export const open = (key, counter, associated, sealed) =>
  openAt(key, nonceOf(counter), associated, sealed);

/** REKEY of Noise, section 4.2. @param {Uint8Array} key */
export const rekey = (key) =>
  seal(key, 0xffffffffffffffffn, empty, new Uint8Array(32)).slice(0, 32);

/** @param {Uint8Array} privateKey */
export const publicKey = (privateKey) => x25519.getPublicKey(privateKey);

/** RFC 7748 section 6.1. @returns {Uint8Array | null} null = the result is all zero */
export function sharedSecret(
  /** @type {Uint8Array} */ privateKey,
  /** @type {Uint8Array} */ other,
) {
  try {
    return x25519.getSharedSecret(privateKey, other);
  } catch {
    return null;
  }
}

/** @type {(salt: Uint8Array, input: Uint8Array, info: Uint8Array, bytes: number) => Uint8Array} */
export const hkdf = (salt, input, info, bytes) =>
  expand(sha256, extract(sha256, input, salt), info, bytes);

/** @type {(key: Uint8Array, data: Uint8Array) => Uint8Array} */
export const hmacSha256 = (key, data) => hmac(sha256, key, data);

/** HKDF of Noise, section 4.3. @param {Uint8Array} chainingKey @param {Uint8Array} input @param {number} outputs */
function noiseHkdf(chainingKey, input, outputs) {
  const all = hkdf(chainingKey, input, empty, 32 * outputs);
  return Array.from({ length: outputs }, (_, n) => all.slice(32 * n, 32 * n + 32));
}

/** One side of one handshake. The pattern is "psk, e" and "e, ee". */
export class Handshake {
  /**
   * @param {object} setup
   * @param {boolean} setup.initiator
   * @param {Uint8Array} setup.psk 32 bytes
   * @param {Uint8Array} setup.prologue
   * @param {Uint8Array} setup.ephemeral private key, used for this handshake alone
   */
  constructor({ initiator, psk, prologue, ephemeral }) {
    this.initiator = initiator;
    this.psk = psk;
    this.ephemeral = ephemeral;
    this.hash = sha256(utf8(PROTOCOL_NAME)); // longer than 32 bytes, hence hashed
    this.chainingKey = this.hash;
    this.key = empty;
    this.nonce = 0n;
    this.otherPublic = empty;
    this.#mixHash(prologue);
  }

  /** @param {Uint8Array} data */
  #mixHash(data) {
    this.hash = sha256(concat(this.hash, data));
  }

  /** @param {Uint8Array} input */
  #mixKey(input) {
    [this.chainingKey, this.key] = noiseHkdf(this.chainingKey, input, 2);
    this.nonce = 0n;
  }

  #mixPsk() {
    const [chainingKey, forHash, key] = noiseHkdf(this.chainingKey, this.psk, 3);
    this.chainingKey = chainingKey;
    this.#mixHash(forHash);
    this.key = key;
    this.nonce = 0n;
  }

  #mixShared() {
    const shared = sharedSecret(this.ephemeral, this.otherPublic);
    if (!shared) return false;
    this.#mixKey(shared);
    return true;
  }

  /** @param {Uint8Array} publicPart */
  #mixEphemeral(publicPart) {
    this.#mixHash(publicPart);
    this.#mixKey(publicPart); // as section 9.2 asks of every pattern with a pre-shared key
  }

  /** Message 1 of the initiator, message 2 of the responder. @returns {Uint8Array | null} */
  write(payload = empty) {
    const mine = publicKey(this.ephemeral);
    if (this.initiator) this.#mixPsk();
    this.#mixEphemeral(mine);
    if (!this.initiator && !this.#mixShared()) return null;
    const sealed = seal(this.key, this.nonce++, this.hash, payload);
    this.#mixHash(sealed);
    return concat(mine, sealed);
  }

  /** @param {Uint8Array} message @returns {Uint8Array | null} the payload; null = does not verify */
  read(message) {
    if (message.length < 48) return null;
    this.otherPublic = message.slice(0, 32);
    const sealed = message.slice(32);
    if (!this.initiator) this.#mixPsk();
    this.#mixEphemeral(this.otherPublic);
    if (this.initiator && !this.#mixShared()) return null;
    const payload = open(this.key, this.nonce++, this.hash, sealed);
    this.#mixHash(sealed);
    return payload;
  }

  /** Split(): the initiator's key for sending is the first. */
  split() {
    const [first, second] = noiseHkdf(this.chainingKey, empty, 2);
    return this.initiator ? { send: first, receive: second } : { send: second, receive: first };
  }
}

/** The sender's half of a session: seals frames, counts them and takes new keys. */
export class FrameSealer {
  /** @param {Uint8Array} key @param {number} now ms @param {{ frames?: number, ms?: number }} [limits] */
  constructor(key, now, { frames = REKEY_FRAMES, ms = REKEY_MS } = {}) {
    this.key = key;
    this.phase = 0;
    this.frames = frames;
    this.ms = ms;
    this.counter = 0n;
    this.keyCounter = 0n;
    this.keySince = now;
  }

  /** Called only while no DATA frame waits for its ACK. @param {number} now */
  rekeyIfDue(now) {
    if (this.counter - this.keyCounter < BigInt(this.frames) && now - this.keySince < this.ms)
      return false;
    this.key = rekey(this.key);
    this.phase ^= Flag.KEY_PHASE;
    this.keyCounter = this.counter;
    this.keySince = now;
    return true;
  }

  /** @param {Uint8Array} header with the low byte of `counter` @param {Uint8Array} payload */
  seal(header, payload) {
    return seal(this.key, this.counter++, header, payload);
  }
}

/** The receiver's half: follows the sender's keys. */
export class FrameOpener {
  /** @param {Uint8Array} key */
  constructor(key) {
    this.key = key;
    this.phase = 0;
    this.rekeys = 0;
  }

  /**
   * @param {bigint} counter rebuilt
   * @param {Uint8Array} header
   * @param {Uint8Array} sealed
   * @param {boolean} newest above everything accepted so far
   * @returns {Uint8Array | null}
   */
  open(counter, header, sealed, newest) {
    const phase = header[1] & Flag.KEY_PHASE;
    if (phase === this.phase) return open(this.key, counter, header, sealed);
    if (!newest) return null;
    const next = rekey(this.key);
    const plain = open(next, counter, header, sealed);
    if (plain) {
      this.key = next;
      this.phase = phase;
      this.rekeys += 1;
    }
    return plain;
  }
}
