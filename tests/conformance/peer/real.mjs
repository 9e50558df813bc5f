// For tests: the built programs, a site of their own, and people who type. Everything ends with the test.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createConnection, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { fromHex, toHex } from "./bytes.mjs";
import { Host } from "./host-end.mjs";
import { listen } from "./tcp.mjs";
import { Terminal } from "./terminal-end.mjs";
import { run } from "./terminal.mjs";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const BUILD = process.env.ROLLCALL_BUILD ?? join(ROOT, "build/release");
const EXAMPLE = join(ROOT, "examples/brussels");
const STEP_MS = 30_000;

export const programs = {
  rollcalld: join(BUILD, "daemon/rollcalld"),
  rollcall: join(BUILD, "provisioning/rollcall"),
  terminal: join(BUILD, "firmware/simulator/rollcall-terminal"),
};

export const sleep = (/** @type {number} */ ms) => new Promise((done) => setTimeout(done, ms));

/**
 * The first true value of `condition`.
 * @template T
 * @param {() => T} condition
 * @param {string} what in the words of the failure
 * @param {number} [ms]
 * @returns {Promise<NonNullable<T>>}
 */
export async function until(condition, what, ms = STEP_MS) {
  const end = Date.now() + ms;
  for (;;) {
    const value = condition();
    if (value) return value;
    if (Date.now() > end) throw new Error(`waited ${ms} ms in vain: ${what}`);
    await sleep(10);
  }
}

/** A started program. What it says, on both outputs, is in `said`. */
export class Program {
  /** @param {any} t the test that it ends with @param {string} path @param {...string} options */
  constructor(t, path, ...options) {
    this.name = [path.split("/").at(-1), ...options].join(" ");
    this.said = "";
    /** @type {number | string | null} code or signal */
    this.ended = null;
    // setpriv: nothing outlives a test runner that was killed.
    this.child = spawn("setpriv", ["--pdeathsig", "KILL", "--", path, ...options]);
    for (const output of [this.child.stdout, this.child.stderr])
      output.on("data", (data) => void (this.said += data));
    this.child.stdin.on("error", () => {});
    this.child.on("close", (code, signal) => void (this.ended = code ?? signal));
    t.after(() => this.stop());
  }

  /** @param {RegExp} pattern @param {number} [ms] */
  async waitFor(pattern, ms) {
    const look = () => {
      const found = pattern.exec(this.said);
      if (!found && this.ended !== null)
        throw new Error(`${this.name} ended with ${this.ended}; it said: ${this.said}`);
      return found;
    };
    return until(look, `${this.name} says ${pattern}; it said: ${this.said}`, ms);
  }

  /** @param {string} line */
  type(line) {
    this.child.stdin.write(`${line}\n`);
  }

  async exit(ms = STEP_MS) {
    await until(() => this.ended !== null, `${this.name} ends; it said: ${this.said}`, ms);
    return this.ended;
  }

  async stop() {
    if (this.ended !== null) return;
    this.child.kill("SIGTERM");
    const patience = setTimeout(() => this.child.kill("SIGKILL"), 5000);
    await until(() => this.ended !== null, `${this.name} ends`, 10_000);
    clearTimeout(patience);
  }
}

/** @param {any} t @returns {string} a folder that goes with the test */
export function folder(t) {
  const path = mkdtempSync(join(tmpdir(), "rollcall-peer-"));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** @returns {Promise<number>} a port of the loopback interface that nobody listens on now */
const freePort = () =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
      server.close(() => resolve(port));
    });
  });

/** @param {number} port @returns {Promise<boolean>} */
const answers = (port) =>
  new Promise((resolve) => {
    const socket = createConnection({ host: "127.0.0.1", port }, () => resolve(true));
    socket.on("error", () => resolve(false));
    socket.on("connect", () => socket.destroy());
  });

/** A site with the real daemon, and the example's people and cards. */
export class Site {
  /** @param {any} t */
  static async start(t) {
    const path = join(folder(t), "site");
    const port = await freePort();
    const site = new Site(t, path, port);
    const made = new Program(
      t,
      programs.rollcall,
      ...["site", "init", path, "--id", "peer-site", "--organisation", "peer", "--name", "Peer"],
      ...["--timezone", "Europe/Brussels", "--languages", "fr,en"],
      ...["--link", `tcp:127.0.0.1:${port}`, "--console-port", "0"],
    );
    assert.equal(await made.exit(), 0, made.said);
    const roster = ["people", "cards", "sessions", "enrolments", "guardians"];
    const lines = roster.map((name) => `${name} = ${JSON.stringify(join(EXAMPLE, `${name}.csv`))}`);
    const settings = readFileSync(site.configuration, "utf8");
    writeFileSync(site.configuration, `${settings}\n[roster]\n${lines.join("\n")}\n`);
    await site.startDaemon();
    return site;
  }

  /** @param {any} t @param {string} path @param {number} port */
  constructor(t, path, port) {
    this.t = t;
    this.path = path;
    this.port = port;
    this.configuration = join(path, "rollcall.toml");
    /** @type {Program} */
    this.daemon;
    /** @type {Promise<void>} */
    this.windowClosed = Promise.resolve();
  }

  /** Waits for its turn: a daemon has one window at a time. @returns {Promise<() => void>} to be called after it */
  async oneWindow() {
    const before = this.windowClosed;
    let release = () => {};
    this.windowClosed = new Promise((resolve) => {
      release = () => resolve();
    });
    await before;
    return release;
  }

  async startDaemon() {
    this.daemon = new Program(this.t, programs.rollcalld, "--config", this.configuration);
    await this.daemon.waitFor(/msg="ready"/);
    while (!(await answers(this.port))) await sleep(20);
  }

  /** The command line of a member of staff. @param {...string} options */
  rollcall(...options) {
    return new Program(this.t, programs.rollcall, "--config", this.configuration, ...options);
  }

  /** @param {string} serial */
  enrol(serial) {
    const place = ["--room", "Salle 1", "--mode", "training", "--languages", "fr,en"];
    return this.rollcall("terminal", "enrol", serial, ...place);
  }

  /** Rows of the daemon's database. @param {string} sql @returns {any[]} */
  query(sql) {
    const file = `file:${join(this.path, "data/rollcall.db")}?mode=ro`;
    const out = execFileSync("sqlite3", ["-json", "-cmd", ".timeout 5000", file, sql]);
    return out.length > 0 ? JSON.parse(String(out)) : [];
  }

  /** The taps of a terminal by epoch and number; `events` = how often each is in the log. @param {string} serial */
  taps(serial) {
    return this.query(
      `SELECT lower(hex(epoch)) AS epoch, number, outcome, lower(hex(card)) AS card,
         (SELECT count(*) FROM log WHERE log.position = tap.position AND type = 'tap.recorded') AS events
       FROM tap WHERE serial = '${serial}' ORDER BY epoch, number`,
    );
  }
}

/**
 * A peer terminal that keeps calling a host.
 * @param {any} t
 * @param {number} port
 * @param {object} setup as of Terminal
 */
export function peerTerminal(t, port, setup) {
  /** @type {any[]} */
  const events = [];
  const terminal = new Terminal({
    .../** @type {any} */ (setup),
    emit: (event) => void events.push(event),
  });
  t.after(() => terminal.stop());
  run(terminal, `127.0.0.1:${port}`);
  return { terminal, ...watcher(events, () => `the peer's last words: ${lastWords(events)}`) };
}

/**
 * A peer host.
 * @param {any} t
 * @param {object} [setup] as of Host
 */
export async function peerHost(t, setup = {}) {
  /** @type {any[]} */
  const events = [];
  const host = new Host({
    .../** @type {any} */ ({ keys: new Map(), ...setup }),
    emit: (event) => void events.push(event),
  });
  const server = await listen(0, (wire) => host.attach(wire));
  t.after(() => {
    server.close();
    for (const terminal of host.served.values()) terminal.link.close();
  });
  return { host, server, ...watcher(events, () => `the peer's last words: ${lastWords(events)}`) };
}

const lastWords = (/** @type {any[]} */ events) =>
  JSON.stringify(events.slice(-8), (_, v) =>
    typeof v === "bigint" ? String(v) : v instanceof Uint8Array ? toHex(v) : v,
  );

/** @param {any[]} events @param {() => string} words */
function watcher(events, words) {
  const of = (/** @type {string} */ name) => events.filter((e) => e.event === name);
  /** The n-th event of this name. @param {string} name @param {number} [n] @param {number} [ms] */
  const event = async (name, n = 1, ms = STEP_MS) => {
    try {
      return await until(() => of(name)[n - 1], `event ${n} of ${name}`, ms);
    } catch (error) {
      throw new Error(`${/** @type {Error} */ (error).message}; ${words()}`);
    }
  };
  return { events, of, event };
}

/**
 * A peer terminal that has been enrolled at a site by two people who compared the digits, and is welcomed.
 * @param {any} t
 * @param {Site} site
 * @param {string} serial
 * @param {object} [setup] as of Terminal
 */
export async function enrolledAt(t, site, serial, setup = {}) {
  const release = await site.oneWindow();
  const staff = site.enrol(serial);
  await staff.waitFor(/window for/);
  const peer = peerTerminal(t, site.port, { serial, enrolling: true, ...setup });
  const { number } = await peer.event("number");
  await staff.waitFor(/Type them: $/);
  staff.type(number);
  await staff.waitFor(new RegExp(`agree: ${number.slice(0, 3)} ${number.slice(3)}`));
  peer.terminal.compared(true);
  await peer.event("ready");
  assert.equal(await staff.exit(), 0, staff.said);
  release();
  return peer;
}

/** A real simulated terminal with files of its own, to be enrolled at a peer host. */
export class RealTerminal {
  /** @param {any} t @param {number} port of the host @param {string} serial */
  constructor(t, port, serial) {
    this.t = t;
    this.port = port;
    this.serial = serial;
    this.path = folder(t);
  }

  /** @param {...string} options */
  run(...options) {
    return new Program(
      this.t,
      programs.terminal,
      ...["--connect", `tcp:127.0.0.1:${this.port}`, "--serial", this.serial],
      ...["--settings", join(this.path, "settings"), ...options],
    );
  }

  /** Plays a script, with a queue that outlives it. @param {string[]} steps @param {...string} options */
  play(steps, ...options) {
    const script = join(this.path, "script");
    writeFileSync(script, `${steps.join("\n")}\n`);
    const queue = ["--queue", join(this.path, "queue"), "--script", script];
    return this.run(...queue, ...options);
  }

  /** Both people compare the digits. @param {Awaited<ReturnType<typeof peerHost>>} peer */
  async enrolAt(peer) {
    peer.host.openWindow(this.serial);
    const program = this.run("--enrol");
    const [, high, low] = await program.waitFor(/this terminal shows (\d{3}) (\d{3})/);
    await until(() => peer.of("number_ready").length > 0, "the host has its number");
    peer.host.typed(high + low);
    await program.waitFor(/yes or no: /);
    program.type("yes");
    await program.waitFor(/belongs to PEER-SITE/);
    assert.equal(await program.exit(), 0, program.said);
  }
}

/** What ends with the file: in place of a test. @param {(fn: () => Promise<void>) => void} after of node:test */
export function lifetime(after) {
  /** @type {(() => any)[]} */
  const ends = [];
  after(async () => {
    for (const end of ends.reverse()) await end();
  });
  return { after: (/** @type {() => any} */ end) => void ends.push(end) };
}

/** A card of seven bytes. @param {number} n */
export const card = (n) => fromHex(`04${n.toString(16).padStart(12, "0")}`);
