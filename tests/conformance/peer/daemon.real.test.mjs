// The peer terminal at the real daemon: what a terminal of version 1 must still get from it.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { equal, fromHex, toHex } from "./bytes.mjs";
import { Site, card, enrolledAt, lifetime, peerTerminal, sleep, until } from "./real.mjs";
import { noisyLine } from "./wire.mjs";

describe("the peer terminal at the daemon", { concurrency: 8 }, () => {
  const options = { timeout: 90_000 };
  const known = fromHex("0407E1214324D1"); // examples/brussels/cards.csv
  const SLOTS = 11; // one more than version 1 names

  /** @type {Site} */
  let site;
  const life = lifetime(after);
  before(async () => {
    site = await Site.start(life);
  });

  const acknowledged = (peer) => () => peer.terminal.queue.waiting.length === 0;

  /** Each tap of the terminal's queue is in the daemon's database and log, once. */
  function assertOnce(serial, taps, at = site) {
    const wanted = taps.map(({ epoch, number }) => `${toHex(epoch)} ${number}`).sort();
    const found = at.taps(serial);
    assert.deepEqual(found.map(({ epoch, number }) => `${epoch} ${number}`).sort(), wanted);
    assert.ok(found.every(({ events }) => events === 1));
  }

  test(
    "enrolment, the welcome, what it is configured for, and taps with their answers",
    options,
    async (t) => {
      const peer = await enrolledAt(t, site, "P-TAPS");
      assert.equal((await peer.event("welcome")).mode, "training");
      const { room, languages } = await peer.event("configure");
      assert.deepEqual([room, languages], ["Salle 1", "fr,en"]);
      for (const reading of [known, known, card(1)]) {
        peer.terminal.tap(reading);
        await until(acknowledged(peer), "the tap is acknowledged");
      }
      const answers = peer.of("answer");
      assert.ok(answers.every(({ late }) => !late));
      const [first, ...others] = answers.map(({ outcome }) => outcome);
      assert.ok(["arrived", "left"].includes(first), `${first}: the time of day says which`);
      assert.deepEqual(others, ["repeat", "see_staff"]);
      assertOnce("P-TAPS", peer.terminal.queue.taps);
    },
  );

  test("time: four answers, the offset that of the host's clock", options, async (t) => {
    const peer = await enrolledAt(t, site, "P-TIME");
    const { offset_ms: offset } = await peer.event("time", 4);
    const here = Date.now() - Number(peer.terminal.monotonic);
    assert.ok(Math.abs(offset - here) < 50, `${offset} and ${here}`);
  });

  test("kept screens come whole, and are not sent again", options, async (t) => {
    const peer = await enrolledAt(t, site, "P-SCREENS", { panel: { width: 321, height: 241 } });
    await peer.event("screen", SLOTS);
    const slots = peer.of("screen").map((e) => e.slot);
    assert.equal(new Set(slots).size, SLOTS);
    assert.ok(!slots.includes("live"));
    for (const { fault, again, width, height } of peer.of("screen"))
      assert.deepEqual([fault, again, width, height], ["", false, 321, 241]);
    peer.terminal.link.close();
    await peer.event("screen", 2 * SLOTS);
    assert.ok(
      peer
        .of("screen")
        .slice(SLOTS)
        .every((e) => e.again),
    );
    assert.equal(peer.terminal.contents.stored, SLOTS);
  });

  test("a small panel gets its own screens in greys, and the time", options, async (t) => {
    const peer = await enrolledAt(t, site, "P-SMALL", { panel: { width: 128, height: 64 } });
    await peer.event("screen", SLOTS + 1);
    const slots = peer.of("screen").map((e) => e.slot);
    assert.equal(new Set(slots).size, SLOTS + 1);
    assert.ok(slots.includes("live"));
    for (const { fault, width, height } of peer.of("screen"))
      assert.deepEqual([fault, width, height], ["", 128, 64]);
  });

  for (const [serial, count, byBulk, maxFrame] of [
    ["P-QUEUE-5", 5, false, 1024],
    ["P-QUEUE-70", 70, false, 1024],
    ["P-QUEUE-BULK", 40, true, 192],
  ]) {
    test(
      `${count} queued taps, ${byBulk ? "by transfer" : "as it comes"}: acknowledged, opened, recorded once`,
      options,
      async (t) => {
        const peer = await enrolledAt(t, site, serial, { byBulk, maxFrame });
        const { terminal } = peer;
        terminal.tap(card(3));
        await until(acknowledged(peer), "the first tap is acknowledged");
        await away(t, peer, () => {
          for (let n = 1; n <= count; ++n) terminal.tap(card(n % 5));
        });
        await until(acknowledged(peer), "the queue is acknowledged");
        assertOnce(serial, terminal.queue.taps);
        assert.equal(peer.of("queue")[0].by_bulk, count > 8);
        // The daemon has opened the sealed readings right: the same card has the same token, live and queued.
        const tokens = new Map(site.taps(serial).map((tap) => [tap.number, tap.card]));
        const sameCard = terminal.queue.taps.filter((tap) => equal(tap.reading, card(3)));
        assert.equal(new Set(sameCard.map((tap) => tokens.get(Number(tap.number)))).size, 1);
        assert.equal(new Set(tokens.values()).size, 5);

        // All of them once more: acknowledged again, recorded no second time.
        terminal.queue.resend(terminal.queue.epoch, 1n);
        terminal.taps.flush();
        await until(acknowledged(peer), "the repeated queue is acknowledged");
        assertOnce(serial, terminal.queue.taps);
      },
    );
  }

  /** The terminal taps while it has no link. */
  async function away(t, peer, taps) {
    const links = peer.of("ready").length;
    peer.terminal.link.close();
    taps();
    await peer.event("ready", links + 1);
  }

  test("an old storage image: a new epoch before the next tap", options, async (t) => {
    const peer = await enrolledAt(t, site, "P-EPOCH");
    const { terminal } = peer;
    for (const n of [1, 2, 3]) terminal.tap(card(n));
    await until(acknowledged(peer), "acknowledged");
    await away(t, peer, () => void (terminal.queue.nextNumber = 2n));
    assert.equal(peer.of("new_epoch").length, 1);
    terminal.tap(card(4));
    await until(acknowledged(peer), "acknowledged");
    assertOnce("P-EPOCH", terminal.queue.taps);
  });

  test("an identity used twice: the terminal is told to leave its epoch", options, async (t) => {
    const peer = await enrolledAt(t, site, "P-TWICE");
    const { terminal } = peer;
    terminal.tap(card(1));
    await until(acknowledged(peer), "acknowledged");
    terminal.queue.nextNumber = 1n;
    const again = terminal.tap(card(2));
    await peer.event("new_epoch");
    await until(() => again.acknowledged, "the other tap is acknowledged as well");
  });

  test("moved, and given a new key: the old one is refused from then on", options, async (t) => {
    const peer = await enrolledAt(t, site, "P-KEY");
    const old = peer.terminal.key;
    const move = site.rollcall(
      "terminal",
      "move",
      "P-KEY",
      "--room",
      "Salle 2",
      "--mode",
      "work_site",
    );
    assert.equal(await move.exit(), 0, move.said);
    const moved = await peer.event("configure", 2);
    assert.deepEqual([moved.room, moved.mode], ["Salle 2", 3]);
    const rotate = site.rollcall("terminal", "rotate-key", "P-KEY");
    assert.equal(await rotate.exit(), 0, rotate.said);
    assert.ok(!equal(peer.terminal.key, old));
    await away(t, peer, () => {});
    peer.terminal.tap(card(1));
    await until(acknowledged(peer), "a tap under the new key");

    const thief = peerTerminal(t, site.port, { serial: "P-KEY", key: old });
    assert.notEqual((await thief.event("link_closed")).reason, "restarted");
    assert.deepEqual(thief.of("up"), []);
    assert.equal(peer.terminal.ready, true);
  });

  test("revoked: no key any more", options, async (t) => {
    const peer = await enrolledAt(t, site, "P-REVOKED");
    const revoke = site.rollcall("terminal", "revoke", "P-REVOKED", "--reason", "stolen");
    assert.equal(await revoke.exit(), 0, revoke.said);
    await peer.event("link_closed", 2);
    await peer.event("link_closed", 3);
    assert.equal(peer.of("up").length, 2); // of enrolment, and with the key
  });

  test(
    "the daemon stops and starts: what was tapped meanwhile comes from the queue",
    options,
    async (t) => {
      const own = await Site.start(t);
      const peer = await enrolledAt(t, own, "P-RESTART");
      await own.daemon.stop();
      assert.equal((await peer.event("link_closed", 2)).reason, "bye");
      for (const n of [1, 2, 3]) peer.terminal.tap(card(n));
      await own.startDaemon();
      await until(acknowledged(peer), "acknowledged");
      assertOnce("P-RESTART", peer.terminal.queue.taps, own);
    },
  );

  test("the sender takes new keys again and again", options, async (t) => {
    const peer = await enrolledAt(t, site, "P-REKEY", { rekey: { frames: 7 } });
    for (let n = 1; n <= 20; ++n) {
      peer.terminal.tap(card(n));
      await until(acknowledged(peer), "acknowledged");
    }
    assert.ok(peer.terminal.link.sealer.keyCounter > 14n);
    assert.equal(peer.of("link_closed").length, 1); // that of enrolment
  });

  test("through noise every tap is recorded once", options, async (t) => {
    const { terminal } = await enrolledAt(t, site, "P-NOISE");
    terminal.stop();
    const faults = { drop: 0.05, repeat: 0.05, damage: 0.03 };
    for (const seed of [1, 2, 3]) {
      const line = await noisyLine(t, site.port, { seed, ...faults });
      const { key, siteKey } = terminal;
      const peer = peerTerminal(t, line.port, {
        serial: "P-NOISE",
        key,
        siteKey,
        byBulk: seed === 2,
      });
      for (let n = 1; n <= 30; ++n) {
        peer.terminal.tap(card(n));
        await sleep(60);
        if (n === 20) line.hangUp();
      }
      await until(acknowledged(peer), `seed ${seed}: all is acknowledged`, 60_000);
      peer.terminal.stop();
      const { epoch } = peer.terminal.queue;
      const rows = site.taps("P-NOISE").filter((tap) => tap.epoch === toHex(epoch));
      assert.deepEqual(
        rows.map((tap) => [tap.number, tap.events]),
        Array.from({ length: 30 }, (_, n) => [n + 1, 1]),
        `seed ${seed}`,
      );
    }
  });
});
