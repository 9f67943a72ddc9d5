/** How much WebAssembly memory a page or process holds, whoever made it. */

/**
 * Watches WebAssembly's constructors and functions. Call before a runtime loads.
 *
 * @returns {() => number} bytes of all memories seen so far, as large as they are now
 */
export function trackMemories() {
  const memories = new Set();
  const note = (exports) => {
    for (const value of Object.values(exports)) if (value instanceof Memory) memories.add(value);
  };
  const { Instance, Memory, instantiate, instantiateStreaming } = WebAssembly;
  const watched = (base, seen) =>
    new Proxy(base, {
      construct(target, args, newTarget) {
        const made = Reflect.construct(target, args, newTarget);
        seen(made);
        return made;
      },
    });
  WebAssembly.Memory = watched(Memory, (memory) => memories.add(memory));
  WebAssembly.Instance = watched(Instance, ({ exports }) => note(exports));
  const after =
    (f) =>
    async (...args) => {
      const result = await f.apply(WebAssembly, args);
      note((result.instance ?? result).exports);
      return result;
    };
  WebAssembly.instantiate = after(instantiate);
  if (instantiateStreaming) WebAssembly.instantiateStreaming = after(instantiateStreaming);
  return () => [...memories].reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
}
