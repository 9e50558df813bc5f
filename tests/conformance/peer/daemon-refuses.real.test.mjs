// The real daemon and those who are not its terminals, or do not keep to the protocol.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, describe, test } from "node:test";

import { Flag, FrameType } from "./frames.mjs";
import { encodeMessage } from "./messages.mjs";
import { Handshake } from "./noise.mjs";
import { Site, card, enrolledAt, lifetime, peerTerminal, sleep, until } from "./real.mjs";
import { RawWire } from "./wire.mjs";

describe("the daemon and those who are not its terminals", { concurrency: 8 }, () => {
  const options = { timeout: 90_000 };

  /** @type {Site} */
  let site;
  /** @type {{ terminal: import("./terminal-end.mjs").Terminal, event: Function, of: Function }} */
  let served;
  const life = lifetime(after);
  before(async () => {
    site = await Site.start(life);
    served = await enrolledAt(life, site, "P-SERVED");
  });

  /** The terminal that is served still is, over the same link. */
  async function stillServed() {
    const links = served.of("link_closed").length;
    served.terminal.tap(card(1));
    await until(
      () => served.terminal.queue.waiting.length === 0,
      "the served terminal is answered",
    );
    assert.equal(served.of("link_closed").length, links);
  }

  const typesOf = (wire) => [...new Set(wire.frames.map((frame) => frame.type))];

  test("a serial without a key gets HELLO and nothing else", options, async (t) => {
    const wire = new RawWire(t, site.port);
    await wire.greet({ serial: "P-NOBODY" });
    await until(() => wire.closed, "the daemon closes", 3000);
    assert.deepEqual(typesOf(wire), [FrameType.HELLO]);
  });

  test("another key gets HELLO and nothing else", options, async (t) => {
    const wire = new RawWire(t, site.port);
    const prologue = await wire.greet({ serial: "P-SERVED" });
    const psk = new Uint8Array(randomBytes(32));
    const ephemeral = new Uint8Array(randomBytes(32));
    const handshake = new Handshake({ initiator: true, psk, prologue, ephemeral });
    wire.send({ type: FrameType.HANDSHAKE, channel: 1 }, handshake.write());
    await until(() => wire.closed, "the daemon closes", 3000);
    assert.deepEqual(typesOf(wire), [FrameType.HELLO]);
    await stillServed();
  });

  test("a replayed HANDSHAKE 1 gets HANDSHAKE 2 and displaces nobody", options, async (t) => {
    const { key } = served.terminal;
    const recorded = new RawWire(t, site.port);
    const hello = { serial: "P-SERVED", boot: 77 };
    const first = await recorded.handshake(hello, key); // never proves its key
    recorded.socket.destroy();
    await stillServed();

    const wire = new RawWire(t, site.port);
    await wire.greet(hello);
    wire.send({ type: FrameType.HANDSHAKE, channel: 1 }, first);
    await until(() => wire.of(FrameType.HANDSHAKE).length === 1, "HANDSHAKE 2");
    wire.send({ type: FrameType.HANDSHAKE, channel: 1 }, first);
    await until(() => wire.of(FrameType.HANDSHAKE).length === 2, "the same answer again");
    const [one, two] = wire.of(FrameType.HANDSHAKE);
    assert.deepEqual(one.payload, two.payload);
    await sleep(1500);
    assert.deepEqual(typesOf(wire), [FrameType.HELLO, FrameType.HANDSHAKE]);
    await stillServed();
    const began = Date.now();
    await until(() => wire.closed, "the daemon closes a link without terminal_state", 12_000);
    assert.ok(Date.now() - began < 11_000);
    assert.deepEqual(typesOf(wire), [FrameType.HELLO, FrameType.HANDSHAKE]);
  });

  test("a proven newer connection displaces the older one", options, async (t) => {
    const older = await enrolledAt(t, site, "P-OLDER");
    const { key, siteKey } = older.terminal;
    const newer = peerTerminal(t, site.port, { serial: "P-OLDER", key, siteKey });
    await newer.event("ready");
    assert.equal((await older.event("link_closed", 2)).reason, "bye");
    newer.terminal.stop();
    await older.event("ready", 2);
  });

  test("a wrong tag ends the session, silently", options, async (t) => {
    const { key } = await alone(t, "P-TAG");
    const wire = new RawWire(t, site.port);
    await wire.handshake({ serial: "P-TAG" }, key);
    wire.sealed(FrameType.ACK);
    await sleep(300);
    const before = wire.frames.length;
    wire.send({ type: FrameType.PING, counter: 1 }, new Uint8Array(16));
    await until(() => wire.closed, "the daemon closes", 3000);
    assert.equal(wire.frames.length, before);
  });

  test("a wrong tag where the proof is awaited ends it as well", options, async (t) => {
    const { key } = await alone(t, "P-TAG2");
    const wire = new RawWire(t, site.port);
    await wire.handshake({ serial: "P-TAG2" }, key);
    wire.send({ type: FrameType.ACK }, new Uint8Array(16));
    await until(() => wire.closed, "the daemon closes", 3000);
    assert.deepEqual(typesOf(wire), [FrameType.HELLO, FrameType.HANDSHAKE]);
  });

  /** A terminal that has been enrolled and is away now. */
  async function alone(t, serial) {
    const { terminal } = await enrolledAt(t, site, serial);
    terminal.stop();
    await sleep(100);
    return terminal;
  }

  test(
    "nothing is said to a terminal before its terminal_state, what comes before is dropped",
    options,
    async (t) => {
      const { key } = await alone(t, "P-EARLY");
      const wire = new RawWire(t, site.port);
      await wire.handshake({ serial: "P-EARLY" }, key);
      const data = encodeMessage("time_request", { t1_ms: 1 });
      wire.sealed(FrameType.DATA, data, 0);
      await sleep(500);
      assert.deepEqual(typesOf(wire), [FrameType.HELLO, FrameType.HANDSHAKE, FrameType.ACK]);
    },
  );

  test("more than 32 bad messages, and the daemon closes", options, async (t) => {
    const { key, siteKey } = await alone(t, "P-BAD");
    const peer = peerTerminal(t, site.port, { serial: "P-BAD", key, siteKey });
    await peer.event("ready");
    const { link } = peer.terminal;
    let sent = 0;
    const next = () =>
      link.send("bulk_end", { transfer: 1, result: 1, by_sender: true }, () => (sent += 1));
    for (let n = 0; n < 40; ++n) next(); // a bulk_end for nothing is no bad message
    await until(() => sent === 40, "forty of them are acknowledged");
    assert.equal(link.state, "up");
    sent = 0;
    for (let n = 0; n < 40; ++n) link.send("welcome", welcome, () => (sent += 1));
    await peer.event("link_closed");
    assert.ok(sent >= 32 && sent <= 34, `${sent}`);
  });

  const welcome = {
    wall_ms: 0,
    trust: 0,
    mode: 1,
    site_key: new Uint8Array(32),
    highest_number: 0,
  };

  test(
    "a session frame in greeting: UNKNOWN SESSION, at most once a second",
    options,
    async (t) => {
      const wire = new RawWire(t, site.port);
      for (let n = 0; n < 11; ++n) {
        wire.send({ type: FrameType.PING, counter: n }, new Uint8Array(16));
        await sleep(100);
      }
      const count = wire.of(FrameType.UNKNOWN_SESSION).length;
      assert.ok(count === 1 || count === 2, `${count}`);
    },
  );

  test(
    "HELLO every 500 ms, the same bytes, and the end without terminal_state after 10 s",
    options,
    async (t) => {
      const wire = new RawWire(t, site.port);
      const began = Date.now();
      await until(() => wire.closed, "the daemon closes", 17_000);
      const took = Date.now() - began;
      const hellos = wire.of(FrameType.HELLO);
      assert.ok(took > 9_000 && took < 11_500, `${took} ms`);
      assert.ok(Math.abs(hellos.length - took / 500) < 3, `${hellos.length} in ${took} ms`);
      for (const { payload, counter } of hellos) {
        assert.deepEqual(payload, hellos[0].payload);
        assert.equal(counter, hellos[0].counter);
      }
    },
  );

  for (const [what, change] of [
    ["protocol_min above protocol_max", { protocol_min: 2 }],
    ["max_frame below 192", { max_frame: 191 }],
    ["a serial with a space", { serial: "P SERVED" }],
  ]) {
    test(`a HELLO with ${what} is not answered`, options, async (t) => {
      const wire = new RawWire(t, site.port);
      await until(() => wire.frames.length > 0, "the daemon's HELLO");
      const { frames } = wire;
      wire.hello({ ...(await import("./pair.mjs")).hello({ serial: "P-SERVED" }), ...change });
      await until(() => wire.closed, "the daemon closes", 3000);
      assert.ok(frames.every((frame) => (frame.flags & Flag.ACKNOWLEDGES) === 0));
    });
  }

  test("a higher protocol version: answered, and closed", options, async (t) => {
    const wire = new RawWire(t, site.port);
    await wire.greet({ serial: "P-SERVED", protocol_min: 2, protocol_max: 3 });
    await until(() => wire.closed, "the daemon closes", 3000);
    assert.deepEqual(typesOf(wire), [FrameType.HELLO]);
  });

  test("versions that overlap: the lower one is spoken", options, async (t) => {
    const { key } = await alone(t, "P-V3");
    const wire = new RawWire(t, site.port);
    await wire.handshake({ serial: "P-V3", protocol_max: 3 }, key);
    wire.sealed(FrameType.PING);
    await until(() => wire.of(FrameType.ACK).length > 0, "an ACK");
  });
});
