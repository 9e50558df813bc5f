// One terminal of a host, over one connection.
import { equal, fromHex } from "./bytes.mjs";
import { CborError } from "./cbor.mjs";
import { HostAttempt } from "./host-enrolment.mjs";
import { Link } from "./link.mjs";
import {
  BulkKind,
  BulkResult,
  ClockTrust,
  MESSAGES,
  ReadingKind,
  ReplyStatus,
  ScreenSlot,
  TerminalMode,
  UpdateProblem,
  UpdateStage,
  decodeMessage,
  nameOf,
} from "./messages.mjs";
import { sha256 } from "./noise.mjs";
import { splitQueue } from "./queue.mjs";
import { stripes } from "./screens.mjs";
import { openReading } from "./sealing.mjs";

const MAX_BAD_MESSAGES = 32;
const MAX_QUEUE_BYTES = 4896;
const MAX_LOG_BYTES = 1 << 20;
const STATE_MS = 10_000;

/** @typedef {import("./messages.mjs").Fields} Fields */
/** @typedef {import("./bulk.mjs").Offer} Offer */

export class HostTerminal {
  /** @param {import("./host-end.mjs").Host} host @param {import("./tcp.mjs").Wire} wire */
  constructor(host, wire) {
    this.host = host;
    this.wire = wire;
    this.serial = "";
    /** @type {Fields} */
    this.hello = {};
    /** @type {Fields | null} */
    this.state = null;
    this.misplaced = 0;
    /** @type {HostAttempt | null} */
    this.enrolment = null;
    /** @type {(() => void)[]} transfers that wait for their turn */
    this.transfers = [];
    const link = new Link({
      role: "host",
      hello: {
        protocol_min: 1,
        protocol_max: 1,
        capabilities: 0,
        max_frame: host.maxFrame,
        serial: "",
        firmware: "peer 1",
        boot: 0,
        reset: 0,
        slot: 0,
        last_update: 0,
      },
      keys: (hello) => host.keys.get(hello.serial) ?? [],
      transport: wire,
      clock: host.clock,
      random: host.random,
      rekey: host.rekey,
      partials: host.partials,
      owner: {
        up: (up) => this.#up(up),
        message: (name, fields) => this.#message(name, fields),
        closed: (reason) => this.#closed(reason),
      },
      bulkOwner: {
        accept: (offer) => this.#acceptBulk(offer),
        received: (offer, content) => this.#receivedBulk(offer, content),
        incomingEnded: () => {},
        outgoingEnded: (offer, result) => this.#outgoingEnded(offer, result),
      },
    });
    this.link = link;
    /** The key given to the terminal, until it has answered. @type {Uint8Array | null} */
    this.rotating = null;
    wire.onBytes = (bytes) => {
      link.receive(bytes);
      this.#countDropped();
    };
    wire.onGone = () => link.close();
    link.start();
    this.#expectState();
  }

  /** @param {Fields} event */
  emit(event) {
    this.host.emit({ serial: this.serial, ...event });
  }

  /** @param {string} name @param {Fields} [fields] */
  send(name, fields = {}) {
    this.link.send(name, fields);
  }

  /** A link that is up must say what its terminal is. */
  #expectState() {
    this.host.clock.set(() => {
      if (!this.state && !this.enrolment) this.link.close("no terminal_state");
    }, STATE_MS);
  }

  #countDropped() {
    const { reader, counts, state } = this.link;
    const dropped = Object.values(reader.dropped).reduce((a, b) => a + b, counts.dropped);
    if (state !== "closed" && dropped > this.host.maxDropped) this.link.close("dropped frames");
  }

  /** @param {string} reason */
  #closed(reason) {
    this.emit({ event: "link_closed", reason });
    this.state = null;
    this.transfers = [];
    if (this.host.served.get(this.serial) === this) this.host.served.delete(this.serial);
    this.enrolment?.linkEnded();
    this.enrolment = null;
    const { link } = this;
    if (reason !== "restarted") return this.wire.end();
    this.host.clock.set(() => {
      if (link.state !== "closed") return;
      link.start();
      this.#expectState();
    }, link.restartDelay);
  }

  /** @param {import("./link.mjs").Up} up */
  #up({ hello, tagged, key }) {
    const { host } = this;
    const { firmware, slot, boot, capabilities, max_frame, last_update } = hello;
    this.serial = hello.serial;
    this.hello = hello;
    this.emit({ event: "up", tagged, firmware, slot, boot, capabilities, max_frame, last_update });
    if (!tagged) {
      this.enrolment = new HostAttempt(this);
      return this.enrolment.start();
    }
    if (key) host.proven(this.serial, key);
    const older = host.served.get(this.serial);
    host.served.set(this.serial, this);
    older?.link.close("displaced");
  }

  // Messages of the terminal

  /** @param {string} name @param {Fields} fields */
  #message(name, fields) {
    if (this.enrolment) return this.enrolment.message(name, fields);
    const handlers = {
      terminal_state: () => this.#terminalState(fields),
      tap: () => this.#tap(fields),
      queued_tap: () => this.#queuedTap(fields) && this.#acknowledge([fields]),
      gave_up: () => this.emit({ event: "gave_up", number: fields.number }),
      time_request: () => this.#timeRequest(fields),
      reply: () => this.#replied(fields),
      update_state: () => this.#updateState(fields),
      ...Object.fromEntries(
        ["stats", "touch", "key", "card", "tamper", "apdu_response", "apdu_wait"].map((seen) => [
          seen,
          () => this.emit({ event: seen, ...fields }),
        ]),
      ),
    };
    const early = this.state === null && name !== "terminal_state";
    const handler = early ? undefined : handlers[/** @type {keyof typeof handlers} */ (name)];
    if (handler) handler();
    else this.misplaced += 1;
    if (this.misplaced + this.link.counts.badMessages > MAX_BAD_MESSAGES)
      this.link.close("bad messages");
  }

  /** @param {Fields} state */
  #terminalState(state) {
    const { host } = this;
    const first = this.state === null;
    this.state = state;
    this.emit({ event: "terminal_state", ...state });
    this.send("welcome", {
      wall_ms: Math.round(host.clock.wall()),
      trust: ClockTrust.synced,
      mode: TerminalMode.training,
      site_key: host.siteKey,
      highest_number: host.highest(this.serial, state.epoch),
    });
    if (first) this.#followPlan();
  }

  #followPlan() {
    const { plan } = this.host;
    const { epoch, panel_width: width, panel_height: height } = /** @type {Fields} */ (this.state);
    this.send("configure", { room: "Room 1", mode: TerminalMode.training, languages: "fr,nl" });
    if (plan.resendFrom !== undefined) this.send("resend_taps", { epoch, from: plan.resendFrom });
    if (plan.watch) this.send("card_watch", { on: true });
    if (plan.identify !== undefined) this.send("identify", { seconds: plan.identify });
    if (plan.stats) this.send("stats_request");
    if (plan.log) this.send("log_request");
    if (plan.apdu)
      this.send("apdu_request", { exchange: 1, deadline_ms: 500, command: fromHex("00a4040000") });
    if (plan.rotate) this.#rotate(plan.rotate);
    if (plan.screens && width > 0) {
      this.#screen(1, ScreenSlot.idle, width, height);
      this.#screen(2, ScreenSlot.live, width, height);
    }
    if (plan.update && this.hello.firmware !== "peer update") this.#offerUpdate(plan.update);
    else if (plan.reboot && this.hello.boot < 2) this.send("reboot", { delay_ms: 100 });
  }

  /** @param {Uint8Array} key */
  #rotate(key) {
    const keys = this.host.keys.get(this.serial) ?? [];
    if (keys.some((known) => equal(known, key))) return;
    this.host.addKey(this.serial, key);
    this.rotating = key;
    this.send("rotate_key", { key });
  }

  /** @param {Fields} reply */
  #replied({ to, status }) {
    this.emit({ event: "reply", to, status: nameOf(ReplyStatus, status) });
    if (to !== MESSAGES.rotate_key.op || !this.rotating) return;
    if (status !== ReplyStatus.done) this.host.forgetKey(this.serial, this.rotating);
    this.rotating = null;
  }

  /** @param {Fields} request */
  #timeRequest({ t1_ms }) {
    this.emit({ event: "time_request", t1_ms });
    const wall = Math.round(this.host.clock.wall());
    this.send("time_reply", { t1_ms, t2_ms: wall, t3_ms: wall, trust: ClockTrust.synced });
  }

  /** @param {Fields} tap @param {Fields} reading @param {boolean} live @returns {boolean} recorded, now or before */
  #record(tap, reading, live) {
    const result = this.host.record(this.serial, tap);
    if (result === "other") {
      this.emit({ event: "identity_used_twice", number: tap.number });
      this.send("open_epoch", { epoch: tap.epoch });
      return false;
    }
    const { epoch, number, wall_ms, monotonic_ms } = tap;
    const kind = nameOf(ReadingKind, reading.kind);
    const trust = nameOf(ClockTrust, tap.trust);
    const again = result === "known";
    this.emit({
      event: "tap",
      live,
      again,
      epoch,
      number,
      kind,
      reading: reading.reading,
      wall_ms,
      monotonic_ms,
      trust,
    });
    return true;
  }

  /** @param {Fields} tap */
  #tap(tap) {
    const { host } = this;
    if (!this.#record(tap, tap, true)) return;
    const { epoch, number } = tap;
    const outcome = host.direction(tap.reading);
    const answer = () => this.send("answer", { epoch, number, outcome });
    if (host.answerAfterMs > 0) host.clock.set(answer, host.answerAfterMs);
    else answer();
  }

  /** @param {Fields} tap @returns {boolean} to be acknowledged */
  #queuedTap(tap) {
    const reading = openReading(this.host.sitePrivate, /** @type {any} */ (tap));
    return this.#record(tap, reading ?? { kind: 0, reading: null }, false);
  }

  /** @param {Fields[]} taps recorded, of any epoch, in order */
  #acknowledge(taps) {
    /** @type {{ epoch: Uint8Array, first: bigint, last: bigint }[]} */
    const ranges = [];
    for (const { epoch, number } of taps) {
      const last = ranges.at(-1);
      if (last && number === last.last + 1n && equal(last.epoch, epoch)) last.last = number;
      else ranges.push({ epoch, first: number, last: number });
    }
    for (const range of ranges) this.send("tap_ack", range);
  }

  // Bulk transfers

  /** @param {Offer} offer @returns {number | null} */
  #acceptBulk({ kind, bytes }) {
    if (this.state === null) return BulkResult.refused;
    if (kind === BulkKind.queue && bytes <= MAX_QUEUE_BYTES) return null;
    if (kind === BulkKind.log && bytes <= MAX_LOG_BYTES) return null;
    return BulkResult.refused;
  }

  /** @param {Offer} offer @param {Uint8Array} content */
  #receivedBulk({ kind }, content) {
    if (kind === BulkKind.log) {
      this.emit({ event: "log", text: new TextDecoder().decode(content) });
      return BulkResult.complete;
    }
    const entries = splitQueue(content);
    this.emit({ event: "queue", entries: entries.length });
    const recorded = [];
    for (const entry of entries) {
      const tap = this.#entry(entry);
      if (!tap) break; // and all after it
      if (this.#queuedTap(tap)) recorded.push(tap);
    }
    this.#acknowledge(recorded);
    return BulkResult.complete;
  }

  /** @param {Uint8Array} encoded @returns {Fields | null} */
  #entry(encoded) {
    try {
      const { name, fields } = decodeMessage(encoded);
      if (name === "queued_tap") return fields;
    } catch (error) {
      if (!(error instanceof CborError)) throw error;
    }
    this.misplaced += 1;
    return null;
  }

  /** @param {() => void} begin offers a content */
  #transfer(begin) {
    this.transfers.push(begin);
    if (this.transfers.length === 1) begin();
  }

  /** @param {Offer} offer @param {number} result */
  #outgoingEnded({ kind, subject }, result) {
    this.emit({
      event: "transfer",
      kind: nameOf(BulkKind, kind),
      subject,
      result: nameOf(BulkResult, result),
    });
    if (kind === BulkKind.screen && subject === 2 && result === BulkResult.complete) {
      this.send("screen_show", { screen: subject });
    }
    this.transfers.shift();
    this.transfers[0]?.();
  }

  /** @param {number} screen @param {number} slot @param {number} width @param {number} height */
  #screen(screen, slot, width, height) {
    this.#transfer(() => {
      this.send("screen", { screen, slot, width, height });
      this.link.bulk.offer(BulkKind.screen, screen, stripes(width, height));
    });
  }

  // Update

  /** @param {Uint8Array} image */
  #offerUpdate(image) {
    this.send("update_offer", {
      version: "peer update",
      bytes: image.length,
      digest: sha256(image),
      security_counter: 1,
      slot: this.hello.slot === 0 ? 1 : 0,
      signature: new Uint8Array(0),
    });
  }

  /** @param {Fields} state */
  #updateState({ stage, problem, security_counter: security }) {
    const { plan } = this.host;
    this.emit({
      event: "update",
      stage: nameOf(UpdateStage, stage),
      problem: nameOf(UpdateProblem, problem),
      security_counter: security,
    });
    const image = plan.update;
    if (stage === UpdateStage.wanted && image)
      this.#transfer(() => this.link.bulk.offer(BulkKind.firmware, 0, image));
    if (stage === UpdateStage.staged && plan.reboot) this.send("reboot", { delay_ms: 100 });
  }
}
