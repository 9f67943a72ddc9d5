/** The second operand of an element-wise step: a tensor, one pixel or row of a tensor, or a constant pixel in the file. */
import {
  NONE,
  STEP_INPUT_2,
  STEP_WEIGHTS,
  STEP_WEIGHT_ZERO_POINT,
  TENSOR_HEIGHT,
  TENSOR_PIXEL_STRIDE,
  TENSOR_WIDTH,
  TENSOR_ZERO_POINT,
} from "../layout";
import { input2Of, rowAddress } from "../rings";

/** Whether it is a constant. */
// @ts-ignore: decorator
@inline
function isConstant(step: usize): bool {
  return load<u32>(step, STEP_INPUT_2) == NONE;
}

/** Its zero point. */
export function secondZeroPoint(file: usize, step: usize): i32 {
  return isConstant(step) ? load<i32>(step, STEP_WEIGHT_ZERO_POINT) : load<i32>(input2Of(file, step), TENSOR_ZERO_POINT);
}

/** Bytes from a pixel of it to the next; 0 where one pixel stands for all. */
export function secondStride(file: usize, step: usize): u32 {
  if (isConstant(step)) return 0;
  const tensor = input2Of(file, step);
  return load<u32>(tensor, TENSOR_WIDTH) == 1 ? 0 : load<u32>(tensor, TENSOR_PIXEL_STRIDE);
}

/** Address of its pixel 0 that belongs to output row y. */
export function secondRow(arena: usize, file: usize, step: usize, y: u32): usize {
  if (isConstant(step)) return file + load<u32>(step, STEP_WEIGHTS);
  const tensor = input2Of(file, step);
  return rowAddress(arena, tensor, load<u32>(tensor, TENSOR_HEIGHT) == 1 ? 0 : y);
}
