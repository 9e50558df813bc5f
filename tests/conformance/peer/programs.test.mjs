// The two command lines against each other over TCP.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const keyHex = "07".repeat(32);

/** Starts a program of this folder; it is ended with the test. */
function start(t, name, ...args) {
  const child = spawn(process.execPath, [fileURLToPath(new URL(name, import.meta.url)), ...args], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  t.after(() => child.kill());
  const seen = [];
  const waiting = [];
  createInterface({ input: child.stdout }).on("line", (line) => {
    seen.push(JSON.parse(line));
    for (const look of waiting) look();
  });
  const event = (wanted) =>
    new Promise((resolve) => {
      const look = () => {
        const found = seen.find((e) => e.event === wanted);
        if (found) resolve(found);
      };
      waiting.push(look);
      look();
    });
  return { child, seen, event, say: (line) => child.stdin.write(`${line}\n`) };
}

const options = { timeout: 30_000 };

test("a terminal taps, is answered and exits with 0", options, async (t) => {
  const host = start(
    t,
    "host.mjs",
    "--listen",
    "0",
    "--serial",
    "T-1",
    "--key",
    keyHex,
    "--taps",
    "3",
    "--stats",
  );
  const { port } = await host.event("listening");
  const terminal = start(
    t,
    "terminal.mjs",
    "--connect",
    `127.0.0.1:${port}`,
    "--serial",
    "T-1",
    "--key",
    keyHex,
    "--queued",
    "04010203",
    "--tap",
    "04112233445566",
    "--tap",
    "04112233445566",
  );
  const [code] = await once(terminal.child, "exit");
  assert.equal(code, 0);
  assert.deepEqual(
    terminal.seen.filter((e) => e.event === "answer").map((e) => e.outcome),
    ["arrived", "left"],
  );
  const readings = host.seen.filter((e) => e.event === "tap").map((e) => e.reading);
  assert.deepEqual(readings, ["04010203", "04112233445566", "04112233445566"]);
  const [hostCode] = await once(host.child, "exit");
  assert.equal(hostCode, 0);
});

test(
  "a terminal with another key is not answered, and does not exit with 0",
  options,
  async (t) => {
    const host = start(t, "host.mjs", "--listen", "0", "--serial", "T-1", "--key", keyHex);
    const { port } = await host.event("listening");
    const terminal = start(
      t,
      "terminal.mjs",
      "--connect",
      `127.0.0.1:${port}`,
      "--serial",
      "T-1",
      "--key",
      "08".repeat(32),
      "--tap",
      "04112233445566",
      "--timeout",
      "2",
    );
    const [code] = await once(terminal.child, "exit");
    assert.equal(code, 1);
    assert.equal((await host.event("link_closed")).reason, "handshake");
  },
);

test("enrolment by two people, then a tap under the new key", options, async (t) => {
  const host = start(t, "host.mjs", "--listen", "0", "--serial", "T-2", "--enrol");
  const { port } = await host.event("listening");
  const terminal = start(
    t,
    "terminal.mjs",
    "--connect",
    `127.0.0.1:${port}`,
    "--serial",
    "T-2",
    "--enrol",
    "--tap",
    "04112233445566",
  );
  const { number } = await terminal.event("number");
  await host.event("number_ready");
  terminal.say("yes");
  host.say(number);
  const typed = await host.event("typed");
  assert.deepEqual([typed.number, typed.same], [number, true]);
  const [code] = await once(terminal.child, "exit");
  assert.equal(code, 0);
  assert.equal((await host.event("enrolled")).key, (await terminal.event("enrolled")).key);
});

test("enrolment with wrong digits ends for good", options, async (t) => {
  const host = start(t, "host.mjs", "--listen", "0", "--serial", "T-2", "--enrol");
  const { port } = await host.event("listening");
  const terminal = start(
    t,
    "terminal.mjs",
    "--connect",
    `127.0.0.1:${port}`,
    "--serial",
    "T-2",
    "--enrol",
  );
  const { number } = await terminal.event("number");
  await host.event("number_ready");
  host.say(number === "000000" ? "000001" : "000000");
  const [code] = await once(terminal.child, "exit");
  assert.equal(code, 1);
  assert.equal((await terminal.event("enrolled")).reason, "different");
});
