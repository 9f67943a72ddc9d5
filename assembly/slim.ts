/**
 * What a slim engine holds. `midge pack --slim` makes an engine for one model: everything that the model does not use is
 * left out. All of it is behind `holds`, which is true in the engines that hold all. In the base of the slim engines
 * (`asc --use SLIM_BASE=1`) it is a question to the import "slim" "has", which the packer replaces by an answer before it
 * lets binaryen remove what cannot be reached (tools/weight-packer/slim.ts).
 *
 * The check of a file (validate.ts, missing) asks for each thing that the file uses, and only for these. So the packer
 * learns what a model uses by letting the base load it, and a slim engine refuses a file that uses what it left out.
 *
 * Questions 0..31 are the opcodes, a row kernel each; the others are parts of kernels.
 */
import { OPCODE_ADD, OPCODE_CONCATENATE, OPCODE_MULTIPLY } from "./layout";

/** Requantisation in f64: FLAG_DOUBLE. */
export const HOLDS_DOUBLE: u32 = 32;
/** Convolutions and depthwise convolutions whose weights have a zero point. */
export const HOLDS_WEIGHT_ZERO_POINT: u32 = 33;
/** Convolutions without FLAG_VECTOR: any multiplier, lane by lane. */
export const HOLDS_LANES: u32 = 34;
/** Depthwise convolutions that the kernels for 3x3 take. */
export const HOLDS_DEPTHWISE_3X3: u32 = 35;
/** Depthwise convolutions of channel multiplier 1 that the kernels for 3x3 do not take. */
export const HOLDS_DEPTHWISE_ANY: u32 = 36;
/** Depthwise convolutions of another channel multiplier. */
export const HOLDS_DEPTHWISE_MULTIPLIER: u32 = 37;

/** Softmax over groups of a pixel's channels instead of all. */
export const HOLDS_SOFTMAX_GROUPS: u32 = 38;

/** One bit for each question, 1 = held. */
@external("slim", "held")
declare const held: u64;

/** Whether this engine holds what the question names: an opcode, or a HOLDS constant. */
// @ts-ignore: decorator
@inline
export function holds(question: u32): bool {
  return isDefined(SLIM_BASE) ? <bool>((held >> question) & 1) : true;
}

/** Whether this engine holds a kernel of two inputs. */
// @ts-ignore: decorator
@inline
export function holdsSecondInput(): bool {
  return holds(OPCODE_ADD) || holds(OPCODE_MULTIPLY) || holds(OPCODE_CONCATENATE);
}

/** Whether an opcode is the one given, which this engine holds. */
// @ts-ignore: decorator
@inline
export function isOpcode(opcode: u32, one: u32): bool {
  return opcode == one && holds(one);
}
