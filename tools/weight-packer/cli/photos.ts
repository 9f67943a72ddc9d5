import { readdir } from "node:fs/promises";
import { extname, join } from "node:path";
import { readLines, reason } from "./files.js";

/** A photograph and the index of the class that it shows. */
export interface Labelled {
  path: string;
  index: number;
}

const EXTENSIONS = new Set([".jpg", ".jpeg", ".png", ".webp", ".avif", ".gif", ".tif", ".tiff", ".bmp"]);

/**
 * Photographs with their classes, in order of their names. Either the folder has a folder for each class, named as its
 * label (or as its index), or it holds files whose names begin as a line of a classes file says.
 *
 * @param labels names of the classes by index; of several synonyms, parted by commas, any may name the folder
 * @param classes lines "BEGINNING INDEX": files and folders whose names begin so show that class
 * @throws Error on a folder or file without a class, or if there are no photographs
 */
export async function findPhotos(folder: string, labels: readonly string[], classes?: string): Promise<Labelled[]> {
  const classOf = classes === undefined ? byLabel(labels) : byBeginning(await readLines(classes), classes);
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: Error) => {
    throw new Error(`cannot read ${folder}: ${reason(cause)}`, { cause });
  });
  const photos: Labelled[] = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      const index = classOf(entry.name);
      for (const name of (await readdir(path)).filter(isPhoto).sort()) photos.push({ path: join(path, name), index });
    } else if (isPhoto(entry.name)) {
      photos.push({ path, index: classOf(entry.name) });
    }
  }
  if (photos.length === 0) throw new Error(`${folder} holds no photographs`);
  return photos;
}

function isPhoto(name: string): boolean {
  return EXTENSIONS.has(extname(name).toLowerCase());
}

function byLabel(labels: readonly string[]): (name: string) => number {
  const indices = new Map<string, number>();
  for (const [index, label] of labels.entries()) {
    for (const name of [label, ...label.split(",")]) {
      if (!indices.has(normal(name))) indices.set(normal(name), index);
    }
  }
  return (name) => {
    const index = indices.get(normal(name)) ?? (/^\d+$/.test(name) ? Number(name) : undefined);
    if (index === undefined) {
      throw new Error(`"${name}" is the label of no class: name the folders as the labels, or give --classes`);
    }
    return index;
  };
}

function byBeginning(lines: readonly string[], file: string): (name: string) => number {
  const indices = lines.map((line, n) => {
    const match = /^(.+?)\s+(\d+)$/.exec(line.trim());
    if (!match) throw new Error(`${file}, line ${n + 1}: expected a name's beginning and a class index`);
    return { beginning: match[1]!, index: Number(match[2]) };
  });
  // The longest beginning counts.
  indices.sort((a, b) => b.beginning.length - a.beginning.length);
  return (name) => {
    const found = indices.find(({ beginning }) => name.startsWith(beginning));
    if (!found) throw new Error(`${name} begins as no line of ${file}`);
    return found.index;
  };
}

/** Case and the kind of gap between words do not matter. */
function normal(name: string): string {
  return name
    .trim()
    .toLowerCase()
    .replace(/[\s_-]+/g, " ");
}
