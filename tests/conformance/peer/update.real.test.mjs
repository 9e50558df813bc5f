// Firmware updates across versions: today's daemon and the version 1 terminal, the version 1 host and today's terminal.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { equal } from "./bytes.mjs";
import { BulkKind, Capability } from "./messages.mjs";
import { sha256 } from "./noise.mjs";
import { RealTerminal, Site, enrolledAt, folder, peerHost, sleep, until } from "./real.mjs";

const options = { timeout: 90_000 };
const imageOf = (bytes) => new Uint8Array(randomBytes(bytes));

/** @param {Site} site @param {string} path @param {string} serial @param {...string} more */
const update = (site, path, serial, ...more) =>
  site.rollcall("terminal", "update", serial, "--image", path, "--version", "peer-2", ...more);

test(
  "the terminal of version 1 takes an image from the daemon, and is served as before",
  options,
  async (t) => {
    const site = await Site.start(t);
    const peer = await enrolledAt(t, site, "P-UPDATE");
    const { terminal } = peer;
    const image = imageOf(300_000);
    const path = join(folder(t), "image");
    writeFileSync(path, image);

    const wrong = update(site, path, "P-UPDATE", "--security-counter", "1", "--slot", "0");
    assert.equal(await wrong.exit(), 1, wrong.said);
    const old = update(site, path, "P-UPDATE", "--security-counter", "0");
    assert.equal(await old.exit(), 1, old.said);
    assert.deepEqual(
      peer.of("update").map((e) => e.problem),
      ["wrong_slot", "too_old"],
    );
    assert.equal(terminal.contents.staged, null);

    const good = update(site, path, "P-UPDATE", "--security-counter", "1");
    assert.equal(await good.exit(), 0, good.said);
    assert.ok(equal(terminal.contents.staged, image));
    const again = update(site, path, "P-UPDATE", "--security-counter", "1");
    assert.equal(await again.exit(), 0, again.said);
    assert.deepEqual(
      peer.of("update").map((e) => e.stage),
      ["refused", "refused", "wanted", "staged", "staged"],
    );

    terminal.restart();
    await until(() => peer.of("ready").length === 2, "the terminal is back");
    terminal.tap(new Uint8Array([4, 1, 2, 3, 4, 5, 6]));
    await until(() => terminal.queue.waiting.length === 0, "its tap is acknowledged");
    const hello = terminal.hello;
    assert.deepEqual([hello.slot, hello.firmware], [1, "peer-2"]);
  },
);

/** As soon as so many bytes are acknowledged: the rest takes a few ms. @param {any} sending @param {number} bytes */
const partArrived = (sending, bytes) =>
  new Promise((done) => {
    const acknowledged = sending.acknowledged.bind(sending);
    sending.acknowledged = (/** @type {number[]} */ ...told) => {
      acknowledged(...told);
      if (sending.acked > bytes) done(undefined);
    };
  });

test("today's terminal takes an image from the host of version 1", options, async (t) => {
  const peer = await peerHost(t);
  const real = new RealTerminal(t, peer.server.port, "R-1");
  await real.enrolAt(peer);
  real.play(["expect link up"], "--stay");
  await peer.event("reply");
  const { capabilities, slot } = peer.of("up").at(-1);
  assert.ok(capabilities & Capability.update);
  const served = () => peer.host.served.get("R-1");
  const image = imageOf(200_000);
  const offer = {
    version: "2",
    bytes: image.length,
    digest: sha256(image),
    security_counter: 1000,
    slot: 1 - slot,
    signature: new Uint8Array(0),
  };
  let asked = 0;
  const answerTo = async (changes = {}) => {
    served().send("update_offer", { ...offer, ...changes });
    const { stage, problem } = await peer.event("update", ++asked);
    return `${stage} ${problem}`;
  };
  const ended = async (n) => (await peer.event("transfer", n)).result;

  assert.equal(await answerTo({ slot }), "refused wrong_slot");
  assert.equal(await answerTo({ bytes: 2 ** 32 - 1 }), "refused too_large");

  assert.equal(await answerTo({ digest: sha256(imageOf(9)) }), "wanted none");
  served().link.bulk.offer(BulkKind.firmware, 0, image);
  assert.equal(await ended(1), "refused"); // another one than was offered

  assert.equal(await answerTo(), "wanted none");
  served().link.bulk.offer(BulkKind.firmware, 0, image);
  served().link.bulk.outgoing.content = imageOf(image.length);
  assert.equal(await ended(2), "digest");
  const bad = await peer.event("update", ++asked);
  assert.deepEqual([bad.stage, bad.problem], ["refused", "digest"]);

  assert.equal(await answerTo(), "wanted none");
  served().link.bulk.offer(BulkKind.firmware, 0, image);
  await partArrived(served().link.bulk.outgoing, 50_000);
  served().link.close();
  await peer.event("reply", 2); // it is back
  assert.equal(await answerTo(), "wanted none");
  served().link.bulk.offer(BulkKind.firmware, 0, image);
  const resumed = served().link.bulk.outgoing;
  assert.equal(await ended(4), "complete");
  assert.ok(resumed.begunAt > 50_000, `${resumed.begunAt}`);
  assert.equal((await peer.event("update", ++asked)).stage, "staged");

  assert.equal(await answerTo(), "staged none");
  await sleep(100);
  assert.equal(peer.of("transfer").length, 4);
});
