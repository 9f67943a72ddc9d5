/** uint8 becomes int8: values and zero points move down by 128, which changes no product and no sum. */
import type { Graph, Operator, Quantization, Tensor } from "../graph/graph.js";
import { rebuild } from "../graph/rewrite.js";

/** Flips the sign bit: uint8 v becomes int8 v - 128. */
const SIGN = 0x80;

function signed(tensor: Tensor): Tensor {
  const { quantization, data, ...rest } = tensor;
  const q: Quantization | undefined = quantization && {
    ...quantization,
    scale: [...quantization.scale],
    zeroPoint: quantization.zeroPoint.map((z) => z - SIGN),
    floatProduct: true,
  };
  return {
    ...rest,
    type: "int8",
    ...(q && { quantization: q }),
    ...(data && { data: Int8Array.from(data as Uint8Array, (v) => v ^ SIGN) }),
  };
}

/**
 * Every uint8 activation and every uint8 weight becomes int8 with its zero point less 128. The ports keep the source's
 * terms. Average pools, resizes and L2 normalisations of uint8 get `unsignedRounding`: TFLite rounds the first half up
 * (legacy_reference_ops and reference_ops AveragePool), int8 half away from zero. All other operators compute the same for both types, the functions of
 * one element and the constants of sums and products included.
 */
export function toSigned(graph: Graph): Graph {
  const made = new Map<Tensor, Tensor>();
  const convert = (tensor: Tensor): Tensor => {
    if (tensor.type !== "uint8") return tensor;
    const known = made.get(tensor) ?? signed(tensor);
    made.set(tensor, known);
    return known;
  };
  const operators = graph.operators.map((op): Operator => {
    if ("constant" in op && op.constant) return { ...op, constant: convert(op.constant) };
    if ("weights" in op) return { ...op, weights: convert(op.weights) };
    if (op.kind === "pad" && op.value !== undefined && op.inputs[0]?.type === "uint8")
      return { ...op, value: op.value - SIGN };
    const rounds = op.kind === "average_pool" || op.kind === "resize" || op.kind === "l2_normalisation";
    if (rounds && op.inputs[0]?.type === "uint8") return { ...op, unsignedRounding: true };
    return op;
  });
  return rebuild(graph, operators, convert);
}
