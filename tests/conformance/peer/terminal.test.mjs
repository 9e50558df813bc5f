// The terminal against the host, in virtual time.
import assert from "node:assert/strict";
import { test } from "node:test";

import { equal, fromHex, toHex } from "./bytes.mjs";
import { VirtualClock } from "./clock.mjs";
import { Host } from "./host-end.mjs";
import { Outcome } from "./messages.mjs";
import { bytesFrom, join, randomOf } from "./pair.mjs";
import { publicKey } from "./noise.mjs";
import { Terminal } from "./terminal-end.mjs";

const key = new Uint8Array(32).fill(7);
const sitePrivate = new Uint8Array(32).fill(3);
const card = (n) => fromHex(`04${n.toString(16).padStart(12, "0")}`);

/** @param {any} options */
function site({ seed = 1, faults, terminal: terminalSetup, host: hostSetup, before } = {}) {
  const clock = new VirtualClock();
  const seen = { terminal: [], host: [] };
  const terminal = new Terminal({
    serial: "T-1",
    key,
    clock,
    random: bytesFrom(randomOf(seed + 1000)),
    emit: (event) => void seen.terminal.push(event),
    ...terminalSetup,
  });
  const host = new Host({
    keys: new Map([["T-1", [key]]]),
    sitePrivate,
    clock,
    random: bytesFrom(randomOf(seed + 2000)),
    emit: (event) => void seen.host.push(event),
    ...hostSetup,
  });
  before?.(terminal, host);
  const connection = join(terminal, host, clock, { seed, faults });
  const of = (end, event) => seen[end].filter((e) => e.event === event);
  const until = (done, ms = 300_000) => {
    clock.run(ms, done);
    assert.ok(done(), `seed ${seed}: ${JSON.stringify(seen.terminal.at(-1), (_, v) => String(v))}`);
  };
  const ready = () => until(() => terminal.ready);
  return { clock, seen, terminal, host, connection, of, until, ready };
}

test("a tap is answered, arrived and left in turn", () => {
  const s = site();
  s.ready();
  for (const n of [1, 1, 2]) {
    s.terminal.tap(card(n));
    s.clock.run(1000);
  }
  assert.deepEqual(
    s.of("terminal", "answer").map((e) => e.outcome),
    ["arrived", "left", "arrived"],
  );
  assert.deepEqual(s.terminal.queue.waiting, []);
  assert.deepEqual(
    s.of("host", "tap").map((e) => e.live),
    [true, true, true],
  );
});

test("time: the offset is that of the host's clock, the trust not above its", () => {
  const s = site();
  s.ready();
  s.clock.run(5000);
  assert.equal(s.of("terminal", "time").length, 4);
  assert.ok(Math.abs(s.terminal.time.offset - 1_700_000_000_000) < 5);
});

test("every tap is recorded once and none is lost, whatever the line does", () => {
  for (let seed = 1; seed <= 8; ++seed) {
    const s = site({
      seed,
      faults: { drop: 0.12, repeat: 0.1, damage: 0.08 },
      terminal: { byBulk: seed % 2 === 0 },
    });
    for (let n = 1; n <= 40; ++n) {
      s.terminal.tap(card(n % 7));
      s.clock.run(400);
      if (n % 15 === 0) s.connection.hangUp();
    }
    s.until(() => s.terminal.queue.waiting.length === 0, 900_000);
    const numbers = [...s.host.taps.values()]
      .map((tap) => Number(tap.number))
      .sort((a, b) => a - b);
    assert.deepEqual(
      numbers,
      Array.from({ length: 40 }, (_, n) => n + 1),
      `seed ${seed}`,
    );
    for (const tap of s.of("host", "tap"))
      assert.ok(tap.reading, `seed ${seed}: a queued reading did not open`);
  }
});

test("taps of a time without a host come by message, or by transfer when they are many", () => {
  for (const [count, byBulk] of [
    [5, false],
    [100, true],
  ]) {
    const s = site({
      before: (terminal) => Array.from({ length: count }, (_, n) => terminal.tap(card(n))),
    });
    s.until(() => s.terminal.queue.waiting.length === 0);
    assert.deepEqual(
      s.of("host", "tap").map((e) => Number(e.number)),
      Array.from({ length: count }, (_, n) => n + 1),
    );
    assert.equal(s.of("terminal", "queue")[0].by_bulk, byBulk);
    assert.ok(equal(s.of("host", "tap")[3].reading, card(3)));
    assert.ok(s.of("terminal", "queue").every((e) => e.taps <= (byBulk ? 32 : 8)));
  }
});

test("no answer in 1 500 ms: the terminal gives up, and a late answer acknowledges", () => {
  const s = site({ host: { answerAfterMs: 3000 } });
  s.ready();
  s.terminal.tap(card(1));
  s.clock.run(6000);
  assert.equal(s.of("host", "gave_up").length, 1);
  assert.ok(s.of("terminal", "answer")[0].late);
  assert.deepEqual(s.terminal.queue.waiting, []);
});

test("not_recorded acknowledges nothing: the tap comes again from the queue", () => {
  const s = site({ host: { outcome: Outcome.not_recorded } });
  s.ready();
  s.terminal.tap(card(1));
  s.clock.run(3000);
  assert.deepEqual(
    s.of("host", "tap").map((e) => e.live),
    [true, false],
  );
});

test("a terminal with an old storage image opens a new epoch before its next tap", () => {
  const s = site();
  s.ready();
  for (let n = 1; n <= 3; ++n) s.terminal.tap(card(n));
  s.clock.run(3000);
  const { epoch } = s.terminal.queue;
  s.terminal.queue.nextNumber = 2n;
  s.connection.hangUp();
  s.until(() => s.of("terminal", "new_epoch").length === 1 && s.terminal.ready);
  s.terminal.tap(card(4));
  s.clock.run(3000);
  const last = s.of("host", "tap").at(-1);
  assert.equal(last.number, 1n);
  assert.ok(!equal(last.epoch, epoch));
});

test("resend_taps brings acknowledged taps again, open_epoch a new epoch", () => {
  const s = site();
  s.ready();
  for (let n = 1; n <= 5; ++n) s.terminal.tap(card(n));
  s.clock.run(3000);
  s.host.taps.clear();
  const terminal = s.host.served.get("T-1");
  terminal.link.send("resend_taps", { epoch: s.terminal.queue.epoch, from: 2n });
  s.clock.run(3000);
  assert.deepEqual(
    [...s.host.taps.values()].map((tap) => Number(tap.number)),
    [2, 3, 4, 5],
  );
  terminal.link.send("open_epoch", { epoch: s.terminal.queue.epoch });
  s.clock.run(3000);
  assert.equal(s.of("host", "terminal_state").length, 2);
});

test("another site key than the known one closes the link", () => {
  const s = site({ terminal: { siteKey: publicKey(new Uint8Array(32).fill(9)) } });
  s.until(() => s.of("terminal", "other_site_key").length > 0);
  assert.equal(s.terminal.ready, false);
});

test("screens, update, statistics, log and the rest are answered", () => {
  const update = bytesFrom(randomOf(9))(30_000);
  const rotate = new Uint8Array(32).fill(8);
  const plan = {
    screens: true,
    stats: true,
    log: true,
    identify: 61,
    watch: true,
    apdu: true,
    update,
    reboot: true,
    rotate,
  };
  const s = site({ host: { plan }, faults: { drop: 0.05, repeat: 0.05, damage: 0.05 } });
  s.until(() => s.of("host", "up").length === 2 && s.of("host", "log").length === 2);
  const [first, second] = s.of("host", "up");
  assert.deepEqual(
    [first.slot, second.slot, second.firmware, second.boot],
    [0, 1, "peer update", 2],
  );
  assert.deepEqual(
    s.of("host", "update").map((e) => e.stage),
    ["wanted", "staged"],
  );
  assert.deepEqual(
    s
      .of("terminal", "screen")
      .map((e) => `${e.slot}${e.fault}`)
      .slice(0, 2),
    ["idle", "live"],
  );
  assert.ok(s.of("terminal", "screen_show").every((e) => e.known));
  const replies = s.of("host", "reply").map((e) => `${e.to} ${e.status}`);
  for (const reply of ["47 done", "43 refused", "48 done", "49 done"])
    assert.ok(replies.includes(reply), reply);
  assert.equal(s.of("host", "apdu_response")[0].status, 4);
  assert.equal(s.of("host", "stats").length, 2);
  assert.deepEqual(s.host.keys.get("T-1").map(toHex), [toHex(rotate)]);
  assert.deepEqual(s.terminal.key, rotate);
});

test("a kept screen that the terminal holds already is not sent again", () => {
  const s = site({ host: { plan: { screens: true } } });
  s.until(() => s.of("host", "transfer").length === 2);
  s.connection.hangUp();
  s.until(() => s.of("host", "transfer").length === 4);
  const { sent } = s.host.served.get("T-1").link.bulk.stats;
  const live = Math.ceil(s.terminal.contents.screens.get(0).bytes / (1024 - 28));
  assert.equal(sent, live);
});

test("enrolment, and the first session with the new key", () => {
  const s = site({
    terminal: { key: null, enrolling: true },
    host: { keys: new Map(), askedFor: new Set(["T-1"]) },
  });
  s.until(
    () => s.of("terminal", "number").length === 1 && s.of("host", "number_ready").length === 1,
  );
  s.host.typed(s.of("terminal", "number")[0].number);
  s.terminal.compared(true);
  s.until(() => s.of("host", "enrolled").length === 1 && s.terminal.ready);
  assert.ok(equal(s.of("host", "enrolled")[0].key, s.of("terminal", "enrolled")[0].key));
  assert.ok(equal(s.terminal.siteKey, publicKey(sitePrivate)));
  s.terminal.tap(card(1));
  s.clock.run(1000);
  assert.equal(s.of("terminal", "answer").length, 1);
});

test("a window outlives links that end before the number is shown", () => {
  for (let seed = 1; seed <= 8; ++seed) {
    const s = site({
      seed,
      faults: { drop: 0.25, repeat: 0.1, damage: 0.1 },
      terminal: { key: null, enrolling: true },
      host: { keys: new Map(), askedFor: new Set(["T-1"]) },
    });
    s.until(() => s.of("terminal", "number").length + s.of("terminal", "enrolled").length > 0);
    assert.ok(
      s.of("terminal", "number").length === 1 || s.of("terminal", "enrolled")[0].reason === "link",
    );
  }
});

test("a terminal that nobody asked for is told so, and its window closes", () => {
  const s = site({ terminal: { key: null, enrolling: true }, host: { keys: new Map() } });
  s.until(() => s.of("terminal", "enrolled").length === 1);
  assert.equal(s.of("terminal", "enrolled")[0].reason, "not_expected");
  assert.equal(s.terminal.enrolling, false);
});

test("enrolled anew: the bit goes before the key", () => {
  const s = site({ terminal: { enrolling: true }, host: { askedFor: new Set(["T-1"]) } });
  s.until(
    () => s.of("terminal", "number").length === 1 && s.of("host", "number_ready").length === 1,
  );
  s.terminal.compared(true);
  s.host.typed(s.of("terminal", "number")[0].number);
  s.until(() => s.terminal.ready);
  assert.ok(!equal(s.terminal.key, key));
  assert.equal(s.host.keys.get("T-1").length, 1);
});
