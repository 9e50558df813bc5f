// The link between this terminal's end and this host's end, in virtual time.
import assert from "node:assert/strict";
import { test } from "node:test";

import { concat, empty, equal } from "./bytes.mjs";
import { Flag, FrameReader, FrameType, encodeFrame, encodeHeader } from "./frames.mjs";
import { BulkResult, Capability, encodeMessage } from "./messages.mjs";
import { rebuildCounter } from "./session.mjs";
import { bytesFrom, hello, pair, randomOf } from "./pair.mjs";

const noisy = { drop: 0.1, repeat: 0.1, damage: 0.1 };

function connected(options) {
  const ends = pair(options);
  ends.start();
  ends.clock.run(20_000, () => ends.terminal.link.state === "up" && ends.host.link.state === "up");
  assert.equal(ends.host.link.state, "up", `seed ${options?.seed}`);
  return ends;
}

test("greeting and handshake bring both ends up, the host by the terminal's first tagged frame", () => {
  const { terminal, host, key } = connected();
  assert.equal(terminal.up.length, 1);
  assert.equal(host.up[0].hello.serial, "T-1");
  assert.ok(host.up[0].tagged);
  assert.deepEqual(host.up[0].key, key);
});

test("without a key the host answers nothing but HELLO", () => {
  const ends = pair({ hostKeys: [] });
  const types = [];
  const reader = new FrameReader();
  const { to } = ends.toTerminal;
  ends.toTerminal.to = (bytes) => {
    types.push(...reader.push(bytes).map((f) => f.type));
    to(bytes);
  };
  ends.terminal.reopen = ends.host.reopen = false;
  ends.start();
  ends.clock.run(60_000);
  assert.deepEqual([...new Set(types)], [FrameType.HELLO]);
  assert.deepEqual([ends.host.closed, ends.terminal.closed], [["refused"], ["silence"]]);
  assert.equal(ends.host.up.length, 0);
});

test("another key ends as handshake, and nothing is said", () => {
  const ends = pair({ hostKeys: [new Uint8Array(32).fill(8)] });
  ends.terminal.reopen = ends.host.reopen = false;
  ends.start();
  ends.clock.run(60_000);
  assert.deepEqual(ends.host.closed, ["handshake"]);
  assert.deepEqual(ends.terminal.closed, ["silence"]);
});

test("the host tries both keys while one replaces the other", () => {
  const older = new Uint8Array(32).fill(7);
  const { host } = connected({ hostKeys: [new Uint8Array(32).fill(9), older] });
  assert.deepEqual(host.up[0].key, older);
});

test("no common version: both close, both know why", () => {
  const ends = pair({ hostHello: { protocol_min: 2, protocol_max: 3 } });
  ends.terminal.reopen = ends.host.reopen = false;
  ends.start();
  ends.clock.run(1000);
  assert.deepEqual([ends.terminal.closed, ends.host.closed], [["version"], ["version"]]);
});

test("a HELLO that breaks the rules closes the link unanswered", () => {
  const bad = [{ protocol_min: 2 }, { max_frame: 191 }, { serial: "two words" }];
  for (const change of bad) {
    const ends = pair();
    ends.host.reopen = false;
    ends.host.link.start();
    ends.clock.run(100);
    const before = ends.toTerminal.frames;
    const payload = encodeMessage("hello", hello({ serial: "T-1", ...change }));
    ends.host.link.receive(
      encodeFrame(encodeHeader({ type: FrameType.HELLO, counter: 3 }), payload),
    );
    ends.clock.run(300);
    assert.deepEqual(ends.host.closed, ["bad_hello"], JSON.stringify(change));
    assert.equal(ends.toTerminal.frames, before);
  }
});

test("rebuilt counters: 64 above, less than 64 below", () => {
  assert.equal(rebuildCounter(null, 63), 63n);
  assert.equal(rebuildCounter(null, 64), null);
  assert.equal(rebuildCounter(1000n, (1000 + 64) & 255), 1064n);
  assert.equal(rebuildCounter(1000n, (1000 + 65) & 255), null);
  assert.equal(rebuildCounter(1000n, (1000 - 63) & 255), 937n);
  assert.equal(rebuildCounter(1000n, (1000 - 64) & 255), null);
  assert.equal(rebuildCounter(10n, 250), null);
});

test("through a middle that loses, repeats and damages, every message arrives once and in order", () => {
  for (let seed = 1; seed <= 12; ++seed) {
    const { terminal, host, clock } = connected({ seed, faults: noisy });
    const count = 60;
    for (let n = 1; n <= count; ++n) {
      terminal.link.send("key", { key: 1, monotonic_ms: n });
      host.link.send("reboot", { delay_ms: n });
    }
    clock.run(600_000, () => host.messages.length >= count && terminal.messages.length >= count);
    clock.run(5000);
    const expected = Array.from({ length: count }, (_, n) => n + 1);
    assert.deepEqual(
      host.messages.map((m) => Number(m.fields.monotonic_ms)),
      expected,
      `seed ${seed}`,
    );
    assert.deepEqual(
      terminal.messages.map((m) => m.fields.delay_ms),
      expected,
      `seed ${seed}`,
    );
    assert.deepEqual([...terminal.closed, ...host.closed], [], `seed ${seed}`);
  }
});

test("an answer given from the handler carries the ACK", () => {
  const { terminal, host, clock, toTerminal } = connected();
  clock.run(1000);
  host.onMessage = (name, fields) =>
    host.link.send("time_reply", { t1_ms: fields.t1_ms, t2_ms: 0, t3_ms: 0, trust: 0 });
  const before = toTerminal.frames;
  terminal.link.send("time_request", { t1_ms: 5 });
  clock.run(1000);
  assert.equal(terminal.messages.length, 1);
  assert.equal(toTerminal.frames, before + 1);
});

test("an idle link is kept alive by PING, a silent one is closed after 15 s", () => {
  const { terminal, host, clock, toHost, toTerminal } = connected();
  clock.run(60_000);
  assert.equal(host.link.state, "up");
  toHost.cut = toTerminal.cut = true;
  terminal.reopen = host.reopen = false;
  clock.run(9900); // the last frame came at most five seconds before
  assert.deepEqual(terminal.closed, []);
  clock.run(6000);
  assert.deepEqual([terminal.closed, host.closed], [["silence"], ["silence"]]);
});

test("a message without an ACK closes the link after eight transmissions", () => {
  const { terminal, clock, toTerminal } = connected();
  clock.run(1000);
  toTerminal.cut = true;
  terminal.reopen = false;
  terminal.link.send("key", { key: 0, monotonic_ms: 1 });
  clock.run(14_900, () => terminal.closed.length > 0);
  assert.deepEqual(terminal.closed, ["unacknowledged"]);
  assert.equal(terminal.link.counts.retransmissions, 7);
});

test("a restarted end is noticed, and the link comes up again", () => {
  for (const restarted of ["terminal", "host"]) {
    const ends = connected();
    ends.clock.run(1000);
    const { link } = ends[restarted];
    ends[restarted].reopen = false;
    const { write } = link.transport;
    link.transport.write = (_, taken) => taken(); // it forgets without saying BYE
    link.close();
    link.transport.write = write;
    link.start();
    ends.clock.run(20_000, () => ends.terminal.up.length === 2 && ends.host.up.length === 2);
    assert.equal(ends.host.up.length, 2, restarted);
    const other = restarted === "host" ? ends.terminal : ends.host;
    assert.deepEqual(other.closed, ["restarted"]);
  }
});

test("a frame with a wrong tag ends the session at once, silently", () => {
  const { host, clock, toTerminal } = connected();
  clock.run(1000);
  host.reopen = false;
  const before = toTerminal.frames;
  const forged = encodeHeader({ type: FrameType.ACK, flags: Flag.ACKNOWLEDGES, counter: 20 });
  host.link.receive(encodeFrame(forged, new Uint8Array(16)));
  assert.deepEqual(host.closed, ["security"]);
  clock.run(100);
  assert.equal(toTerminal.frames, before);
  assert.equal(host.link.counts.badTags, 1);
});

test("keys are changed by count and by time, in the middle of noise", () => {
  const ends = connected({ seed: 5, faults: noisy, rekey: { frames: 9, ms: 3_600_000 } });
  for (let n = 1; n <= 100; ++n) ends.terminal.link.send("key", { key: 1, monotonic_ms: n });
  ends.clock.run(600_000, () => ends.host.messages.length >= 100);
  assert.deepEqual(
    ends.host.messages.map((m) => Number(m.fields.monotonic_ms)),
    Array.from({ length: 100 }, (_, n) => n + 1),
  );
  assert.ok(ends.host.link.opener.rekeys >= 5);
  assert.ok(equal(ends.host.link.opener.key, ends.terminal.link.sealer.key));

  const byTime = connected({ rekey: { frames: 65536, ms: 60_000 } });
  byTime.clock.run(200_000);
  assert.ok(byTime.host.link.opener.rekeys >= 2);
  assert.equal(byTime.host.link.state, "up");
});

const contentOf = (bytes, seed = 3) => bytesFrom(randomOf(seed))(bytes);

test("bulk: a content arrives whole, also through noise, beside messages", () => {
  for (let seed = 1; seed <= 6; ++seed) {
    const { terminal, host, clock } = connected({ seed, faults: seed === 1 ? {} : noisy });
    const content = contentOf(20_000);
    host.link.bulk.offer(1, 5, content);
    for (let n = 1; n <= 20; ++n) host.link.send("reboot", { delay_ms: n });
    clock.run(600_000, () => host.outgoingResults.length > 0 && terminal.messages.length === 20);
    assert.deepEqual(host.outgoingResults, [BulkResult.complete], `seed ${seed}`);
    assert.ok(equal(terminal.contents[0].content, content));
    assert.equal(terminal.contents[0].offer.subject, 5);
    assert.equal(terminal.messages.length, 20);
  }
});

test("bulk: a cut transfer is resumed where it was", () => {
  const { terminal, host, clock, toHost, toTerminal } = connected();
  const content = contentOf(30_000);
  host.link.bulk.offer(2, 0, content);
  clock.run(300_000, () => terminal.partials.byKind.get(2)?.held > 10_000);
  toHost.cut = toTerminal.cut = true;
  clock.run(20_000);
  toHost.cut = toTerminal.cut = false;
  clock.run(30_000, () => host.link.state === "up" && terminal.link.state === "up");
  const held = terminal.partials.byKind.get(2).held;
  const before = host.link.bulk.stats.sent;
  host.link.bulk.offer(2, 0, content);
  clock.run(300_000, () => host.outgoingResults.includes(BulkResult.complete));
  assert.ok(equal(terminal.contents[0].content, content));
  // Two thirds of 192 bytes, less header, offset, tag and CRC.
  assert.equal(host.link.bulk.stats.sent - before, Math.ceil((30_000 - held) / 100));
});

test("bulk: cancelled by either end, refused, replaced, wrong digest, all held already", () => {
  const { terminal, host, clock } = connected();
  const content = contentOf(90_000);
  const run = () => clock.run(200);
  host.link.bulk.offer(2, 0, content);
  run();
  host.link.bulk.cancelOutgoing();
  run();
  assert.equal(terminal.link.bulk.incoming, null);
  host.link.bulk.offer(2, 0, content);
  run();
  terminal.link.bulk.cancelIncoming();
  run();
  assert.equal(host.link.bulk.outgoing, null);
  host.link.bulk.offer(2, 0, new Uint8Array(100_001));
  run();
  assert.deepEqual(host.outgoingResults.splice(0), [
    BulkResult.cancelled,
    BulkResult.cancelled,
    BulkResult.refused,
  ]);

  host.link.bulk.offer(1, 1, content);
  run();
  host.link.bulk.offer(1, 2, contentOf(500));
  clock.run(5000);
  assert.deepEqual(
    terminal.contents.splice(0).map((c) => c.offer.subject),
    [2],
  );
  assert.deepEqual(host.outgoingResults.splice(0), [BulkResult.cancelled, BulkResult.complete]);

  const offer = host.link.bulk.offer(1, 3, contentOf(2000));
  host.link.bulk.outgoing.content = contentOf(2000, 4);
  clock.run(5000);
  assert.deepEqual(host.outgoingResults.splice(0), [BulkResult.digest]);
  assert.equal(terminal.partials.byKind.has(1), false);

  const entry = terminal.partials.open({ ...offer, kind: 1 });
  entry.content.set(contentOf(2000));
  entry.held = 2000;
  const sent = host.link.bulk.stats.sent;
  host.link.bulk.offer(1, 4, contentOf(2000));
  clock.run(5000);
  assert.deepEqual(host.outgoingResults, [BulkResult.complete]);
  assert.equal(host.link.bulk.stats.sent, sent);
});

test("bulk: no progress for eight timeouts ends it as stalled, the link goes on", () => {
  const { terminal, host, clock } = connected();
  terminal.link.bulk.frame = () => true; // takes the frames and asks for nothing
  host.link.bulk.offer(1, 1, contentOf(5000));
  clock.run(60_000, () => host.outgoingResults.length > 0);
  assert.deepEqual(host.outgoingResults, [BulkResult.stalled]);
  assert.equal(host.link.state, "up");
});

test("bulk transfers both ways leave room for the ACKs of messages that are lost for a while", () => {
  const { terminal, host, clock, toHost, toTerminal } = connected();
  clock.run(1000);
  for (const way of [toHost, toTerminal]) {
    const { to } = way;
    const reader = new FrameReader();
    way.to = (bytes) => {
      const lost = way.losesData && reader.push(bytes).some((f) => f.type === FrameType.DATA);
      if (!lost) to(bytes);
    };
  }
  host.link.bulk.offer(1, 1, contentOf(90_000));
  terminal.link.bulk.offer(3, 0, contentOf(90_000));
  clock.run(30);
  toHost.losesData = toTerminal.losesData = true;
  terminal.link.send("key", { key: 0, monotonic_ms: 1 });
  host.link.send("reboot", { delay_ms: 1 });
  clock.run(1500);
  toHost.losesData = toTerminal.losesData = false;
  clock.run(30_000, () => host.outgoingResults.length > 0 && terminal.outgoingResults.length > 0);
  assert.deepEqual([...terminal.closed, ...host.closed], []);
  assert.deepEqual([host.messages.length, terminal.messages.length], [1, 1]);
  assert.ok(equal(host.contents[0].content, contentOf(90_000)));
});

test("an enrolling terminal goes up untagged, and nothing but enrolment is taken", () => {
  const { terminal, host, clock } = connected({
    keys: [],
    terminalHello: { capabilities: Capability.enrolling },
  });
  assert.equal(host.up[0].tagged, false);
  terminal.link.send("time_request", { t1_ms: 1 });
  terminal.link.send("enrol_key", { public_key: new Uint8Array(32) });
  clock.run(2000);
  assert.deepEqual(
    host.messages.map((m) => m.name),
    ["", "enrol_key"],
  );
  assert.equal(host.link.counts.badMessages, 1);
});

test("a session frame in greeting is answered by UNKNOWN SESSION, at most once a second", () => {
  const ends = pair();
  const types = [];
  const reader = new FrameReader();
  ends.toTerminal.to = (bytes) => types.push(...reader.push(bytes).map((f) => f.type));
  ends.host.link.start();
  for (let n = 0; n < 25; ++n) {
    ends.host.link.receive(
      encodeFrame(encodeHeader({ type: FrameType.PING, counter: n }), new Uint8Array(16)),
    );
    ends.host.link.receive(
      concat(encodeFrame(encodeHeader({ type: FrameType.HANDSHAKE, channel: 1 }), empty)),
    );
    ends.clock.run(100);
  }
  assert.equal(types.filter((t) => t === FrameType.UNKNOWN_SESSION).length, 3);
});
