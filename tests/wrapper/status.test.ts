import assert from "node:assert/strict";
import { test } from "node:test";
import * as layout from "../../assembly/layout.js";
import { explain } from "../../src/status.js";

test("a status of a step names the step and the field", () => {
  const { text, details } = explain(layout.STATUS_STEP | (17 << 8) | ((layout.STEP_WEIGHTS / 4) << 20));
  assert.deepEqual(details, { code: "step", step: 17, field: "STEP_WEIGHTS" });
  assert.match(text, /step 17, STEP_WEIGHTS$/);
});

test("a status of a tensor or the header names the field", () => {
  const tensor = explain(layout.STATUS_TENSOR | (3 << 8) | ((layout.TENSOR_OFFSET / 4) << 20));
  assert.deepEqual(tensor.details, { code: "tensor", tensor: 3, field: "TENSOR_OFFSET" });
  const port = explain(layout.STATUS_HEADER | (((layout.HEADER_INPUT + layout.PORT_TYPE) / 4) << 20));
  assert.deepEqual(port.details, { code: "header", field: "HEADER_INPUT.PORT_TYPE" });
});

test("every status code has a name and a text, and unknown ones do not break anything", () => {
  const codes = Object.entries(layout).filter(([name]) => name.startsWith("STATUS_"));
  for (const [name, code] of codes) assert.equal(explain(code).details.code, name.slice(7).toLowerCase());
  assert.equal(explain(200).details.code, "status 200");
  assert.equal(explain((layout.STATUS_STEP | 0xfff00000) >>> 0).details.field, "word 4095");
});
