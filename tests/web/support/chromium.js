// Debian's Chromium, headless, that speaks to nobody but the pages under test.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { chromium } from "playwright-core";

const program = process.env.ROLLCALL_CHROMIUM ?? "/usr/bin/chromium";

export async function startChromium() {
  assert.ok(existsSync(program), `${program} is missing: apt-get install chromium`);
  return chromium.launch({
    executablePath: program,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}
