import assert from "node:assert/strict";
import { test } from "node:test";
import * as layout from "../../assembly/layout.js";
import { EngineError, EnvironmentError, FormatError, InputError } from "../../src/errors.js";
import { Session } from "../../src/session.js";
import { explain } from "../../src/status.js";
import { FAKE_PAGES, fakeEngine, fakeFile } from "../support/fake-engine.js";

/** Elements of the fake's whole input. */
const input = Uint8Array.from({ length: 24 }, (_, i) => i + 1);
const rows = [0, 1, 2, 3].map((y) => [...input.subarray(y * 6, y * 6 + 6)]);

test("a relaxed build is refused where its products are not exact, however it came", () => {
  const fake = fakeEngine();
  fake.exports.usable = () => 0;
  assert.throws(() => new Session(fake.exports, fakeFile(), explain), EnvironmentError);
  fake.exports.usable = () => 1;
  assert.doesNotThrow(() => new Session(fake.exports, fakeFile(), explain));
});

test("the memory is grown once, and the arena's size believed only after the file was checked", () => {
  const fake = fakeEngine();
  new Session(fake.exports, fakeFile(), explain);
  assert.deepEqual(fake.loads, [0, 100_000]);
  assert.equal(fake.exports.memory.buffer.byteLength / 65536, FAKE_PAGES);
});

test("a whole input goes in as many pushes as the ring asks for", () => {
  const fake = fakeEngine();
  const session = new Session(fake.exports, fakeFile(), explain);
  session.reset();
  session.push(input);
  assert.deepEqual(fake.pushed, rows);
  assert.ok(session.done);
  assert.deepEqual([...session.output(0)], [1, 2, 3, 4]);
});

test("rows can come one, three and none at a time", () => {
  const fake = fakeEngine();
  const session = new Session(fake.exports, fakeFile(), explain);
  session.reset();
  session.push(input.subarray(0, 6));
  session.push(new Uint8Array(0));
  assert.ok(!session.done);
  session.push(input.subarray(6));
  assert.deepEqual(fake.pushed, rows);
});

test("parts of rows and rows beyond the image are refused, and the session stays usable", () => {
  const session = new Session(fakeEngine().exports, fakeFile(), explain);
  session.reset();
  assert.throws(() => session.push(input.subarray(1)), InputError);
  session.push(input);
  assert.throws(() => session.push(input.subarray(0, 6)), InputError);
  session.reset();
  session.push(input);
  assert.ok(session.done);
});

test("a refusal names the record and the field", () => {
  const fake = fakeEngine();
  fake.loadStatus = layout.STATUS_TENSOR | (1 << 8) | ((layout.TENSOR_WIDTH / 4) << 20);
  assert.throws(
    () => new Session(fake.exports, fakeFile(), explain),
    (error: FormatError) => {
      assert.ok(error instanceof FormatError);
      assert.deepEqual(error.details, { code: "tensor", tensor: 1, field: "TENSOR_WIDTH" });
      assert.equal(error.name, "FormatError");
      return true;
    },
  );
});

test("an engine that stops or traps gives an EngineError", () => {
  const fake = fakeEngine();
  const session = new Session(fake.exports, fakeFile(), explain);
  fake.pushStatus = layout.STATUS_STALLED | (7 << 8);
  session.reset();
  assert.throws(
    () => session.push(input),
    (error: EngineError) => error.details?.step === 7,
  );
  fake.pushStatus = undefined;
  fake.exports.push = () => {
    throw new WebAssembly.RuntimeError("unreachable");
  };
  session.reset();
  assert.throws(() => session.push(input), EngineError);
});
