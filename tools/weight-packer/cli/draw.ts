import sharp from "sharp";
import type { Detection } from "../../../src/detect.js";
import { channelsOf, type Pixels } from "../../../src/image.js";

/** Colours of the boxes, by class. */
const COLOURS = ["#ff3b30", "#34c759", "#0a84ff", "#ffcc00", "#ff2d92", "#5ac8fa", "#ff9500", "#af52de"];

/** Text inside of XML. */
function xml(text: string): string {
  return text.replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]!);
}

/** Boxes with their labels and scores as an SVG of the image's size. */
export function detectionsSvg(width: number, height: number, detections: readonly Detection[]): string {
  const line = Math.max(1, Math.round(Math.min(width, height) / 150));
  const size = Math.max(10, Math.round(Math.min(width, height) / 25));
  // The best last, so that it lies on top.
  const boxes = [...detections].reverse().map(({ box, index, label, score }) => {
    const colour = COLOURS[index % COLOURS.length]!;
    const [x, y, w, h] = [box.x, box.y, box.width, box.height].map((n) => n.toFixed(2));
    const text = `${label ?? `class ${index}`} ${score.toFixed(2)}`;
    const [left, top] = [Math.max(0, box.x), Math.max(0, box.y)];
    // No font is at hand to measure with: sans-serif's characters are about half as wide as high.
    const plate = `x="${left}" y="${top}" width="${(text.length * size * 0.6).toFixed(1)}" height="${(size * 1.25).toFixed(1)}"`;
    return (
      `<rect x="${x}" y="${y}" width="${w}" height="${h}" fill="none" stroke="${colour}" stroke-width="${line}"/>` +
      `<rect ${plate} fill="${colour}"/>` +
      `<text x="${left + line}" y="${top + size}" font-family="sans-serif" font-size="${size}" fill="#000">${xml(text)}</text>`
    );
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${boxes.join("")}</svg>`;
}

/** The photograph with boxes on it, as PNG. */
export async function drawDetections(photo: Pixels, detections: readonly Detection[]): Promise<Uint8Array> {
  const { data, width, height } = photo;
  return sharp(data, { raw: { width, height, channels: channelsOf(photo) } })
    .composite([{ input: Buffer.from(detectionsSvg(width, height, detections)) }])
    .png()
    .toBuffer();
}
