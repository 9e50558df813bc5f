// What must not pass: each case changes one thing in a valid example.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";

import { checkText } from "./check-batches.mjs";
import { apiDir, checkBatch, checkEvent, loadSchemas, readJson } from "./schemas.mjs";

const schemas = loadSchemas();
const example = (name) => readJson(join(apiDir, "examples", name));

const events = [
  ["a person's name in a tap", "tap.recorded.v1", (e) => (e.data.name = "Amina")],
  ["a tap without its digest", "tap.recorded.v1", (e) => delete e.data.tap.digest],
  ["a chip number instead of a token", "tap.recorded.v1", (e) => (e.data.card = "04a1b2c3d4e5f6")],
  ["a tap number of zero", "tap.recorded.v1", (e) => (e.data.tap.number = 0)],
  ["an outcome that is never logged", "tap.recorded.v1", (e) => (e.data.outcome = "not_recorded")],
  ["a time without trust", "tap.recorded.v1", (e) => delete e.data.time.trust],
  ["no wall time that is believed", "tap.recorded.v1", (e) => ((e.data.time.wall = null), delete e.time)],
  ["a local time", "tap.recorded.v1", (e) => (e.data.time.wall = e.time = "2026-03-02T09:01:02.123+01:00")],
  ["a day that does not exist", "tap.recorded.v1", (e) => (e.data.time.wall = e.time = "2026-02-30T09:01:02.123Z")],
  ["a time that differs from the envelope's", "tap.recorded.v1", (e) => (e.time = "2026-03-02T08:01:02.124Z")],
  ["an arrival that goes out", "attendance.arrived.v1", (e) => (e.data.direction = "out")],
  ["an arrival of nobody", "attendance.arrived.v1", (e) => delete e.subject],
  ["no session and no reason", "attendance.arrived.v1", (e) => (e.data.session = null)],
  ["a session and a reason for none", "attendance.arrived.v1", (e) => (e.data.no_session_reason = "no_session")],
  ["a half-day without its date", "attendance.arrived.v1", (e) => (e.data.half_day = "am")],
  ["a conclusion without its rule", "attendance.left.v1", (e) => delete e.data.decided_by],
  ["help by nobody", "attendance.assisted.v1", (e) => (e.data.actor = null)],
  ["a correction of nothing into nothing", "attendance.corrected.v1", (e) => ((e.data.old = null), (e.data.new = null), (e.data.corrects = null))],
  ["a correction that hides what it corrects", "attendance.corrected.v1", (e) => (e.data.corrects = null)],
  ["a correction by nobody", "attendance.corrected.v1", (e) => (e.data.actor = null)],
  ["a sheet with a subject", "halfday.confirmed.v1", (e) => (e.subject = "p-0001")],
  ["a child released by nobody", "child.released.v1", (e) => (e.data.actor = null)],
  ["answers in clear beside sealed ones", "assessment.completed.v1", (e) => (e.data.sealed = "eyJ.a.b.c.d")],
  ["an instrument without its digest", "assessment.offered.v1", (e) => delete e.data.instrument.digest],
  ["an unknown type", "tap.recorded.v1", (e) => (e.type = "org.rollcall.tap.invented.v1")],
  ["a sequence that is not padded", "tap.recorded.v1", (e) => (e.sequence = "17")],
  ["an attempt of zero", "tap.recorded.v1", (e) => (e.attempt = 0)],
  ["a source that is another site", "tap.recorded.v1", (e) => (e.source = "urn:rollcall:site:elsewhere")],
  ["an id that is no UUID", "tap.recorded.v1", (e) => (e.id = "1")],
  ["an extension nobody declared", "tap.recorded.v1", (e) => (e.comment = "x")],
];

for (const [what, name, change] of events) {
  test(`an event is refused for ${what}`, () => {
    const event = example(`${name}.json`);
    assert.deepEqual(checkEvent(schemas, event), []);
    change(event);
    assert.notDeepEqual(checkEvent(schemas, event), []);
  });
}

const batches = [
  ["a range upside down", (b) => (b.range.last = b.range.first - 1)],
  ["no events", (b) => (b.events = [])],
  ["an event outside the range", (b) => (b.range.last -= 1)],
  ["events out of order", (b) => b.events.reverse()],
  ["an event twice", (b) => (b.events[1].id = b.events[0].id)],
  ["another log epoch in an event", (b) => (b.events[0].logepoch = "00000000-0000-4000-8000-000000000000")],
  ["another site", (b) => (b.site = "elsewhere")],
  ["a field nobody declared", (b) => (b.note = "x")],
];

for (const [what, change] of batches) {
  test(`a batch is refused for ${what}`, () => {
    const batch = example("morning.batch.json");
    assert.deepEqual(checkBatch(schemas, batch), []);
    change(batch);
    assert.notDeepEqual(checkBatch(schemas, batch), []);
  });
}

test("the checker reads JSON, JSON Lines and arrays, and counts faults", () => {
  const event = example("tap.recorded.v1.json");
  const batch = example("morning.batch.json");
  const bad = { ...event, attempt: 0 };
  assert.equal(checkText(schemas, JSON.stringify(batch, null, 2)).events, batch.events.length);
  assert.equal(checkText(schemas, `${JSON.stringify(event)}\n${JSON.stringify(batch)}\n`).events, 1 + batch.events.length);
  assert.equal(checkText(schemas, JSON.stringify([event, bad])).errors.length, 1);
});

test("receipts name each event in one list and reasons from the closed list", () => {
  const receipt = example("morning.receipt.json");
  receipt.rejected[0].type = "because";
  assert.notDeepEqual(schemas.check("receipt.json", receipt), []);
});
