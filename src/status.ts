import * as layout from "../assembly/layout.js";
import type { StatusDetails } from "./errors.js";
import { HEADER_FIELDS, STATUS_NAMES, STATUS_TEXTS, STEP_FIELDS, TENSOR_FIELDS } from "./status-names.js";

/** A status word in words, and what it names. */
export type Explain = (status: number) => { text: string; details: StatusDetails };

/**
 * What a status word says: bits 0..7 code, 8..19 step or tensor index, 20..31 field (byte offset / 4).
 * Only the codes "header", "tensor", "step" and "operator" carry a field; "stalled" may carry a step.
 */
export const explain: Explain = (status) => {
  const code = status & 0xff;
  const index = (status >>> 8) & 0xfff;
  const word = status >>> 20;
  const name = STATUS_NAMES[code] ?? `status ${code}`;
  const text = STATUS_TEXTS[code] ?? "the engine gave a status that this wrapper does not know";
  if (code === layout.STATUS_HEADER) {
    const field = HEADER_FIELDS[word] || `word ${word}`;
    return { text: `${text}: ${field}`, details: { code: name, field } };
  }
  if (code === layout.STATUS_TENSOR) {
    const field = TENSOR_FIELDS[word] || `word ${word}`;
    return { text: `${text}: tensor ${index}, ${field}`, details: { code: name, tensor: index, field } };
  }
  if (code === layout.STATUS_STEP || code === layout.STATUS_OPERATOR) {
    const field = STEP_FIELDS[word] || `word ${word}`;
    return { text: `${text}: step ${index}, ${field}`, details: { code: name, step: index, field } };
  }
  if (code === layout.STATUS_STALLED || code === layout.STATUS_READ)
    return { text: `${text} (step ${index})`, details: { code: name, step: index } };
  return { text, details: { code: name } };
};
