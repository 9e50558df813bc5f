// Bulk transfers (docs/protocol.md, "Bulk transfers"): at most one in each direction of a link.
import { concat, equal, readU32le, toHex, u32le } from "./bytes.mjs";
import { FrameType } from "./frames.mjs";
import { BulkResult } from "./messages.mjs";
import { sha256 } from "./noise.mjs";
import { timing } from "./session.mjs";

export const MAX_WINDOW = 16;
const ASKED_WINDOW = 8;
const MAX_TIMEOUTS = 8;
const OFFSET_BYTES = 4;

/**
 * @typedef {{ transfer: number, kind: number, subject: number, bytes: number, digest: Uint8Array }} Offer
 * @typedef {object} BulkOwner
 * @property {(offer: Offer) => number | null} accept null = take it; else the BulkResult to end it with
 * @property {(offer: Offer, content: Uint8Array) => number} received all there and the digest right; the result to say
 * @property {(offer: Offer, result: number) => void} incomingEnded
 * @property {(offer: Offer, result: number) => void} outgoingEnded
 */

/** What a receiver keeps of cut transfers, one for each kind. It outlives links. */
export class PartialStore {
  constructor() {
    /** @type {Map<number, { name: string, content: Uint8Array, held: number }>} */
    this.byKind = new Map();
  }

  /** @param {Offer} offer */
  open(offer) {
    const name = `${offer.bytes}:${toHex(offer.digest)}`;
    let entry = this.byKind.get(offer.kind);
    if (entry?.name !== name) {
      entry = { name, content: new Uint8Array(offer.bytes), held: 0 };
      this.byKind.set(offer.kind, entry);
    }
    return entry;
  }

  /** @param {number} kind */
  drop(kind) {
    this.byKind.delete(kind);
  }
}

/** Sends one content. */
class Outgoing {
  /** @param {Offer} offer @param {Uint8Array} content @param {number} now */
  constructor(offer, content, now) {
    this.offer = offer;
    this.content = content;
    this.accepted = false;
    this.begunAt = 0; // offset that the receiver asked for
    this.window = 0;
    this.acked = 0;
    this.next = 0;
    this.sentTo = 0;
    /** Ends of the frames beyond `acked`. @type {number[]} */
    this.underWay = [];
    this.single = false;
    this.timeouts = 0;
    /** @type {number | null} */
    this.timeoutAt = null;
    /** While nothing of it is to be sent: when the receiver has been silent too long. @type {number | null} */
    this.silentAt = now + timing.bulkSilenceMs;
    this.asked = -1;
    this.wentBackFor = -1;
  }

  /** @param {number} offset @param {number} window @param {number} now */
  accept(offset, window, now) {
    this.accepted = true;
    this.begunAt = offset;
    this.silentAt = offset === this.content.length ? now + timing.bulkSilenceMs : null;
    this.acked = this.next = this.sentTo = offset;
    this.window = Math.min(window, MAX_WINDOW);
  }

  #goBack() {
    this.next = this.acked;
    this.underWay = [];
    this.timeoutAt = null;
  }

  /** @param {number} most content bytes in a frame */
  frame(most) {
    const open = this.single ? 1 : this.window;
    if (!this.accepted || this.next >= this.content.length || this.underWay.length >= open)
      return null;
    const content = this.content.subarray(this.next, this.next + most);
    const payload = concat(u32le(this.next), content);
    this.next += content.length;
    this.sentTo = Math.max(this.sentTo, this.next);
    this.underWay.push(this.next);
    return payload;
  }

  /** @param {number} now @param {number} timeout ms */
  taken(now, timeout) {
    this.timeoutAt = now + Math.min(timeout * 2 ** this.timeouts, timing.mostTimeoutMs);
  }

  /** @param {number} offset @param {number} now @param {number} timeout */
  acknowledged(offset, now, timeout) {
    if (!this.accepted || offset > this.sentTo || offset < this.acked) return;
    const again = this.asked === offset;
    this.asked = offset;
    if (offset > this.acked) {
      this.acked = offset;
      this.next = Math.max(this.next, offset);
      this.underWay = this.underWay.filter((end) => end > offset);
      this.timeouts = 0;
      this.single = false;
      this.timeoutAt = this.underWay.length > 0 ? now + timeout : null;
      if (offset === this.content.length) this.silentAt = now + timing.bulkSilenceMs;
    } else if (again && this.underWay.length > 0 && this.wentBackFor !== offset) {
      this.wentBackFor = offset;
      this.#goBack();
    }
  }

  /** @param {number} now @returns {boolean} false = stalled */
  tick(now) {
    if (this.silentAt !== null && now >= this.silentAt) return false;
    if (this.timeoutAt === null || now < this.timeoutAt) return true;
    this.timeouts += 1;
    if (this.timeouts >= MAX_TIMEOUTS) return false;
    this.#goBack();
    this.single = true;
    return true;
  }
}

export class Bulk {
  /**
   * @param {object} setup
   * @param {(name: string, fields: object) => void} setup.send a message
   * @param {() => number} setup.now
   * @param {() => number} setup.timeout measured, ms
   * @param {() => number} setup.mostContent bytes of content in a frame
   * @param {BulkOwner} setup.owner
   * @param {PartialStore} setup.partials
   * @param {number} [setup.window] frames asked for
   */
  constructor({ send, now, timeout, mostContent, owner, partials, window = ASKED_WINDOW }) {
    this.send = send;
    this.now = now;
    this.timeout = timeout;
    this.mostContent = mostContent;
    this.owner = owner;
    this.partials = partials;
    this.window = window;
    this.lastTransfer = 0;
    /** @type {Outgoing | null} */
    this.outgoing = null;
    /** @type {{ offer: Offer, entry: { content: Uint8Array, held: number } } | null} */
    this.incoming = null;
    /** The transfer accepted last, also after its end: its BULK frames are answered. */
    this.answered = { transfer: -1, wanted: 0 };
    this.ackDue = false;
    this.stats = { sent: 0, wentBack: 0 };
  }

  /** @param {number} kind @param {number} subject @param {Uint8Array} content */
  offer(kind, subject, content) {
    this.#endOutgoing(BulkResult.cancelled);
    this.lastTransfer = (this.lastTransfer + 1) & 0xff;
    const offer = {
      transfer: this.lastTransfer,
      kind,
      subject,
      bytes: content.length,
      digest: sha256(content),
    };
    this.outgoing = new Outgoing(offer, content, this.now());
    this.send("bulk_offer", offer);
    return offer;
  }

  /** Ends the transfer that this end sends. */
  cancelOutgoing(result = BulkResult.cancelled) {
    if (!this.outgoing) return;
    this.send("bulk_end", { transfer: this.outgoing.offer.transfer, result, by_sender: true });
    this.#endOutgoing(result);
  }

  /** Ends the transfer that this end receives; what has arrived is kept for resuming. */
  cancelIncoming(result = BulkResult.cancelled) {
    if (!this.incoming) return;
    this.send("bulk_end", { transfer: this.incoming.offer.transfer, result, by_sender: false });
    this.#endIncoming(result);
  }

  /** The link has ended. */
  end() {
    this.#endOutgoing(BulkResult.cancelled);
    this.#endIncoming(BulkResult.cancelled);
  }

  #endOutgoing(/** @type {number} */ result) {
    const ended = this.outgoing;
    this.outgoing = null;
    if (ended) this.owner.outgoingEnded(ended.offer, result);
  }

  #endIncoming(/** @type {number} */ result) {
    const ended = this.incoming;
    this.incoming = null;
    if (ended) this.owner.incomingEnded(ended.offer, result);
  }

  /** One of the three messages of bulk transfers. @param {string} name @param {any} fields */
  message(name, fields) {
    if (name === "bulk_offer") this.#offered(fields);
    else if (name === "bulk_accept") this.#accepted(fields);
    else this.#ended(fields);
  }

  /** @param {Offer} offer */
  #offered(offer) {
    this.#endIncoming(BulkResult.cancelled);
    const refusal = this.owner.accept(offer);
    if (refusal !== null) {
      this.send("bulk_end", { transfer: offer.transfer, result: refusal, by_sender: false });
      return;
    }
    const entry = this.partials.open(offer);
    this.incoming = { offer, entry };
    this.answered = { transfer: offer.transfer, wanted: entry.held };
    this.ackDue = false;
    this.send("bulk_accept", { transfer: offer.transfer, offset: entry.held, window: this.window });
    this.#finishIfWhole();
  }

  /** @param {{ transfer: number, offset: number, window: number }} accept */
  #accepted({ transfer, offset, window }) {
    const { outgoing } = this;
    if (!outgoing || outgoing.accepted || outgoing.offer.transfer !== transfer) return;
    if (offset > outgoing.content.length || window === 0) this.cancelOutgoing();
    else outgoing.accept(offset, window, this.now());
  }

  /** @param {{ transfer: number, result: number, by_sender: boolean }} end */
  #ended({ transfer, result, by_sender: bySender }) {
    if (bySender) {
      if (this.incoming?.offer.transfer === transfer) this.#endIncoming(result);
    } else if (this.outgoing?.offer.transfer === transfer) {
      this.#endOutgoing(result);
    }
  }

  #finishIfWhole() {
    if (!this.incoming) return;
    const { offer, entry } = this.incoming;
    if (entry.held < offer.bytes) return;
    const right = equal(sha256(entry.content), offer.digest);
    this.partials.drop(offer.kind);
    this.cancelIncoming(right ? this.owner.received(offer, entry.content) : BulkResult.digest);
  }

  /**
   * A frame of type BULK or BULK ACK.
   * @param {number} type
   * @param {number} channel
   * @param {Uint8Array} payload
   * @returns {boolean} false = dropped
   */
  frame(type, channel, payload) {
    const least = type === FrameType.BULK ? OFFSET_BYTES + 1 : OFFSET_BYTES;
    if (payload.length < least) return false;
    const offset = readU32le(payload);
    if (type === FrameType.BULK_ACK) {
      if (this.outgoing?.offer.transfer !== channel) return false;
      this.outgoing.acknowledged(offset, this.now(), this.timeout());
      return true;
    }
    if (this.answered.transfer !== channel) return false;
    this.ackDue = true;
    if (this.incoming) this.#content(this.incoming, offset, payload.subarray(OFFSET_BYTES));
    return true;
  }

  /** @param {NonNullable<Bulk["incoming"]>} incoming @param {number} offset @param {Uint8Array} content */
  #content({ offer, entry }, offset, content) {
    if (offset + content.length > offer.bytes) return this.cancelIncoming(BulkResult.refused);
    if (offset !== entry.held) return;
    entry.content.set(content, offset);
    entry.held += content.length;
    this.answered.wanted = entry.held;
    this.#finishIfWhole();
  }

  /** What is to be sent now, when nothing else waits. @param {boolean} mayContent the line has room for content */
  nextFrame(mayContent) {
    if (this.ackDue) {
      this.ackDue = false;
      const { transfer, wanted } = this.answered;
      return { type: FrameType.BULK_ACK, channel: transfer, payload: u32le(wanted) };
    }
    if (!mayContent) return null;
    const payload = this.outgoing?.frame(this.mostContent());
    if (!payload) return null;
    this.stats.sent += 1;
    return { type: FrameType.BULK, channel: this.lastTransfer, payload };
  }

  /** The transport has taken a BULK frame. */
  taken() {
    this.outgoing?.taken(this.now(), this.timeout());
  }

  /** When `tick` is to be called, if at all. */
  deadline() {
    if (!this.outgoing) return null;
    const { timeoutAt, silentAt } = this.outgoing;
    return timeoutAt !== null && silentAt !== null
      ? Math.min(timeoutAt, silentAt)
      : (timeoutAt ?? silentAt);
  }

  tick() {
    if (this.outgoing && !this.outgoing.tick(this.now())) this.cancelOutgoing(BulkResult.stalled);
  }
}
