// The example site as real programs, for the tests of a file.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { root } from "../mock/page_files.js";

/**
 * @param {{ morning?: number, hostile?: boolean, newRoster?: boolean }} [options] morning: so many people follow its
 *   course; hostile: names of the roster that would be a page's undoing; newRoster: most people can be replaced
 */
export async function startSite({ morning, hostile = false, newRoster = false } = {}) {
  const program = spawn(
    "/usr/bin/python3",
    [
      join(root, "tests/web/support/site.py"),
      ...(morning ? ["--morning", `${morning}`] : []),
      ...(hostile ? ["--hostile"] : []),
      ...(newRoster ? ["--new-roster"] : []),
    ],
    { stdio: ["pipe", "pipe", "inherit"] },
  );
  const lines = createInterface({ input: program.stdout })[Symbol.asyncIterator]();
  const heard = async () => {
    const { value, done } = await lines.next();
    assert.ok(!done, "the example site did not start; what it said is above");
    return JSON.parse(value);
  };
  /**
   * `terminals` by serial; `passwords` by role, which is the account's name
   * @type {{ console: string, kiosk: string, terminals: Record<string, string>, first_manager: string,
   *   passwords: Record<"viewer" | "desk" | "trainer", string> }}
   */
  const addresses = await heard();

  /** Signs in by the API: for tests of what comes afterwards. @param {"viewer" | "desk" | "trainer"} role */
  const session = async (role) => {
    const response = await fetch(`${addresses.console}/api/v1/session`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ name: role, password: addresses.passwords[role] }),
    });
    assert.equal(response.status, 200, await response.text());
    const [name, value] = (response.headers.get("set-cookie") ?? "").split(";")[0].split("=");
    return { name, value };
  };
  /** @type {Promise<{ name: string, value: string }> | undefined} */
  let viewer;

  return {
    ...addresses,
    session,
    /** @param {string} path @returns {Promise<any>} what a viewer gets */
    async get(path) {
      viewer ??= session("viewer");
      const { name, value } = await viewer;
      const response = await fetch(`${addresses.console}${path}`, {
        headers: { Cookie: `${name}=${value}` },
      });
      assert.equal(response.status, 200);
      return response.json();
    },
    /** The page's browser is signed in from now on. @param {import("playwright-core").Page} page @param {"viewer" | "desk" | "trainer"} role */
    async signIn(page, role) {
      await page
        .context()
        .addCookies([
          { ...(await session(role)), url: addresses.console, httpOnly: true, sameSite: "Strict" },
        ]);
    },
    /**
     * @param {"new-roster" | "stop-daemon" | "start-daemon" | `at ${string}` | `reader ${string}` | `received ${string}`} wish as
     * support/site.py has them
     * @returns {Promise<any>}
     */
    async ask(wish) {
      program.stdin.write(`${wish}\n`);
      return heard();
    },
    async stop() {
      program.stdin.end();
      await new Promise((done) => program.once("exit", done));
    },
  };
}
