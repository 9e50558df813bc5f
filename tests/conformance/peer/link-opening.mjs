// How a link comes up: greeting and handshake.
import { concat, equal } from "./bytes.mjs";
import { CborError } from "./cbor.mjs";
import { Flag, MIN_MAX_FRAME } from "./frames.mjs";
import { LinkSender } from "./link-sender.mjs";
import { Capability, decodeMessage } from "./messages.mjs";
import { FrameOpener, FrameSealer, Handshake } from "./noise.mjs";

export const HANDSHAKE_BYTES = 48;

/** @typedef {import("./messages.mjs").Fields} Fields */

/** @param {Uint8Array} payload @returns {Fields | null} null = refused */
function readHello(payload) {
  try {
    const { name, fields } = decodeMessage(payload);
    const good =
      name === "hello" &&
      fields.protocol_min <= fields.protocol_max &&
      fields.max_frame >= MIN_MAX_FRAME &&
      /^[A-Za-z0-9-]*$/.test(fields.serial);
    return good ? fields : null;
  } catch (error) {
    if (error instanceof CborError) return null;
    throw error;
  }
}

export class LinkOpening extends LinkSender {
  /**
   * @param {ConstructorParameters<typeof LinkSender>[0] & {
   *   keys: (peer: Fields) => Uint8Array[],
   *   random: (bytes: number) => Uint8Array,
   *   rekey?: { frames?: number, ms?: number },
   * }} setup
   */
  constructor(setup) {
    super(setup);
    this.keys = setup.keys;
    this.random = setup.random;
    this.rekey = setup.rekey;
  }

  /** @param {string} _reason @param {boolean} [_bye] */
  end(_reason, _bye) {}

  /** @param {boolean} _tagged @param {Uint8Array | null} _key */
  goUp(_tagged, _key) {}

  /** @param {import("./frames.mjs").Frame} frame of type HELLO */
  helloFrame({ flags, channel, counter, payload }) {
    const answers = (flags & Flag.ACKNOWLEDGES) !== 0;
    if (this.state !== "greeting") {
      if (answers) return;
      const same = counter === this.peerNumber && equal(payload, this.peerPayload);
      if (!same || this.peerInSession) return this.end("restarted");
      this.answerDue = true;
      return;
    }
    if (answers && channel !== this.number) {
      this.counts.dropped += 1;
      return;
    }
    const peer = readHello(payload);
    if (!peer) return this.end("bad_hello");
    if (this.peerNumber !== counter || !equal(payload, this.peerPayload)) this.peerAnswered = false;
    this.peer = peer;
    this.peerPayload = payload;
    this.peerNumber = counter;
    if (!answers || !this.peerAnswered) {
      this.answerDue = true;
      this.peerAnswered = true;
    }
    const version = Math.min(peer.protocol_max, this.hello.protocol_max);
    if (version < peer.protocol_min || version < this.hello.protocol_min) {
      this.writeAnswer();
      return this.end("version");
    }
    if (answers) this.#greeted(peer);
  }

  /** @param {Fields} peer */
  #greeted(peer) {
    this.heardAt = this.clock.now();
    this.maxFrame = Math.min(peer.max_frame, this.hello.max_frame);
    this.helloDue = false;
    this.repeatAt = null;
    const announcing = this.role === "terminal" ? this.hello : peer;
    if ((announcing.capabilities & Capability.enrolling) !== 0) return this.goUp(false, null);
    const [key] = this.keys(peer);
    if (!key) {
      if (this.answerDue) this.writeAnswer();
      return this.end("refused");
    }
    this.state = "handshake";
    if (this.role === "host") return;
    this.key = key;
    this.handshake = this.#newHandshake(key);
    this.handshakeMine = /** @type {Uint8Array} */ (this.handshake.write());
    this.handshakeDue = this.handshakeMine;
  }

  /** @param {Uint8Array} psk */
  #newHandshake(psk) {
    const [first, second] =
      this.role === "terminal"
        ? [this.helloPayload, this.peerPayload]
        : [this.peerPayload, this.helloPayload];
    return new Handshake({
      initiator: this.role === "terminal",
      psk,
      prologue: concat(first, second),
      ephemeral: this.random(32),
    });
  }

  /** @param {import("./frames.mjs").Frame} frame of type HANDSHAKE */
  handshakeFrame({ channel, payload }) {
    const wanted = this.role === "terminal" ? 2 : 1;
    if (this.state !== "handshake" || payload.length !== HANDSHAKE_BYTES || channel !== wanted) {
      this.counts.dropped += 1;
    } else if (this.role === "terminal") {
      this.#handshake2(payload);
    } else {
      this.#handshake1(payload);
    }
  }

  /** @param {Uint8Array} payload */
  #handshake2(payload) {
    const handshake = /** @type {Handshake} */ (this.handshake);
    if (!handshake.read(payload)) return this.end("handshake");
    this.handshakeDue = null;
    this.#keysKnown(handshake);
    this.repeatAt = null;
    this.ackDue = true;
    this.goUp(true, this.key);
  }

  /** @param {Uint8Array} payload */
  #handshake1(payload) {
    if (!equal(payload, this.handshakeTheirs)) {
      const found = this.keys(/** @type {Fields} */ (this.peer))
        .map((key) => ({ key, handshake: this.#newHandshake(key) }))
        .find(({ handshake }) => handshake.read(payload));
      const answer = found?.handshake.write();
      if (!found || !answer) return this.end("handshake");
      this.heardAt = this.clock.now();
      this.key = found.key;
      this.handshakeTheirs = payload;
      this.handshakeMine = answer;
      this.#keysKnown(found.handshake);
    }
    this.handshakeDue = this.handshakeMine;
  }

  /** @param {Handshake} handshake */
  #keysKnown(handshake) {
    const { send, receive } = handshake.split();
    this.sealer = new FrameSealer(send, this.clock.now(), this.rekey);
    this.opener = new FrameOpener(receive);
  }
}
