/** What a model's owner can do about what the importer refuses. */

export const FULL_INTEGER =
  "convert with full integer quantisation: optimizations = [DEFAULT], a representative_dataset and " +
  "target_spec.supported_ops = [TFLITE_BUILTINS_INT8]";
export const INTEGER_PORTS = "set the converter's inference_input_type and inference_output_type to int8 or uint8";
export const FIXED_SHAPE = "convert with a fixed input shape and a batch of 1";
export const DENSE = "convert without sparsity";
export const BUILTINS = "replace the operator by builtin ones, or end the model in front of it";
export const SINGLE_INPUT = "cut the model so that it has one input";
