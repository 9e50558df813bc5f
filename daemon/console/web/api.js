// Asks the daemon (docs/api/console.yaml) as whoever is signed in on this page.

/**
 * @typedef {import("./overview.js").SignedIn} SignedIn
 *
 * @typedef {object} Answer
 * @property {boolean} ok
 * @property {number} status HTTP status; 0 = no answer came
 * @property {any} body what was asked for, or a problem with `detail`, a sentence
 * @property {number} wait seconds to wait before another attempt
 */

/** Shows that a change comes from this page. */
let token = "";

/** @param {SignedIn | null} session */
export function actAs(session) {
  token = session?.token ?? "";
}

/**
 * @param {string} method
 * @param {string} path
 * @param {object} [body]
 * @returns {Promise<Answer>}
 */
export async function ask(method, path, body) {
  /** @type {Record<string, string>} */
  const headers = {};
  if (method !== "GET") headers["X-Rollcall-Token"] = token;
  if (body) headers["Content-Type"] = "application/json";
  try {
    const response = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
    const wait = Number(response.headers.get("Retry-After") ?? 0);
    const answer = await response.json().catch(() => ({}));
    return { ok: response.ok, status: response.status, body: answer, wait };
  } catch {
    return { ok: false, status: 0, body: {}, wait: 0 };
  }
}
