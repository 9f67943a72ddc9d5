/**
 * A standalone module: the engine with a packed model in a custom section, one .wasm file that is all a host needs.
 * Engines skip sections that they do not know, so the module runs as before.
 */

/** Name of the custom section that holds the packed model. */
export const SECTION = "midge.model";

/**
 * Appends a packed model to the engine's module.
 *
 * @param engine the engine's bytes
 * @param file a packed model
 * @returns the bytes of a module that load takes by itself, compiled
 */
export function standalone(engine: Uint8Array, file: Uint8Array): Uint8Array<ArrayBuffer> {
  const name = new TextEncoder().encode(SECTION);
  // Section id 0, then its size, then the length of its name, the name, the content.
  const content = [...leb128(name.length), ...name];
  const head = [0, ...leb128(content.length + file.length), ...content];
  const module = new Uint8Array(engine.length + head.length + file.length);
  module.set(engine);
  module.set(head, engine.length);
  module.set(file, engine.length + head.length);
  return module;
}

/** The packed model that a compiled module carries; undefined if there is none. */
export function carriedModel(module: WebAssembly.Module): Uint8Array | undefined {
  const [section] = WebAssembly.Module.customSections(module, SECTION);
  return section && new Uint8Array(section);
}

/** Unsigned LEB128, WebAssembly's variable-length integers. */
function leb128(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest & 0x7f) | 0x80);
  }
}
