import {
  OPCODE_REARRANGE,
  STEP_MULTIPLIER_1,
  STEP_MULTIPLIER_2,
  STEP_MULTIPLIER_OUT,
  STEP_SHIFT_1,
  STEP_SHIFT_2,
} from "../../../../assembly/layout.js";
import { elements, extent, type Reshape, type Transpose } from "../../graph/graph.js";
import { type Kernel, ONE_PIXEL } from "../program.js";

/** How many indices, and how far apart in the input. */
interface Index {
  count: number;
  stride: number;
}

/**
 * The output's dimensions from the outermost on, without those of one element; neighbours that are neighbours in the
 * input, too, are one. At most three are left of four dimensions whose first, the batch, is 1.
 */
function indices({ inputs, permutation }: Transpose): Index[] {
  const { shape } = inputs[0]!;
  const found: Index[] = [];
  for (const d of permutation.filter((k) => shape[k] !== 1)) {
    const [count, stride] = [shape[d]!, elements(shape.slice(d + 1))];
    const outer = found.at(-1);
    if (outer?.stride === count * stride) found[found.length - 1] = { count: outer.count * count, stride };
    else found.push({ count, stride });
  }
  return found;
}

/** A transpose, or a reshape into another structure of pixels, that could not melt. Reference: TFLite's transpose.h. */
export function lowerRearrange(operator: Transpose | Reshape): Kernel {
  const one = { count: 1, stride: 0 };
  const found = operator.kind === "transpose" ? indices(operator) : [];
  // Nothing moved: one index that counts through everything.
  if (!found.length) found.push({ count: elements(operator.output.shape), stride: 1 });
  const [outer, middle, inner] = [one, one, ...found].slice(-3) as [Index, Index, Index];
  const { height } = extent(operator.output);
  return {
    opcode: OPCODE_REARRANGE,
    window: { ...ONE_PIXEL, padTop: height, kernelHeight: height + extent(operator.inputs[0]!).height },
    clamp: { min: -128, max: 127 },
    words: {
      [STEP_MULTIPLIER_1]: outer.stride,
      [STEP_SHIFT_1]: middle.stride,
      [STEP_MULTIPLIER_2]: inner.stride,
      [STEP_SHIFT_2]: middle.count,
      [STEP_MULTIPLIER_OUT]: inner.count,
    },
  };
}
