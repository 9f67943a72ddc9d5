/** The errors that this package throws: all of them are MidgeErrors. */

/** Where and why the engine refused or stopped: the fields of a status word (docs/abi.md). */
export interface StatusDetails {
  /** Name of the status code in lower case, e.g. "checksum", "step". */
  readonly code: string;
  /** Index of the step, where the status names one. */
  readonly step?: number;
  /** Index of the tensor record, where the status names one. */
  readonly tensor?: number;
  /** Name of the record's field as in docs/format.md, e.g. "STEP_WEIGHTS". */
  readonly field?: string;
}

/** Base of all errors of this package. */
export class MidgeError extends Error {
  override name = "MidgeError";
  constructor(
    message: string,
    options?: ErrorOptions,
    /** What the engine said, of a FormatError or an EngineError; undefined if it said nothing. */
    readonly details?: StatusDetails,
  ) {
    super(message, options);
  }
}

/** The packed file is damaged, foreign or needs another version. */
export class FormatError extends MidgeError {
  override name = "FormatError";
}

/** What the caller gave does not fit: a tensor's length or type, an image, an option. */
export class InputError extends MidgeError {
  override name = "InputError";
}

/** The engine stopped during a run; the model stays usable. */
export class EngineError extends MidgeError {
  override name = "EngineError";
}

/** The host lacks something: WebAssembly, SIMD that was asked for, memory, a way to read a source. */
export class EnvironmentError extends MidgeError {
  override name = "EnvironmentError";
}
