// Content of screens (docs/protocol.md, "Screens"): palette and 4-bit pixels in one zlib stream.
import { deflateSync, inflateSync } from "node:zlib";

const PALETTE_BYTES = 32;

/** @param {number} width @param {number} height */
const isSmall = (width, height) => width < 320 || height < 240;
/** @param {number} width @param {number} height */
const maxWindowBits = (width, height) => (isSmall(width, height) ? 9 : 12);
/** Grey `n` of 16 in RGB565. @param {number} n */
const grey = (n) => {
  const of = (/** @type {number} */ most) => Math.round((n * most) / 15);
  return (of(31) << 11) | (of(63) << 5) | of(31);
};

/** @param {number} width @param {number} height */
export const screenBytes = (width, height) => PALETTE_BYTES + height * Math.ceil(width / 2);

/** Vertical stripes of all colours. @param {number} width @param {number} height */
export function stripes(width, height) {
  const plain = new Uint8Array(screenBytes(width, height));
  const view = new DataView(plain.buffer);
  for (let n = 0; n < 16; ++n) view.setUint16(2 * n, n * 0x1111);
  const row = Math.ceil(width / 2);
  for (let x = 0; x < width; ++x) {
    const index = Math.floor((x * 16) / width);
    for (let y = 0; y < height; ++y)
      plain[PALETTE_BYTES + y * row + (x >> 1)] |= x % 2 === 0 ? index << 4 : index;
  }
  return new Uint8Array(deflateSync(plain, { windowBits: maxWindowBits(width, height) }));
}

/** @param {Uint8Array} content @param {number} width @param {number} height @returns {string} "" = a screen of this size */
export function faultOfScreen(content, width, height) {
  const windowBits = 8 + (content[0] >> 4);
  if (windowBits > maxWindowBits(width, height)) return `window of ${windowBits} bits`;
  let plain;
  try {
    plain = inflateSync(content);
  } catch (error) {
    return `no zlib stream: ${/** @type {Error} */ (error).message}`;
  }
  if (plain.length !== screenBytes(width, height))
    return `${plain.length} bytes for ${width} x ${height}`;
  const palette = new DataView(plain.buffer, plain.byteOffset, PALETTE_BYTES);
  for (let n = 0; isSmall(width, height) && n < 16; ++n) {
    if (palette.getUint16(2 * n) !== grey(n)) return `entry ${n} of the palette is not that grey`;
  }
  const row = Math.ceil(width / 2);
  const odd = width % 2 === 1;
  for (let y = 0; odd && y < height; ++y) {
    if (plain[PALETTE_BYTES + (y + 1) * row - 1] & 0x0f) return `spare half of row ${y} is not 0`;
  }
  return "";
}
