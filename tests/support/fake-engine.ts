import * as layout from "../../assembly/layout.js";
import { type EngineExports, PAGE_BYTES } from "../../src/abi.js";

/**
 * A packed file of two tensors and no steps: an input of 4 rows x 3 pixels x 2 channels whose ring holds 2 rows with
 * gaps between pixels and rows, and an output of 1 x 2 x 2.
 */
export function fakeFile(): Uint8Array {
  const tensors = layout.HEADER_BYTES;
  const outputs = tensors + 2 * layout.TENSOR_BYTES;
  const bytes = outputs + layout.PORT_BYTES + layout.SLACK_BYTES;
  const file = new Uint8Array(bytes);
  const view = new DataView(file.buffer);
  const put = (at: number, fields: [field: number, value: number][]) => {
    for (const [field, value] of fields) view.setUint32(at + field, value, true);
  };
  put(0, [
    [layout.HEADER_MAGIC, layout.MAGIC],
    [layout.HEADER_VERSION, layout.VERSION],
    [layout.HEADER_FILE_BYTES, bytes],
    [layout.HEADER_ARENA_BYTES, 100_000],
    [layout.HEADER_TENSOR_COUNT, 2],
    [layout.HEADER_TENSORS, tensors],
    [layout.HEADER_OUTPUT_COUNT, 1],
    [layout.HEADER_OUTPUTS, outputs],
  ]);
  put(layout.HEADER_INPUT, [[layout.PORT_TENSOR, 0]]);
  put(outputs, [[layout.PORT_TENSOR, 1]]);
  put(tensors, [
    [layout.TENSOR_RING_ROWS, 2],
    [layout.TENSOR_HEIGHT, 4],
    [layout.TENSOR_WIDTH, 3],
    [layout.TENSOR_CHANNELS, 2],
    [layout.TENSOR_PIXEL_STRIDE, 4],
    [layout.TENSOR_ROW_STRIDE, 20],
  ]);
  put(tensors + layout.TENSOR_BYTES, [
    [layout.TENSOR_OFFSET, 80],
    [layout.TENSOR_RING_ROWS, 1],
    [layout.TENSOR_HEIGHT, 1],
    [layout.TENSOR_WIDTH, 2],
    [layout.TENSOR_CHANNELS, 2],
    [layout.TENSOR_PIXEL_STRIDE, 4],
    [layout.TENSOR_ROW_STRIDE, 8],
  ]);
  return file;
}

/** What a fake engine saw and what it shall answer. */
export interface Fake {
  exports: EngineExports;
  /** The rows that were pushed, gaps taken out. */
  pushed: number[][];
  /** Arena bytes of each call of load. */
  loads: number[];
  /** Statuses that load and push give instead of their own. */
  loadStatus?: number;
  pushStatus?: number;
}

/** An engine that follows docs/abi.md for fakeFile() and computes nothing: the outputs are 1, 2, 3, 4. */
export function fakeEngine(): Fake {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const bytes = () => new Uint8Array(memory.buffer);
  let rows = 0;
  const fake: Fake = {
    pushed: [],
    loads: [],
    exports: {
      memory,
      __heap_base: new WebAssembly.Global({ value: "i32" }, 40),
      load(file, fileBytes, arena, arenaBytes) {
        fake.loads.push(arenaBytes);
        if (fake.loadStatus !== undefined) return fake.loadStatus;
        if (file % 16 || arena % 16 || file < 40 || arena < file + fileBytes) return layout.STATUS_ALIGNMENT;
        if (arenaBytes < 100_000) return layout.STATUS_ARENA;
        return arena + arenaBytes > memory.buffer.byteLength ? layout.STATUS_ARENA : layout.STATUS_OK;
      },
      reset() {
        rows = 0;
        fake.pushed = [];
      },
      inputRow: (arena) => arena + (rows % 2) * 20,
      inputRoom: () => (rows < 4 ? 2 - (rows % 2) : 0),
      push(arena, count) {
        if (fake.pushStatus !== undefined) return fake.pushStatus;
        for (let k = 0; k < count; k++, rows++) {
          const at = arena + (rows % 2) * 20;
          fake.pushed.push([0, 1, 4, 5, 8, 9].map((i) => bytes()[at + i]!));
        }
        return layout.STATUS_OK;
      },
      done: () => (rows === 4 ? 1 : 0),
      outputData(arena) {
        bytes().set([1, 2, 0, 0, 3, 4], arena + 80);
        return arena + 80;
      },
    },
  };
  return fake;
}

/** Bytes of memory that the fake's file and arena need, in whole pages. */
export const FAKE_PAGES = Math.ceil((48 + fakeFile().length + 100_000) / PAGE_BYTES);
