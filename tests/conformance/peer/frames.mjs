// Frames of the link, version 1 (docs/protocol.md, "Frames"): COBS, CRC-32, header.
import { concat, u32le, readU32le } from "./bytes.mjs";

export const FrameType = Object.freeze({
  HELLO: 1,
  DATA: 2,
  ACK: 3,
  PING: 4,
  BYE: 5,
  HANDSHAKE: 6,
  UNKNOWN_SESSION: 7,
  BULK: 8,
  BULK_ACK: 9,
});

export const Flag = Object.freeze({
  SEQUENCE: 1,
  ACKNOWLEDGES: 2,
  ACKNOWLEDGED_SEQUENCE: 4,
  KEY_PHASE: 8,
});

export const HEADER_BYTES = 4;
export const CRC_BYTES = 4;
export const TAG_BYTES = 16;
export const MIN_MAX_FRAME = 192;
export const MAX_MAX_FRAME = 1024;

/** Frame types that a session seals; the others never carry a tag. */
export const isSessionType = (/** @type {number} */ type) =>
  (type >= FrameType.DATA && type <= FrameType.BYE) ||
  type === FrameType.BULK ||
  type === FrameType.BULK_ACK;

/** Consistent Overhead Byte Stuffing, without the delimiter. @param {Uint8Array} bytes */
export function cobsEncode(bytes) {
  const out = new Uint8Array(bytes.length + Math.floor(bytes.length / 254) + 1);
  let code = 0;
  let at = 1;
  let run = 1;
  for (let i = 0; i < bytes.length; ++i) {
    if (bytes[i] !== 0) {
      out[at++] = bytes[i];
      run += 1;
    }
    // A full block that ends the data needs no block behind it.
    if (bytes[i] === 0 || (run === 255 && i + 1 < bytes.length)) {
      out[code] = run;
      code = at++;
      run = 1;
    }
  }
  out[code] = run;
  return out.slice(0, at);
}

/** @param {Uint8Array} stuffed without its delimiter. @returns {Uint8Array | null} null = wrongly stuffed */
export function cobsDecode(stuffed) {
  const out = new Uint8Array(stuffed.length);
  let length = 0;
  let at = 0;
  while (at < stuffed.length) {
    const code = stuffed[at++];
    if (code === 0 || at + code - 1 > stuffed.length) return null;
    for (let i = 1; i < code; ++i) {
      if (stuffed[at] === 0) return null;
      out[length++] = stuffed[at++];
    }
    if (code < 255 && at < stuffed.length) out[length++] = 0;
  }
  return stuffed.length === 0 ? null : out.slice(0, length);
}

const crcTable = new Uint32Array(256).map((_, n) => {
  let c = n;
  for (let k = 0; k < 8; ++k) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
  return c;
});

/** CRC-32 of IEEE 802.3, reflected. @param {Uint8Array} bytes */
export function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = crcTable[(crc ^ byte) & 0xff] ^ (crc >>> 8);
  return ~crc >>> 0;
}

/**
 * @typedef {object} Frame
 * @property {number} type
 * @property {number} flags
 * @property {number} channel
 * @property {number} counter  low byte only
 * @property {Uint8Array} header  the four bytes as sent
 * @property {Uint8Array} payload  with the tag, if there is one
 * @property {number} crc
 */

/** The four header bytes. @param {{ type: number, flags?: number, channel?: number, counter?: number }} header */
export const encodeHeader = ({ type, flags = 0, channel = 0, counter = 0 }) =>
  Uint8Array.of(type, flags, channel, counter & 0xff);

/**
 * A frame as it goes over the wire, delimiter included.
 * @param {Uint8Array} header
 * @param {Uint8Array} payload sealed already, if it is to be
 */
export function encodeFrame(header, payload) {
  const body = concat(header, payload);
  return concat(cobsEncode(concat(body, u32le(crc32(body)))), Uint8Array.of(0));
}

/** @param {Uint8Array} body @returns {Frame | "short" | "crc" | "type"} */
export function decodeBody(body) {
  if (body.length < HEADER_BYTES + CRC_BYTES) return "short";
  const end = body.length - CRC_BYTES;
  const crc = readU32le(body, end);
  if (crc32(body.subarray(0, end)) !== crc) return "crc";
  const [type, flags, channel, counter] = body;
  if (type < FrameType.HELLO || type > FrameType.BULK_ACK) return "type";
  return {
    type,
    flags,
    channel,
    counter,
    header: body.slice(0, HEADER_BYTES),
    payload: body.slice(HEADER_BYTES, end),
    crc,
  };
}

/** Cuts a byte stream into frames. What cannot be read is counted by kind. */
export class FrameReader {
  /** @param {number} maxFrame largest body taken */
  constructor(maxFrame = MAX_MAX_FRAME) {
    this.maxFrame = maxFrame;
    this.dropped = { long: 0, short: 0, stuffing: 0, crc: 0, type: 0 };
    this.buffer = new Uint8Array(maxFrame + Math.floor(maxFrame / 254) + 1);
    this.length = 0;
    this.overflow = false;
  }

  /** @param {Uint8Array} chunk @returns {Frame[]} */
  push(chunk) {
    const frames = [];
    for (const byte of chunk) {
      if (byte !== 0) {
        if (this.length === this.buffer.length) this.overflow = true;
        else this.buffer[this.length++] = byte;
        continue;
      }
      if (this.length === 0) continue;
      const frame = this.#finish();
      if (frame) frames.push(frame);
    }
    return frames;
  }

  /** @returns {Frame | null} */
  #finish() {
    const stuffed = this.buffer.slice(0, this.length);
    const overflow = this.overflow;
    this.length = 0;
    this.overflow = false;
    const body = overflow ? null : cobsDecode(stuffed);
    /** @type {Frame | keyof FrameReader["dropped"]} */
    let result = "stuffing";
    if (overflow || (body && body.length > this.maxFrame)) result = "long";
    else if (body) result = decodeBody(body);
    if (typeof result !== "string") return result;
    this.dropped[result] += 1;
    return null;
  }
}
