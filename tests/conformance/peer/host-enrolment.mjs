// Enrolment at the host over one link: the window, the attempt, the key that is not proven yet.
import { HostEnrolment } from "./enrol.mjs";
import { EnrolEndReason, nameOf } from "./messages.mjs";

/**
 * @typedef {import("./host-end.mjs").Host} Host
 * @typedef {import("./host-terminal.mjs").HostTerminal} HostTerminal
 */

export class HostAttempt extends HostEnrolment {
  /** @param {HostTerminal} terminal whose link has come up untagged */
  constructor(terminal) {
    const { host, link, serial } = terminal;
    super({
      terminalHello: link.peerPayload,
      hostHello: link.helloPayload,
      random: host.random,
      siteKey: host.siteKey,
      site: host.site,
      owner: {
        send: (name, fields) => {
          const last = name === "enrol_end";
          link.send(name, fields, last ? () => link.close() : undefined);
        },
        number: () => terminal.emit({ event: "number_ready" }),
        keep: (grant) => {
          host.addKey(serial, grant.key);
          if (this.window) this.window.unproven = grant.key;
          return true;
        },
        ended: (result) => {
          this.#ended(result);
          if (!result.here) link.close();
        },
      },
    });
    this.terminal = terminal;
    const window = host.windows.get(serial);
    /** Null = nobody asked, or the attempt of the window has begun on another link. */
    this.window = window && !window.begun ? window : null;
  }

  start() {
    const { window, terminal } = this;
    if (window) {
      const older = window.link;
      window.link = terminal;
      older?.link.close();
    }
    this.begin(window !== null);
  }

  /** @param {string} name @param {any} fields */
  message(name, fields) {
    if (name === "enrol_key" && this.window) this.window.begun = true;
    super.message(name, fields);
  }

  /** The link has ended. */
  linkEnded() {
    if (this.over) return;
    this.over = true;
    this.#ended({ enrolled: false, reason: null });
  }

  /** @param {{ enrolled: boolean, reason: number | null }} result */
  #ended({ enrolled, reason }) {
    const { terminal, window, grant } = this;
    const { host, serial } = terminal;
    terminal.enrolment = null;
    if (window && (this.begun || reason !== null)) {
      if (host.windows.get(serial) === window) host.windows.delete(serial);
      // After a lost `enrol_done` the first handshake proves the key, until the time of the window is over.
      if (enrolled) host.proven(serial, grant.key);
      else if (reason !== null && window.unproven) host.forgetKey(serial, window.unproven);
    }
    if (!enrolled && !window && reason === null) return;
    const details = enrolled
      ? { key: grant.key, site_key: host.siteKey }
      : { reason: reason === null ? "link" : nameOf(EnrolEndReason, reason) };
    terminal.emit({ event: "enrolled", enrolled, ...details });
  }
}
