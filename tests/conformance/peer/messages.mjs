// The messages of version 1, typed from the tables of docs/protocol.md. Frozen: a later version of the
// protocol does not change this file.
import {
  CborError,
  CborReader,
  encodeArray,
  encodeBoolean,
  encodeBytes,
  encodeInteger,
  encodeText,
} from "./cbor.mjs";
import { utf8 } from "./bytes.mjs";

/**
 * @typedef {{ kind: "number", min: bigint, max: bigint, wide: boolean }
 *   | { kind: "bytes" | "text", min: number, max: number } | { kind: "boolean" }} FieldType
 * @typedef {Record<string, any>} Fields
 * @typedef {{ name: string, op: number, fields: Fields }} Message
 */

/** @type {(bits: number) => FieldType} */
const unsigned = (bits) => ({
  kind: "number",
  min: 0n,
  max: (1n << BigInt(bits)) - 1n,
  wide: bits > 32,
});
const u8 = unsigned(8);
const u16 = unsigned(16);
const u32 = unsigned(32);
const u64 = unsigned(64);
/** @type {FieldType} */
const i64 = { kind: "number", min: -(1n << 63n), max: (1n << 63n) - 1n, wide: true };
/** @type {FieldType} */
const boolean = { kind: "boolean" };
/** @type {(max: number) => FieldType} */
const text = (max) => ({ kind: "text", min: 0, max });
/** @type {(max: number) => FieldType} */
const bytes = (max) => ({ kind: "bytes", min: 0, max });
/** @type {(size: number) => FieldType} */
const exactly = (size) => ({ kind: "bytes", min: size, max: size });
const epoch = exactly(16);
const key32 = exactly(32);

/** @type {Readonly<Record<string, { op: number, from: "terminal" | "host" | "either", fields: Record<string, FieldType> }>>} */
export const MESSAGES = Object.freeze({
  hello: {
    op: 0,
    from: "either",
    fields: {
      protocol_min: u8,
      protocol_max: u8,
      capabilities: u32,
      max_frame: u16,
      serial: text(32),
      firmware: text(24),
      boot: u32,
      reset: u8,
      slot: u8,
      last_update: u8,
    },
  },
  terminal_state: {
    op: 1,
    from: "terminal",
    fields: {
      epoch,
      next_number: u64,
      waiting: u32,
      capacity: u32,
      panel_width: u16,
      panel_height: u16,
    },
  },
  tap: {
    op: 2,
    from: "terminal",
    fields: {
      epoch,
      number: u64,
      boot: u32,
      monotonic_ms: u64,
      wall_ms: i64,
      trust: u8,
      kind: u8,
      reading: bytes(32),
    },
  },
  queued_tap: {
    op: 3,
    from: "terminal",
    fields: {
      epoch,
      number: u64,
      boot: u32,
      monotonic_ms: u64,
      wall_ms: i64,
      trust: u8,
      unit: u32,
      unit_key: key32,
      sealed: bytes(49),
    },
  },
  gave_up: { op: 4, from: "terminal", fields: { epoch, number: u64 } },
  touch: { op: 5, from: "terminal", fields: { screen: u32, x: u16, y: u16, monotonic_ms: u64 } },
  key: { op: 6, from: "terminal", fields: { key: u8, monotonic_ms: u64 } },
  card: {
    op: 7,
    from: "terminal",
    fields: { present: boolean, kind: u8, reading: bytes(32), monotonic_ms: u64 },
  },
  apdu_response: {
    op: 8,
    from: "terminal",
    fields: { exchange: u32, status: u8, data: bytes(144) },
  },
  apdu_wait: { op: 9, from: "terminal", fields: { exchange: u32, more_ms: u16 } },
  time_request: { op: 10, from: "terminal", fields: { t1_ms: u64 } },
  stats: {
    op: 11,
    from: "terminal",
    fields: {
      uptime_ms: u64,
      taps: u32,
      not_accepted: u32,
      gave_up: u32,
      late_answers: u32,
      retransmissions: u32,
      bad_frames: u32,
      bad_tags: u32,
      bad_messages: u32,
      screens_stored: u32,
      storage_errors: u32,
      reader_errors: u32,
    },
  },
  tamper: { op: 12, from: "terminal", fields: { sensor: u8, cleared: boolean, monotonic_ms: u64 } },
  update_state: {
    op: 13,
    from: "terminal",
    fields: { stage: u8, problem: u8, security_counter: u32 },
  },
  reply: { op: 14, from: "terminal", fields: { to: u16, status: u8 } },
  enrol_key: { op: 15, from: "terminal", fields: { public_key: key32 } },
  enrol_done: { op: 16, from: "terminal", fields: { proof: key32 } },

  welcome: {
    op: 32,
    from: "host",
    fields: { wall_ms: i64, trust: u8, mode: u8, site_key: key32, highest_number: u64 },
  },
  answer: { op: 33, from: "host", fields: { epoch, number: u64, outcome: u8 } },
  tap_ack: { op: 34, from: "host", fields: { epoch, first: u64, last: u64 } },
  resend_taps: { op: 35, from: "host", fields: { epoch, from: u64 } },
  open_epoch: { op: 36, from: "host", fields: { epoch } },
  screen: { op: 37, from: "host", fields: { screen: u32, slot: u8, width: u16, height: u16 } },
  screen_show: { op: 38, from: "host", fields: { screen: u32 } },
  feedback: { op: 39, from: "host", fields: { outcome: u8, for_ms: u16 } },
  time_reply: { op: 40, from: "host", fields: { t1_ms: u64, t2_ms: i64, t3_ms: i64, trust: u8 } },
  card_watch: { op: 41, from: "host", fields: { on: boolean } },
  apdu_request: {
    op: 42,
    from: "host",
    fields: { exchange: u32, deadline_ms: u16, command: bytes(144) },
  },
  identify: { op: 43, from: "host", fields: { seconds: u16 } },
  stats_request: { op: 44, from: "host", fields: {} },
  log_request: { op: 45, from: "host", fields: {} },
  update_offer: {
    op: 46,
    from: "host",
    fields: {
      version: text(24),
      bytes: u32,
      digest: key32,
      security_counter: u32,
      slot: u8,
      signature: bytes(72),
    },
  },
  configure: { op: 47, from: "host", fields: { room: text(48), mode: u8, languages: text(32) } },
  rotate_key: { op: 48, from: "host", fields: { key: key32 } },
  reboot: { op: 49, from: "host", fields: { delay_ms: u16 } },
  enrol_commit: { op: 50, from: "host", fields: { commitment: key32 } },
  enrol_open: { op: 51, from: "host", fields: { public_key: key32, nonce: key32 } },
  enrol_grant: { op: 52, from: "host", fields: { sealed: bytes(127) } },
  grant: { op: 53, from: "host", fields: { key: key32, site_key: key32, site: text(32) } },

  bulk_offer: {
    op: 64,
    from: "either",
    fields: { transfer: u8, kind: u8, subject: u32, bytes: u32, digest: key32 },
  },
  bulk_accept: { op: 65, from: "either", fields: { transfer: u8, offset: u32, window: u8 } },
  bulk_end: { op: 66, from: "either", fields: { transfer: u8, result: u8, by_sender: boolean } },
  enrol_end: { op: 67, from: "either", fields: { reason: u8 } },
});

/** @param {string[]} names @param {number} [first] */
const values = (names, first = 0) =>
  Object.freeze(Object.fromEntries(names.map((name, n) => [name, first + n])));

export const ClockTrust = values(["unproven", "drifting", "synced"]);
export const ReadingKind = values(["uid", "uid_random", "code"], 1);
export const TerminalMode = values(["training", "childcare", "work_site"], 1);
export const Outcome = values(
  ["arrived", "left", "recorded", "repeat", "see_staff", "not_recorded"],
  1,
);
export const ScreenSlot = values([
  "live",
  "idle",
  "idle_offline",
  "arrived",
  "left",
  "recorded",
  "repeat",
  "see_staff",
  "recorded_offline",
  "not_accepted",
  "out_of_service",
]);
export const ApduStatus = values([
  "ok",
  "no_card",
  "card_gone",
  "timed_out",
  "unsupported",
  "busy",
]);
export const TamperSensor = values(["housing", "reader", "storage", "debug"], 1);
export const UpdateStage = values(["idle", "wanted", "staged", "refused"]);
export const UpdateProblem = values([
  "none",
  "unsupported",
  "too_large",
  "too_old",
  "wrong_slot",
  "digest",
  "storage",
  "signature",
]);
export const ReplyStatus = values(["done", "unsupported", "failed", "refused"]);
export const BulkKind = values(["screen", "firmware", "queue", "log"], 1);
export const BulkResult = values([
  "complete",
  "cancelled",
  "digest",
  "storage",
  "refused",
  "stalled",
]);
export const EnrolEndReason = values([
  "cancelled",
  "not_expected",
  "different",
  "broken_promise",
  "no_entropy",
  "expired",
  "protocol",
  "storage",
]);
export const ResetReason = values([
  "unknown",
  "power_on",
  "watchdog",
  "software",
  "crash",
  "brown_out",
]);
export const UpdateOutcome = values(["none", "confirmed", "rolled_back", "rejected"]);
export const Capability = Object.freeze({
  display: 1 << 0,
  touch: 1 << 1,
  indicator: 1 << 2,
  queue: 1 << 3,
  enrolling: 1 << 4,
  apdu: 1 << 5,
  update: 1 << 6,
});

/** The name of a value, or the number itself when version 1 has none. @param {Record<string, number>} table */
export const nameOf = (table, /** @type {number} */ value) =>
  Object.keys(table).find((name) => table[name] === value) ?? value;

const byOp = new Map(Object.entries(MESSAGES).map(([name, { op }]) => [op, name]));

/** @param {FieldType} type @param {any} value @param {string} where */
function encodeField(type, value, where) {
  if (type.kind === "boolean") return encodeBoolean(Boolean(value));
  if (type.kind === "number") {
    const n = BigInt(value);
    if (n < type.min || n > type.max) throw new RangeError(`${where} is out of range: ${n}`);
    return encodeInteger(n);
  }
  const length = (type.kind === "text" ? utf8(value) : value).length;
  if (length < type.min || length > type.max) throw new RangeError(`${where} has ${length} bytes`);
  return type.kind === "text" ? encodeText(value) : encodeBytes(value);
}

/** @param {CborReader} reader @param {FieldType} type */
function decodeField(reader, type) {
  if (type.kind === "boolean") return reader.boolean();
  if (type.kind === "number") {
    const n = reader.integer();
    if (n < type.min || n > type.max) throw new CborError("number out of range");
    return type.wide ? n : Number(n);
  }
  const value = type.kind === "text" ? reader.text() : reader.byteString();
  const length = (typeof value === "string" ? utf8(value) : value).length;
  if (length < type.min || length > type.max) throw new CborError("length out of range");
  return value;
}

/** Throws RangeError for a field that is missing or beyond its type. @param {string} name @param {Fields} [fields] */
export function encodeMessage(name, fields = {}) {
  const { op, fields: types } = MESSAGES[name];
  for (const given of Object.keys(fields)) {
    if (!(given in types)) throw new RangeError(`${name} has no field ${given}`);
  }
  const items = Object.entries(types).map(([field, type]) => {
    if (fields[field] === undefined) throw new RangeError(`${name}.${field} is missing`);
    return encodeField(type, fields[field], `${name}.${field}`);
  });
  return encodeArray([encodeInteger(op), ...items]);
}

/**
 * Numbers of 64 bits come as bigint, others as number. Throws CborError for an invalid message.
 * @param {Uint8Array} encoded
 * @returns {Message} name "" = an op that version 1 does not know
 */
export function decodeMessage(encoded) {
  const reader = new CborReader(encoded);
  const items = reader.arrayLength();
  if (items === 0) throw new CborError("no op");
  const op = Number(decodeField(reader, u16));
  const name = byOp.get(op) ?? "";
  const types = name ? Object.entries(MESSAGES[name].fields) : [];
  if (items - 1 < types.length) throw new CborError("a field is missing");
  /** @type {Fields} */
  const fields = {};
  for (const [field, type] of types) fields[field] = decodeField(reader, type);
  for (let extra = 1 + types.length; extra < items; ++extra) reader.skip();
  reader.end();
  return { name, op, fields };
}
