// The part of CBOR (RFC 8949) that messages use: integers, byte strings, texts, booleans and arrays, in the
// deterministic encoding of section 4.2.1. The reader skips items of every other type.
import { concat, utf8 } from "./bytes.mjs";

const Major = Object.freeze({
  UNSIGNED: 0,
  NEGATIVE: 1,
  BYTES: 2,
  TEXT: 3,
  ARRAY: 4,
  MAP: 5,
  TAG: 6,
  SIMPLE: 7,
});

/** Arrays, maps and tags inside one another, in what is skipped. */
export const MAX_SKIP_DEPTH = 4;

/** The encoding is not the deterministic one, not whole, or not of the type asked for. */
export class CborError extends Error {}

/** @param {number} major @param {number | bigint} value */
function head(major, value) {
  const n = BigInt(value);
  const first = major << 5;
  if (n < 24n) return Uint8Array.of(first | Number(n));
  const bytes = n < 0x100n ? 1 : n < 0x10000n ? 2 : n < 0x100000000n ? 4 : 8;
  const out = new Uint8Array(1 + bytes);
  out[0] = first | (24 + Math.log2(bytes));
  for (let i = 0; i < bytes; ++i) out[bytes - i] = Number((n >> BigInt(8 * i)) & 0xffn);
  return out;
}

/** @param {number | bigint} value */
export const encodeInteger = (value) =>
  value < 0 ? head(Major.NEGATIVE, -1n - BigInt(value)) : head(Major.UNSIGNED, value);
/** @param {Uint8Array} value */
export const encodeBytes = (value) => concat(head(Major.BYTES, value.length), value);
/** @param {string} value */
export const encodeText = (value) => concat(head(Major.TEXT, utf8(value).length), utf8(value));
/** @param {boolean} value */
export const encodeBoolean = (value) => Uint8Array.of(value ? 0xf5 : 0xf4);
/** @param {Uint8Array[]} items encoded already */
export const encodeArray = (items) => concat(head(Major.ARRAY, items.length), ...items);

export class CborReader {
  /** @param {Uint8Array} bytes */
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }

  /** @param {number} count */
  #take(count) {
    if (count > this.bytes.length - this.at) throw new CborError("cut short");
    this.at += count;
    return this.bytes.slice(this.at - count, this.at);
  }

  /** @returns {{ major: number, info: number, value: bigint }} */
  #head() {
    const [initial] = this.#take(1);
    const major = initial >> 5;
    const info = initial & 31;
    if (info < 24) return { major, info, value: BigInt(info) };
    if (info > 27) throw new CborError("indefinite or reserved length");
    let value = 0n;
    for (const byte of this.#take(1 << (info - 24))) value = (value << 8n) | BigInt(byte);
    const least = [24n, 0x100n, 0x10000n, 0x100000000n][info - 24];
    if (major === Major.SIMPLE) {
      if (info === 24 && value < 32n) throw new CborError("simple value in two bytes");
    } else if (value < least) {
      throw new CborError("head longer than needed");
    }
    return { major, info, value };
  }

  /** @param {number} major @param {string} name */
  #expect(major, name) {
    const found = this.#head();
    if (found.major !== major) throw new CborError(`not ${name}`);
    return found.value;
  }

  /** @returns {bigint} */
  integer() {
    const { major, value } = this.#head();
    if (major === Major.UNSIGNED) return value;
    if (major === Major.NEGATIVE) return -1n - value;
    throw new CborError("not an integer");
  }

  byteString() {
    return this.#take(Number(this.#expect(Major.BYTES, "a byte string")));
  }

  text() {
    const bytes = this.#take(Number(this.#expect(Major.TEXT, "a text")));
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      throw new CborError("text is not UTF-8");
    }
  }

  boolean() {
    const [byte] = this.#take(1);
    if (byte !== 0xf4 && byte !== 0xf5) throw new CborError("not a boolean");
    return byte === 0xf5;
  }

  arrayLength() {
    return Number(this.#expect(Major.ARRAY, "an array"));
  }

  /** Passes over one item of any type; what it says is not looked at. */
  skip(depth = 0) {
    const { major, value } = this.#head();
    if (major === Major.TEXT || major === Major.BYTES) {
      this.#take(Number(value));
    } else if (major === Major.ARRAY || major === Major.MAP || major === Major.TAG) {
      if (depth === MAX_SKIP_DEPTH) throw new CborError("nested too deep");
      const items = major === Major.TAG ? 1n : major === Major.MAP ? 2n * value : value;
      if (items > BigInt(this.bytes.length - this.at)) throw new CborError("cut short");
      for (let i = 0n; i < items; ++i) this.skip(depth + 1);
    }
  }

  end() {
    if (this.at !== this.bytes.length) throw new CborError("bytes behind the item");
  }
}
