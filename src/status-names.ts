/** Generated from assembly/layout.ts by `npm run docs`: do not edit. Lists are packed into strings to stay small. */

/** Names of the status codes, by code. */
export const STATUS_NAMES: readonly (string | undefined)[] = /* @__PURE__ */ "ok|magic|version|length|checksum|arena|alignment|header|tensor|step|feature|rows|stalled|streamed|operator|read".split("|");

/** What the status codes mean, by code. */
export const STATUS_TEXTS: readonly (string | undefined)[] = /* @__PURE__ */ "all is well|not a .midge file (magic)|a version that this engine does not know|the length differs from the header's|the checksum differs|the arena is too small|file or arena are not aligned to 16 bytes|a field of the header is out of range|a field of a tensor record is out of range|a field of a step record is out of range|a feature that this engine or this host does not have|more rows pushed than the input ring has room for or the image has|no step can fire though the input is complete: the plan's rings are too small|invoke on a model whose input is pushed in rows|an operator, or a form of it, that this slim engine leaves out|the host did not read a step's weights; push of no rows tries again".split("|");

/** The header's fields, by word. */
export const HEADER_FIELDS: readonly (string | undefined)[] = /* @__PURE__ */ "HEADER_MAGIC|HEADER_VERSION|HEADER_FILE_BYTES|HEADER_CHECKSUM|HEADER_ARENA_BYTES|HEADER_FEATURES|HEADER_TENSOR_COUNT|HEADER_TENSORS|HEADER_STEP_COUNT|HEADER_STEPS|HEADER_SEGMENT_COUNT|HEADER_SEGMENTS|HEADER_CONSUMER_COUNT|HEADER_CONSUMERS|HEADER_OUTPUT_COUNT|HEADER_OUTPUTS|HEADER_INPUT.PORT_TENSOR|HEADER_INPUT.PORT_TYPE|HEADER_INPUT.PORT_SCALE|HEADER_INPUT.PORT_ZERO_POINT|HEADER_INPUT.PORT_RANK|HEADER_INPUT.PORT_SHAPE||||HEADER_INPUT.PORT_CONTINUES|HEADER_INPUT.PORT_FLOAT|HEADER_INPUT.PORT_PLANAR|||||HEADER_COLOUR_ORDER|HEADER_RESIZE_RULE|HEADER_MEAN|||HEADER_SCALE|||HEADER_LABELS|HEADER_LABELS_BYTES|HEADER_NAME|HEADER_NAME_BYTES|HEADER_DETECTION|HEADER_DETECTION_BYTES|HEADER_WEIGHTS_BYTES|HEADER_PREFETCH_COUNT".split("|");

/** A tensor record's fields, by word. */
export const TENSOR_FIELDS: readonly (string | undefined)[] = /* @__PURE__ */ "TENSOR_OFFSET|TENSOR_RING_ROWS|TENSOR_HEIGHT|TENSOR_WIDTH|TENSOR_CHANNELS|TENSOR_PIXEL_STRIDE|TENSOR_ROW_STRIDE|TENSOR_PAD_LEFT|TENSOR_PAD_RIGHT|TENSOR_ZERO_POINT|TENSOR_SCALE|TENSOR_PRODUCER|TENSOR_CONSUMERS|TENSOR_CONSUMER_COUNT||".split("|");

/** A step record's fields, by word. */
export const STEP_FIELDS: readonly (string | undefined)[] = /* @__PURE__ */ "STEP_OPCODE|STEP_FLAGS|STEP_INPUT|STEP_INPUT_2|STEP_OUTPUT|STEP_ROWS|STEP_KERNEL_HEIGHT|STEP_KERNEL_WIDTH|STEP_STRIDE_Y|STEP_STRIDE_X|STEP_DILATION_Y|STEP_DILATION_X|STEP_PAD_TOP|STEP_PAD_LEFT|STEP_CLAMP_MIN|STEP_CLAMP_MAX|STEP_WEIGHTS|STEP_BIASES|STEP_MULTIPLIERS|STEP_SHIFTS|STEP_DEPTH|STEP_WEIGHT_ZERO_POINT|STEP_SCRATCH|STEP_SCRATCH_BYTES|STEP_SCRATCH_PIXELS|STEP_LAST_CONSUMER|STEP_SOURCE_OPERATOR|STEP_MULTIPLIER_1|STEP_SHIFT_1|STEP_MULTIPLIER_2|STEP_SHIFT_2|STEP_MULTIPLIER_OUT|STEP_SHIFT_OUT|STEP_BLOCKS|STEP_PLANE|STEP_WINDOW|STEP_WINDOW_SIZE|||".split("|");
