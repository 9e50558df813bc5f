// What a host sends to a terminal by bulk transfer: screens and firmware.
import { equal } from "./bytes.mjs";
import {
  BulkKind,
  BulkResult,
  ScreenSlot,
  UpdateProblem,
  UpdateStage,
  UpdateOutcome,
  nameOf,
} from "./messages.mjs";
import { faultOfScreen } from "./screens.mjs";

const MAX_IMAGE = 4 << 20;
const MAX_SCREEN = 98_304;

/** @typedef {import("./messages.mjs").Fields} Fields */
/** @typedef {import("./bulk.mjs").Offer} Offer */

export class TerminalContents {
  /** @param {import("./terminal-end.mjs").Terminal} terminal */
  constructor(terminal) {
    this.terminal = terminal;
    /** @type {Map<number, { id: number, bytes: number, digest: Uint8Array, content: Uint8Array }>} by slot */
    this.screens = new Map();
    this.stored = 0;
    this.faults = 0;
    /** @type {Fields | null} */
    this.announced = null;
    this.firmware = { version: "peer 1", slot: 0, security: 1, outcome: UpdateOutcome.none };
    /** The update that was answered `wanted` or is staged. @type {Fields | null} */
    this.update = null;
    /** @type {Uint8Array | null} */
    this.staged = null;
  }

  /** @param {Offer} offer @returns {number | null} a BulkResult; null = accepted */
  accept(offer) {
    const wanted =
      offer.kind === BulkKind.firmware ? this.#wantsImage(offer) : this.#wantsScreen(offer);
    return wanted ? null : BulkResult.refused;
  }

  /** @param {Offer} offer */
  #wantsImage({ bytes, digest }) {
    return (
      !!this.update &&
      !this.staged &&
      bytes === this.update.bytes &&
      equal(digest, this.update.digest)
    );
  }

  /** @param {Offer} offer */
  #wantsScreen(offer) {
    const { announced, terminal } = this;
    if (
      offer.kind !== BulkKind.screen ||
      announced?.screen !== offer.subject ||
      terminal.panel.width === 0 ||
      offer.bytes > MAX_SCREEN
    ) {
      return false;
    }
    const kept = announced.slot === ScreenSlot.live ? undefined : this.screens.get(announced.slot);
    if (kept && kept.bytes === offer.bytes && equal(kept.digest, offer.digest)) {
      const entry = terminal.partials.open(offer);
      entry.content = kept.content;
      entry.held = kept.bytes;
    }
    return true;
  }

  /** @param {Offer} offer @param {Uint8Array} content @returns {number} */
  received({ kind, subject: id, bytes, digest }, content) {
    if (kind === BulkKind.firmware) {
      this.staged = content;
      this.terminal.clock.set(() => this.#state(UpdateStage.staged), 0);
      return BulkResult.complete;
    }
    const { slot, width, height } = /** @type {Fields} */ (this.announced);
    const known = slot !== ScreenSlot.live && this.screens.get(slot);
    const again = !!known && known.bytes === bytes && equal(known.digest, digest);
    const fault = faultOfScreen(content, width, height);
    if (fault) this.faults += 1;
    this.terminal.emit({
      event: "screen",
      screen: id,
      slot: nameOf(ScreenSlot, slot),
      width,
      height,
      bytes,
      again,
      fault,
    });
    this.screens.set(slot, { id, bytes, digest, content });
    if (slot !== ScreenSlot.live && !again) this.stored += 1;
    return BulkResult.complete;
  }

  /** @param {Offer} offer @param {number} result */
  ended({ kind }, result) {
    if (kind === BulkKind.firmware && result === BulkResult.digest)
      this.#state(UpdateStage.refused, UpdateProblem.digest);
  }

  /** @param {number} screen */
  isShown(screen) {
    return screen === 0 || this.liveScreen === screen;
  }

  /** Id of the live screen, 0 without one. */
  get liveScreen() {
    return this.screens.get(ScreenSlot.live)?.id ?? 0;
  }

  /** @param {Fields} offer */
  offered(offer) {
    let problem = UpdateProblem.none;
    if (offer.bytes > MAX_IMAGE) problem = UpdateProblem.too_large;
    else if (offer.security_counter < this.firmware.security) problem = UpdateProblem.too_old;
    else if (offer.slot === this.firmware.slot) problem = UpdateProblem.wrong_slot;
    this.terminal.emit({
      event: "update_offer",
      version: offer.version,
      bytes: offer.bytes,
      problem: nameOf(UpdateProblem, problem),
    });
    if (problem !== UpdateProblem.none) return this.#state(UpdateStage.refused, problem);
    const same = this.staged && this.update && equal(this.update.digest, offer.digest);
    this.update = offer;
    if (!same) this.staged = null;
    this.#state(same ? UpdateStage.staged : UpdateStage.wanted);
  }

  /** @param {number} stage @param {number} [problem] */
  #state(stage, problem = UpdateProblem.none) {
    this.terminal.emit({
      event: "update",
      stage: nameOf(UpdateStage, stage),
      problem: nameOf(UpdateProblem, problem),
    });
    const { security } = this.firmware;
    this.terminal.send("update_state", { stage, problem, security_counter: security });
  }

  /** The terminal starts again: what is staged runs now. */
  started() {
    if (this.staged && this.update) {
      const { version, slot, security_counter: security } = this.update;
      this.firmware = { version, slot, security, outcome: UpdateOutcome.confirmed };
    }
    this.update = null;
    this.staged = null;
    this.screens.delete(ScreenSlot.live);
  }
}
