import { base64 } from "../../build/engine.relaxed.js";
import { decodeBase64, type Engine } from "../engine.js";

/** The engine's relaxed build, carried by this module in base64. */
export const relaxed: Engine = { variant: "relaxed", bytes: () => decodeBase64(base64) };
