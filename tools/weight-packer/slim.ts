/**
 * Slim engines: a build of the engine without what one model does not use. The bases (build/slim-base.VARIANT.wasm) are
 * the same source with one import, a word with a bit for each part (assembly/slim.ts). What a model needs is asked of
 * the engine's own check of files: a part is needed if the check refuses the model without it. The word then becomes a
 * constant, and binaryen, which also optimises what AssemblyScript compiles, removes what cannot be reached any more.
 */
import binaryen from "binaryen";
import { HEADER_ARENA_BYTES, STATUS_OK, STATUS_OPERATOR } from "../../assembly/layout.js";
import { base64 as mvp } from "../../build/slim-base.mvp.js";
import { base64 as relaxed } from "../../build/slim-base.relaxed.js";
import { base64 as simd } from "../../build/slim-base.simd.js";
import { align, type EngineExports, PAGE_BYTES } from "../../src/abi.js";
import { decodeBase64, supports, type Variant } from "../../src/engine.js";
import { explain } from "../../src/status.js";

const BASES: Record<Variant, string> = { mvp, simd, relaxed };

/** Module and name of the bases' import. */
const SWITCH = { module: "slim", base: "held" };

/** The word with all parts. */
const ALL = (1n << 64n) - 1n;

/** What hosts of a variant know; the optimiser may use it. */
function features(variant: Variant): number {
  const { MVP, MutableGlobals, SignExt, NontrappingFPToInt, BulkMemory, SIMD128, RelaxedSIMD } = binaryen.Features;
  if (variant === "mvp") return MVP;
  const later = MutableGlobals | SignExt | NontrappingFPToInt | BulkMemory | SIMD128;
  return variant === "relaxed" ? later | RelaxedSIMD : later;
}

/** The status with which a module loads a packed file in an instance of its own. */
function loadStatus(module: WebAssembly.Module, file: Uint8Array, held: bigint): number {
  const value = new WebAssembly.Global({ value: "i64", mutable: false }, BigInt.asIntN(64, held));
  const { exports } = new WebAssembly.Instance(module, { [SWITCH.module]: { [SWITCH.base]: value } });
  const { memory, __heap_base, load } = exports as unknown as EngineExports;
  const at = align(__heap_base.value >>> 0);
  const arena = align(at + file.length);
  const arenaBytes = new DataView(file.buffer, file.byteOffset).getUint32(HEADER_ARENA_BYTES, true);
  memory.grow(Math.ceil((arena + arenaBytes - memory.buffer.byteLength) / PAGE_BYTES) + 1);
  new Uint8Array(memory.buffer).set(file, at);
  return load(at, file.length, arena, arenaBytes) >>> 0;
}

/**
 * The parts of the engine that a packed model needs: a bit for each, as assembly/slim.ts numbers them.
 *
 * @throws Error if the engine refuses the file
 */
export function partsOf(file: Uint8Array): bigint {
  // The simd build's check asks for all that any build's does.
  const module = new WebAssembly.Module(decodeBase64(BASES.simd));
  const whole = loadStatus(module, file, ALL);
  if (whole !== STATUS_OK) throw new Error(`the model was refused: ${explain(whole).text}`);
  let parts = 0n;
  for (let bit = 1n; bit < ALL; bit <<= 1n) {
    if ((loadStatus(module, file, ALL ^ bit) & 0xff) === STATUS_OPERATOR) parts |= bit;
  }
  return parts;
}

/**
 * An engine with only these parts: exports, ABI and results of the whole one; its `load` refuses files that use other
 * parts with STATUS_OPERATOR.
 */
export function slimEngine(variant: Variant, parts: bigint): Uint8Array<ArrayBuffer> {
  const module = binaryen.readBinary(decodeBase64(BASES[variant]));
  try {
    module.setFeatures(features(variant));
    const globals = Array.from({ length: module.getNumGlobals() }, (_, i) =>
      binaryen.getGlobalInfo(module.getGlobalByIndex(i)),
    );
    const { name } = globals.find((g) => g.module === SWITCH.module && g.base === SWITCH.base)!;
    const word = module.i64.const(Number(BigInt.asIntN(32, parts)), Number(BigInt.asIntN(32, parts >> 32n)));
    module.removeGlobal(name);
    module.addGlobal(name, binaryen.i64, false, word);
    binaryen.setOptimizeLevel(3);
    binaryen.setShrinkLevel(2);
    // The second round finds what the first has opened.
    module.optimize();
    module.optimize();
    if (variant === "mvp") module.runPasses(["const-hoisting"]);
    if (!module.validate()) throw new Error(`binaryen made no valid ${variant} engine`);
    return new Uint8Array(module.emitBinary());
  } finally {
    module.dispose();
  }
}

/**
 * A slim engine for each variant asked for, tried on the model where this host runs the variant.
 *
 * @param file a packed model
 * @throws Error if the engine refuses the file
 */
export function slimEngines(
  file: Uint8Array,
  variants: readonly Variant[],
): { variant: Variant; bytes: Uint8Array<ArrayBuffer> }[] {
  const parts = partsOf(file);
  return variants.map((variant) => {
    const bytes = slimEngine(variant, parts);
    if (supports(variant)) {
      const status = loadStatus(new WebAssembly.Module(bytes), file, parts);
      if (status !== STATUS_OK)
        throw new Error(`the slim ${variant} engine refuses its model: ${explain(status).text}`);
    }
    return { variant, bytes };
  });
}
