// The parts under the link, against published examples.
import assert from "node:assert/strict";
import { test } from "node:test";
import { chacha20poly1305 } from "@noble/ciphers/chacha";

import { concat, equal, fromHex, toHex, utf8 } from "./bytes.mjs";
import { CborError, CborReader, encodeBytes, encodeInteger, encodeText } from "./cbor.mjs";
import {
  cobsDecode,
  cobsEncode,
  crc32,
  encodeFrame,
  encodeHeader,
  FrameReader,
  FrameType,
} from "./frames.mjs";
import { decodeMessage, encodeMessage, MESSAGES } from "./messages.mjs";
import {
  FrameOpener,
  FrameSealer,
  Handshake,
  open,
  publicKey,
  seal,
  sharedSecret,
} from "./noise.mjs";

// Cacophony test vectors, as published with mcginty/snow (tests/vectors/cacophony.txt).
const nnpsk0 = {
  prologue: "4a6f686e2047616c74",
  psk: "54686973206973206d7920417573747269616e20706572737065637469766521",
  initiatorEphemeral: "893e28b9dc6ca8d611ab664754b8ceb7bac5117349a4439a6b0569da977c464a",
  responderEphemeral: "bbdb4cdbd309f1a1f2e1456967fe288cadd6f712d65dc7b7793d5e63da6b375b",
  hash: "f4d03dc34495c95729ea6de9e1b59004b59733102488b3e24bc441e0be208eaf",
  messages: [
    [
      "4c756477696720766f6e204d69736573",
      "ca35def5ae56cec33dc2036731ab14896bc4c75dbb07a61f879f8e3afa4c794479b962b8aff8485742ac32f905ba45369e2465fb59e138a93d67a0d1266b6a54",
    ],
    [
      "4d757272617920526f746862617264",
      "95ebc60d2b1fa672c1f46a8aa265ef51bfe38e7ccb39ec5be34069f144808843d6062704d5a9c422a8e834423f8c1feada7e8d0d910a1a2cd030fb584221e3",
    ],
    ["462e20412e20486179656b", "e632c3763d7669067383433197a3baddf146e9e70ad4b4e9e59e0f"],
    ["4361726c204d656e676572", "64c6bee32ea91c8474bb4c21d7a700109ad45af77b29764ba5eb1e"],
    [
      "4a65616e2d426170746973746520536179",
      "e2fa0bed0603b62d3ccac2ecabbf3fe33f3e86514909b323361626266cb2471cc8",
    ],
    [
      "457567656e2042f6686d20766f6e2042617765726b",
      "0c01dc9cec1fe4ddd692e8dd32188aa351088dc91183639a53b57aa4692b5ebdef8b8ca111",
    ],
  ],
};

function handshakes() {
  const psk = fromHex(nnpsk0.psk);
  const prologue = fromHex(nnpsk0.prologue);
  return {
    initiator: new Handshake({
      initiator: true,
      psk,
      prologue,
      ephemeral: fromHex(nnpsk0.initiatorEphemeral),
    }),
    responder: new Handshake({
      initiator: false,
      psk,
      prologue,
      ephemeral: fromHex(nnpsk0.responderEphemeral),
    }),
  };
}

test("Noise NNpsk0: the cacophony vector, both sides, handshake and transport", () => {
  const { initiator, responder } = handshakes();
  const [[payload1, wire1], [payload2, wire2], ...transport] = nnpsk0.messages;
  assert.equal(toHex(initiator.write(fromHex(payload1))), wire1);
  assert.equal(toHex(responder.read(fromHex(wire1))), payload1);
  assert.equal(toHex(responder.write(fromHex(payload2))), wire2);
  assert.equal(toHex(initiator.read(fromHex(wire2))), payload2);
  assert.equal(toHex(initiator.hash), nnpsk0.hash);
  assert.equal(toHex(responder.hash), nnpsk0.hash);

  const keys = initiator.split();
  assert.deepEqual(keys, { send: responder.split().receive, receive: responder.split().send });
  transport.forEach(([payload, wire], n) => {
    const key = n % 2 === 0 ? keys.send : keys.receive;
    const counter = BigInt(Math.floor(n / 2));
    assert.equal(toHex(seal(key, counter, new Uint8Array(0), fromHex(payload))), wire);
    assert.equal(toHex(open(key, counter, new Uint8Array(0), fromHex(wire))), payload);
  });
});

test("Noise NNpsk0: another key, another prologue and a changed byte do not verify", () => {
  const first = fromHex(nnpsk0.messages[0][1]);
  for (const change of [{ psk: new Uint8Array(32) }, { prologue: utf8("another") }]) {
    const { responder } = handshakes();
    const other = new Handshake({
      initiator: false,
      psk: responder.psk,
      prologue: fromHex(nnpsk0.prologue),
      ephemeral: responder.ephemeral,
      ...change,
    });
    assert.equal(other.read(first), null);
  }
  first[40] ^= 1;
  assert.equal(handshakes().responder.read(first), null);
});

test("RFC 8439 section 2.8.2", () => {
  const key = fromHex("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f");
  const nonce = fromHex("070000004041424344454647");
  const associated = fromHex("50515253c0c1c2c3c4c5c6c7");
  const plain = utf8(
    "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.",
  );
  const expected =
    "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b1a71de0a" +
    "9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc3ff4def08e4b7a9d" +
    "e576d26586cec64b6116" +
    "1ae10b594f09e26a7e902ecbd0600691";
  assert.equal(toHex(chacha20poly1305(key, nonce, associated).encrypt(plain)), expected);
});

test("X25519: RFC 7748 section 6.1, and an all-zero result is none", () => {
  const alice = fromHex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
  const bob = fromHex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
  assert.equal(
    toHex(publicKey(alice)),
    "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
  );
  const shared = "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742";
  assert.equal(toHex(sharedSecret(alice, publicKey(bob))), shared);
  assert.equal(toHex(sharedSecret(bob, publicKey(alice))), shared);
  assert.equal(sharedSecret(alice, new Uint8Array(32)), null);
});

test("COBS: the examples of Cheshire and Baker's scheme", () => {
  const run = (from, to) => Uint8Array.from({ length: to - from + 1 }, (_, n) => (from + n) & 0xff);
  const examples = [
    ["00", "0101"],
    ["0000", "010101"],
    ["001100", "01021101"],
    ["11220033", "0311220233"],
    ["11223344", "0511223344"],
    ["11000000", "0211010101"],
    [toHex(run(1, 254)), `ff${toHex(run(1, 254))}`],
    [toHex(run(0, 254)), `01ff${toHex(run(1, 254))}`],
    [toHex(run(1, 255)), `ff${toHex(run(1, 254))}02ff`],
    [`${toHex(run(2, 255))}00`, `ff${toHex(run(2, 255))}0101`],
    [`${toHex(run(3, 255))}0001`, `fe${toHex(run(3, 255))}0201`],
  ];
  for (const [plain, stuffed] of examples) {
    assert.equal(toHex(cobsEncode(fromHex(plain))), stuffed);
    assert.equal(toHex(cobsDecode(fromHex(stuffed))), plain);
  }
  assert.equal(cobsDecode(fromHex("051122")), null);
  assert.equal(cobsDecode(fromHex("0411002233")), null);
});

test("CRC-32: the check value of IEEE 802.3", () => {
  assert.equal(crc32(utf8("123456789")), 0xcbf43926);
});

test("a frame: 10 bytes more than its payload without a tag, 26 with one", () => {
  const header = encodeHeader({ type: FrameType.DATA, counter: 0x1ff });
  assert.deepEqual(header, Uint8Array.of(2, 0, 0, 0xff));
  for (const size of [0, 100, 246])
    assert.equal(encodeFrame(header, new Uint8Array(size).fill(7)).length, size + 10);
  assert.equal(encodeFrame(header, new Uint8Array(100 + 16)).length, 100 + 26);
});

test("a stream is cut into frames, and noise costs only what it touches", () => {
  const frame = (n) =>
    encodeFrame(encodeHeader({ type: FrameType.ACK, counter: n }), new Uint8Array(0));
  const damaged = frame(2);
  damaged[3] ^= 0x40;
  const unknown = encodeFrame(encodeHeader({ type: 10 }), new Uint8Array(0));
  const long = encodeFrame(encodeHeader({ type: FrameType.DATA }), new Uint8Array(185));
  const reader = new FrameReader(192);
  const stream = concat(
    utf8("noise"),
    Uint8Array.of(0, 0),
    frame(1),
    damaged,
    unknown,
    long,
    frame(3),
  );
  const found = [...stream].flatMap((byte) => reader.push(Uint8Array.of(byte)));
  assert.deepEqual(
    found.map((f) => f.counter),
    [1, 3],
  );
  const { long: tooLong, type, crc, stuffing, short } = reader.dropped;
  assert.deepEqual(
    { tooLong, type, rest: crc + stuffing + short },
    { tooLong: 1, type: 1, rest: 2 },
  );
});

test("CBOR: examples of RFC 8949, appendix A", () => {
  const integers = [
    [0n, "00"],
    [10n, "0a"],
    [23n, "17"],
    [24n, "1818"],
    [100n, "1864"],
    [1000n, "1903e8"],
    [1000000n, "1a000f4240"],
    [1000000000000n, "1b000000e8d4a51000"],
    [18446744073709551615n, "1bffffffffffffffff"],
    [-1n, "20"],
    [-10n, "29"],
    [-100n, "3863"],
    [-1000n, "3903e7"],
    [-18446744073709551616n, "3bffffffffffffffff"],
  ];
  for (const [value, hex] of integers) {
    assert.equal(toHex(encodeInteger(value)), hex);
    assert.equal(new CborReader(fromHex(hex)).integer(), value);
  }
  assert.equal(toHex(encodeBytes(fromHex("01020304"))), "4401020304");
  assert.equal(toHex(encodeText("\u6c34")), "63e6b0b4");
  const skipped = [
    "f90000",
    "fb3ff199999999999a",
    "f6",
    "f8ff",
    "c074323031332d30332d32315432303a30343a30305a",
    "8301820203820405",
    "a201020304",
    "a26161016162820203",
    "83" + "80a0f7",
    "81818180",
    "818181c017",
    "61ff",
    "a202010102",
  ];
  for (const hex of skipped) {
    const reader = new CborReader(fromHex(hex));
    reader.skip();
    reader.end();
  }
});

test("CBOR: anything but the deterministic encoding is refused", () => {
  const refused = [
    "1817",
    "190017",
    "1a0000ffff",
    "1b00000000ffffffff",
    "5f42010243030405ff",
    "9fff",
    "bf6161ff",
    "f818",
    "8181818180",
    "1c",
    "9bffffffffffffffff",
    "19",
    "5a7fffffff",
  ];
  for (const hex of refused) {
    assert.throws(
      () => {
        const reader = new CborReader(fromHex(hex));
        reader.skip();
        reader.end();
      },
      CborError,
      hex,
    );
  }
});

const sample = (type) => {
  if (type.kind === "boolean") return true;
  if (type.kind === "text") return "x".repeat(type.max);
  if (type.kind === "bytes") return new Uint8Array(type.max).fill(0xa5);
  return type.wide ? type.max : Number(type.max);
};

test("messages: each comes back as it was, and fits the smallest frame with a tag", () => {
  assert.equal(Object.keys(MESSAGES).length, 43);
  for (const [name, { op, fields: types }] of Object.entries(MESSAGES)) {
    const fields = Object.fromEntries(
      Object.entries(types).map(([field, type]) => [field, sample(type)]),
    );
    const encoded = encodeMessage(name, fields);
    assert.ok(encoded.length <= 192 - 24, name);
    assert.deepEqual(decodeMessage(encoded), { name, op, fields });
  }
});

test("messages: unknown fields are passed over, what is missing or beyond its type is not", () => {
  // [14, 47, 0], the reply to configure
  assert.deepEqual(decodeMessage(fromHex("830e182f00")).fields, { to: 47, status: 0 });
  assert.deepEqual(decodeMessage(fromHex("850e182f00a16161016178")).fields, { to: 47, status: 0 });
  assert.equal(decodeMessage(fromHex("82190400f6")).name, "");
  for (const bad of [
    "820e182f",
    "830e182f190100",
    "830e182f0000",
    "830e182f20",
    "80",
    "8120",
    "811a00010000",
    "0e",
  ]) {
    assert.throws(() => decodeMessage(fromHex(bad)), CborError, bad);
  }
});

test("rekey: the receiver follows the phase bit, and never goes back", () => {
  const key = new Uint8Array(32).fill(1);
  const sealer = new FrameSealer(key, 0, { frames: 3, ms: 1000 });
  const opener = new FrameOpener(key);
  const phases = [];
  const frames = [];
  for (let n = 0; n < 8; ++n) {
    sealer.rekeyIfDue(n === 7 ? 5000 : 0);
    const counter = sealer.counter;
    const header = encodeHeader({
      type: FrameType.ACK,
      flags: sealer.phase,
      counter: Number(counter),
    });
    const sealed = sealer.seal(header, new Uint8Array(0));
    assert.ok(opener.open(counter, header, sealed, true));
    phases.push(sealer.phase);
    frames.push({ counter, header, sealed });
  }
  assert.deepEqual(phases, [0, 0, 0, 8, 8, 8, 0, 8]);
  assert.equal(opener.rekeys, 3);
  assert.ok(!equal(opener.key, key));
  for (const { counter, header, sealed } of frames.slice(0, 7)) {
    assert.equal(opener.open(counter, header, sealed, false), null);
  }
});
