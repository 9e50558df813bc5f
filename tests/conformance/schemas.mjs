// The schemas of docs/api, compiled by Ajv with nothing of ours in between.
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import Ajv2020 from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

export const apiDir = join(dirname(fileURLToPath(import.meta.url)), "../../docs/api");

export const readJson = (file) => JSON.parse(readFileSync(file, "utf8"));

// Returns the compiled schemas: `index` (docs/api/events/index.json) and `check(file, value)`, which
// gives a list of sentences, empty when `value` is valid under the schema in `file`.
export function loadSchemas(dir = join(apiDir, "events")) {
  // Type lists such as ["string", "null"] are how these schemas say "may be null"; `required` beside
  // `properties` in a narrowing branch is theirs too.
  const ajv = new Ajv2020({
    allErrors: true,
    strict: true,
    strictTypes: false,
    strictRequired: false,
    allowUnionTypes: true,
  });
  addFormats(ajv);
  const index = readJson(join(dir, "index.json"));
  for (const file of readdirSync(dir)) {
    if (file.endsWith(".json") && file !== "index.json") {
      ajv.addSchema(readJson(join(dir, file)), file);
    }
  }
  const check = (file, value) => {
    const validate = ajv.getSchema(file);
    if (!validate) {
      return [`no schema ${file}`];
    }
    return validate(value) ? [] : validate.errors.map((e) => `${e.instancePath || "/"} ${e.message}`);
  };
  return { ajv, index, check };
}

const typePrefix = "org.rollcall.";

// One CloudEvent: envelope, data by its type, the subject rule of the index, and what a schema cannot
// say: source, time and site agree between envelope and data.
export function checkEvent(schemas, event) {
  const errors = schemas.check("cloudevent.json", event).map((e) => `envelope: ${e}`);
  if (errors.length > 0) {
    return errors;
  }
  const entry = schemas.index.types.find((t) => `${typePrefix}${t.type}.v1` === event.type);
  if (!entry) {
    return [`type ${event.type} is not in index.json`];
  }
  errors.push(...schemas.check(entry.schema, event.data).map((e) => `data: ${e}`));
  if (entry.subject === "required" && event.subject === undefined) {
    errors.push(`envelope: ${entry.type} needs a subject`);
  }
  if (entry.subject === "none" && event.subject !== undefined) {
    errors.push(`envelope: ${entry.type} has no subject`);
  }
  if (event.source !== `urn:rollcall:site:${event.data.site}`) {
    errors.push("data: site is not that of the envelope's source");
  }
  if ((event.time ?? null) !== (event.data.time?.wall ?? null)) {
    errors.push("data: time.wall is not the envelope's time");
  }
  return errors;
}

// One batch: its own schema, each event, and the range rules of docs/api/case-system.yaml.
export function checkBatch(schemas, batch) {
  const errors = schemas.check("batch.json", batch).map((e) => `batch: ${e}`);
  if (errors.length > 0) {
    return errors;
  }
  const { epoch, first, last } = batch.range;
  if (last < first) {
    errors.push("range: last is below first");
  }
  let previous = first - 1;
  const ids = new Set();
  for (const event of batch.events) {
    const sequence = Number(event.sequence);
    const where = `event ${event.id}`;
    errors.push(...checkEvent(schemas, event).map((e) => `${where}: ${e}`));
    if (event.logepoch !== epoch) errors.push(`${where}: logepoch is not the range's`);
    if (event.source !== `urn:rollcall:site:${batch.site}`) errors.push(`${where}: other site`);
    if (sequence <= previous || sequence > last) errors.push(`${where}: sequence out of order or range`);
    if (ids.has(event.id)) errors.push(`${where}: twice in one batch`);
    ids.add(event.id);
    previous = sequence;
  }
  return errors;
}
