// Enrolment (docs/protocol.md, "Enrolment"), both ends, without the link and the people.
import { concat, equal, utf8 } from "./bytes.mjs";
import { CborError } from "./cbor.mjs";
import { EnrolEndReason, decodeMessage, encodeMessage } from "./messages.mjs";
import { hkdf, hmacSha256, open, publicKey, seal, sha256, sharedSecret } from "./noise.mjs";

const INFO = utf8("rollcall enrol v1");

/**
 * @typedef {object} Parts
 * @property {Uint8Array} terminalHello payload as sent
 * @property {Uint8Array} hostHello payload as sent
 * @property {Uint8Array} commitment
 * @property {Uint8Array} terminalKey
 * @property {Uint8Array} hostKey
 * @property {Uint8Array} nonce
 */

/** @param {Parts} parts */
export const transcriptOf = ({
  terminalHello,
  hostHello,
  commitment,
  terminalKey,
  hostKey,
  nonce,
}) =>
  sha256(
    concat(INFO, sha256(terminalHello), sha256(hostHello), commitment, terminalKey, hostKey, nonce),
  );

/** @param {Uint8Array} transcript @param {Uint8Array} shared */
export function secretsOf(transcript, shared) {
  const okm = hkdf(transcript, shared, INFO, 40);
  const number = new DataView(okm.buffer, okm.byteOffset).getBigUint64(32) % 1_000_000n;
  return { sealKey: okm.slice(0, 32), number: String(number).padStart(6, "0") };
}

/**
 * What an attempt asks of its owner. After `ended` nothing more is called.
 * @typedef {object} EnrolOwner
 * @property {(name: string, fields: object) => void} send
 * @property {(number: string) => void} number the six digits are known
 * @property {(grant: { key: Uint8Array, site_key: Uint8Array, site: string }) => boolean} keep false = could not
 * @property {(result: { enrolled: boolean, reason: number | null, here: boolean }) => void} ended
 *   here = this end ended it
 */

class Attempt {
  /**
   * @param {object} setup
   * @param {Uint8Array} setup.terminalHello
   * @param {Uint8Array} setup.hostHello
   * @param {EnrolOwner} setup.owner
   * @param {(bytes: number) => Uint8Array} setup.random
   */
  constructor({ terminalHello, hostHello, owner, random }) {
    this.terminalHello = terminalHello;
    this.hostHello = hostHello;
    this.owner = owner;
    this.privateKey = random(32);
    this.mine = publicKey(this.privateKey);
    this.over = false;
    /** The attempt has begun with `enrol_key`: whatever ends it now ends the window. */
    this.begun = false;
    /** @type {string} the message that may come next */
    this.expected = "";
    /** @type {Uint8Array} */
    this.transcript = new Uint8Array(32);
    /** @type {Uint8Array} */
    this.sealKey = new Uint8Array(32);
  }

  /** Ends the attempt and says so. @param {number} reason */
  end(reason) {
    if (this.over) return;
    this.owner.send("enrol_end", { reason });
    this.finish({ enrolled: false, reason, here: true });
  }

  /** @param {{ enrolled: boolean, reason: number | null, here: boolean }} result */
  finish(result) {
    this.over = true;
    this.owner.ended(result);
  }

  /** @param {string} name @param {any} fields */
  message(name, fields) {
    if (this.over) return;
    if (name === "enrol_end") this.finish({ enrolled: false, reason: fields.reason, here: false });
    else if (name !== this.expected) this.end(EnrolEndReason.protocol);
    else this.handle(name, fields);
  }

  /** @param {string} _name @param {any} _fields */
  handle(_name, _fields) {}

  /** @param {Uint8Array} other @param {Omit<Parts, "terminalHello" | "hostHello">} parts */
  agree(other, parts) {
    const shared = sharedSecret(this.privateKey, other);
    if (!shared) return null;
    const { terminalHello, hostHello } = this;
    this.transcript = transcriptOf({ terminalHello, hostHello, ...parts });
    const secrets = secretsOf(this.transcript, shared);
    this.sealKey = secrets.sealKey;
    return secrets.number;
  }
}

export class TerminalEnrolment extends Attempt {
  /** @param {ConstructorParameters<typeof Attempt>[0]} setup */
  constructor(setup) {
    super(setup);
    this.expected = "enrol_commit";
    this.agreed = false;
    /** @type {any} */
    this.grant = null;
    /** @type {Uint8Array} */
    this.commitment = new Uint8Array(32);
  }

  /** The person at the terminal has compared the numbers. @param {boolean} yes */
  compared(yes) {
    if (this.over) return;
    if (!yes) return this.end(EnrolEndReason.different);
    this.agreed = true;
    this.#finishIfBoth();
  }

  /** @param {string} name @param {any} fields */
  handle(name, fields) {
    if (name === "enrol_commit") {
      this.commitment = fields.commitment;
      this.expected = "enrol_open";
      this.begun = true;
      this.owner.send("enrol_key", { public_key: this.mine });
    } else if (name === "enrol_open") {
      this.#opened(fields.public_key, fields.nonce);
    } else {
      this.#granted(fields.sealed);
    }
  }

  /** @param {Uint8Array} hostKey @param {Uint8Array} nonce */
  #opened(hostKey, nonce) {
    const { commitment } = this;
    if (!equal(sha256(concat(hostKey, nonce)), commitment))
      return this.end(EnrolEndReason.broken_promise);
    const number = this.agree(hostKey, { commitment, terminalKey: this.mine, hostKey, nonce });
    if (number === null) return this.end(EnrolEndReason.protocol);
    this.expected = "enrol_grant";
    this.owner.number(number);
  }

  /** @param {Uint8Array} sealed */
  #granted(sealed) {
    const plain = open(this.sealKey, 0n, this.transcript, sealed);
    let message;
    try {
      message = plain && decodeMessage(plain);
    } catch (error) {
      if (!(error instanceof CborError)) throw error;
    }
    if (message?.name !== "grant") return this.end(EnrolEndReason.protocol);
    this.expected = "";
    this.grant = message.fields;
    this.#finishIfBoth();
  }

  #finishIfBoth() {
    if (!this.agreed || !this.grant) return;
    if (!this.owner.keep(this.grant)) return this.end(EnrolEndReason.storage);
    this.owner.send("enrol_done", { proof: hmacSha256(this.grant.key, this.transcript) });
    this.finish({ enrolled: true, reason: null, here: true });
  }
}

export class HostEnrolment extends Attempt {
  /** @param {ConstructorParameters<typeof Attempt>[0] & { siteKey: Uint8Array, site: string }} setup */
  constructor(setup) {
    super(setup);
    this.nonce = setup.random(32);
    this.grant = { key: setup.random(32), site_key: setup.siteKey, site: setup.site };
    this.commitment = sha256(concat(this.mine, this.nonce));
    this.number = "";
    this.expected = "enrol_key";
    this.granted = false;
  }

  /** The link is up. @param {boolean} asked a member of staff asked for this serial */
  begin(asked) {
    if (asked) this.owner.send("enrol_commit", { commitment: this.commitment });
    else this.end(EnrolEndReason.not_expected);
  }

  /** The person at the host has typed the digits that the terminal shows. @param {string} digits */
  typed(digits) {
    if (this.over || this.granted || this.number === "") return;
    if (digits !== this.number) return this.end(EnrolEndReason.different);
    if (!this.owner.keep(this.grant)) return this.end(EnrolEndReason.storage);
    this.granted = true;
    this.expected = "enrol_done";
    const sealed = seal(this.sealKey, 0n, this.transcript, encodeMessage("grant", this.grant));
    this.owner.send("enrol_grant", { sealed });
  }

  /** @param {string} name @param {any} fields */
  handle(name, fields) {
    if (name === "enrol_done") {
      const right = equal(fields.proof, hmacSha256(this.grant.key, this.transcript));
      if (right) this.finish({ enrolled: true, reason: null, here: false });
      else this.end(EnrolEndReason.protocol);
      return;
    }
    this.begun = true;
    const { commitment, nonce } = this;
    const terminalKey = fields.public_key;
    const number = this.agree(terminalKey, { commitment, terminalKey, hostKey: this.mine, nonce });
    if (number === null) return this.end(EnrolEndReason.protocol);
    this.expected = "";
    this.number = number;
    this.owner.send("enrol_open", { public_key: this.mine, nonce });
    this.owner.number(number);
  }
}
