// A host of version 1 that serves terminals over TCP. The command line is described in ../README.md.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

import { fromHex } from "./bytes.mjs";
import { MAX_MAX_FRAME } from "./frames.mjs";
import { Host } from "./host-end.mjs";
import { Outcome } from "./messages.mjs";
import { listen, print, readLines } from "./tcp.mjs";

const MAX_DROPPED = 64;

const options = /** @type {const} */ ({
  listen: { type: "string" },
  serial: { type: "string" },
  key: { type: "string" },
  "site-private": { type: "string" },
  site: { type: "string" },
  enrol: { type: "boolean" },
  update: { type: "string" },
  reboot: { type: "boolean" },
  screens: { type: "boolean" },
  stats: { type: "boolean" },
  log: { type: "boolean" },
  identify: { type: "string" },
  watch: { type: "boolean" },
  apdu: { type: "boolean" },
  "rotate-key": { type: "string" },
  "resend-from": { type: "string" },
  outcome: { type: "string" },
  "answer-after": { type: "string" },
  "max-frame": { type: "string" },
  taps: { type: "string" },
  timeout: { type: "string" },
});

async function main() {
  const { values } = parseArgs({ options });
  if (!values.listen || !values.serial || (!values.key && !values.enrol)) {
    console.error(
      "usage: host.mjs --listen PORT --serial S (--key HEX | --enrol) [--site-private HEX] [--update FILE]",
    );
    process.exit(2);
  }
  const { serial } = values;
  let expected = values.taps ? Number(values.taps) : Infinity;
  const host = new Host({
    keys: new Map(values.key ? [[serial, [fromHex(values.key)]]] : []),
    sitePrivate: values["site-private"] ? fromHex(values["site-private"]) : undefined,
    site: values.site,
    askedFor: values.enrol ? [serial] : [],
    plan: {
      screens: values.screens,
      stats: values.stats,
      log: values.log,
      watch: values.watch,
      apdu: values.apdu,
      reboot: values.reboot,
      identify: values.identify === undefined ? undefined : Number(values.identify),
      update: values.update ? new Uint8Array(readFileSync(values.update)) : undefined,
      rotate: values["rotate-key"] ? fromHex(values["rotate-key"]) : undefined,
      resendFrom: values["resend-from"] ? BigInt(values["resend-from"]) : undefined,
    },
    outcome: values.outcome ? Outcome[values.outcome] : null,
    answerAfterMs: Number(values["answer-after"] ?? 0),
    maxDropped: MAX_DROPPED,
    maxFrame: values["max-frame"] ? Number(values["max-frame"]) : MAX_MAX_FRAME,
    emit: (event) => {
      print(event);
      if (event.event === "tap" && !event.again && --expected === 0)
        setTimeout(() => process.exit(0), 1000);
    },
  });
  if (values.enrol) readLines((line) => line !== "" && host.typed(line));
  if (values.timeout) setTimeout(() => process.exit(1), Number(values.timeout) * 1000);
  const { port } = await listen(Number(values.listen), (wire) => void host.attach(wire));
  print({ event: "listening", port, site_key: host.siteKey });
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await main();
