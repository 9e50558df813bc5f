// One end of a link (docs/protocol.md): what is received in a session, time, the end. How it comes up is in
// link-opening.mjs, what it sends in link-sender.mjs.
import { randomBytes } from "node:crypto";

import { Bulk, PartialStore } from "./bulk.mjs";
import { CborError } from "./cbor.mjs";
import { realClock } from "./clock.mjs";
import { Flag, FrameReader, FrameType, TAG_BYTES, isSessionType } from "./frames.mjs";
import { LinkOpening } from "./link-opening.mjs";
import { LinkState } from "./link-state.mjs";
import { MESSAGES, decodeMessage } from "./messages.mjs";
import { rebuildCounter, timing } from "./session.mjs";

/**
 * @typedef {import("./messages.mjs").Fields} Fields
 * @typedef {import("./frames.mjs").Frame} Frame
 * @typedef {object} Up
 * @property {Fields} hello of the peer
 * @property {boolean} tagged
 * @property {Uint8Array | null} key that the peer has proven
 *
 * @typedef {object} LinkOwner
 * @property {(up: Up) => void} up
 * @property {(name: string, fields: Fields) => void} message "" = one that does not belong on an untagged link
 * @property {(reason: string) => void} closed once for each start(); "restarted" asks for start() again
 */

export class Link extends LinkOpening {
  /**
   * @param {object} setup
   * @param {"terminal" | "host"} setup.role
   * @param {Fields} setup.hello
   * @param {(peer: Fields) => Uint8Array[]} setup.keys for this peer, the newest first; none = no key
   * @param {import("./link-sender.mjs").Transport} setup.transport
   * @param {LinkOwner} setup.owner
   * @param {import("./bulk.mjs").BulkOwner} setup.bulkOwner
   * @param {PartialStore} [setup.partials]
   * @param {import("./clock.mjs").Clock} [setup.clock]
   * @param {(bytes: number) => Uint8Array} [setup.random]
   * @param {{ frames?: number, ms?: number }} [setup.rekey]
   */
  constructor({ owner, bulkOwner, partials, clock = realClock, random, ...setup }) {
    super({
      ...setup,
      clock,
      random: random ?? ((bytes) => new Uint8Array(randomBytes(bytes))),
    });
    this.owner = owner;
    this.bulk = new Bulk({
      send: (name, fields) => this.send(name, fields),
      now: () => this.clock.now(),
      timeout: () => this.roundTrip.base ?? timing.firstBulkTimeoutMs,
      mostContent: () => this.mostContent,
      owner: bulkOwner,
      partials: partials ?? new PartialStore(),
    });
    this.reader = new FrameReader(this.hello.max_frame);
    this.unknownSentAt = -Infinity;
    this.unknownHeardAt = -Infinity;
    this.timer = null;
  }

  /** Opens the link. Allowed in state closed only. */
  start() {
    if (this.state !== "closed") throw new Error("the link is open");
    Object.assign(this, new LinkState(this.clock.now()));
    const before = this.number;
    do [this.number] = this.random(1);
    while (this.number === before);
    this.state = "greeting";
    this.helloDue = true;
    this.pump();
  }

  /** How long after a restarted peer the link is to be opened again, ms. */
  get restartDelay() {
    return Math.max(0, this.startedAt + timing.restartMs - this.clock.now());
  }

  /** Says BYE in a session, and waits for nothing. */
  close(reason = "closed") {
    if (this.state !== "closed") this.end(reason, this.state === "up");
  }

  /** @param {Uint8Array} chunk */
  receive(chunk) {
    this.holding += 1;
    for (const frame of this.reader.push(chunk)) {
      if (this.state !== "closed") this.#frame(frame);
    }
    this.holding -= 1;
    this.pump();
  }

  /** @param {string} reason @param {boolean} [bye] */
  end(reason, bye = false) {
    if (bye) this.writeBye();
    this.state = "closed";
    this.clock.clear(this.timer);
    this.timer = null;
    this.bulk.end();
    this.owner.closed(reason);
  }

  /** @param {boolean} tagged @param {Uint8Array | null} key */
  goUp(tagged, key) {
    this.state = "up";
    this.tagged = tagged;
    this.heardAt = this.clock.now();
    this.owner.up({ hello: /** @type {Fields} */ (this.peer), tagged, key });
  }

  // Receiving

  /** @param {Frame} frame */
  #frame(frame) {
    const { type } = frame;
    const inSession = isSessionType(type);
    if (type === FrameType.HELLO) {
      this.helloFrame(frame);
    } else if (type === FrameType.HANDSHAKE) {
      this.handshakeFrame(frame);
    } else if (type === FrameType.UNKNOWN_SESSION) {
      this.#unknownSession();
    } else if (inSession && this.state === "greeting") {
      this.#stray();
    } else if (inSession && (this.state === "up" || (this.role === "host" && this.opener))) {
      this.#heardSession(frame);
    } else {
      this.counts.dropped += 1;
    }
  }

  #unknownSession() {
    const now = this.clock.now();
    const counts =
      this.state === "up" && this.tagged && now - this.unknownHeardAt >= timing.unknownSessionMs;
    if (!counts) {
      this.counts.dropped += 1;
      return;
    }
    this.unknownHeardAt = now;
    this.end("restarted");
  }

  /** A frame of a session that this end does not know. */
  #stray() {
    const now = this.clock.now();
    this.counts.dropped += 1;
    if (now - this.unknownSentAt < timing.unknownSessionMs) return;
    this.unknownSentAt = now;
    this.unknownDue = true;
  }

  /** @param {Frame} frame of types DATA to BYE, BULK or BULK ACK @param {bigint} counter @returns {boolean} */
  #mayBeOpened({ type, flags, channel }, counter) {
    if (type <= FrameType.BYE && channel !== 0) return false;
    if (type !== FrameType.DATA) return this.newest === null || counter > this.newest;
    const expected = this.delivered ? this.delivered.sequence ^ 1 : 0;
    return (
      (flags & Flag.SEQUENCE) === expected && (!this.delivered || counter > this.delivered.counter)
    );
  }

  /** @param {Frame} frame */
  #heardSession(frame) {
    const { type, flags, channel, crc } = frame;
    const counter = rebuildCounter(this.newest, frame.counter);
    const isData = type === FrameType.DATA;
    if (
      isData &&
      counter !== null &&
      this.delivered?.counter === counter &&
      this.delivered.crc === crc
    ) {
      this.counts.duplicates += 1;
      this.ackDue = true;
      return;
    }
    const short = this.tagged && frame.payload.length < TAG_BYTES;
    if (counter === null || short || !this.#mayBeOpened(frame, counter)) {
      this.counts.dropped += 1;
      return;
    }
    const newest = this.newest === null || counter > this.newest;
    const plain = this.tagged ? this.#open(frame, counter, newest) : frame.payload;
    if (!plain) {
      this.counts.badTags += 1;
      return this.end("security");
    }
    if (this.state === "handshake") {
      this.handshakeDue = null;
      this.goUp(true, this.key);
      if (/** @type {string} */ (this.state) !== "up") return;
    }
    this.heardAt = this.clock.now();
    this.peerInSession = true;
    if (newest) {
      this.newest = counter;
      if (flags & Flag.ACKNOWLEDGES) this.#acknowledged(flags & Flag.ACKNOWLEDGED_SEQUENCE ? 1 : 0);
    }
    if (isData) {
      this.delivered = { counter, crc, sequence: flags & Flag.SEQUENCE };
      this.ackDue = true;
      this.#message(plain);
    } else if (type === FrameType.PING) {
      this.ackDue = true;
    } else if (type === FrameType.BYE) {
      this.end("bye");
    } else if (type !== FrameType.ACK && !(this.tagged && this.bulk.frame(type, channel, plain))) {
      this.counts.dropped += 1;
    }
  }

  /** @param {Frame} frame @param {bigint} counter @param {boolean} newest */
  #open({ header, payload }, counter, newest) {
    return /** @type {import("./noise.mjs").FrameOpener} */ (this.opener).open(
      counter,
      header,
      payload,
      newest,
    );
  }

  /** @param {number} sequence */
  #acknowledged(sequence) {
    if (!this.data || this.data.sequence !== sequence || this.data.transmissions === 0) return;
    const { transmissions, takenAt, acknowledged } = this.data;
    if (transmissions === 1) this.roundTrip.measured(this.clock.now() - takenAt);
    this.data = null;
    this.sequence ^= 1;
    acknowledged?.();
  }

  /** @param {Uint8Array} plain */
  #message(plain) {
    let message;
    try {
      message = decodeMessage(plain);
    } catch (error) {
      if (!(error instanceof CborError)) throw error;
    }
    const from = message?.name ? MESSAGES[message.name].from : undefined;
    const mayCome = from === "either" || (from && from !== this.role);
    const enrolment = message?.name.startsWith("enrol_");
    if (!message || !mayCome || message.name === "hello" || enrolment === this.tagged) {
      this.counts.badMessages += 1;
      if (!this.tagged) this.owner.message("", {}); // ends an enrolment
    } else if (message.name.startsWith("bulk_")) {
      this.bulk.message(message.name, message.fields);
    } else {
      this.owner.message(message.name, message.fields);
    }
  }

  // Time

  arm() {
    this.clock.clear(this.timer);
    this.timer = null;
    if (this.state === "closed") return;
    const deadlines = [this.heardAt + timing.silenceMs];
    if (this.repeatAt !== null) deadlines.push(this.repeatAt);
    if (this.state === "up") {
      if (this.data?.timeoutAt) deadlines.push(this.data.timeoutAt);
      if (!this.data) deadlines.push(Math.max(this.heardAt, this.pingedAt) + timing.pingMs);
      const bulk = this.bulk.deadline();
      if (bulk !== null) deadlines.push(bulk);
      if (this.bulk.outgoing && this.nextBulkAt > this.clock.now()) deadlines.push(this.nextBulkAt);
    }
    const wait = Math.max(0, Math.min(...deadlines) - this.clock.now());
    this.timer = this.clock.set(() => this.#tick(), Math.ceil(wait));
  }

  #tick() {
    const now = this.clock.now();
    if (now - this.heardAt >= timing.silenceMs) return this.end("silence", this.state === "up");
    if (this.repeatAt !== null && now >= this.repeatAt) {
      this.repeatAt = null;
      if (this.state === "greeting") this.helloDue = true;
      else if (this.state === "handshake") this.handshakeDue = this.handshakeMine;
    }
    if (this.state === "up") {
      const { data } = this;
      if (data?.timeoutAt && now >= data.timeoutAt) {
        data.timeoutAt = null;
        if (data.transmissions >= timing.transmissions) return this.end("unacknowledged", true);
        data.due = true;
      }
      if (!data && now - Math.max(this.heardAt, this.pingedAt) >= timing.pingMs) {
        this.pingedAt = now;
        this.pingDue = true;
      }
      this.bulk.tick();
    }
    this.pump();
  }
}
