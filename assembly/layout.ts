/**
 * The packed file (.midge) and the state block of an arena: every offset, in one module which the
 * AssemblyScript engine and the TypeScript packer and wrapper share. docs/format.md is generated from this file
 * (`npm run docs`), so each constant carries its type and meaning in its comment.
 *
 * All numbers are little-endian. All fields are 32 bits wide, so a record is a row of words; offsets in the file are
 * counted from its first byte, offsets in the arena from the arena's first byte. Sections start at multiples of 16.
 */

// ---- Constants ------------------------------------------------------------------------------------------------

/** The first four bytes of a file: "MIDG". */
export const MAGIC: u32 = 0x4744494d;
/** The version of the format which this module describes. */
export const VERSION: u32 = 2;
/** The first four bytes of a linked file: "MIDL". */
export const MAGIC_LINKED: u32 = 0x4c44494d;
/** The version of linked files which this module describes. */
export const VERSION_LINKED: u32 = 1;
/** Start value of the checksum's lanes (FNV-1a's 32-bit offset basis). */
export const CHECKSUM_BASIS: u32 = 0x811c9dc5;
/** Factor of the checksum (FNV-1a's 32-bit prime). */
export const CHECKSUM_PRIME: u32 = 0x01000193;
/** Bytes that stay free at the end of the arena and of the file: vector loads may read that far past a row. */
export const SLACK_BYTES: u32 = 16;
/** Output channels of one block of weights. */
export const BLOCK_CHANNELS: u32 = 8;
/** Consecutive weights of one output channel inside a block. */
export const BLOCK_DEPTH: u32 = 4;
/** The largest extent of any dimension. */
export const MAX_EXTENT: u32 = 65535;
/** Fraction of a resize's row or column that lies between the input's: it holds the zero point. */
export const GAP: u32 = 0x80000000;
/** Bits of the correction of a line's offset, the low ones of its code (assembly/line.ts). */
export const LINE_OFFSET_BITS: u32 = 13;
/** What is added to the correction of a line's slope, the high bits, to make it positive. */
export const LINE_SLOPE_BIAS: u32 = 4;
/** Flag of a block of output channels: its lines hold where product and sum are rounded once. */
export const BLOCK_FUSED: u32 = 1;
/** Flag of a block: its lines hold where both are rounded. */
export const BLOCK_ROUNDED: u32 = 2;
/** Flag of a block: its weights have the zero point subtracted already, theirs is 0. */
export const BLOCK_CENTRED: u32 = 4;
/** Feature: weights are streamed; builds called streamed take such files and no others, other builds refuse them. */
export const FEATURE_STREAMED_WEIGHTS: u32 = 1;
/** The least part of a dot product for which streamed weights are cut, in bytes of its input. */
export const LEAST_PART: u32 = 64;
/** Stands for "no tensor" and "no step". */
export const NONE: u32 = 0xffffffff;

// ---- Header ---------------------------------------------------------------------------------------------------

/** u32: MAGIC. */
export const HEADER_MAGIC: u32 = 0;
/** u32: VERSION. */
export const HEADER_VERSION: u32 = 4;
/** u32: length of the file in bytes, a multiple of 16, slack included; streamed weights, which follow it, not counted. */
export const HEADER_FILE_BYTES: u32 = 8;
/** u32: checksum over all words from byte 16 to the end (four interleaved FNV-1a lanes, folded). */
export const HEADER_CHECKSUM: u32 = 12;
/** u32: bytes of RAM that the engine needs beside the file: state, rings, scratch and slack. */
export const HEADER_ARENA_BYTES: u32 = 16;
/** u32: engine features that the file needs: FEATURE constants, or-ed. */
export const HEADER_FEATURES: u32 = 20;
/** u32: number of tensor records. */
export const HEADER_TENSOR_COUNT: u32 = 24;
/** u32: file offset of the tensor records. */
export const HEADER_TENSORS: u32 = 28;
/** u32: number of step records, 1 to 4095. */
export const HEADER_STEP_COUNT: u32 = 32;
/** u32: file offset of the step records. */
export const HEADER_STEPS: u32 = 36;
/** u32: number of segments. */
export const HEADER_SEGMENT_COUNT: u32 = 40;
/** u32: file offset of the segments: one u32 each, the index of the step after the segment's last. */
export const HEADER_SEGMENTS: u32 = 44;
/** u32: number of entries in the consumer table. */
export const HEADER_CONSUMER_COUNT: u32 = 48;
/** u32: file offset of the consumer table: u32 step indices, a run per tensor. */
export const HEADER_CONSUMERS: u32 = 52;
/** u32: number of outputs. */
export const HEADER_OUTPUT_COUNT: u32 = 56;
/** u32: file offset of the output descriptors (port records). */
export const HEADER_OUTPUTS: u32 = 60;
/** The input's descriptor (a port record) lies in the header. */
export const HEADER_INPUT: u32 = 64;
/** u32: 0 = RGB, 1 = BGR, 2 = grey. */
export const HEADER_COLOUR_ORDER: u32 = 128;
/** u32: 0 = centre square crop and bilinear, 1 = whole image squeezed and bilinear. */
export const HEADER_RESIZE_RULE: u32 = 132;
/** f32 x 3: mean of each channel, in pixel units 0..255: real input = (pixel - mean) * scale. */
export const HEADER_MEAN: u32 = 136;
/** f32 x 3: scale of each channel: real input = (pixel - mean) * scale. */
export const HEADER_SCALE: u32 = 148;
/** u32: file offset of the labels, UTF-8, one a line; 0 if there are none. */
export const HEADER_LABELS: u32 = 160;
/** u32: bytes of the labels. */
export const HEADER_LABELS_BYTES: u32 = 164;
/** u32: file offset of the model's name, UTF-8; 0 if there is none. */
export const HEADER_NAME: u32 = 168;
/** u32: bytes of the model's name. */
export const HEADER_NAME_BYTES: u32 = 172;
/** u32: file offset of the detection section, for the host; 0 if there is none. */
export const HEADER_DETECTION: u32 = 176;
/** u32: bytes of the detection section. */
export const HEADER_DETECTION_BYTES: u32 = 180;
/** u32: bytes of streamed weights that follow the file; 0 without FEATURE_STREAMED_WEIGHTS. */
export const HEADER_WEIGHTS_BYTES: u32 = 184;
/** u32: entries of the prefetch order; it begins the streamed weights: u16 step indices, one for each firing that reads. */
export const HEADER_PREFETCH_COUNT: u32 = 188;
/** Bytes of the header. */
export const HEADER_BYTES: u32 = 192;

// ---- Port record: what the host sees of an input or output ------------------------------------------------------

/** u32: index of the tensor record. */
export const PORT_TENSOR: u32 = 0;
/** u32: the element type that the host sees: a TYPE constant; the input's is TYPE_INT8 or TYPE_UINT8. */
export const PORT_TYPE: u32 = 4;
/** f32: scale: real value = scale * (q - zero point). */
export const PORT_SCALE: u32 = 8;
/** i32: zero point in the host's element type. */
export const PORT_ZERO_POINT: u32 = 12;
/** u32: number of dimensions of the source model's tensor, 1 to 4. */
export const PORT_RANK: u32 = 16;
/** u32 x 4: dimensions of the source model's tensor. */
export const PORT_SHAPE: u32 = 20;
/** u32: 0, or 1 more than the dimension along which this output continues the one before: their bytes follow each other. */
export const PORT_CONTINUES: u32 = 36;
/** u32: 1 if the source model's own tensor is float32: the host converts it by scale and zero point. Else 0. */
export const PORT_FLOAT: u32 = 40;
/** u32: 1 if the source's tensor has a plane for each channel (NCHW), as PORT_SHAPE says; rows of pixels go in and out. */
export const PORT_PLANAR: u32 = 44;
/** Bytes of a port record. */
export const PORT_BYTES: u32 = 64;

/** Element type int8: held in the arena as uint8, value + 128. */
export const TYPE_INT8: u32 = 0;
/** Element type uint8: what the arena holds. */
export const TYPE_UINT8: u32 = 1;
/** Element type int32 of an output of indices: the engine gives one byte for each, 0..255; the host widens it. */
export const TYPE_INT32: u32 = 2;
/** Element type int64 of an output of indices: the engine gives one byte for each, 0..255; the host widens it. */
export const TYPE_INT64: u32 = 3;

// ---- Detection section: what the host makes of box encodings and class scores; the engine does not read it ---------

/** f32: scale of the encodings of y. */
export const DETECTION_Y_SCALE: u32 = 0;
/** f32: scale of the encodings of x. */
export const DETECTION_X_SCALE: u32 = 4;
/** f32: scale of the encodings of heights. */
export const DETECTION_H_SCALE: u32 = 8;
/** f32: scale of the encodings of widths. */
export const DETECTION_W_SCALE: u32 = 12;
/** f32: boxes of a lower score are dropped. */
export const DETECTION_SCORE_THRESHOLD: u32 = 16;
/** f32: of two boxes whose intersection over union is greater, the one of the lower score is dropped. */
export const DETECTION_IOU_THRESHOLD: u32 = 20;
/** u32: the most boxes that are given. */
export const DETECTION_MAX_BOXES: u32 = 24;
/** u32: classes that are given for each box (suppression of all classes together). */
export const DETECTION_CLASSES_PER_BOX: u32 = 28;
/** u32: the most boxes of each class (suppression class by class). */
export const DETECTION_BOXES_PER_CLASS: u32 = 32;
/** u32: number of classes, background not counted. */
export const DETECTION_CLASSES: u32 = 36;
/** u32: 0 = boxes suppress each other whatever their classes (fast), 1 = class by class (regular). */
export const DETECTION_REGULAR: u32 = 40;
/** u32: number of anchors. */
export const DETECTION_ANCHOR_COUNT: u32 = 44;
/** u32: number of the source model's outputs, 1 to 7. */
export const DETECTION_RESULT_COUNT: u32 = 48;
/** u32 x 7: what each of these is: 0 = boxes, 1 = classes, 2 = scores, 3 = number of boxes, 4 + k = the engine's k-th behind the two of the heads. */
export const DETECTION_RESULTS: u32 = 52;
/** f32 x 4 for each anchor: y and x of the centre, height, width; the image is 0..1. */
export const DETECTION_ANCHORS: u32 = 80;

// ---- Tensor record: a ring of rows --------------------------------------------------------------------------------

/** u32: arena offset of the ring's first byte (of the first row's left pad). */
export const TENSOR_OFFSET: u32 = 0;
/** u32: rows that the ring holds; row y lies in slot y modulo this. */
export const TENSOR_RING_ROWS: u32 = 4;
/** u32: height: rows of the whole tensor. */
export const TENSOR_HEIGHT: u32 = 8;
/** u32: width in pixels, pads not counted. */
export const TENSOR_WIDTH: u32 = 12;
/** u32: channels of a pixel. */
export const TENSOR_CHANNELS: u32 = 16;
/** u32: bytes from a pixel to the next, at least the channels. */
export const TENSOR_PIXEL_STRIDE: u32 = 20;
/** u32: bytes from a row to the next. */
export const TENSOR_ROW_STRIDE: u32 = 24;
/** u32: pad pixels left of each row; they hold the zero point. */
export const TENSOR_PAD_LEFT: u32 = 28;
/** u32: pad pixels right of each row; they hold the zero point. */
export const TENSOR_PAD_RIGHT: u32 = 32;
/** i32: zero point of what the arena holds, 0..255. */
export const TENSOR_ZERO_POINT: u32 = 36;
/** f32: scale: real value = scale * (q - zero point). For people; the engine does not read it. */
export const TENSOR_SCALE: u32 = 40;
/** u32: index of the step that writes the tensor, NONE for the input. */
export const TENSOR_PRODUCER: u32 = 44;
/** u32: first entry in the consumer table. */
export const TENSOR_CONSUMERS: u32 = 48;
/** u32: number of entries in the consumer table. */
export const TENSOR_CONSUMER_COUNT: u32 = 52;
/** Bytes of a tensor record. */
export const TENSOR_BYTES: u32 = 64;

// ---- Step record ------------------------------------------------------------------------------------------------

/** u32: which row kernel: an OPCODE constant. */
export const STEP_OPCODE: u32 = 0;
/** u32: FLAG constants, or-ed. */
export const STEP_FLAGS: u32 = 4;
/** u32: index of the input tensor. */
export const STEP_INPUT: u32 = 8;
/** u32: index of the second input tensor, or NONE. A height or width of 1 stands for every row or pixel. */
export const STEP_INPUT_2: u32 = 12;
/** u32: index of the output tensor. */
export const STEP_OUTPUT: u32 = 16;
/** u32: output rows of one firing (the last firing may have fewer). */
export const STEP_ROWS: u32 = 20;
/** u32: height of the kernel in rows. */
export const STEP_KERNEL_HEIGHT: u32 = 24;
/** u32: width of the kernel in pixels. */
export const STEP_KERNEL_WIDTH: u32 = 28;
/** u32: vertical stride. */
export const STEP_STRIDE_Y: u32 = 32;
/** u32: horizontal stride. */
export const STEP_STRIDE_X: u32 = 36;
/** u32: vertical dilation. */
export const STEP_DILATION_Y: u32 = 40;
/** u32: horizontal dilation. */
export const STEP_DILATION_X: u32 = 44;
/** u32: pad rows above. */
export const STEP_PAD_TOP: u32 = 48;
/** u32: pad pixels left that this step reaches, at most the input tensor's. */
export const STEP_PAD_LEFT: u32 = 52;
/** i32: the least output, 0..255. */
export const STEP_CLAMP_MIN: u32 = 56;
/** i32: the greatest output, 0..255. */
export const STEP_CLAMP_MAX: u32 = 60;
/** u32: file offset of the weights (of the first window if streamed); lookup: of the table; add, multiply with one input: of a constant pixel. */
export const STEP_WEIGHTS: u32 = 64;
/** u32: file offset of the biases: i32 per output channel, input zero point folded in. */
export const STEP_BIASES: u32 = 68;
/** u32: file offset of the multipliers: i32 per output channel; f64 with FLAG_DOUBLE. */
export const STEP_MULTIPLIERS: u32 = 72;
/** u32: file offset of the right shifts: i8 per output channel, negative = left. */
export const STEP_SHIFTS: u32 = 76;
/** u32: convolutions: length of an output's dot product in bytes of input; depthwise: channel multiplier; softmax: channels of a group; concatenate with one input: first channel taken, or channels put in front. */
export const STEP_DEPTH: u32 = 80;
/** i32: zero point of the weights or the constant, -128..127; 0 but for per-tensor models. */
export const STEP_WEIGHT_ZERO_POINT: u32 = 84;
/** u32: arena offset of the step's scratch. */
export const STEP_SCRATCH: u32 = 88;
/** u32: bytes of the step's scratch. */
export const STEP_SCRATCH_BYTES: u32 = 92;
/** u32: pixels that one gather of a convolution lays out in scratch. */
export const STEP_SCRATCH_PIXELS: u32 = 96;
/** u32: highest index of the steps that read the output; the step's own index if there are none. */
export const STEP_LAST_CONSUMER: u32 = 100;
/** u32: index of the operator in the source model, for people. */
export const STEP_SOURCE_OPERATOR: u32 = 104;
/** i32: mean, multiply: multiplier; add: of the first input; softmax: of the difference; rearrange: outer stride. */
export const STEP_MULTIPLIER_1: u32 = 108;
/** i32: its right shift (negative = left); rearrange: middle stride. */
export const STEP_SHIFT_1: u32 = 112;
/** i32: add: multiplier of the second input; softmax: least difference that counts; multiply: of FLAG_PRELU; rearrange: inner stride. */
export const STEP_MULTIPLIER_2: u32 = 116;
/** i32: add: its right shift; rearrange: number of middle indices. */
export const STEP_SHIFT_2: u32 = 120;
/** i32: add: multiplier of the output; rearrange: number of inner indices. */
export const STEP_MULTIPLIER_OUT: u32 = 124;
/** i32: add: its right shift. */
export const STEP_SHIFT_OUT: u32 = 128;
/** u32: file offset of a line's code, u16, per output channel, then BLOCK flags, u8, per block of eight; 0 if there are none. Streamed weights: 1 if windows have them. */
export const STEP_BLOCKS: u32 = 132;
/** u32: add: file offset of its plane, i32 x 4 (assembly/kernels/add.ts); 0 if it has none. */
export const STEP_PLANE: u32 = 136;
/** u32: streamed weights: arena offset of the window. */
export const STEP_WINDOW: u32 = 140;
/** u32: streamed weights: output channels of a window, a multiple of 8; with FLAG_CUT bytes of each of 8 channels. */
export const STEP_WINDOW_SIZE: u32 = 144;
/** Bytes of a step record. */
export const STEP_BYTES: u32 = 160;

/** Flag: the packer proved that the vector requantisation cannot overflow for this step's weights. */
export const FLAG_VECTOR: u32 = 1;
/** Flag: requantise in f64 with rounding half away from zero, as TFLite's fully connected does. */
export const FLAG_DOUBLE: u32 = 2;
/** Flag: the source was uint8: average pool rounds half up, resize computes in float, L2 rounds twice. */
export const FLAG_UNSIGNED: u32 = 4;
/** Flag: add: the first operand is subtracted. */
export const FLAG_MINUS_1: u32 = 8;
/** Flag: add: the second operand is subtracted. */
export const FLAG_MINUS_2: u32 = 16;
/** Flag: multiply: elements not below their zero point are no products but scaled by the second multiplier (PRELU). */
export const FLAG_PRELU: u32 = 32;
/** Flag: streamed weights: the window takes all of them, and is read at the step's first firing only. */
export const FLAG_KEPT: u32 = 64;
/** Flag: streamed weights: not even those of 8 channels fit the window, so their dot products are cut (matmuls). */
export const FLAG_CUT: u32 = 128;

/** Opcode: convolution of any kernel; gathers patches, then multiplies. */
export const OPCODE_CONVOLUTION: u32 = 1;
/** Opcode: 1x1 convolution or fully connected on one pixel. */
export const OPCODE_POINTWISE: u32 = 2;
/** Opcode: depthwise convolution. */
export const OPCODE_DEPTHWISE: u32 = 3;
/** Opcode: sum of two tensors, or their difference. */
export const OPCODE_ADD: u32 = 4;
/** Opcode: average pool over a window. */
export const OPCODE_AVERAGE_POOL: u32 = 5;
/** Opcode: max pool over a window. */
export const OPCODE_MAX_POOL: u32 = 6;
/** Opcode: mean over all rows and columns (TFLite's MEAN), consuming a row at a firing. */
export const OPCODE_MEAN: u32 = 7;
/** Opcode: average pool over the whole map (TFLite's AVERAGE_POOL_2D), consuming a row at a firing. */
export const OPCODE_GLOBAL_AVERAGE_POOL: u32 = 8;
/** Opcode: softmax over the channels, group by group. */
export const OPCODE_SOFTMAX: u32 = 9;
/** Opcode: any function of one element, by a table: u8 [256] at STEP_WEIGHTS, indexed by the input's byte; the output may have another structure of pixels in the same rows. */
export const OPCODE_LOOKUP: u32 = 10;
/** Opcode: product of two tensors. */
export const OPCODE_MULTIPLY: u32 = 11;
/** Opcode: two tensors side by side in the channels; of a single one, its channels from STEP_DEPTH on, or between channels of its zero point. */
export const OPCODE_CONCATENATE: u32 = 12;
/** Opcode: resize or spread, by a table of rows and columns at STEP_WEIGHTS; its window reaches over all rows. */
export const OPCODE_RESIZE: u32 = 13;
/** Opcode: index of each pixel's greatest channel, of at most 256; the output has one channel, a byte 0..255. */
export const OPCODE_ARG_MAX: u32 = 14;
/** Opcode: the input's bytes in another order: transposes and new structures of pixels; its window reaches over all rows. */
export const OPCODE_REARRANGE: u32 = 15;
/** Opcode: each pixel's channels over the root of the sum of their squares, on a scale of 1/128. */
export const OPCODE_L2_NORMALISE: u32 = 16;
/** One more than the greatest opcode. */
export const OPCODE_COUNT: u32 = 17;

// ---- Linked file: packed files that take turns in one arena; the host reads it, the engine does not ------------------

/** u32: MAGIC_LINKED. */
export const LINKED_MAGIC: u32 = 0;
/** u32: VERSION_LINKED. */
export const LINKED_VERSION: u32 = 4;
/** u32: length of the file in bytes, a multiple of 16. */
export const LINKED_FILE_BYTES: u32 = 8;
/** u32: checksum over the words from byte 16 to LINKED_TABLE_BYTES, as a packed file's; members have their own. */
export const LINKED_CHECKSUM: u32 = 12;
/** u32: bytes of the arena that the members share: the most that one of them needs. */
export const LINKED_ARENA_BYTES: u32 = 16;
/** u32: number of members, at least 2. */
export const LINKED_MEMBER_COUNT: u32 = 20;
/** u32: bytes of the table (header, member records and names), a multiple of 16; the members lie behind it. */
export const LINKED_TABLE_BYTES: u32 = 24;
/** Where the member records are: behind this header. */
export const LINKED_MEMBERS: u32 = 32;
/** u32: offset of the member, a packed file as it is: a multiple of 16. */
export const MEMBER_FILE: u32 = 0;
/** u32: bytes of the member. */
export const MEMBER_FILE_BYTES: u32 = 4;
/** u32: offset of its name, UTF-8, in the table; no two members have the same. */
export const MEMBER_NAME: u32 = 8;
/** u32: bytes of its name, at least 1. */
export const MEMBER_NAME_BYTES: u32 = 12;
/** Bytes of a member record. */
export const MEMBER_BYTES: u32 = 16;

// ---- State: the first bytes of the arena --------------------------------------------------------------------------

/** u32: address of the file in the engine's memory. */
export const STATE_FILE: u32 = 0;
/** u32: index of the current segment. */
export const STATE_SEGMENT: u32 = 4;
/** u32: rows of the input pushed so far. */
export const STATE_PUSHED: u32 = 8;
/** u32: 1 once the outputs are complete. */
export const STATE_DONE: u32 = 12;
/** u32: xor of four input bytes before a relaxed dot product: 0x80808080 where the host's takes signed ones, else 0. */
export const STATE_FLIP: u32 = 16;
/** Bytes at the arena's begin that bind it to a file; docs/abi.md tells what hosts of several models do with them. */
export const STATE_BINDING_BYTES: u32 = 32;
/** v128 x 18: constants of the block of eight output channels at work (assembly/kernels/block.ts), SIMD builds. */
export const STATE_BLOCK: u32 = 32;
/** u32 per step: rows done (output rows; input rows for a reducing step); then u32 per tensor: rows complete. */
export const STATE_PROGRESS: u32 = 320;

// ---- Active step: of a streamed build, behind the progress, at a multiple of 16: a copy of the step record, then -----

/** u32: first output channel of the window at work. */
export const ACTIVE_CHANNEL: u32 = 160;
/** u32: output channel after its last. */
export const ACTIVE_END: u32 = 164;
/** u32: its channels with those that fill up a block. */
export const ACTIVE_STRIDE: u32 = 168;
/** u32: groups of four of the depth that the part at work has; 0 if the weights are not cut. */
export const ACTIVE_GROUPS: u32 = 172;
/** u32: where in the depth the part begins. */
export const ACTIVE_DEPTH: u32 = 176;
/** u32: address of the next pixel's sums. */
export const ACTIVE_SUMS: u32 = 180;
/** u32: bytes from the codes of the window's lines to the flags of its blocks; 0 if there are none. */
export const ACTIVE_CODES: u32 = 184;
/** Bytes of the active step. */
export const ACTIVE_BYTES: u32 = 192;

// ---- Status: bits 0..7 code, bits 8..19 step or tensor index, bits 20..31 field (byte offset / 4) -------------------

/** Status: all is well. */
export const STATUS_OK: u32 = 0;
/** Status: not a .midge file (magic). */
export const STATUS_MAGIC: u32 = 1;
/** Status: a version that this engine does not know. */
export const STATUS_VERSION: u32 = 2;
/** Status: the length differs from the header's. */
export const STATUS_LENGTH: u32 = 3;
/** Status: the checksum differs. */
export const STATUS_CHECKSUM: u32 = 4;
/** Status: the arena is too small. */
export const STATUS_ARENA: u32 = 5;
/** Status: file or arena are not aligned to 16 bytes. */
export const STATUS_ALIGNMENT: u32 = 6;
/** Status: a field of the header is out of range. */
export const STATUS_HEADER: u32 = 7;
/** Status: a field of a tensor record is out of range. */
export const STATUS_TENSOR: u32 = 8;
/** Status: a field of a step record is out of range. */
export const STATUS_STEP: u32 = 9;
/** Status: a feature that this engine or this host does not have. */
export const STATUS_FEATURE: u32 = 10;
/** Status: more rows pushed than the input ring has room for or the image has. */
export const STATUS_ROWS: u32 = 11;
/** Status: no step can fire though the input is complete: the plan's rings are too small. */
export const STATUS_STALLED: u32 = 12;
/** Status: invoke on a model whose input is pushed in rows. */
export const STATUS_STREAMED: u32 = 13;
/** Status: an operator, or a form of it, that this slim engine leaves out. */
export const STATUS_OPERATOR: u32 = 14;
/** Status: the host did not read a step's weights; push of no rows tries again. */
export const STATUS_READ: u32 = 15;
