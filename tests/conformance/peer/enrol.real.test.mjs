// Enrolment between the peer and the real programs: when it succeeds, and each way in which it ends.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { equal } from "./bytes.mjs";
import { Flag, FrameType } from "./frames.mjs";
import { Capability, EnrolEndReason, decodeMessage, encodeMessage } from "./messages.mjs";
import {
  RealTerminal,
  Site,
  enrolledAt,
  lifetime,
  peerHost,
  peerTerminal,
  sleep,
  until,
} from "./real.mjs";
import { RawWire } from "./wire.mjs";

const options = { timeout: 90_000 };
const serial = "R-1";
const zeros = new Uint8Array(32);

/** @type {Site} */
let site;
const life = lifetime(after);
before(async () => {
  site = await Site.start(life);
});

// The peer terminal at the daemon

/** A window at the daemon, and a peer terminal that shows its number there. */
async function shown(t, name, setup = {}) {
  const staff = site.enrol(name);
  await staff.waitFor(/window for/);
  const peer = peerTerminal(t, site.port, { serial: name, enrolling: true, ...setup });
  const { number } = await peer.event("number");
  await staff.waitFor(/Type them: $/);
  return { staff, peer, number };
}

test("daemon: nobody asked for it; other digits were typed", options, async (t) => {
  const stranger = peerTerminal(t, site.port, { serial: "P-STRANGER", enrolling: true });
  const told = await stranger.event("enrolled");
  assert.deepEqual([told.enrolled, told.reason], [false, "not_expected"]);

  const staff = site.enrol("P-DIGITS");
  await staff.waitFor(/window for/);
  const peer = peerTerminal(t, site.port, { serial: "P-DIGITS", enrolling: true });
  const { number } = await peer.event("number");
  await staff.waitFor(/Type them: $/);
  staff.type(number === "000000" ? "000001" : "000000");
  assert.equal((await peer.event("enrolled")).reason, "different");
  assert.equal(await staff.exit(), 1);
});

test("daemon: the person at the terminal says no", options, async (t) => {
  const staff = site.enrol("P-NO");
  await staff.waitFor(/window for/);
  const peer = peerTerminal(t, site.port, { serial: "P-NO", enrolling: true });
  await peer.event("number");
  peer.terminal.compared(false);
  assert.equal(await staff.exit(), 1, staff.said);
  assert.equal(peer.of("enrolled")[0].reason, "different");
});

test("daemon: a lost enrol_done, and the first handshake proves the key", options, async (t) => {
  const { staff, peer, number } = await shown(t, "P-LOST");
  const { link } = peer.terminal;
  const send = link.send.bind(link);
  link.send = (name, ...more) => {
    if (name !== "enrol_done") return send(name, ...more);
    setTimeout(() => link.close(), 50);
    return true;
  };
  staff.type(number);
  peer.terminal.compared(true);
  await peer.event("ready");
  assert.equal(await staff.exit(), 0, staff.said);
});

test(
  "daemon: another link while the attempt runs is not expected, and does not harm it",
  options,
  async (t) => {
    const { staff, peer, number } = await shown(t, "P-SECOND");
    const second = peerTerminal(t, site.port, { serial: "P-SECOND", enrolling: true });
    assert.equal((await second.event("enrolled")).reason, "not_expected");
    staff.type(number);
    peer.terminal.compared(true);
    assert.ok((await peer.event("enrolled")).enrolled);
    assert.equal(await staff.exit(), 0, staff.said);
  },
);

test("daemon: before the attempt a newer link takes the place of the older", options, async (t) => {
  const staff = site.enrol("P-NEWER");
  await staff.waitFor(/window for/);
  const older = new RawWire(t, site.port);
  await older.greet({ serial: "P-NEWER", capabilities: Capability.enrolling });
  await until(() => older.of(FrameType.DATA).length > 0, "enrol_commit");
  const peer = peerTerminal(t, site.port, { serial: "P-NEWER", enrolling: true });
  const { number } = await peer.event("number");
  await staff.waitFor(/Type them: $/);
  staff.type(number);
  peer.terminal.compared(true);
  assert.ok((await peer.event("enrolled")).enrolled);
});

test("daemon: a terminal with a key is enrolled anew, its old key ends", options, async (t) => {
  const { terminal } = await enrolledAt(t, site, "P-ANEW");
  const { key, siteKey } = terminal;
  terminal.stop();
  await sleep(100);
  const { staff, peer, number } = await shown(t, "P-ANEW", { key, siteKey });
  staff.type(number);
  peer.terminal.compared(true);
  await peer.event("ready");
  assert.ok(!equal(peer.terminal.key, key));
  const thief = peerTerminal(t, site.port, { serial: "P-ANEW", key, siteKey });
  await thief.event("link_closed");
  assert.deepEqual(thief.of("up"), []);
});

for (const [what, payload] of [
  ["an all-zero key", encodeMessage("enrol_key", { public_key: zeros })],
  ["enrol_done out of order", encodeMessage("enrol_done", { proof: zeros })],
  ["a message that is none of enrolment", encodeMessage("stats", statsOf())],
]) {
  test(`daemon: ${what} ends the attempt as protocol`, options, async (t) => {
    const staff = site.enrol("P-WRONG");
    await staff.waitFor(/window for/);
    const wire = new RawWire(t, site.port);
    await wire.greet({ serial: "P-WRONG", capabilities: Capability.enrolling });
    await until(() => wire.of(FrameType.DATA).length > 0, "enrol_commit");
    wire.send({ type: FrameType.UNKNOWN_SESSION }); // means nothing on an untagged link
    wire.send({ type: FrameType.DATA, flags: Flag.ACKNOWLEDGES, counter: 0 }, payload);
    await until(() => wire.of(FrameType.DATA).length > 1, "enrol_end");
    const { name, fields } = decodeMessage(wire.of(FrameType.DATA)[1].payload);
    assert.deepEqual([name, fields.reason], ["enrol_end", EnrolEndReason.protocol]);
    assert.equal(await staff.exit(), 1);
  });
}

function statsOf() {
  const names = [
    "taps",
    "not_accepted",
    "gave_up",
    "late_answers",
    "retransmissions",
    "bad_frames",
  ];
  names.push("bad_tags", "bad_messages", "screens_stored", "storage_errors", "reader_errors");
  return Object.fromEntries(["uptime_ms", ...names].map((name) => [name, 0]));
}

// The real terminal at the peer host

test(
  "terminal: digits that differ, a person who says no, a host that does not expect it",
  options,
  async (t) => {
    const peer = await peerHost(t, {});
    const real = new RealTerminal(t, peer.server.port, serial);
    const shows = /this terminal shows (\d{3}) (\d{3})/;
    peer.host.openWindow(serial);
    const first = real.run("--enrol");
    await first.waitFor(shows);
    await peer.event("number_ready");
    peer.host.typed("1234567");
    assert.equal(await first.exit(), 1, first.said);
    assert.equal(peer.of("enrolled")[0].reason, "different");

    peer.host.openWindow(serial);
    const second = real.run("--enrol");
    await second.waitFor(/yes or no: /);
    second.type("no");
    assert.equal(await second.exit(), 1, second.said);
    assert.equal((await peer.event("enrolled", 2)).reason, "different");

    const third = real.run("--enrol");
    assert.equal(await third.exit(), 1, third.said);
    assert.equal((await peer.event("enrolled", 3)).reason, "not_expected");
  },
);

for (const [what, reason, change] of [
  [
    "an opened commitment that is another",
    "broken_promise",
    { enrol_open: (f) => ({ ...f, nonce: zeros }) },
  ],
  [
    "a grant that does not open",
    "protocol",
    { enrol_grant: () => ({ sealed: new Uint8Array(100) }) },
  ],
]) {
  test(`terminal: ${what} ends as ${reason}`, options, async (t) => {
    const peer = await peerHost(t);
    const attach = peer.host.attach.bind(peer.host);
    peer.host.attach = (wire) => {
      const terminal = attach(wire);
      const { link } = terminal;
      const send = link.send.bind(link);
      link.send = (name, fields, ...more) => send(name, change[name]?.(fields) ?? fields, ...more);
      return terminal;
    };
    peer.host.openWindow(serial);
    const program = new RealTerminal(t, peer.server.port, serial).run("--enrol");
    await until(() => peer.of("number_ready").length > 0, "the host has its number");
    if (change.enrol_grant) {
      const [, high, low] = await program.waitFor(/this terminal shows (\d{3}) (\d{3})/);
      peer.host.typed(high + low);
      program.type("yes");
    }
    assert.equal(await program.exit(), 1, program.said);
    assert.equal(peer.of("enrolled")[0].reason, reason);
  });
}
