// The sending half of an end of a link: which frame goes next, and how it is made.
import { concat, empty } from "./bytes.mjs";
import {
  Flag,
  FrameType,
  HEADER_BYTES,
  CRC_BYTES,
  MAX_MAX_FRAME,
  TAG_BYTES,
  encodeFrame,
  encodeHeader,
} from "./frames.mjs";
import { LinkState } from "./link-state.mjs";
import { encodeMessage } from "./messages.mjs";
import { BULK_RATE, BULK_REACH, COUNTER_REACH, timing } from "./session.mjs";

const MAX_WAITING = 256;
const OFFSET_BYTES = 4;

/**
 * @typedef {import("./messages.mjs").Fields} Fields
 * @typedef {object} Transport
 * @property {(bytes: Uint8Array, taken: () => void) => void} write
 * @typedef {{ wire: Uint8Array, taken?: () => void }} Outgoing
 */

export class LinkSender extends LinkState {
  /**
   * @param {object} setup
   * @param {"terminal" | "host"} setup.role
   * @param {Fields} setup.hello
   * @param {Transport} setup.transport
   * @param {import("./clock.mjs").Clock} setup.clock
   */
  constructor({ role, hello, transport, clock }) {
    super(clock.now());
    this.role = role;
    this.hello = hello;
    this.helloPayload = encodeMessage("hello", hello);
    this.transport = transport;
    this.clock = clock;
    /** @type {import("./bulk.mjs").Bulk} */
    this.bulk;
    this.state = "closed";
    /** Of this end's HELLO. */
    this.number = -1;
    this.busy = false;
    this.holding = 0;
    this.counts = { retransmissions: 0, badTags: 0, badMessages: 0, dropped: 0, duplicates: 0 };
  }

  /** Whether the line may be a slow one: then BULK frames are rarer and smaller. */
  get slow() {
    return this.maxFrame < MAX_MAX_FRAME;
  }

  /** Content bytes in a BULK frame. */
  get mostContent() {
    const frame = this.slow ? Math.floor((2 * this.maxFrame) / 3) : this.maxFrame;
    return frame - HEADER_BYTES - OFFSET_BYTES - TAG_BYTES - CRC_BYTES;
  }

  /**
   * @param {string} name
   * @param {Fields} [fields]
   * @param {() => void} [acknowledged] called when the peer's link has it
   */
  send(name, fields, acknowledged) {
    if (this.state !== "up") return false;
    if (this.waiting.length >= MAX_WAITING) throw new RangeError("too many messages wait");
    this.waiting.push({ encoded: encodeMessage(name, fields), taken: acknowledged });
    this.pump();
    return true;
  }

  /** The timers are set anew: what is due has changed. */
  arm() {}

  get counter() {
    return this.sealer ? this.sealer.counter : this.plainCounter;
  }

  outOfReach(reach = COUNTER_REACH) {
    return (
      this.data !== null && this.data.transmissions > 0 && this.counter - this.data.counter >= reach
    );
  }

  /** @param {boolean} answer */
  helloWire(answer) {
    const header = encodeHeader({
      type: FrameType.HELLO,
      flags: answer ? Flag.ACKNOWLEDGES : 0,
      channel: answer ? this.peerNumber : 0,
      counter: this.number,
    });
    // The zero byte in front makes noise before the frame a frame of its own.
    return concat(Uint8Array.of(0), encodeFrame(header, this.helloPayload));
  }

  /**
   * @param {number} type
   * @param {{ sequence?: number, channel?: number, payload?: Uint8Array, acknowledge?: boolean }} content
   */
  sessionFrame(type, { sequence = 0, channel = 0, payload = empty, acknowledge = true }) {
    let flags = sequence ? Flag.SEQUENCE : 0;
    if (acknowledge) {
      this.ackDue = false;
      if (this.delivered)
        flags |= Flag.ACKNOWLEDGES | (this.delivered.sequence ? Flag.ACKNOWLEDGED_SEQUENCE : 0);
    }
    if (this.tagged && this.sealer) {
      if (!this.data) this.sealer.rekeyIfDue(this.clock.now());
      flags |= this.sealer.phase;
    }
    const { counter } = this;
    const header = encodeHeader({ type, flags, channel, counter: Number(counter & 0xffn) });
    if (this.tagged && this.sealer)
      return { wire: encodeFrame(header, this.sealer.seal(header, payload)), counter };
    this.plainCounter += 1n;
    return { wire: encodeFrame(header, payload), counter };
  }

  /** What is said at the end of a link that is up; nothing waits for it. */
  writeBye() {
    for (const type of this.ackDue ? [FrameType.ACK, FrameType.BYE] : [FrameType.BYE]) {
      if (this.outOfReach()) return;
      const acknowledge = type === FrameType.ACK;
      this.transport.write(this.sessionFrame(type, { acknowledge }).wire, () => {});
    }
  }

  /** The answer to the peer's HELLO, before this end closes. */
  writeAnswer() {
    this.answerDue = false;
    this.transport.write(this.helloWire(true), () => {});
  }

  /** @returns {Outgoing | null} */
  #opening() {
    const { clock } = this;
    if (this.answerDue) {
      this.answerDue = false;
      return { wire: this.helloWire(true) };
    }
    if (this.helloDue) {
      this.helloDue = false;
      const taken = () => {
        if (this.state === "greeting") this.repeatAt = clock.now() + timing.helloMs;
      };
      return { wire: this.helloWire(false), taken };
    }
    if (!this.handshakeDue) return null;
    const payload = this.handshakeDue;
    this.handshakeDue = null;
    const repeats = this.role === "terminal";
    const header = encodeHeader({ type: FrameType.HANDSHAKE, channel: repeats ? 1 : 2 });
    const taken = () => {
      if (this.state === "handshake" && repeats) this.repeatAt = clock.now() + timing.handshakeMs;
    };
    return { wire: encodeFrame(header, payload), taken };
  }

  /** @returns {Outgoing | null} */
  #nextData() {
    if (!this.data) {
      const message = this.waiting.shift();
      if (!message) return null;
      const { sequence } = this;
      const payload = message.encoded;
      this.data = {
        ...this.sessionFrame(FrameType.DATA, { sequence, payload }),
        sequence,
        transmissions: 0,
        takenAt: this.clock.now(),
        timeoutAt: null,
        due: true,
        acknowledged: message.taken,
      };
    }
    const { data } = this;
    if (!data.due) return null;
    data.due = false;
    data.transmissions += 1;
    if (data.transmissions > 1) {
      this.counts.retransmissions += 1;
      this.roundTrip.repeated();
    }
    const taken = () => {
      data.takenAt = this.clock.now();
      data.timeoutAt = data.takenAt + this.roundTrip.timeout;
    };
    return { wire: data.wire, taken };
  }

  /** @returns {Outgoing | null} */
  #nextBulk() {
    if (this.state !== "up" || !this.tagged || this.outOfReach(BULK_REACH)) return null;
    const frame = this.bulk.nextFrame(this.clock.now() >= this.nextBulkAt);
    if (!frame) return null;
    const { wire } = this.sessionFrame(frame.type, frame);
    if (frame.type === FrameType.BULK_ACK) return { wire };
    const taken = () => {
      const share = wire.length / this.maxFrame;
      if (this.slow) this.nextBulkAt = this.clock.now() + (1000 * share) / BULK_RATE;
      this.bulk.taken();
    };
    return { wire, taken };
  }

  /** The next frame by priority. @returns {Outgoing | null} */
  #next() {
    const opening = this.#opening();
    if (opening) return opening;
    if (this.state === "up") {
      const data = this.#nextData();
      if (data) return data;
      if (this.outOfReach()) return null;
      if (this.ackDue) return this.sessionFrame(FrameType.ACK, {});
      if (this.pingDue) {
        this.pingDue = false;
        return this.sessionFrame(FrameType.PING, {});
      }
    }
    if (this.unknownDue) {
      this.unknownDue = false;
      return { wire: encodeFrame(encodeHeader({ type: FrameType.UNKNOWN_SESSION }), empty) };
    }
    return this.#nextBulk();
  }

  /** Hands over what is due, one frame after the other. */
  pump() {
    if (this.holding > 0 || this.state === "closed") return;
    while (!this.busy) {
      const next = this.#next();
      if (!next) break;
      this.busy = true;
      this.transport.write(next.wire, () => {
        this.busy = false;
        next.taken?.();
        this.pump();
      });
    }
    this.arm();
  }
}
