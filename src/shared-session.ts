import * as layout from "../assembly/layout.js";
import type { EngineExports } from "./abi.js";
import { EngineError } from "./errors.js";
import { tensorRecord, tensorRows, viewOf } from "./records.js";
import { type Place, Session } from "./session.js";
import type { Explain } from "./status.js";
import type { WeightImport } from "./weights.js";

/** Sessions that take turns in one arena. */
export interface Turns {
  /** The one whose input and outputs the arena holds. */
  holder?: SharedSession;
}

/** What a shared session has beside an engine and a file. */
export interface SharedOptions {
  /** Where the file lies already, and its arena. */
  readonly place?: Place;
  /** Those that share the arena; nobody unless told. */
  readonly turns?: Turns;
  /** What the model is called in messages, where several take turns. */
  readonly name?: string;
  /** What the instance reads streamed weights by. */
  readonly weights?: WeightImport | undefined;
}

/**
 * A session whose arena several models may share, and whose input several callers may.
 *
 * One model has the arena at a time: the first rows of an input take it, and what the other had there is gone.
 */
export class SharedSession extends Session {
  readonly #file: DataView;
  readonly #turns: Turns;
  /** What `load` wrote to bind the arena to this file. */
  readonly #binding: Uint8Array<ArrayBuffer>;
  readonly #weights: WeightImport | undefined;
  #claim = 0;

  /** As Session's; other sessions may use the instance as well if they share the arena. */
  constructor(
    engine: EngineExports,
    file: Uint8Array,
    explain: Explain,
    { place, turns = {}, name, weights }: SharedOptions = {},
  ) {
    super(engine, file, explain, place, name === undefined ? name : `the model "${name}"`);
    this.#file = viewOf(file);
    this.#turns = turns;
    this.#weights = weights;
    this.#turns.holder = this;
    this.#binding = this.#bound().slice();
  }

  override reset(): void {
    this.#claim++;
    // Another's input goes on until rows of this one come.
    if (this.#turns.holder === this) super.reset();
    else this.pushed = 0;
  }

  /**
   * Makes the input that was begun the caller's: the claim given before is not `claimed` any more, nor is this one once
   * rows come, the next input begins or anyone else claims it.
   */
  claim(): number {
    return ++this.#claim;
  }

  /** Whether a claim still holds. */
  claimed(claim: number): boolean {
    return claim === this.#claim;
  }

  /** Pushes input rows. @throws as Session's; EngineError as well if another model took the arena since the input began */
  override push(bytes: Uint8Array): void {
    this.#claim++;
    try {
      super.push(bytes);
    } catch (error) {
      const cause = error instanceof EngineError ? this.#weights?.takeFailure() : undefined;
      if (cause === undefined) throw error;
      const { message, details } = error as EngineError;
      throw new EngineError(cause instanceof Error ? `${message}: ${cause.message}` : message, { cause }, details);
    }
  }

  /** Whether all outputs are complete. @throws EngineError if another model took the arena since the input began */
  override get done(): boolean {
    return this.#holds() && super.done;
  }

  /**
   * A copy of a whole tensor's bytes as they lie in the arena, without pads; for debugging. Only a tensor whose
   * ring is as high as itself and which nothing overwrote holds what its step made.
   */
  tensor(index: number): Uint8Array<ArrayBuffer> {
    const rows = tensorRows(this.#file, index);
    const word = (field: number) => this.#file.getUint32(tensorRecord(this.#file, index) + field, true);
    const pad = word(layout.TENSOR_PAD_LEFT) * rows.pixelStride;
    return this.read(this.arena + word(layout.TENSOR_OFFSET) + pad, rows);
  }

  /** Makes the arena this session's, ready for the first rows, if another had it. @throws EngineError */
  protected override begin(): void {
    if (this.#holds()) return;
    this.#bound().set(this.#binding);
    this.engine.reset(this.arena);
    this.#turns.holder = this;
  }

  /** Whether the arena holds this session's input; if not, none may have been begun. @throws EngineError */
  #holds(): boolean {
    const { holder } = this.#turns;
    if (holder === this) return true;
    if (this.pushed === 0) return false;
    const taken = `${holder ? holder.called : "another model"} took the arena`;
    throw new EngineError(`${taken} since the input of ${this.called} began: begin it again`);
  }

  /** The bytes of the arena that bind it to a file. */
  #bound(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.engine.memory.buffer as ArrayBuffer, this.arena, layout.STATE_BINDING_BYTES);
  }
}
