import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { apiDir, checkBatch, checkEvent, loadSchemas, readJson } from "./schemas.mjs";

const schemas = loadSchemas();
const eventsDir = join(apiDir, "events");
const examplesDir = join(apiDir, "examples");
const examples = readdirSync(examplesDir).filter((f) => f.endsWith(".json"));

// Keywords that both Ajv 2020 and valijson 1.0 (draft 7) understand in the same way.
const keywords = new Set([
  "$schema", "$defs", "$ref", "title", "description", "type", "properties", "required",
  "additionalProperties", "items", "minItems", "maxItems", "uniqueItems", "enum", "const", "pattern",
  "format", "minLength", "maxLength", "minimum", "maximum", "minProperties", "oneOf", "anyOf", "allOf",
]);

function walk(schema, where, visit) {
  if (schema === null || typeof schema !== "object") return;
  visit(schema, where);
  for (const group of ["properties", "$defs"]) {
    for (const [name, child] of Object.entries(schema[group] ?? {})) walk(child, `${where}/${group}/${name}`, visit);
  }
  for (const group of ["oneOf", "anyOf", "allOf"]) {
    (schema[group] ?? []).forEach((child, n) => walk(child, `${where}/${group}/${n}`, visit));
  }
  if (schema.items) walk(schema.items, `${where}/items`, visit);
}

test("every schema file compiles under JSON Schema 2020-12", () => {
  for (const file of readdirSync(eventsDir)) {
    if (file === "index.json") continue;
    assert.ok(schemas.ajv.validateSchema(readJson(join(eventsDir, file))), `${file} is not a valid schema`);
    assert.ok(schemas.ajv.getSchema(file), file);
  }
});

test("the index names every event schema, once", () => {
  const shared = ["index.json", "common.json", "cloudevent.json", "batch.json", "receipt.json", "state.json", "roster.json", "problem.json", "events-page.json"];
  const onDisk = readdirSync(eventsDir).filter((f) => !shared.includes(f));
  assert.deepEqual(schemas.index.types.map((t) => t.schema).sort(), onDisk.sort());
  for (const entry of schemas.index.types) assert.equal(entry.schema, `${entry.type}.v1.json`);
});

test("schemas keep to keywords that every receiver's validator knows", () => {
  for (const file of readdirSync(eventsDir).filter((f) => f !== "index.json")) {
    walk(readJson(join(eventsDir, file)), file, (schema, where) => {
      for (const keyword of Object.keys(schema)) assert.ok(keywords.has(keyword), `${where}: ${keyword}`);
      if (schema.$ref) {
        assert.ok(Object.keys(schema).every((k) => ["$ref", "description"].includes(k)), `${where}: only a description may stand beside $ref`);
      }
    });
  }
});

test("objects are closed, arrays and texts bounded, properties described", () => {
  const common = readJson(join(eventsDir, "common.json"));
  for (const file of readdirSync(eventsDir).filter((f) => f !== "index.json")) {
    walk(readJson(join(eventsDir, file)), file, (schema, where) => {
      const narrowing = /\/(oneOf|anyOf|allOf)\/\d+(\/|$)/.test(where);
      if (narrowing) return;
      if (schema.properties) assert.equal(schema.additionalProperties, false, `${where} is open`);
      if (schema.type === "array") assert.ok(schema.maxItems, `${where} has no maxItems`);
      for (const [name, child] of Object.entries(schema.properties ?? {})) {
        const target = child.$ref?.split("#/$defs/")[1];
        const described = child.description ?? common.$defs[target]?.description;
        assert.ok(described, `${where}/${name} has no description`);
      }
    });
  }
});

test("there is an example of every event type, and all are valid", () => {
  for (const { type } of schemas.index.types) {
    const event = readJson(join(examplesDir, `${type}.v1.json`));
    assert.equal(event.type, `org.rollcall.${type}.v1`);
    assert.deepEqual(checkEvent(schemas, event), [], type);
  }
});

test("example batches, receipts and state are valid", () => {
  const batches = examples.filter((f) => f.endsWith(".batch.json"));
  assert.ok(batches.length >= 3);
  for (const file of batches) assert.deepEqual(checkBatch(schemas, readJson(join(examplesDir, file))), [], file);
  for (const file of examples.filter((f) => f.endsWith(".receipt.json"))) {
    assert.deepEqual(schemas.check("receipt.json", readJson(join(examplesDir, file))), [], file);
  }
  assert.deepEqual(schemas.check("state.json", readJson(join(examplesDir, "state.json"))), []);
  assert.deepEqual(schemas.check("state.json", { epoch: null, sequence: null, event: null }), []);
});

test("the roster page and the problems are valid", () => {
  assert.deepEqual(schemas.check("roster.json", readJson(join(examplesDir, "roster.json"))), []);
  for (const file of examples.filter((f) => f.endsWith(".problem.json"))) {
    assert.deepEqual(schemas.check("problem.json", readJson(join(examplesDir, file))), [], file);
  }
});
