// Checks real batches or events: node check-batches.mjs FILE...
//
// A file is JSON (a batch, an event, or an array of them) or JSON Lines of the same, for instance
// from the simulator's database: sqlite3 casesim.db 'SELECT body FROM event' > events.jsonl
// Prints each fault with its file; exit status 1 when there is one, 2 when a file cannot be read.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

import { checkBatch, checkEvent, loadSchemas } from "./schemas.mjs";

const shownPerFile = 50;

export function parseDocuments(text) {
  try {
    return [JSON.parse(text)].flat();
  } catch {
    return text
      .split("\n")
      .filter((line) => line.trim() !== "")
      .map((line) => JSON.parse(line));
  }
}

// Returns { documents, events, errors } of one file's text.
export function checkText(schemas, text) {
  const errors = [];
  let events = 0;
  const documents = parseDocuments(text);
  for (const document of documents) {
    if (Array.isArray(document?.events)) {
      events += document.events.length;
      errors.push(...checkBatch(schemas, document));
    } else {
      events += 1;
      errors.push(...checkEvent(schemas, document).map((e) => `event ${document?.id}: ${e}`));
    }
  }
  return { documents: documents.length, events, errors };
}

function main(files) {
  if (files.length === 0) {
    console.error("usage: node check-batches.mjs FILE...");
    return 2;
  }
  const schemas = loadSchemas();
  let status = 0;
  for (const file of files) {
    let result;
    try {
      result = checkText(schemas, readFileSync(file, "utf8"));
    } catch (error) {
      console.error(`${file}: ${error.message}`);
      return 2;
    }
    for (const error of result.errors.slice(0, shownPerFile)) console.error(`${file}: ${error}`);
    const hidden = result.errors.length - shownPerFile;
    if (hidden > 0) console.error(`${file}: ${hidden} more`);
    if (result.errors.length > 0) status = 1;
    console.log(`${file}: ${result.documents} documents, ${result.events} events, ${result.errors.length} faults`);
  }
  return status;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.exit(main(process.argv.slice(2)));
}
