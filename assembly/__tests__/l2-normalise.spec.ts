import { l2Normalise } from "../kernels/l2-normalise";
import { FLAG_UNSIGNED, OPCODE_L2_NORMALISE, STEP_FLAGS } from "../layout";
import { arena, begin, get, put, random, step, tensor } from "./lab";

/** Two pixels of `channels`; zero point 3. */
function layOut(channels: u32, flags: u32): void {
  begin(OPCODE_L2_NORMALISE);
  store<u32>(step, flags, STEP_FLAGS);
  tensor(0, 1, 2, channels, 3, 1);
  tensor(1, 1, 2, channels, 0, 2);
}

describe("l2 normalise", () => {
  it("gives a vector of length 1 on a scale of 1/128", () => {
    for (let flags: u32 = 0; flags <= FLAG_UNSIGNED; flags += FLAG_UNSIGNED) {
      layOut(2, flags);
      put(0, 0, 1, 0, 3 + 30);
      put(0, 0, 1, 1, 3 - 40);
      l2Normalise(arena, step, 0, 1);
      expect(get(1, 0, 1, 0)).toBe(77); // 0.6 * 128 = 76.8
      expect(get(1, 0, 1, 1)).toBe(-102); // -0.8 * 128 = -102.4
    }
  });

  it("is within 1 of the quotient whatever the length", () => {
    for (let channels: u32 = 1; channels <= 24; ++channels) {
      layOut(channels, channels & 1 ? FLAG_UNSIGNED : 0);
      let sum: f64 = 0;
      for (let c: u32 = 0; c < channels; ++c) {
        const x = random(-127, 127) >> (channels & 7);
        put(0, 0, 0, c, max(-128, min(127, x + 3)));
        sum += <f64>((get(0, 0, 0, c) - 3) * (get(0, 0, 0, c) - 3));
      }
      l2Normalise(arena, step, 0, 1);
      for (let c: u32 = 0; c < channels; ++c) {
        const exact = sum ? (<f64>(get(0, 0, 0, c) - 3) * 128) / sqrt(sum) : 0.0;
        expect(abs(<f64>get(1, 0, 0, c) - min<f64>(exact, 127))).toBeLessThanOrEqual(1);
      }
    }
  });
});
