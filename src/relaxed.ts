/**
 * Whether the relaxed build is for this host: its instructions must be exact (what assembly/relaxed.ts asks as well), and
 * its dot product faster than the simd build's. Asked of a module of a few hundred bytes, so that a page can know which
 * engine to fetch.
 */

/** Functions of the module. */
interface Probe {
  /** A lane of the relaxed dot product: the four bytes of a by those of b. */
  d(a: number, b: number): number;
  /** The bits of the relaxed a * a + b. */
  m(a: number, b: number): number;
  /** A loop of eight relaxed dot products, each of the sum that is before it. */
  r(x: number, turns: number): number;
  /** As many products as the simd build makes them: widened, multiplied, added. */
  s(x: number, turns: number): number;
}

const eight = (...step: number[]): number[] => new Array(8).fill(step).flat();

/** All four are (i32, i32) -> i32. In the loops local 2 is i32x4.splat(x), local 3 the sum. */
const moduleBytes = (): Uint8Array<ArrayBuffer> =>
  new Uint8Array([
    ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 7, 1, 96, 2, 127, 127, 1, 127, 3, 5, 4, 0, 0, 0, 0],
    ...[7, 17, 4, 1, 100, 0, 0, 1, 109, 0, 1, 1, 114, 0, 2, 1, 115, 0, 3, 10, 148, 3, 4],
    // relaxed_dot(splat(a), splat(b), 0), lane 0
    ...[20, 1, 1, 123, 32, 0, 253, 17, 32, 1, 253, 17, 32, 2, 253, 147, 2, 253, 27, 0, 11],
    // relaxed_madd(splat(a), splat(a), splat(b)), lane 0
    ...[20, 0, 32, 0, 253, 17, 32, 0, 253, 17, 32, 1, 253, 17, 253, 133, 2, 253, 27, 0, 11],
    // relaxed_dot(x, sum, sum)
    ...[115, 1, 2, 123, 32, 0, 253, 17, 33, 2, 3, 64],
    ...eight(32, 2, 32, 3, 32, 3, 253, 147, 2, 33, 3),
    ...[32, 1, 65, 1, 107, 34, 1, 13, 0, 11, 32, 3, 253, 27, 0, 11],
    // dot(extend_low(sum), x) + dot(sum, x) + sum: half of the operands is widened
    ...[243, 1, 1, 2, 123, 32, 0, 253, 17, 33, 2, 3, 64],
    ...eight(
      ...[32, 3, 253, 135, 1, 32, 2, 253, 186, 1, 32, 3, 32, 2, 253, 186, 1, 253, 174, 1],
      ...[32, 3, 253, 174, 1, 33, 3],
    ),
    ...[32, 1, 65, 1, 107, 34, 1, 13, 0, 11, 32, 3, 253, 27, 0, 11],
  ]);

/** The module's functions, false where they are of no use; undefined before anyone asked. */
let probe: Probe | false | undefined;
let wins: boolean | undefined;

function makeProbe(): Probe | false {
  const bytes = moduleBytes();
  if (!WebAssembly.validate(bytes)) return false;
  const made = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports as unknown as Probe;
  return isExact(made) && made;
}

/** Whether the relaxed build gives the exact bytes on this host. */
export function relaxedIsExact(): boolean {
  probe ??= makeProbe();
  return probe !== false;
}

/**
 * Whether the instructions are exact. The dot product: 127 * 255 twice and -128 * 128 twice where the second operand is
 * unsigned, 127 * -1 twice and -128 * -128 twice where it is signed; others add pairs of products in 16 bits. The float
 * product and sum: fused, (1 + 2^-12)^2 - (1 + 2^-11) = 2^-24.
 */
export function isExact({ d, m }: Pick<Probe, "d" | "m">): boolean {
  const product = d(0x80807f7f, 0x8080ffff);
  return (product === 32002 || product === 32514) && m(0x3f800800, 0xbf801000) === 0x33800000;
}

/** Whether the dot product is faster as well, by a race of about a millisecond; once for a page or process. */
export function relaxedWins(): boolean {
  wins ??= relaxedIsExact() && isFaster((probe as Probe).r, (probe as Probe).s, performance);
  return wins;
}

/**
 * Whether `a` takes clearly less time than `b`. They run in turns, and each one's least time counts: noise only adds. A
 * clock that stands still or ticks too coarsely decides for `a`: an exact host most likely has an instruction for it.
 */
export function isFaster(a: Probe["r"], b: Probe["s"], clock: { now(): number }): boolean {
  let least = 1e9;
  let rival = 1e9;
  for (let round = 0; round < 5; round++) {
    const start = clock.now();
    a(1, 8000);
    const middle = clock.now();
    b(1, 8000);
    rival = Math.min(rival, clock.now() - middle);
    least = Math.min(least, middle - start);
  }
  return least <= 0.9 * rival;
}
