// What an end of a link knows from one start() to its end.
import { empty } from "./bytes.mjs";
import { MIN_MAX_FRAME } from "./frames.mjs";
import { RoundTrip } from "./session.mjs";

/**
 * @typedef {import("./messages.mjs").Fields} Fields
 * @typedef {import("./noise.mjs").Handshake} Handshake
 * @typedef {import("./noise.mjs").FrameSealer} FrameSealer
 * @typedef {import("./noise.mjs").FrameOpener} FrameOpener
 */

export class LinkState {
  /** @param {number} now */
  constructor(now) {
    /** @type {Fields | null} */
    this.peer = null;
    this.peerPayload = empty;
    this.peerNumber = -1;
    this.peerAnswered = false;
    this.peerInSession = false;
    this.tagged = true;
    this.maxFrame = MIN_MAX_FRAME;
    this.helloDue = false;
    this.answerDue = false;
    /** @type {Uint8Array | null} */
    this.handshakeDue = null;
    this.unknownDue = false;
    this.pingDue = false;
    this.ackDue = false;
    /** @type {number | null} */
    this.repeatAt = null;
    this.startedAt = now;
    /** Of the last valid frame. */
    this.heardAt = now;
    this.nextBulkAt = now;
    this.pingedAt = -Infinity;
    /** @type {Handshake | null} */
    this.handshake = null;
    this.handshakeMine = empty;
    this.handshakeTheirs = empty;
    /** @type {Uint8Array | null} */
    this.key = null;
    /** @type {FrameSealer | null} */
    this.sealer = null;
    /** @type {FrameOpener | null} */
    this.opener = null;
    this.plainCounter = 0n;
    /** @type {bigint | null} */
    this.newest = null;
    /** @type {{ counter: bigint, crc: number, sequence: number } | null} */
    this.delivered = null;
    this.sequence = 0;
    /** @type {{ encoded: Uint8Array, taken?: () => void }[]} */
    this.waiting = [];
    /** @type {{ wire: Uint8Array, counter: bigint, sequence: number, transmissions: number, takenAt: number,
     *   timeoutAt: number | null, due: boolean, acknowledged?: () => void } | null} */
    this.data = null;
    this.roundTrip = new RoundTrip();
  }
}
