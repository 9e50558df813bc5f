import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { test } from "node:test";

import { Validator } from "@seriousme/openapi-schema-validator";
import { parse } from "yaml";

import { apiDir } from "./schemas.mjs";

// console.yaml is the site's own interface; checked when it is there.
const documents = ["case-system.yaml", "console.yaml"].filter((f) => existsSync(join(apiDir, f)));

const load = (file) => (file.endsWith(".yaml") ? parse(readFileSync(file, "utf8")) : JSON.parse(readFileSync(file, "utf8")));

function at(document, pointer) {
  return pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
    .reduce((node, part) => node?.[part], document);
}

function references(node, found = []) {
  if (node === null || typeof node !== "object") return found;
  for (const [key, value] of Object.entries(node)) {
    if ((key === "$ref" || key === "externalValue") && typeof value === "string") found.push(value);
    else references(value, found);
  }
  return found;
}

// The validator follows references inside one document only: the schema files become components.
function bundled(document) {
  const copy = structuredClone(document);
  const schemas = {};
  const componentOf = (target, pointer) => `#/components/schemas/${basename(target, ".json")}${pointer}`;
  const rewrite = (node, ownFile) => {
    if (node === null || typeof node !== "object") return;
    for (const [key, value] of Object.entries(node)) {
      if (key !== "$ref" || typeof value !== "string") {
        rewrite(value, ownFile);
        continue;
      }
      const [target, pointer = ""] = value.split("#");
      if (target === "" && ownFile === undefined) continue;
      const file = target === "" ? ownFile : basename(target);
      node.$ref = componentOf(file, pointer);
      const component = basename(file, ".json");
      if (!(component in schemas)) {
        schemas[component] = load(join(apiDir, "events", file));
        rewrite(schemas[component], file);
      }
    }
  };
  rewrite(copy, undefined);
  copy.components ??= {};
  copy.components.schemas = { ...copy.components.schemas, ...schemas };
  return copy;
}

for (const name of documents) {
  const file = join(apiDir, name);
  const document = load(file);

  test(`${name} is valid OpenAPI 3.1`, async () => {
    const validator = new Validator();
    const result = await validator.validate(bundled(document));
    assert.ok(result.valid, JSON.stringify(result.errors, null, 1));
    assert.equal(validator.version, "3.1");
  });

  test(`${name} refers only to what exists`, () => {
    for (const reference of references(document)) {
      const [target, pointer = ""] = reference.split("#");
      const other = target === "" ? document : load(join(dirname(file), target));
      assert.notEqual(at(other, pointer), undefined, reference);
    }
  });

  test(`${name}: every operation has an id, a summary and described answers`, () => {
    for (const [path, item] of Object.entries(document.paths)) {
      for (const method of ["get", "put", "post", "delete", "patch"].filter((m) => item[m])) {
        const operation = item[method];
        assert.ok(operation.operationId, `${method} ${path}`);
        assert.ok(operation.summary, `${method} ${path}`);
        for (const [status, answer] of Object.entries(operation.responses)) {
          const body = answer.$ref ? at(document, answer.$ref.slice(1)) : answer;
          assert.ok(body.description, `${method} ${path} ${status}`);
        }
      }
    }
  });
}
