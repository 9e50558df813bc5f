// A small HTTP server for page tests: files of a page, JSON, event streams, nothing else.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";

import { pageFiles, securityHeaders } from "./page_files.js";

/**
 * @typedef {{ status?: number, type?: string, body: string | Buffer }} Answer
 * @typedef {(body: any) => Answer | Promise<Answer>} Handler
 */

/** @param {unknown} value @returns {Answer} */
export function json(value) {
  return { type: "application/json", body: JSON.stringify(value) };
}

/** An event stream that remembers its newest event, as the real one does. */
class Stream {
  /** @type {Set<import("node:http").ServerResponse>} */
  clients = new Set();
  latest = "";

  /** @param {unknown} value */
  publish(value) {
    this.latest = JSON.stringify(value);
    for (const client of this.clients) client.write(`data: ${this.latest}\n\n`);
  }

  /** Breaks every open connection. */
  cut() {
    for (const client of this.clients) client.destroy();
  }

  /** @param {import("node:http").ServerResponse} client */
  join(client) {
    client.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
    client.write(this.latest ? `data: ${this.latest}\n\n` : ":\n\n");
    this.clients.add(client);
    client.on("close", () => this.clients.delete(client));
  }
}

/**
 * @param {string} folder of the page, such as "daemon/console/web"
 * @param {string} streamPath
 * @param {Record<string, Handler>} routes by "METHOD /path"
 */
export async function startMock(folder, streamPath, routes) {
  const files = await pageFiles(folder);
  const stream = new Stream();
  const mock = { address: "", stream, refuse: false, stop };

  const server = createServer(async (request, response) => {
    for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value);
    const path = new URL(request.url ?? "/", "http://mock").pathname;
    if (path === streamPath) {
      if (mock.refuse) response.writeHead(503).end();
      else stream.join(response);
      return;
    }
    const file = files.get(path);
    const handler = routes[`${request.method} ${path}`];
    if (file) {
      response.writeHead(200, { "Content-Type": file.type }).end(await readFile(file.file));
    } else if (handler) {
      let body = "";
      for await (const part of request) body += part;
      const answer = await handler(body ? JSON.parse(body) : null);
      response
        .writeHead(answer.status ?? 200, {
          "Content-Type": answer.type ?? "text/plain",
          "Cache-Control": "no-store",
        })
        .end(answer.body);
    } else {
      response.writeHead(404).end();
    }
  });

  async function stop() {
    stream.cut();
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }

  await new Promise((/** @type {(value?: unknown) => void} */ done) =>
    server.listen(0, "127.0.0.1", () => done()),
  );
  const bound = /** @type {import("node:net").AddressInfo} */ (server.address());
  mock.address = `http://127.0.0.1:${bound.port}`;
  return mock;
}
