import { readFileSync } from "node:fs";

/** One exported constant of assembly/layout.ts. */
export interface Constant {
  name: string;
  /** Its doc comment on one line. */
  comment: string;
  value: number;
  /** The value as written in the source. */
  literal: string;
}

/** A section of the module: what stands under one ruler comment. */
export interface Section {
  title: string;
  constants: Constant[];
}

/** assembly/layout.ts as its rulers, comments and constants; its doc comment first. */
export function readLayout(): { introduction: string; sections: Section[] } {
  const source = readFileSync(new URL("../../assembly/layout.ts", import.meta.url), "utf8");
  const introduction = plain(/\/\*\*([\s\S]*?)\*\//.exec(source)![1]!);
  const sections: Section[] = [];
  const pattern = /^\/\/ ---- (.+?) -+$|\/\*\*([\s\S]*?)\*\/\s*export const (\w+): \w+ = (\w+);/gm;
  for (const [, title, comment, name, literal] of source.slice(source.indexOf("*/")).matchAll(pattern)) {
    if (title !== undefined) sections.push({ title: title.trim(), constants: [] });
    else
      sections
        .at(-1)!
        .constants.push({ name: name!, comment: plain(comment!), value: Number(literal), literal: literal! });
  }
  const found = sections.reduce((n, section) => n + section.constants.length, 0);
  const exported = source.match(/^export const /gm)?.length ?? 0;
  if (found !== exported) throw new Error(`layout.ts exports ${exported} constants, ${found} of them documented`);
  return { introduction, sections };
}

function plain(comment: string): string {
  return comment
    .split("\n")
    .map((line) => line.trim().replace(/^\*\s?/, ""))
    .join(" ")
    .replace(/\s+/g, " ")
    .trim();
}
