import { EnvironmentError, InputError } from "./errors.js";
import type { Pixels } from "./image.js";

/** What a canvas can draw: VideoFrame, ImageBitmap, <img>, <video>, <canvas>, OffscreenCanvas. Told by its sizes. */
export interface Drawable {
  readonly displayWidth?: number;
  readonly displayHeight?: number;
  readonly videoWidth?: number;
  readonly videoHeight?: number;
  readonly naturalWidth?: number;
  readonly naturalHeight?: number;
  readonly width?: unknown;
  readonly height?: unknown;
}

/** The part of a VideoFrame that readFrame needs. */
export interface FrameLike {
  readonly visibleRect?: { readonly width: number; readonly height: number } | null;
  readonly codedWidth: number;
  readonly codedHeight: number;
  copyTo(
    destination: Uint8Array,
    options: { format: "RGBA" },
  ): Promise<readonly { readonly offset: number; readonly stride: number }[]>;
}

/** Whether an image is pixels in memory already. */
export function isPixels(image: Pixels | Drawable): image is Pixels {
  return "data" in image;
}

/**
 * Draws a VideoFrame, ImageBitmap or element into an OffscreenCanvas of its size and reads the pixels: synchronous.
 *
 * @throws EnvironmentError where there is no OffscreenCanvas, or none that draws; InputError if the image has no size yet
 */
export function drawPixels(image: Drawable): Pixels {
  const width = image.displayWidth ?? image.videoWidth ?? image.naturalWidth ?? Number(image.width);
  const height = image.displayHeight ?? image.videoHeight ?? image.naturalHeight ?? Number(image.height);
  if (!(width > 0 && height > 0)) throw new InputError("the image has no size: is it loaded?");
  // willReadFrequently keeps the pixels out of the graphics processor, from where reading them back is slow.
  const canvas = typeof OffscreenCanvas === "function" ? new OffscreenCanvas(width, height) : undefined;
  const context = canvas?.getContext("2d", { willReadFrequently: true });
  if (!context) {
    throw new EnvironmentError("this host has no canvas: pass {data, width, height}, or `await readFrame(frame)`");
  }
  context.drawImage(image as CanvasImageSource, 0, 0, width, height);
  return context.getImageData(0, 0, width, height);
}

/**
 * The pixels of a VideoFrame in hosts that have no canvas, by its own copyTo: asynchronous.
 *
 * @example model.classify(await readFrame(frame))
 */
export async function readFrame(frame: FrameLike): Promise<Pixels> {
  const { width, height } = frame.visibleRect ?? { width: frame.codedWidth, height: frame.codedHeight };
  const data = new Uint8Array(width * height * 4);
  await frame.copyTo(data, { format: "RGBA" });
  return { data, width, height };
}
