// The small pure parts of a link: its times, the rebuilt counter, the measured timeout.

export const timing = Object.freeze({
  helloMs: 500,
  handshakeMs: 500,
  firstTimeoutMs: 500,
  leastTimeoutMs: 100,
  mostTimeoutMs: 2000,
  transmissions: 8,
  pingMs: 5000,
  silenceMs: 15_000,
  unknownSessionMs: 1000,
  restartMs: 1000,
  firstBulkTimeoutMs: 2000,
  bulkSilenceMs: 15_000,
});

/** Frames of the agreed size that transfers may fill in a second, when that is smaller than the largest: the
 * line may be a slow one. */
export const BULK_RATE = 60;

/** No frame is sealed this far above a DATA frame that waits for its ACK. */
export const COUNTER_REACH = 64n;
/** Nor a frame of a bulk transfer this far above: with transfers both ways, ACKs must still get through. */
export const BULK_REACH = 32n;

/**
 * The 64-bit counter from its low byte: at most 64 above and less than 64 below the newest one accepted.
 * @param {bigint | null} newest null = none yet
 * @param {number} low
 * @returns {bigint | null} null = out of reach
 */
export function rebuildCounter(newest, low) {
  if (newest === null) return low < 64 ? BigInt(low) : null;
  const distance = (low - Number(newest & 0xffn) + 256) % 256;
  const signed = distance > 128 ? distance - 256 : distance;
  const counter = newest + BigInt(signed);
  return signed <= 64 && signed > -64 && counter >= 0n ? counter : null;
}

/** RFC 6298 within the limits of the link. */
export class RoundTrip {
  constructor() {
    this.smoothed = 0;
    this.variation = 0;
    /** Without what repetitions made of it; null = nothing was measured yet. @type {number | null} ms */
    this.base = null;
    /** @type {number} ms */
    this.timeout = timing.firstTimeoutMs;
  }

  /** @param {number} ms of a frame that was sent once */
  measured(ms) {
    if (this.base === null) {
      this.smoothed = ms;
      this.variation = ms / 2;
    } else {
      this.variation += (Math.abs(this.smoothed - ms) - this.variation) / 4;
      this.smoothed += (ms - this.smoothed) / 8;
    }
    const timeout = this.smoothed + 4 * this.variation;
    this.base = Math.min(Math.max(timeout, timing.leastTimeoutMs), timing.mostTimeoutMs);
    this.timeout = this.base;
  }

  /** A frame is sent again: the doubled timeout is kept until the next measurement. */
  repeated() {
    this.timeout = Math.min(this.timeout * 2, timing.mostTimeoutMs);
  }
}
