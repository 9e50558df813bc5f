// For tests: a socket that speaks frames and nothing more, and a line that loses, repeats and damages them.
import { randomBytes } from "node:crypto";
import { createConnection, createServer } from "node:net";

import { concat, empty } from "./bytes.mjs";
import { Flag, FrameReader, FrameType, encodeFrame, encodeHeader } from "./frames.mjs";
import { encodeMessage } from "./messages.mjs";
import { FrameSealer, Handshake } from "./noise.mjs";
import { hello as helloOf, randomOf } from "./pair.mjs";
import { until } from "./real.mjs";

/** @typedef {import("./frames.mjs").Frame} Frame */

/** One connection; what comes is in `frames`. */
export class RawWire {
  /** @param {any} t the test that it ends with @param {number} port */
  constructor(t, port) {
    /** @type {Frame[]} */
    this.frames = [];
    this.closed = false;
    const reader = new FrameReader();
    this.socket = createConnection({ host: "127.0.0.1", port });
    this.socket.setNoDelay(true);
    this.socket.on("data", (chunk) => this.frames.push(...reader.push(new Uint8Array(chunk))));
    this.socket.on("error", () => {});
    this.socket.on("close", () => (this.closed = true));
    this.socket.on("end", () => (this.closed = true));
    t.after(() => this.socket.destroy());
  }

  /** @param {Parameters<typeof encodeHeader>[0]} header @param {Uint8Array} [payload] */
  send(header, payload = empty) {
    this.socket.write(concat(Uint8Array.of(0), encodeFrame(encodeHeader(header), payload)));
  }

  /** @param {object} hello fields @param {{ number?: number, answers?: number | null }} [header] */
  hello(hello, { number = 1, answers = null } = {}) {
    const flags = answers === null ? 0 : Flag.ACKNOWLEDGES;
    const header = { type: FrameType.HELLO, flags, channel: answers ?? 0, counter: number };
    this.send(header, encodeMessage("hello", hello));
  }

  /** @param {number} type */
  of(type) {
    return this.frames.filter((frame) => frame.type === type);
  }

  /**
   * Greets as a terminal; its greeting and the host's, as a handshake needs them.
   * @param {object} hello changes
   * @param {number} [number]
   */
  async greet(hello, number = 1) {
    const fields = helloOf(hello);
    this.hello(fields, { number });
    const answered = (/** @type {Frame} */ frame) => (frame.flags & Flag.ACKNOWLEDGES) !== 0;
    const theirs = await until(
      () => this.of(FrameType.HELLO).find(answered),
      "the host answers HELLO",
      5000,
    );
    this.hello(fields, { number, answers: theirs.counter });
    return concat(encodeMessage("hello", fields), theirs.payload);
  }

  /**
   * Brings a session up as a terminal.
   * @param {object} hello changes
   * @param {Uint8Array} key
   */
  async handshake(hello, key) {
    const prologue = await this.greet(hello);
    const ephemeral = new Uint8Array(randomBytes(32));
    const handshake = new Handshake({ initiator: true, psk: key, prologue, ephemeral });
    const first = /** @type {Uint8Array} */ (handshake.write());
    this.send({ type: FrameType.HANDSHAKE, channel: 1 }, first);
    const second = await until(() => this.of(FrameType.HANDSHAKE)[0], "HANDSHAKE 2 comes", 5000);
    if (!handshake.read(second.payload)) throw new Error("HANDSHAKE 2 does not verify");
    this.sealer = new FrameSealer(handshake.split().send, 0);
    return first;
  }

  /** A frame of the session. @param {number} type @param {Uint8Array} [payload] @param {number} [flags] */
  sealed(type, payload = empty, flags = 0) {
    const sealer = /** @type {FrameSealer} */ (this.sealer);
    const header = encodeHeader({ type, flags, counter: Number(sealer.counter & 0xffn) });
    const wire = encodeFrame(header, sealer.seal(header, payload));
    this.socket.write(wire);
    return wire;
  }
}

/**
 * A listener that passes frames on to another port, in both directions.
 * @param {any} t
 * @param {number} port
 * @param {{ seed: number, drop?: number, repeat?: number, damage?: number }} faults chances of each frame
 * @returns {Promise<{ port: number, faulty: boolean, connections: number, hangUp: () => void }>}
 */
export function noisyLine(t, port, { seed, drop = 0, repeat = 0, damage = 0 }) {
  const random = randomOf(seed);
  const line = { port: 0, faulty: true, connections: 0, hangUp: () => {} };
  /** @param {import("node:net").Socket} from @param {import("node:net").Socket} to */
  const pass = (from, to) => {
    let rest = Buffer.alloc(0);
    from.on("data", (chunk) => {
      rest = Buffer.concat([rest, chunk]);
      for (let end = rest.indexOf(0); end >= 0; end = rest.indexOf(0)) {
        const frame = Buffer.from(rest.subarray(0, end + 1));
        rest = rest.subarray(end + 1);
        if (frame.length === 1 || !line.faulty) to.write(frame);
        else if (random() >= drop) {
          if (random() < damage) frame[Math.floor(random() * (frame.length - 1))] ^= 0x10;
          to.write(frame);
          if (random() < repeat) to.write(frame);
        }
      }
    });
    from.on("error", () => {});
    from.on("close", () => to.destroy());
  };
  const server = createServer((socket) => {
    line.connections += 1;
    const onward = createConnection({ host: "127.0.0.1", port });
    line.hangUp = () => socket.destroy();
    for (const end of [socket, onward]) end.setNoDelay(true);
    pass(socket, onward);
    pass(onward, socket);
  });
  t.after(() => {
    line.hangUp();
    server.close();
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      line.port = /** @type {import("node:net").AddressInfo} */ (server.address()).port;
      resolve(line);
    });
  });
}
