import { base64 } from "../../build/engine.mvp-streamed.js";
import { decodeBase64, type Engine } from "../engine.js";

/** The engine's mvp build for streamed weights, carried by this module in base64. */
export const mvpStreamed: Engine = { variant: "mvp", streamed: true, bytes: () => decodeBase64(base64) };
