// The golden bytes of version 1 (tests/golden/v1): read and written again by this implementation's own tables.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

import { concat, equal, fromHex, toHex } from "./bytes.mjs";
import { FrameReader, FrameType, encodeFrame, isSessionType } from "./frames.mjs";
import { MESSAGES, decodeMessage, encodeMessage } from "./messages.mjs";
import { FrameOpener, FrameSealer, Handshake } from "./noise.mjs";
import { rebuildCounter } from "./session.mjs";

const folder = new URL("../../golden/v1/", import.meta.url);
const lines = (name) =>
  readFileSync(new URL(name, folder), "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));

/** What a file says of a value. */
function textOf(value) {
  if (value instanceof Uint8Array) return value.length === 0 ? "empty" : toHex(value);
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

const kindOf = (type) => {
  if (type.kind === "bytes") return type.min > 0 ? "fixed" : "bytes";
  if (type.kind !== "number") return type.kind;
  if (type.min < 0n) return "i64";
  return `u${type.max.toString(2).length}`;
};

const messageFiles = readdirSync(folder).filter((name) => !/^(frames|session)\.txt$/.test(name));

test("there is a file for each message, and a message for each file", () => {
  assert.deepEqual(
    messageFiles.map((name) => name.replace(".txt", "")).sort(),
    Object.keys(MESSAGES).sort(),
  );
});

for (const file of messageFiles) {
  test(`message ${file.replace(".txt", "")}`, () => {
    const name = file.replace(".txt", "");
    const { op, fields: types } = MESSAGES[name];
    const said = lines(file);
    assert.equal(said[0], `op: ${op}`);
    assert.deepEqual(
      said.filter((line) => line.startsWith("field: ")),
      Object.entries(types).map(([field, type]) => `field: ${field} ${kindOf(type)}`),
    );
    let examples = 0;
    /** @type {string[]} */
    let values = [];
    for (const line of said) {
      const [, field, value] = /^ {2}(\w+): (.*)$/.exec(line) ?? [];
      if (!field) values = [];
      else if (field !== "cbor") values.push(`${field}: ${value}`);
      else {
        const message = decodeMessage(fromHex(value));
        assert.deepEqual([message.name, message.op], [name, op]);
        assert.deepEqual(
          Object.entries(message.fields).map(([key, v]) => `${key}: ${textOf(v)}`),
          values,
        );
        assert.equal(toHex(encodeMessage(name, message.fields)), value);
        examples += 1;
      }
    }
    assert.ok(examples >= 1);
  });
}

test("a frame of each type", () => {
  const types = new Set();
  for (const line of lines("frames.txt")) {
    const wire = fromHex(line.split(": ")[1]);
    const frames = new FrameReader().push(wire);
    assert.equal(frames.length, 1, line);
    const [{ type, header, payload }] = frames;
    assert.equal(toHex(encodeFrame(header, payload)), toHex(wire), line);
    types.add(type);
  }
  assert.deepEqual([...types].sort(), Object.values(FrameType));
});

/** The recorded session. Its keys stand in no document; each is one byte, thirty-two times. */
const recorded = {
  psk: new Uint8Array(32).fill(0x42),
  terminal: new Uint8Array(32).fill(0x11),
  host: new Uint8Array(32).fill(0x22),
};

function recordedFrames() {
  const readers = { terminal: new FrameReader(), host: new FrameReader() };
  return lines("session.txt").flatMap((line) => {
    const [from, hex] = line.split(": ");
    const frames = readers[from].push(fromHex(hex)).map((frame) => ({ from, ...frame }));
    const again = frames.map(({ type, header, payload }) => {
      const before = new Uint8Array(type === FrameType.HELLO ? 1 : 0); // a zero byte
      return concat(before, encodeFrame(header, payload));
    });
    assert.equal(toHex(concat(...again)), hex);
    return frames;
  });
}

test("the recorded session: handshake and every sealed frame, byte for byte", () => {
  const frames = recordedFrames();
  const first = (from, type) => frames.find((f) => f.from === from && f.type === type);
  const helloOf = (from) => first(from, FrameType.HELLO).payload;
  const prologue = concat(helloOf("terminal"), helloOf("host"));
  const { psk } = recorded;
  const make = (end) =>
    new Handshake({ initiator: end === "terminal", psk, prologue, ephemeral: recorded[end] });
  const [terminal, host] = [make("terminal"), make("host")];
  const one = terminal.write();
  assert.equal(toHex(one), toHex(first("terminal", FrameType.HANDSHAKE).payload));
  assert.ok(host.read(one));
  const two = host.write();
  assert.equal(toHex(two), toHex(first("host", FrameType.HANDSHAKE).payload));
  assert.ok(terminal.read(two));

  const keys = { terminal: terminal.split().send, host: host.split().send };
  const ends = Object.fromEntries(
    Object.entries(keys).map(([end, key]) => [
      end,
      { opener: new FrameOpener(key), sealer: new FrameSealer(key, 0), newest: null },
    ]),
  );
  const said = { terminal: [], host: [] };
  for (const { from, type, header, payload, counter: low } of frames) {
    if (!isSessionType(type)) continue;
    const end = ends[from];
    const counter = rebuildCounter(end.newest, low);
    const newest = end.newest === null || counter > end.newest;
    const plain = end.opener.open(counter, header, payload, newest);
    assert.ok(plain, `${from} ${counter}`);
    if (newest) end.newest = counter;
    if (type === FrameType.DATA) {
      const { name, fields } = decodeMessage(plain);
      assert.notEqual(name, "");
      assert.ok(equal(encodeMessage(name, fields), plain), name);
      said[from].push(name);
    }
    if (counter === end.sealer.counter) {
      end.sealer.key = end.opener.key;
      assert.equal(toHex(end.sealer.seal(header, plain)), toHex(payload), `${from} ${counter}`);
    }
  }
  assert.ok(said.terminal.length > 0 && said.host.length > 0);
  assert.ok(ends.terminal.opener.rekeys + ends.host.opener.rekeys > 0);
});
