// A terminal of version 1 over TCP. The command line is described in ../README.md.
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

import { fromHex } from "./bytes.mjs";
import { MAX_MAX_FRAME } from "./frames.mjs";
import { connect, print, readLines } from "./tcp.mjs";
import { Terminal } from "./terminal-end.mjs";

const RETRY = { first: 100, most: 2000 };

/** Connects, and again whenever the connection is gone. @param {Terminal} terminal @param {string} address HOST:PORT */
export function run(terminal, address) {
  const at = address.lastIndexOf(":");
  let retry = RETRY.first;
  const again = (/** @type {number} */ ms) => {
    if (!terminal.stopped) setTimeout(dial, ms).unref();
  };
  const opened = (/** @type {import("./tcp.mjs").Wire} */ wire) => {
    retry = RETRY.first;
    if (terminal.stopped) wire.end();
    else terminal.attach(wire);
  };
  const failed = () => {
    again(retry);
    retry = Math.min(2 * retry, RETRY.most);
  };
  const dial = () => {
    if (terminal.stopped) return;
    connect(address.slice(0, at), Number(address.slice(at + 1)), opened, failed);
  };
  terminal.onGone = () => again(terminal.pause);
  dial();
}

const options = /** @type {const} */ ({
  connect: { type: "string" },
  serial: { type: "string" },
  key: { type: "string" },
  "site-key": { type: "string" },
  enrol: { type: "boolean" },
  tap: { type: "string", multiple: true },
  queued: { type: "string", multiple: true },
  bulk: { type: "boolean" },
  panel: { type: "string" },
  "max-frame": { type: "string" },
  interactive: { type: "boolean" },
  linger: { type: "string" },
  timeout: { type: "string" },
});

function main() {
  const { values } = parseArgs({ options });
  if (!values.connect || !values.serial || (!values.key && !values.enrol)) {
    console.error(
      "usage: terminal.mjs --connect HOST:PORT --serial S (--key HEX | --enrol) [--tap HEX ...]",
    );
    process.exit(2);
  }
  const [width, height] = (values.panel ?? "320x240").split("x").map(Number);
  const live = (values.tap ?? []).map(fromHex);
  /** @type {import("./queue.mjs").Tap[]} */
  const made = [];
  let status = 1;
  const finish = (/** @type {number} */ code) => {
    status = code;
    setTimeout(() => terminal.stop(), Number(values.linger ?? 0));
    setTimeout(() => process.exit(status), Number(values.linger ?? 0) + 200);
  };
  const next = () => {
    const reading = live.shift();
    if (reading) made.push(terminal.tap(reading));
    else if (!values.interactive && made.every((tap) => tap.acknowledged)) finish(0);
  };
  let started = false;
  const terminal = new Terminal({
    serial: values.serial,
    key: values.key ? fromHex(values.key) : null,
    siteKey: values["site-key"] ? fromHex(values["site-key"]) : null,
    enrolling: values.enrol ?? false,
    byBulk: values.bulk ?? false,
    panel: { width, height },
    maxFrame: values["max-frame"] ? Number(values["max-frame"]) : MAX_MAX_FRAME,
    emit: (event) => {
      print(event);
      if (event.event === "ready" && !started) {
        started = true;
        setTimeout(next, 100);
      } else if (event.event === "acknowledged" && started) {
        setTimeout(next, 0);
      } else if (
        event.event === "enrolled" &&
        (!event.enrolled || made.length + live.length === 0)
      ) {
        finish(event.enrolled ? 0 : 1);
      }
    },
  });
  for (const hex of values.queued ?? []) made.push(terminal.tap(fromHex(hex)));
  if (values.enrol || values.interactive) {
    readLines((line) => {
      const [word, ...rest] = line.split(/\s+/);
      if (word === "yes" || word === "no") terminal.compared(word === "yes");
      else if (word === "tap") made.push(terminal.tap(fromHex(rest[0])));
      else if (word === "touch") terminal.touch(Number(rest[0]), Number(rest[1]));
      else if (word === "key") terminal.press(Number(rest[0]));
      else if (word === "quit") finish(made.every((tap) => tap.acknowledged) ? 0 : 1);
    });
  }
  setTimeout(
    () => {
      print({
        event: "timeout",
        unanswered: made.filter((tap) => !tap.acknowledged).length + live.length,
      });
      process.exit(1);
    },
    Number(values.timeout ?? 60) * 1000,
  );
  run(terminal, values.connect);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) main();
