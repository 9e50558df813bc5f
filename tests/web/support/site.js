// The example site as real programs, for the tests of a file.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { root } from "../mock/page_files.js";

export async function startSite() {
  const program = spawn("/usr/bin/python3", [join(root, "tests/web/support/site.py")], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: program.stdout })[Symbol.asyncIterator]();
  const heard = async () => {
    const { value, done } = await lines.next();
    assert.ok(!done, "the example site did not start; what it said is above");
    return JSON.parse(value);
  };
  /** @type {{ console: string, kiosk: string, terminals: Record<string, string> }} by serial */
  const addresses = await heard();

  return {
    ...addresses,
    /** @param {"stop-daemon" | "start-daemon" | `at ${string}` | `reader ${string}`} wish as support/site.py has them */
    async ask(wish) {
      program.stdin.write(`${wish}\n`);
      await heard();
    },
    async stop() {
      program.stdin.end();
      await new Promise((done) => program.once("exit", done));
    },
  };
}
