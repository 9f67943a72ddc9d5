import { base64 } from "../../build/engine.simd.js";
import { decodeBase64, type Engine } from "../engine.js";

/** The engine's simd build, carried by this module in base64. */
export const simd: Engine = { variant: "simd", bytes: () => decodeBase64(base64) };
