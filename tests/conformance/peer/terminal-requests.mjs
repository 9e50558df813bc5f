// What a terminal answers to the requests of its host (docs/protocol.md, "Requests"), but for updates.
import { utf8 } from "./bytes.mjs";
import { ApduStatus, BulkKind, MESSAGES, ReplyStatus, TerminalMode, nameOf } from "./messages.mjs";

const REPLY_MS = 2000;
const MAX_IDENTIFY_SECONDS = 60;

/** @typedef {import("./messages.mjs").Fields} Fields */

export class TerminalRequests {
  /** @param {import("./terminal-end.mjs").Terminal} terminal */
  constructor(terminal) {
    this.terminal = terminal;
    this.logWanted = false;
  }

  /** @param {string} name @param {Fields} fields @returns {boolean} false = no request */
  message(name, fields) {
    const handlers = {
      configure: () => this.#configure(fields),
      rotate_key: () => {
        this.terminal.key = fields.key; // taken by the next handshake
        this.#reply(name, ReplyStatus.done, {});
      },
      identify: () => {
        const known = fields.seconds <= MAX_IDENTIFY_SECONDS;
        this.#reply(name, known ? ReplyStatus.done : ReplyStatus.refused, fields);
      },
      reboot: () => this.#reboot(fields),
      apdu_request: () => this.#noApdu(fields.exchange),
      stats_request: () => this.#sendStats(),
      log_request: () => {
        this.logWanted = true;
        this.sendLog();
      },
    };
    const handler = handlers[/** @type {keyof typeof handlers} */ (name)];
    handler?.();
    return handler !== undefined;
  }

  /** @param {string} to @param {number} status @param {Fields} details @param {() => void} [arrived] */
  #reply(to, status, details, arrived) {
    this.terminal.emit({ event: to, ...details, status: nameOf(ReplyStatus, status) });
    this.terminal.send("reply", { to: MESSAGES[to].op, status }, arrived);
  }

  /** @param {number} exchange */
  #noApdu(exchange) {
    const data = new Uint8Array(0);
    this.terminal.send("apdu_response", { exchange, status: ApduStatus.unsupported, data });
  }

  /** @param {Fields} fields */
  #configure(fields) {
    const known = typeof nameOf(TerminalMode, fields.mode) === "string";
    this.#reply("configure", known ? ReplyStatus.done : ReplyStatus.refused, fields);
  }

  /** The transfer of the queue goes first: one transfer is under way in a direction. */
  sendLog() {
    const { link, lines } = this.terminal;
    if (!this.logWanted || !link || link.bulk.outgoing) return;
    this.logWanted = false;
    link.bulk.offer(BulkKind.log, 0, utf8(lines.map((line) => `${line}\n`).join("")));
  }

  #sendStats() {
    const { terminal } = this;
    const { retransmissions, badTags, badMessages } = terminal.link?.counts ?? {};
    const unreadable = Object.values(terminal.link?.reader.dropped ?? {});
    const { counts } = terminal.taps;
    terminal.send("stats", {
      uptime_ms: terminal.monotonic,
      taps: counts.taps,
      not_accepted: 0,
      gave_up: counts.gave_up,
      late_answers: counts.late_answers,
      retransmissions: retransmissions ?? 0,
      bad_frames: unreadable.reduce((a, b) => a + b, 0),
      bad_tags: badTags ?? 0,
      bad_messages: terminal.misplaced + counts.unknown + (badMessages ?? 0),
      screens_stored: terminal.contents.stored,
      storage_errors: 0,
      reader_errors: 0,
    });
  }

  /** @param {Fields} request */
  #reboot({ delay_ms: delay }) {
    const { terminal } = this;
    const { clock, boot } = terminal;
    const at = clock.now() + delay;
    const go = () => terminal.boot === boot && terminal.restart();
    const arrived = () => clock.set(go, at - clock.now());
    this.#reply("reboot", ReplyStatus.done, { delay_ms: delay }, arrived);
    clock.set(go, delay + REPLY_MS);
  }
}
