import { base64 } from "../../build/engine.simd-streamed.js";
import { decodeBase64, type Engine } from "../engine.js";

/** The engine's simd build for streamed weights, carried by this module in base64. */
export const simdStreamed: Engine = { variant: "simd", streamed: true, bytes: () => decodeBase64(base64) };
