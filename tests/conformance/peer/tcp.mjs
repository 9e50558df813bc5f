// TCP as a transport of a link, and what both command lines share.
import { createConnection, createServer } from "node:net";
import { createInterface } from "node:readline";

import { toHex } from "./bytes.mjs";

/**
 * @typedef {object} Wire
 * @property {import("./link-sender.mjs").Transport["write"]} write
 * @property {() => void} end what was written is still sent
 * @property {(bytes: Uint8Array) => void} onBytes
 * @property {() => void} onGone called once
 */

/** @param {import("node:net").Socket} socket @returns {Wire} */
function wireOf(socket) {
  /** @type {Wire} */
  const wire = {
    write: (bytes, taken) => void socket.write(bytes, () => taken()),
    end: () => void socket.end(),
    onBytes: () => {},
    onGone: () => {},
  };
  socket.setNoDelay(true);
  socket.on("data", (chunk) => wire.onBytes(new Uint8Array(chunk)));
  socket.on("end", () => socket.end());
  socket.on("error", () => socket.destroy());
  socket.on("close", () => wire.onGone());
  return wire;
}

/** @param {string} host @param {number} port @param {(wire: Wire) => void} opened @param {() => void} failed */
export function connect(host, port, opened, failed) {
  let open = false;
  const socket = createConnection({ host, port }, () => {
    open = true;
    opened(wireOf(socket));
  });
  socket.on("error", () => open || failed());
}

/** @param {number} port 0 = any @param {(wire: Wire) => void} opened @returns {Promise<{ port: number, close: () => void }>} */
export const listen = (port, opened) =>
  new Promise((resolve, reject) => {
    const server = createServer((socket) => opened(wireOf(socket)));
    server.on("error", reject);
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      const bound = address && typeof address === "object" ? address.port : port;
      resolve({ port: bound, close: () => void server.close() });
    });
  });

/** @param {any} event numbers of 64 bits become texts when they are not exact, bytes become hex */
export const toLine = (event) =>
  JSON.stringify(event, (_, value) => {
    if (typeof value === "bigint")
      return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
    return value instanceof Uint8Array ? toHex(value) : value;
  });

/** Prints one JSON line. @param {any} event */
export const print = (event) => void process.stdout.write(`${toLine(event)}\n`);

/** @param {(line: string) => void} line @param {() => void} [end] */
export function readLines(line, end = () => {}) {
  const input = createInterface({ input: process.stdin });
  input.on("line", (text) => line(text.trim()));
  input.on("close", end);
}
