/**
 * What papers and their authors' code print of MACs and parameters. Figures are strings as printed: some round, some cut,
 * so a figure is right where it is less than one unit of its last digit away from what is counted.
 */
import type { ArchitectureName } from "./index.js";

/** A table that was published. */
export interface Publication {
  title: string;
  /**
   * Numbers of each batch normalised channel that its parameters include: none, scale and offset (2), or what slim
   * saves of V1 (3: offset, mean and variance).
   */
  normalisation: 0 | 2 | 3;
}

const PUBLICATIONS = {
  v1: { title: "MobileNetV1, paper, tables 6 and 7", normalisation: 2 },
  v1Code: { title: "MobileNetV1, the authors' code (slim)", normalisation: 3 },
  v2: { title: "MobileNetV2, paper, table 4", normalisation: 0 },
  v2Code: { title: "MobileNetV2, the authors' code (slim)", normalisation: 0 },
  v3: { title: "MobileNetV3, paper, table 3", normalisation: 2 },
  v3Code: { title: "MobileNetV3, the authors' code (slim)", normalisation: 2 },
  v4: { title: "MobileNetV4, paper, table 5", normalisation: 2 },
  timm: { title: "MobileNetV4, timm", normalisation: 2 },
} as const satisfies Record<string, Publication>;

/** One figure, in millions unless it ends in G; why it is wrong, where it is. */
export interface Figure {
  printed: string;
  misprint?: string;
}

/** What one publication prints of one network. */
export interface PublishedFigures {
  publication: Publication;
  macs?: Figure;
  parameters?: Figure;
}

/** A network that was published, with 1000 classes. */
export interface PublishedMember {
  architecture: ArchitectureName;
  alpha: number;
  resolution: number;
  figures: PublishedFigures[];
}

/** MACs and parameters as printed; an exclamation mark ends a misprint, whose reason is in MISPRINTS. */
type Row = readonly [alpha: number, resolution: number, macs: string, parameters: string];

type Table = readonly [publication: keyof typeof PUBLICATIONS, architecture: ArchitectureName, rows: readonly Row[]];

// biome-ignore format: tables
const TABLES: readonly Table[] = [
  ["v1", "mobilenet_v1", [
    [1, 224, "569", "4.2"], [1, 192, "418", "4.2"], [1, 160, "290", "4.2"], [1, 128, "186", "4.2"],
    [0.75, 224, "325", "2.6"], [0.5, 224, "149", "1.3"], [0.25, 224, "41", "0.5"],
  ]],
  ["v1Code", "mobilenet_v1", [
    [1, 224, "569", "4.24"], [1, 192, "418", "4.24"], [1, 160, "291", "4.24"], [1, 128, "186", "4.24"],
    [0.75, 224, "317!", "2.59"], [0.75, 192, "233!", "2.59"], [0.75, 160, "162!", "2.59"], [0.75, 128, "104!", "2.59"],
    [0.5, 224, "150", "1.34"], [0.5, 192, "110", "1.34"], [0.5, 160, "77", "1.34"], [0.5, 128, "49", "1.34"],
    [0.25, 224, "41", "0.47"], [0.25, 192, "34!", "0.47"], [0.25, 160, "21", "0.47"], [0.25, 128, "14", "0.47"],
  ]],
  ["v2", "mobilenet_v2", [[1, 224, "300", "3.4"], [1.4, 224, "585!", "6.9!"]]],
  ["v2Code", "mobilenet_v2", [
    [1.4, 224, "582", "6.06"], [1.3, 224, "509", "5.34"],
    [1, 224, "300", "3.47"], [1, 192, "221", "3.47"], [1, 160, "154", "3.47"], [1, 128, "99", "3.47"], [1, 96, "56", "3.47"],
    [0.75, 224, "209", "2.61"], [0.75, 192, "153", "2.61"], [0.75, 160, "107", "2.61"], [0.75, 128, "69", "2.61"],
    [0.75, 96, "39", "2.61"],
    [0.5, 224, "97", "1.95"], [0.5, 192, "71", "1.95"], [0.5, 160, "50", "1.95"], [0.5, 128, "32", "1.95"],
    [0.5, 96, "18", "1.95"],
    [0.35, 224, "59", "1.66"], [0.35, 192, "43", "1.66"], [0.35, 160, "30", "1.66"], [0.35, 128, "20", "1.66"],
    [0.35, 96, "11", "1.66"],
  ]],
  ["v3", "mobilenet_v3_large", [[1, 224, "219!", "5.4"], [0.75, 224, "155", "4.0"]]],
  ["v3", "mobilenet_v3_small", [[1, 224, "56", "2.5"], [0.75, 224, "44", "2.0"]]],
  ["v3Code", "mobilenet_v3_large", [[1, 224, "217", "5.4"], [0.75, 224, "155", "4.0"]]],
  ["v3Code", "mobilenet_v3_small", [[1, 224, "66!", "2.9!"], [0.75, 224, "44", "2.4!"]]],
  ["v3Code", "mobilenet_v3_large_minimalistic", [[1, 224, "209", "3.9"]]],
  ["v3Code", "mobilenet_v3_small_minimalistic", [[1, 224, "65!", "2.0"]]],
  ["v4", "mobilenet_v4_conv_small", [[1, 224, "0.2G", "3.8"]]],
  ["v4", "mobilenet_v4_conv_medium", [[1, 256, "1.0G", "9.2!"]]],
  ["v4", "mobilenet_v4_conv_large", [[1, 384, "5.9G!", "31!"]]],
  ["timm", "mobilenet_v4_conv_small", [[1, 224, "", "3.77"]]],
  ["timm", "mobilenet_v4_conv_medium", [[1, 224, "", "9.72"], [1, 256, "", "9.72"]]],
  ["timm", "mobilenet_v4_conv_large", [[1, 384, "", "32.59"]]],
];

/** Why misprinted figures are wrong, as far as that can be told. */
const MISPRINTS: Partial<Record<keyof typeof PUBLICATIONS, string>> = {
  v1Code: "the paper prints 325 for 0.75 at 224, and MACs fall with the square of the resolution",
  v2: "the authors' code prints 582 and 6.06 for the same network",
  v3: "the authors' code prints 217 for the same network",
  v3Code: "figures of an earlier version of Small; the paper's last version has these",
  v4: "the block table that the authors published, and timm's copy of it, has more",
};

function figure(text: string, publication: keyof typeof PUBLICATIONS): Figure | undefined {
  if (!text) return undefined;
  const wrong = text.endsWith("!");
  return { printed: text.replace("!", ""), ...(wrong && { misprint: MISPRINTS[publication] ?? "" }) };
}

/** All published members, each architecture's from the widest and largest on, with what each publication prints of them. */
export function publishedMembers(): PublishedMember[] {
  const members = new Map<string, PublishedMember>();
  for (const [key, architecture, rows] of TABLES) {
    for (const [alpha, resolution, macs, parameters] of rows) {
      const id = [architecture, alpha, resolution].join();
      const member = members.get(id) ?? { architecture, alpha, resolution, figures: [] };
      members.set(id, member);
      const figures = { macs: figure(macs, key), parameters: figure(parameters, key) };
      member.figures.push({
        publication: PUBLICATIONS[key],
        ...(figures.macs && { macs: figures.macs }),
        ...(figures.parameters && { parameters: figures.parameters }),
      });
    }
  }
  return [...members.values()].sort((a, b) => b.alpha - a.alpha || b.resolution - a.resolution);
}

/** Whether a figure is that of a count: less than one unit of its last digit away. */
export function agrees({ printed }: Figure, count: number): boolean {
  const unit = printed.endsWith("G") ? 1e9 : 1e6;
  const digits = printed.replace("G", "");
  const decimals = digits.split(".")[1]?.length ?? 0;
  return Math.abs(Number(digits) - count / unit) < 10 ** -decimals;
}
