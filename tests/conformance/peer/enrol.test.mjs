// Enrolment over the untagged link, in virtual time.
import assert from "node:assert/strict";
import { test } from "node:test";

import { HostEnrolment, TerminalEnrolment } from "./enrol.mjs";
import { Capability, EnrolEndReason } from "./messages.mjs";
import { bytesFrom, pair, randomOf } from "./pair.mjs";

/** Two ends that enrol. `between` may change or swallow (null) a message on its way. */
function enrolment({
  seed = 1,
  faults = {},
  asked = true,
  between = (name, fields) => fields,
  keep = true,
} = {}) {
  const ends = pair({
    seed,
    faults,
    keys: [],
    terminalHello: { capabilities: Capability.enrolling },
  });
  const { terminal, host, clock } = ends;
  ends.start();
  clock.run(20_000, () => terminal.link.state === "up" && host.link.state === "up");
  const people = {};
  const setup = (end, other) => ({
    terminalHello: terminal.link.helloPayload,
    hostHello: host.link.helloPayload,
    random: bytesFrom(randomOf(seed + (end === host ? 100 : 200))),
    owner: {
      send: (name, fields) => end.link.send(name, between(name, fields)),
      number: (number) => void (end.number = number),
      keep: (grant) => keep && Boolean((end.kept = grant)),
      ended: (result) => void (end.result = result),
    },
  });
  people.terminal = new TerminalEnrolment(setup(terminal));
  people.host = new HostEnrolment({
    ...setup(host),
    siteKey: new Uint8Array(32).fill(4),
    site: "SITE-1",
  });
  terminal.onMessage = (name, fields) => people.terminal.message(name, fields);
  host.onMessage = (name, fields) => people.host.message(name, fields);
  people.host.begin(asked);
  clock.run(10_000);
  return { ...ends, people };
}

test("both show the same six digits, and the key comes across", () => {
  for (const [agreesFirst, seed] of [
    [true, 1],
    [false, 2],
    [true, 3],
  ]) {
    const { terminal, host, people, clock } = enrolment({
      seed,
      faults: seed === 3 ? { drop: 0.1, repeat: 0.1 } : {},
    });
    assert.match(terminal.number, /^\d{6}$/);
    assert.equal(terminal.number, host.number);
    if (agreesFirst) people.terminal.compared(true);
    people.host.typed(terminal.number);
    clock.run(10_000);
    assert.equal(terminal.result?.enrolled, agreesFirst ? true : undefined);
    if (!agreesFirst) people.terminal.compared(true);
    clock.run(10_000);
    assert.ok(terminal.result.enrolled && host.result.enrolled);
    assert.deepEqual(terminal.kept, host.kept);
    assert.equal(terminal.kept.site, "SITE-1");
  }
});

const ended = ({ terminal, host }, reason) => {
  assert.deepEqual([terminal.result.enrolled, terminal.result.reason], [false, reason]);
  assert.deepEqual([host.result.enrolled, host.result.reason], [false, reason]);
};

test("other digits end the attempt for good", () => {
  const ends = enrolment();
  ends.people.host.typed(String((Number(ends.host.number) + 1) % 1_000_000).padStart(6, "0"));
  ends.people.host.typed(ends.host.number);
  ends.clock.run(5000);
  ended(ends, EnrolEndReason.different);
  assert.equal(ends.terminal.kept, undefined);
});

test("the person at the terminal says no", () => {
  const ends = enrolment();
  ends.people.terminal.compared(false);
  ends.clock.run(5000);
  ended(ends, EnrolEndReason.different);
});

test("an opened commitment that is not the one given is a broken promise", () => {
  for (const field of ["public_key", "nonce"]) {
    const ends = enrolment({
      between: (name, fields) =>
        name === "enrol_open" ? { ...fields, [field]: new Uint8Array(32).fill(9) } : fields,
    });
    ended(ends, EnrolEndReason.broken_promise);
    assert.equal(ends.terminal.number, undefined);
  }
});

test("nobody asked for this terminal", () => {
  const ends = enrolment({ asked: false });
  ended(ends, EnrolEndReason.not_expected);
});

test("an all-zero shared secret, a message out of order and a full storage end the attempt", () => {
  const zero = (message, field) => (name, fields) =>
    name === message ? { ...fields, [field]: new Uint8Array(32) } : fields;
  ended(enrolment({ between: zero("enrol_key", "public_key") }), EnrolEndReason.protocol);

  const early = enrolment();
  early.host.link.send("enrol_commit", { commitment: new Uint8Array(32) });
  early.clock.run(5000);
  ended(early, EnrolEndReason.protocol);

  const full = enrolment({ keep: false });
  full.people.host.typed(full.host.number);
  full.clock.run(5000);
  ended(full, EnrolEndReason.storage);
});

test("somebody in the middle with keys of his own makes the numbers differ", () => {
  const ends = enrolment({
    between: (name, fields) =>
      name === "enrol_key" ? { public_key: new Uint8Array(32).fill(9) } : fields,
  });
  assert.notEqual(ends.terminal.number, ends.host.number);
});

test("a grant that does not open and a wrong proof end the attempt", () => {
  const grant = enrolment({
    between: (name, fields) => (name === "enrol_grant" ? { sealed: new Uint8Array(100) } : fields),
  });
  grant.people.host.typed(grant.host.number);
  grant.clock.run(5000);
  ended(grant, EnrolEndReason.protocol);

  const proof = enrolment({
    between: (name, fields) => (name === "enrol_done" ? { proof: new Uint8Array(32) } : fields),
  });
  proof.people.terminal.compared(true);
  proof.people.host.typed(proof.host.number);
  proof.clock.run(5000);
  assert.equal(proof.host.result.enrolled, false);
});
