import { base64 } from "../../build/engine.mvp.js";
import { decodeBase64, type Engine } from "../engine.js";

/** The engine's mvp build, carried by this module in base64. */
export const mvp: Engine = { variant: "mvp", bytes: () => decodeBase64(base64) };
