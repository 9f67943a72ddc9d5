import * as layout from "../../assembly/layout.js";

/** A packed file's words by name: reads header, tensor and step records. Trusts the offsets, as DataView checks them. */
export class Records {
  readonly #view: DataView;
  readonly tensorCount: number;
  readonly stepCount: number;

  /** @param file a whole packed file @throws RangeError on reads past its end; Error if it is no packed file */
  constructor(readonly file: Uint8Array) {
    this.#view = new DataView(file.buffer, file.byteOffset, file.byteLength);
    if (file.length < layout.HEADER_BYTES || this.header(layout.HEADER_MAGIC) !== layout.MAGIC) {
      throw new Error("not a .midge file");
    }
    if (this.header(layout.HEADER_VERSION) !== layout.VERSION) {
      throw new Error(`version ${this.header(layout.HEADER_VERSION)} of the .midge format is not known`);
    }
    this.tensorCount = this.header(layout.HEADER_TENSOR_COUNT);
    this.stepCount = this.header(layout.HEADER_STEP_COUNT);
  }

  /** A word of the header, by its HEADER_ offset. */
  header(field: number): number {
    return this.word(field);
  }

  /** A word of a tensor record, by its TENSOR_ offset. */
  tensor(index: number, field: number): number {
    return this.word(this.header(layout.HEADER_TENSORS) + index * layout.TENSOR_BYTES + field);
  }

  /** A word of a step record, by its STEP_ offset. */
  step(index: number, field: number): number {
    return this.word(this.header(layout.HEADER_STEPS) + index * layout.STEP_BYTES + field);
  }

  /** Tensor indices of the input and of the outputs. */
  get ports(): { input: number; outputs: number[] } {
    const outputs = this.header(layout.HEADER_OUTPUTS);
    return {
      input: this.word(layout.HEADER_INPUT + layout.PORT_TENSOR),
      outputs: Array.from({ length: this.header(layout.HEADER_OUTPUT_COUNT) }, (_, k) =>
        this.word(outputs + k * layout.PORT_BYTES + layout.PORT_TENSOR),
      ),
    };
  }

  /** For each segment the index of the step after its last. */
  get segments(): number[] {
    const at = this.header(layout.HEADER_SEGMENTS);
    return Array.from({ length: this.header(layout.HEADER_SEGMENT_COUNT) }, (_, k) => this.word(at + 4 * k));
  }

  /** Bytes of the engine's state at the arena's start. */
  get stateBytes(): number {
    const progressEnd = layout.STATE_PROGRESS + 4 * (this.stepCount + this.tensorCount);
    const streamed = this.header(layout.HEADER_FEATURES) & layout.FEATURE_STREAMED_WEIGHTS;
    return streamed ? Math.ceil(progressEnd / 16) * 16 + layout.ACTIVE_BYTES : progressEnd;
  }

  /** The word at a byte offset of the file. */
  word(offset: number): number {
    return this.#view.getUint32(offset, true);
  }

  /** Height, width and channels of a tensor. */
  extent(tensor: number): [number, number, number] {
    return [
      this.tensor(tensor, layout.TENSOR_HEIGHT),
      this.tensor(tensor, layout.TENSOR_WIDTH),
      this.tensor(tensor, layout.TENSOR_CHANNELS),
    ];
  }

  /** Rows of a tensor's ring, and its bytes in the arena. */
  ring(tensor: number): { rows: number; bytes: number } {
    const rows = this.tensor(tensor, layout.TENSOR_RING_ROWS);
    return { rows, bytes: rows * this.tensor(tensor, layout.TENSOR_ROW_STRIDE) };
  }
}
