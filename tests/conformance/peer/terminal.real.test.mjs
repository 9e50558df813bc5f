// The real simulated terminal at the peer host: what it owes a host of version 1.
import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { equal, toHex } from "./bytes.mjs";
import { BulkKind, Outcome, ScreenSlot } from "./messages.mjs";
import { RealTerminal, peerHost, sleep, until } from "./real.mjs";
import { stripes } from "./screens.mjs";
import { noisyLine } from "./wire.mjs";

describe("the terminal at the peer host", { concurrency: 8 }, () => {
  const options = { timeout: 90_000 };
  const card = (n) => `04D77579F294${n.toString(16).toUpperCase().padStart(2, "0")}`;
  const serial = "R-1";

  /** A real terminal that belongs to the site of a peer host. */
  async function enrolled(t, setup = {}) {
    const peer = await peerHost(t, setup);
    const real = new RealTerminal(t, peer.server.port, serial);
    await real.enrolAt(peer);
    return { peer, real };
  }

  /** The same, connected and idle. */
  async function served(t, setup = {}, ...more) {
    const { peer, real } = await enrolled(t, setup);
    const program = real.play(["expect link up"], "--stay", ...more);
    await peer.event("terminal_state");
    await peer.event("reply"); // to configure
    const link = () => peer.host.served.get(serial)?.link;
    const say = (name, fields) => peer.host.served.get(serial).send(name, fields);
    return { peer, real, program, link, say };
  }

  async function played(program) {
    assert.equal(await program.exit(60_000), 0, program.said);
  }

  const numbers = (peer) => peer.of("tap").map((e) => Number(e.number));

  test(
    "enrolment, its key is proven by the first handshake, taps are answered",
    options,
    async (t) => {
      const { peer, real } = await enrolled(t);
      assert.ok(peer.of("enrolled")[0].enrolled);
      await played(
        real.play([
          "expect link up",
          `tap ${card(1)}`,
          "expect light green",
          "expect outcome arrived",
          "wait 600ms",
          `tap ${card(1)}`,
          "expect outcome left",
        ]),
      );
      assert.deepEqual(
        peer.of("tap").map((e) => [e.live, toHex(e.reading).toUpperCase(), e.kind]),
        [
          [true, card(1), "uid"],
          [true, card(1), "uid"],
        ],
      );
      assert.equal(peer.host.keys.get(serial).length, 1);
    },
  );

  for (const [count, line] of [
    [5, []],
    [70, []],
    [40, ["--line", "115200"]],
  ]) {
    test(
      `${count} taps without a host ${line.join(" ")}: the queue comes, opens and is acknowledged`,
      options,
      async (t) => {
        const { peer, real } = await enrolled(t);
        const all = Array.from({ length: count }, (_, n) => n + 1);
        const taps = all.flatMap((n) => [`tap ${card(n)}`, "expect outcome recorded_offline"]);
        await played(real.play(["expect link up", "offline", ...taps]));
        assert.deepEqual(peer.of("tap"), []);
        await played(real.play(["expect link up", "expect waiting 0"], ...line));
        assert.deepEqual(numbers(peer), all);
        assert.deepEqual(
          peer.of("tap").map((e) => [e.live, e.again, toHex(e.reading).toUpperCase()]),
          all.map((n) => [false, false, card(n)]),
        );
        assert.ok(count <= 8 || peer.of("queue").length > 0);
        if (line.length > 0) assert.equal(peer.of("up").at(-1).max_frame, 192);
      },
    );
  }

  test("kept screens are stored, and accepted at the end the next time", options, async (t) => {
    const { peer, real } = await enrolled(t, { plan: { screens: true } });
    const steps = ["expect link up", "expect screen live", "touch 100 50", "wait 200ms"];
    let sent = 0;
    for (const round of [1, 2]) {
      const program = real.play(steps);
      await peer.event("transfer", 2 * round);
      sent = peer.host.served.get(serial).link.bulk.stats.sent;
      await played(program);
    }
    assert.ok(peer.of("transfer").every((e) => e.result === "complete"));
    const live = stripes(800, 480).length / (1024 - 28);
    assert.equal(sent, Math.ceil(live)); // the live one again, of the kept one nothing
    assert.equal(peer.of("touch").length, 2);
    assert.deepEqual([peer.of("touch")[0].screen, peer.of("touch")[0].x], [2, 100]);
  });

  test("requests are answered, also those that it cannot serve", options, async (t) => {
    const plan = { stats: true, log: true, identify: 1, apdu: true };
    const { peer, say } = await served(t, { plan });
    await peer.event("apdu_response");
    say("identify", { seconds: 61 });
    say("configure", { room: "Room 2", mode: 9, languages: "fr" });
    await peer.event("reply", 4);
    assert.deepEqual(
      peer.of("reply").map((e) => `${e.to} ${e.status}`),
      ["47 done", "43 done", "43 refused", "47 refused"],
    );
    const { text } = await peer.event("log");
    assert.match(text, /^\d+\.\d{3} info started, boot \d+, reset reason 1\n/);
    assert.equal(peer.of("stats").length, 1);
    assert.deepEqual(
      [peer.of("apdu_response")[0].exchange, peer.of("apdu_response")[0].status],
      [1, 4],
    );
  });

  test("what is not for it is dropped and counted, the link goes on", options, async (t) => {
    const { peer, say } = await served(t);
    for (let n = 0; n < 40; ++n)
      say("grant", { key: new Uint8Array(32), site_key: new Uint8Array(32), site: "X" });
    say("stats_request");
    assert.equal((await peer.event("stats")).bad_messages, 40);
  });

  test("a rotated key is the one of the next handshake", options, async (t) => {
    const key = new Uint8Array(32).fill(9);
    const { peer, link } = await served(t, { plan: { rotate: key } });
    await peer.event("reply", 2);
    assert.equal(peer.of("reply")[1].status, "done");
    link().close();
    await peer.event("terminal_state", 2);
    assert.deepEqual(peer.host.keys.get(serial), [key]);
  });

  test("after BYE it comes again a second later", options, async (t) => {
    const { peer, link } = await served(t);
    const began = Date.now();
    link().close();
    await peer.event("terminal_state", 2);
    const took = Date.now() - began;
    assert.ok(took > 800 && took < 2000, `${took} ms`);
  });

  test("reboot: the reply first, then a new boot", options, async (t) => {
    const { peer, say } = await served(t);
    const { boot } = peer.of("up").at(-1);
    say("reboot", { delay_ms: 200 });
    await peer.event("reply", 2);
    await peer.event("terminal_state", 2);
    assert.equal(peer.of("up").at(-1).boot, boot + 1);
  });

  test(
    "no answer in 1 500 ms: it gives up, and takes the late answer for an acknowledgement",
    options,
    async (t) => {
      const { peer, real } = await enrolled(t, { answerAfterMs: 3000 });
      const taps = [`tap ${card(1)}`, "expect light amber", "expect waiting 0", "wait 3s"];
      await played(real.play(["expect link up", ...taps]));
      assert.equal(peer.of("gave_up").length, 1);
    },
  );

  test("not_recorded acknowledges nothing", options, async (t) => {
    const { peer, real } = await enrolled(t, { outcome: Outcome.not_recorded });
    const taps = [`tap ${card(1)}`, "expect outcome not_recorded", "expect waiting 0"];
    await played(real.play(["expect link up", ...taps]));
    assert.deepEqual(
      peer.of("tap").map((e) => [e.live, e.again, toHex(e.reading).toUpperCase()]),
      [
        [true, false, card(1)],
        [false, true, card(1)],
      ],
    );
  });

  test("resend_taps brings all of an epoch again, open_epoch a new one", options, async (t) => {
    const { peer, real } = await enrolled(t);
    const taps = [1, 2, 3].flatMap((n) => [`tap ${card(n)}`, "expect outcome arrived"]);
    // It writes down what is acknowledged a second later.
    await played(real.play(["expect link up", ...taps, "expect waiting 0", "wait 1500ms"]));
    const { epoch } = peer.of("terminal_state")[0];
    peer.host.taps.clear();
    peer.host.plan = { resendFrom: 2n };
    const program = real.play(["expect link up"], "--stay");
    await peer.event("tap", 5);
    assert.deepEqual(numbers(peer).slice(3), [2, 3]);
    peer.host.served.get(serial).send("open_epoch", { epoch });
    // Before its next tap: it may say so at once or then.
    await sleep(500);
    await program.stop();
    await played(real.play(["expect link up", `tap ${card(4)}`, "expect outcome arrived"]));
    const last = peer.of("tap").at(-1);
    assert.ok(!equal(last.epoch, epoch));
    assert.equal(last.number, 1n);
  });

  test("a host that knows higher numbers: a new epoch", options, async (t) => {
    const { peer, real } = await enrolled(t);
    await played(real.play(["expect link up", `tap ${card(1)}`, "expect outcome arrived"]));
    const { epoch } = peer.of("tap")[0];
    peer.host.taps.set("more", { serial, epoch, number: 50n });
    await played(
      real.play(["expect link up", "wait 300ms", `tap ${card(2)}`, "expect outcome arrived"]),
    );
    assert.ok(!equal(peer.of("tap").at(-1).epoch, epoch));
  });

  test(
    "another site key than that of enrolment: it leaves, and keeps its taps",
    options,
    async (t) => {
      const { peer, real } = await enrolled(t);
      const other = await peerHost(t, { keys: peer.host.keys });
      real.port = other.server.port;
      const steps = ["offline", `tap ${card(1)}`, "expect outcome recorded_offline", "online"];
      const program = real.play(steps, "--stay");
      await until(() => other.of("link_closed").some((e) => e.reason === "bye"), "it says BYE");
      const ups = other.of("up").length;
      await sleep(3000);
      assert.equal(other.of("up").length, ups); // it calls again after 30 s
      assert.deepEqual(other.of("tap"), []);
      await program.stop();
    },
  );

  test("transfers that it does not take", options, async (t) => {
    const { peer, link, say } = await served(t);
    const ended = async (n) => (await peer.event("transfer", n)).result;
    link().bulk.offer(BulkKind.firmware, 0, new Uint8Array(1000));
    assert.equal(await ended(1), "refused");
    link().bulk.offer(BulkKind.screen, 5, stripes(800, 480));
    assert.equal(await ended(2), "refused"); // without `screen`
    say("screen", { screen: 6, slot: ScreenSlot.live, width: 800, height: 480 });
    link().bulk.offer(BulkKind.screen, 7, stripes(800, 480));
    assert.equal(await ended(3), "refused"); // another subject
    link().bulk.offer(BulkKind.screen, 6, new Uint8Array(98_305));
    assert.equal(await ended(4), "refused"); // too large
    link().bulk.offer(BulkKind.screen, 6, new Uint8Array(1000));
    assert.equal(await ended(5), "complete"); // no zlib stream: known when it is drawn
    link().bulk.offer(BulkKind.screen, 6, stripes(800, 480));
    link().bulk.outgoing.content = new Uint8Array(stripes(800, 480).length);
    assert.equal(await ended(6), "digest");
  });

  test("time: four requests, a second apart", options, async (t) => {
    const { peer } = await served(t);
    await peer.event("time_request", 4);
    const at = peer.of("time_request").map((e) => Number(e.t1_ms));
    for (const n of [1, 2, 3]) {
      const apart = at[n] - at[n - 1];
      assert.ok(apart > 900 && apart < 1300, `${at}`);
    }
    await sleep(2500);
    assert.equal(peer.of("time_request").length, 4);
  });

  test("an idle link stays up, with new keys again and again", options, async (t) => {
    const { peer, link, say } = await served(t, { rekey: { frames: 5 } });
    for (let n = 0; n < 30; ++n) say("stats_request");
    await peer.event("stats", 30);
    assert.ok(link().sealer.keyCounter > 15n);
    await sleep(16_500);
    assert.equal(peer.of("up").length, 2); // of enrolment, and this one
  });

  test("through noise every tap comes once, live or from the queue", options, async (t) => {
    const { peer, real } = await enrolled(t, { plan: { screens: true } });
    let taps = 0;
    for (const seed of [1, 2, 3]) {
      const line = await noisyLine(t, peer.server.port, {
        seed,
        drop: 0.05,
        repeat: 0.05,
        damage: 0.03,
      });
      real.port = line.port;
      const steps = Array.from({ length: 15 }, (_, n) => [`tap ${card(n)}`, "wait 100ms"]).flat();
      taps += 15;
      await played(real.play(["expect link up", ...steps, "expect waiting 0"], "--drain", "30"));
      const found = [...peer.host.taps.values()];
      assert.equal(found.length, taps, `seed ${seed}`);
      assert.deepEqual(
        found.map((tap) => Number(tap.number)).sort((a, b) => a - b),
        Array.from({ length: taps }, (_, n) => n + 1),
      );
    }
    assert.ok(peer.of("tap").every((e) => e.reading));
  });
});
