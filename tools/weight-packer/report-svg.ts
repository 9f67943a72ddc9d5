/** Parts of pictures in SVG that several reports share: text that cannot break out, and colours for light and dark. */

/** Text as the content or an attribute of an element. */
export function escapeXml(text: string): string {
  const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  // Control characters, which XML 1.0 does not allow even as entities, are left out.
  const printable = [...text].filter((character) => character >= " ").join("");
  return printable.replace(/[&<>"]/g, (character) => entities[character]!);
}

/** A coordinate with at most two decimals. */
export function coordinate(value: number): string {
  return String(Math.round(value * 100) / 100);
}

/** Colours by name: [light, dark]. */
const COLOURS: Record<string, [light: string, dark: string]> = {
  back: ["#ffffff", "#14171c"],
  ink: ["#1c2330", "#e6e9ee"],
  soft: ["#6b7484", "#98a2b3"],
  line: ["#d9dde4", "#333a46"],
  band: ["#fdf1d3", "#3a3014"],
  peak: ["#c2410c", "#fb923c"],
  fixed: ["#9aa3b2", "#5b6474"],
  input: ["#0d9488", "#2dd4bf"],
  ring: ["#3b82f6", "#60a5fa"],
  whole: ["#7c5cd6", "#a78bfa"],
  scratch: ["#d97706", "#fbbf24"],
};

/** A <style> with the colours as variables, such as var(--ring), and what all pictures' text looks like. */
export function style(more: string): string {
  const variables = (k: 0 | 1) =>
    Object.entries(COLOURS)
      .map(([name, colours]) => `--${name}:${colours[k]}`)
      .join(";");
  return `<style>
svg{${variables(0)};color-scheme:light dark;background:var(--back);font:12px system-ui,sans-serif}
@media (prefers-color-scheme:dark){svg{${variables(1)}}}
text{fill:var(--ink)}.soft{fill:var(--soft)}.title{font-size:17px;font-weight:600}.back{fill:var(--back)}
.line{stroke:var(--line);fill:none}.end{text-anchor:end}.middle{text-anchor:middle}
${more}
</style>`;
}
