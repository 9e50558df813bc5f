// A terminal of version 1, over any transport.
import { randomBytes } from "node:crypto";

import { PartialStore } from "./bulk.mjs";
import { equal } from "./bytes.mjs";
import { realClock } from "./clock.mjs";
import { TerminalEnrolment } from "./enrol.mjs";
import { MAX_MAX_FRAME } from "./frames.mjs";
import { Link } from "./link.mjs";
import {
  BulkKind,
  BulkResult,
  Capability,
  ClockTrust,
  EnrolEndReason,
  Outcome,
  ResetReason,
  TerminalMode,
  nameOf,
} from "./messages.mjs";
import { TapQueue } from "./queue.mjs";
import { TerminalContents } from "./terminal-contents.mjs";
import { TerminalRequests } from "./terminal-requests.mjs";
import { TerminalTaps, kindOf } from "./terminal-taps.mjs";
import { TerminalTime } from "./terminal-time.mjs";

const WINDOW_MS = 120_000;
const RECONNECT_MS = 1000;
const REFUSED_MS = 30_000;
const CAPACITY = 1000;
const MAX_LOG = 100;

/** @typedef {import("./messages.mjs").Fields} Fields */

export class Terminal {
  /**
   * @param {object} setup
   * @param {string} setup.serial
   * @param {Uint8Array | null} [setup.key] link key
   * @param {Uint8Array | null} [setup.siteKey] null = the first welcome's is taken
   * @param {boolean} [setup.enrolling] the provisioning window is open
   * @param {boolean} [setup.byBulk] queued taps go as transfers, however few
   * @param {{ width: number, height: number }} [setup.panel]
   * @param {number} [setup.maxFrame]
   * @param {{ frames?: number, ms?: number }} [setup.rekey] in place of what the protocol says
   * @param {(event: Fields) => void} setup.emit
   * @param {import("./clock.mjs").Clock} [setup.clock]
   * @param {(bytes: number) => Uint8Array} [setup.random]
   */
  constructor({
    serial,
    key,
    siteKey,
    enrolling,
    byBulk,
    panel,
    maxFrame,
    rekey,
    emit,
    clock,
    random,
  }) {
    this.serial = serial;
    this.key = key ?? null;
    this.siteKey = siteKey ?? null;
    this.enrolling = enrolling ?? false;
    this.byBulk = byBulk ?? false;
    this.panel = panel ?? { width: 320, height: 240 };
    this.maxFrame = maxFrame ?? MAX_MAX_FRAME;
    this.rekey = rekey;
    this.clock = clock ?? realClock;
    this.random = random ?? ((bytes) => new Uint8Array(randomBytes(bytes)));
    this.queue = new TapQueue(this.random);
    this.partials = new PartialStore();
    this.boot = 1;
    this.bootedAt = this.clock.now();
    this.reset = ResetReason.power_on;
    /** @type {string[]} */
    this.lines = [];
    this.emit = (/** @type {Fields} */ event) => {
      this.lines = [...this.lines, `${this.monotonic} ${event.event}`].slice(-MAX_LOG);
      emit(event);
    };
    this.contents = new TerminalContents(this);
    this.taps = new TerminalTaps(this);
    this.time = new TerminalTime({
      clock: this.clock,
      monotonic: () => this.monotonic,
      ask: (t1) => this.send("time_request", { t1_ms: t1 }),
      emit: this.emit,
    });
    this.requests = new TerminalRequests(this);
    this.watching = false;
    this.misplaced = 0;
    /** @type {Link | null} */
    this.link = null;
    /** @type {import("./tcp.mjs").Wire | null} */
    this.wire = null;
    /** Welcomed. */
    this.ready = false;
    this.siteRefused = false;
    /** @type {TerminalEnrolment | null} */
    this.enrolment = null;
    this.stopped = false;
    this.onGone = () => {};
    if (this.enrolling) this.clock.set(() => this.#windowClosed(), WINDOW_MS);
  }

  get monotonic() {
    return BigInt(Math.round(this.clock.now() - this.bootedAt));
  }

  get hello() {
    const { display, touch, indicator, queue, update, enrolling } = Capability;
    const shows = this.panel.width > 0 ? display | touch : 0;
    const { version, slot, outcome } = this.contents.firmware;
    return {
      protocol_min: 1,
      protocol_max: 1,
      capabilities: shows | indicator | queue | update | (this.enrolling ? enrolling : 0),
      max_frame: this.maxFrame,
      serial: this.serial,
      firmware: version,
      boot: this.boot,
      reset: this.reset,
      slot,
      last_update: outcome,
    };
  }

  /** How long to wait before the next connection, ms. */
  get pause() {
    return this.siteRefused || !(this.key || this.enrolling) ? REFUSED_MS : RECONNECT_MS;
  }

  /** A connection is there: the link begins. @param {import("./tcp.mjs").Wire} wire */
  attach(wire) {
    this.wire = wire;
    const link = new Link({
      role: "terminal",
      hello: this.hello,
      keys: () => (this.key ? [this.key] : []),
      transport: wire,
      clock: this.clock,
      random: this.random,
      rekey: this.rekey,
      partials: this.partials,
      owner: {
        up: (up) => this.#up(up.tagged, up.hello),
        message: (name, fields) => this.#message(name, fields),
        closed: (reason) => this.#closed(link, reason),
      },
      bulkOwner: {
        accept: (offer) => this.contents.accept(offer),
        received: (offer, content) => this.contents.received(offer, content),
        incomingEnded: (offer, result) => this.contents.ended(offer, result),
        outgoingEnded: (offer, result) => this.#outgoingEnded(offer, result),
      },
    });
    this.link = link;
    wire.onBytes = (bytes) => link.receive(bytes);
    wire.onGone = () => {
      link.close();
      if (this.link === link) this.link = this.wire = null;
      this.onGone();
    };
    link.start();
  }

  /** Ends the link with BYE and stays away. */
  stop() {
    this.stopped = true;
    this.link?.close();
    this.wire?.end();
  }

  /** @param {string} name @param {Fields} [fields] @param {() => void} [acknowledged] */
  send(name, fields = {}, acknowledged) {
    this.link?.send(name, fields, acknowledged);
  }

  /** @param {Link} link @param {string} reason */
  #closed(link, reason) {
    this.ready = false;
    this.time.end();
    this.emit({ event: "link_closed", reason });
    if (this.enrolment?.begun) this.#enrolmentOver({ enrolled: false, reason: null });
    this.enrolment = null; // before `enrol_key` the window stays open for another link
    const again = () =>
      link.state === "closed" && this.link === link && !this.stopped && link.start();
    if (reason === "restarted" && !this.stopped) this.clock.set(again, link.restartDelay);
    else this.wire?.end();
  }

  /** @param {boolean} tagged @param {Fields} hello */
  #up(tagged, hello) {
    this.emit({ event: "up", tagged, firmware: hello.firmware });
    if (!tagged) return this.#beginEnrolment();
    this.taps.begin();
    this.#sendState();
  }

  #sendState() {
    this.send("terminal_state", {
      epoch: this.queue.epoch,
      next_number: this.queue.nextNumber,
      waiting: this.queue.waiting.length,
      capacity: CAPACITY,
      panel_width: this.panel.width,
      panel_height: this.panel.height,
    });
  }

  // Enrolment

  #beginEnrolment() {
    const link = /** @type {Link} */ (this.link);
    this.enrolment = new TerminalEnrolment({
      terminalHello: link.helloPayload,
      hostHello: link.peerPayload,
      random: this.random,
      owner: {
        send: (name, fields) => {
          const last = name === "enrol_done" || name === "enrol_end";
          link.send(name, fields, last ? () => link.close() : undefined);
        },
        number: (number) => this.emit({ event: "number", number }),
        keep: (grant) => this.#keep(grant),
        ended: (result) => {
          this.#enrolmentOver(result);
          if (!result.here) link.close();
        },
      },
    });
  }

  /** @param {{ key: Uint8Array, site_key: Uint8Array }} grant */
  #keep({ key, site_key: siteKey }) {
    const other = this.siteKey !== null && !equal(this.siteKey, siteKey);
    if (other && this.queue.waiting.length > 0) return false;
    if (other) this.queue.openEpoch();
    this.key = key;
    this.siteKey = siteKey;
    this.siteRefused = false;
    return true;
  }

  #windowClosed() {
    if (this.enrolment) this.enrolment.end(EnrolEndReason.expired);
    else this.#enrolmentOver({ enrolled: false, reason: EnrolEndReason.expired });
  }

  /** @param {{ enrolled: boolean, reason: number | null }} result */
  #enrolmentOver({ enrolled, reason }) {
    if (!this.enrolling) return;
    if (this.enrolment) this.enrolment.over = true;
    this.enrolment = null;
    this.enrolling = false;
    const details = enrolled
      ? { key: this.key, site_key: this.siteKey }
      : { reason: reason === null ? "link" : nameOf(EnrolEndReason, reason) };
    this.emit({ event: "enrolled", enrolled, ...details });
  }

  // Messages of the host

  /** @param {string} name @param {Fields} fields */
  #message(name, fields) {
    if (this.enrolment) return this.enrolment.message(name, fields);
    const { contents, taps } = this;
    const handlers = {
      welcome: () => this.#welcome(fields),
      answer: () => taps.answered(fields),
      tap_ack: () => taps.acknowledged(fields),
      resend_taps: () => taps.resend(fields),
      open_epoch: () => equal(fields.epoch, this.queue.epoch) && this.#openEpoch(),
      time_reply: () => this.time.answered(/** @type {any} */ (fields)),
      screen: () => void (contents.announced = fields),
      screen_show: () => this.#shown(fields.screen),
      feedback: () => this.#feedback(fields),
      card_watch: () => void (this.watching = fields.on),
      update_offer: () => contents.offered(fields),
    };
    const handler = handlers[/** @type {keyof typeof handlers} */ (name)];
    if (handler) handler();
    else if (!this.requests.message(name, fields)) this.misplaced += 1;
  }

  /** @param {number} screen */
  #shown(screen) {
    this.emit({ event: "screen_show", screen, known: this.contents.isShown(screen) });
  }

  /** @param {Fields} feedback */
  #feedback({ outcome, for_ms }) {
    this.emit({ event: "feedback", outcome: nameOf(Outcome, outcome), for_ms });
  }

  /** @param {Fields} welcome */
  #welcome({ site_key: siteKey, mode, trust, highest_number: highest }) {
    if (this.siteKey && !equal(siteKey, this.siteKey)) {
      this.siteRefused = true;
      this.emit({ event: "other_site_key" });
      this.link?.close();
      return;
    }
    this.siteKey = siteKey;
    this.siteRefused = false;
    const known = nameOf(ClockTrust, trust);
    this.emit({
      event: "welcome",
      mode: nameOf(TerminalMode, mode),
      trust: known,
      highest_number: highest,
    });
    if (this.queue.nextNumber <= highest) return this.#openEpoch();
    if (this.ready) return;
    this.ready = true;
    this.emit({ event: "ready" });
    this.time.begin();
    this.taps.flush();
  }

  #openEpoch() {
    this.queue.openEpoch();
    this.emit({ event: "new_epoch", epoch: this.queue.epoch });
    this.#sendState();
  }

  /** It starts again, as after `reboot`. */
  restart() {
    this.contents.started();
    this.boot += 1;
    this.bootedAt = this.clock.now();
    this.reset = ResetReason.software;
    this.time.reset();
    this.watching = false;
    this.link?.close();
  }

  /** @param {import("./bulk.mjs").Offer} offer @param {number} result */
  #outgoingEnded(offer, result) {
    this.emit({
      event: "transfer",
      kind: nameOf(BulkKind, offer.kind),
      bytes: offer.bytes,
      result: nameOf(BulkResult, result),
    });
    this.clock.set(() => this.requests.sendLog(), 0);
    this.taps.transferred(offer, result);
  }

  // People

  /** A card is held to the reader. @param {Uint8Array} reading @param {number} [kind] */
  tap(reading, kind = kindOf(reading)) {
    return this.taps.seen(reading, kind);
  }

  /** @param {boolean} yes */
  compared(yes) {
    this.enrolment?.compared(yes);
  }

  /** @param {number} x @param {number} y */
  touch(x, y) {
    const screen = this.contents.liveScreen;
    this.send("touch", { screen, x, y, monotonic_ms: this.monotonic });
  }

  /** @param {number} key */
  press(key) {
    this.send("key", { key, monotonic_ms: this.monotonic });
  }
}
