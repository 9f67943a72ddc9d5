import { FLAG_UNSIGNED, GAP, OPCODE_RESIZE, STEP_WEIGHTS } from "../../../../assembly/layout.js";
import { extent, type Resize, type Spread } from "../../graph/graph.js";
import { type Kernel, ONE_PIXEL } from "../program.js";

const { fround } = Math;

/** The fraction that says GAP, as an i32. */
const NOTHING = GAP | 0;

/** Between which two input rows (or columns) an output row lies, and how far from the first. */
interface Place {
  lower: number;
  upper: number;
  fraction: number;
}

/** Places in 1/1024: ComputeInterpolationValuesInteger. Divisions truncate. */
function fixedPlace(operator: Resize, from: number, to: number, at: number): Place {
  const aligned = operator.alignCorners && to > 1;
  const [a, b] = aligned ? [from - 1, to - 1] : [from, to];
  const scale = Math.floor((1024 * a + Math.floor(b / 2)) / b);
  const scaled = at * scale + (operator.halfPixelCenters ? Math.floor(scale / 2) - 512 : 0);
  const lower = Math.max(0, Math.trunc(scaled / 1024));
  const upper = Math.min(Math.trunc((scaled + 1023) / 1024), from - 1);
  return { lower, upper, fraction: scaled - 1024 * lower };
}

/** Places in float: ComputeInterpolationValues. */
function floatPlace(operator: Resize, from: number, to: number, at: number): Place {
  const aligned = operator.alignCorners && to > 1;
  const scale = aligned ? fround((from - 1) / (to - 1)) : fround(from / to);
  const scaled = operator.halfPixelCenters ? fround(fround(fround(at + 0.5) * scale) - 0.5) : fround(at * scale);
  const lower = Math.max(0, Math.floor(scaled));
  return { lower, upper: Math.min(Math.ceil(scaled), from - 1), fraction: fround(scaled - lower) };
}

/** GetNearestNeighbor. */
function nearestPlace(operator: Resize, from: number, to: number, at: number): Place {
  const aligned = operator.alignCorners && to > 1;
  const scale = aligned ? fround((from - 1) / (to - 1)) : fround(from / to);
  const scaled = fround(fround(at + (operator.halfPixelCenters ? 0.5 : 0)) * scale);
  const whole = operator.alignCorners ? Math.floor(scaled + 0.5) : Math.floor(scaled);
  const lower = Math.max(0, Math.min(whole, from - 1));
  return { lower, upper: lower, fraction: 0 };
}

/** Pixels a stride apart. */
function spreadPlace(stride: number, at: number): Place {
  const source = Math.floor(at / stride);
  return { lower: source, upper: source, fraction: at % stride ? NOTHING : 0 };
}

/**
 * Bilinear or nearest resize: where each output row and column lies among the input's, in a table. Reference: TFLite's
 * reference/resize_bilinear.h and resize_nearest_neighbor.h. The window makes the whole input the reach of every row: a
 * resize enlarges small maps, in MobileNets.
 */
export function lowerResize(operator: Resize): Kernel {
  const input = extent(operator.inputs[0]!);
  const output = extent(operator.output);
  const float = operator.method === "bilinear" && operator.unsignedRounding === true;
  const place = operator.method === "nearest" ? nearestPlace : float ? floatPlace : fixedPlace;
  return step(
    operator,
    (y) => place(operator, input.height, output.height, y),
    (x) => place(operator, input.width, output.width, x),
    float,
  );
}

/** Pixels moved apart, for a transposed convolution. */
export function lowerSpread(operator: Spread): Kernel {
  const { strideY, strideX } = operator;
  return step(
    operator,
    (y) => spreadPlace(strideY, y),
    (x) => spreadPlace(strideX, x),
    false,
  );
}

/** The step, with its table. */
function step(
  operator: Resize | Spread,
  placeOfRow: (y: number) => Place,
  placeOfColumn: (x: number) => Place,
  float: boolean,
): Kernel {
  const input = extent(operator.inputs[0]!);
  const output = extent(operator.output);
  const places = [
    ...Array.from({ length: output.height }, (_, y) => placeOfRow(y)),
    ...Array.from({ length: output.width }, (_, x) => placeOfColumn(x)),
  ];
  const bytes = new Uint8Array(places.length * 8);
  const view = new DataView(bytes.buffer);
  places.forEach(({ lower, upper, fraction }, k) => {
    view.setUint16(8 * k, lower, true);
    view.setUint16(8 * k + 2, upper, true);
    if (float) view.setFloat32(8 * k + 4, fraction, true);
    else view.setInt32(8 * k + 4, fraction, true);
  });
  return {
    opcode: OPCODE_RESIZE,
    flags: float ? FLAG_UNSIGNED : 0,
    window: { ...ONE_PIXEL, padTop: output.height, kernelHeight: output.height + input.height },
    clamp: { min: -128, max: 127 },
    constants: [{ field: STEP_WEIGHTS, bytes }],
  };
}
