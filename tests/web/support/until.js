import assert from "node:assert/strict";

/**
 * Waits until it holds, and says what it found; fails after a while.
 * @param {() => Promise<unknown>} holds
 * @param {string} [what] comes about then
 */
export async function until(holds, what = "what the test waits for", limitMs = 20_000) {
  for (const end = Date.now() + limitMs; Date.now() < end; ) {
    const found = await holds();
    if (found) return found;
    await new Promise((done) => setTimeout(done, 15));
  }
  return assert.fail(`not within ${limitMs} ms: ${what}`);
}
