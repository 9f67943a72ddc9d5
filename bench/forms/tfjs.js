/** The float form as files for TensorFlow.js: steps as JSON, constants end to end. */

/** @param {{ steps: import("./float.js").Step[] }} network @returns {{ json: string, blob: Uint8Array }} */
export function tfjsFiles({ steps }) {
  const parts = [];
  let length = 0;
  const place = (constant) => {
    if (!constant) return undefined;
    const { shape, values } = constant;
    const part = { offset: length, length: values.length, shape };
    parts.push([part.offset, values]);
    length += values.length;
    return part;
  };
  const placed = steps.map(({ quantised: _, ...step }) => ({
    ...step,
    weights: place(step.weights),
    bias: place(step.bias),
  }));
  const blob = new Float32Array(length);
  for (const [offset, values] of parts) blob.set(values, offset);
  return { json: JSON.stringify({ steps: placed }), blob: new Uint8Array(blob.buffer) };
}
