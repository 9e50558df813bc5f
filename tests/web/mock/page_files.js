// The files of a page as the real program serves them: same addresses, types and security headers,
// read from the lists that the build embeds them from.
import { readFile } from "node:fs/promises";
import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = join(dirname(fileURLToPath(import.meta.url)), "../../..");

/** @type {Record<string, string>} */
const types = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** As hal/host/web/assets.cpp has them; the tests against the real programs compare. */
export const securityHeaders = {
  "Content-Security-Policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
};

/**
 * @param {string} folder that calls rollcall_embed, such as "daemon/console/web"
 * @returns {Promise<Map<string, { type: string, file: string }>>} by address
 */
export async function pageFiles(folder) {
  const own = await readFile(join(root, folder, "CMakeLists.txt"), "utf8");
  const shared = await readFile(join(root, "cmake/RollcallEmbed.cmake"), "utf8");
  const files = new Map();
  const add = (/** @type {string} */ text, /** @type {(path: string) => string} */ place) => {
    for (const [, address, path] of text.matchAll(/(?<=\s)(\/[^\s=]*)=([^\s)]+)/g)) {
      const file = place(path);
      files.set(address, { file, type: types[extname(file)] });
    }
  };
  add(shared.slice(shared.indexOf("set(entries")), (path) =>
    path
      .replace("${shared}", join(root, "hal/host/web"))
      .replace("${modules}", join(root, "node_modules")),
  );
  add(own, (path) => join(root, folder, path));
  return files;
}
