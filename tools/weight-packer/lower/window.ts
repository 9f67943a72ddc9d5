import type { Window } from "../graph/graph.js";
import type { StepWindow } from "./program.js";

/** A step's window: only the pads above and left count; those below and right follow from the output's size. */
export function stepWindow(window: Window): StepWindow {
  const { kernelHeight, kernelWidth, strideY, strideX, dilationY, dilationX, padding } = window;
  return {
    kernelHeight,
    kernelWidth,
    strideY,
    strideX,
    dilationY,
    dilationX,
    padTop: padding.top,
    padLeft: padding.left,
  };
}
