/** docs/architectures.md: what can be built, with the table that `midge build --table` prints. */
import { ARCHITECTURE_NAMES } from "../weight-packer/architectures/index.js";
import { memberCosts, membersOf, standardMember } from "../weight-packer/architectures/table.js";
import {
  MEMBER_COLUMNS,
  memberRows,
  misprintLines,
  RATIO_COLUMNS,
  ratioRows,
} from "../weight-packer/cli/build-table.js";

/** A Markdown table; columns whose title starts with ">" are aligned to the right. */
function markdown(head: readonly string[], rows: readonly string[][]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const rule = head.map((title) => (title.startsWith(">") ? "---:" : "---"));
  return [line(head.map((title) => title.replace(/^>/, ""))), `|${rule.join("|")}|`, ...rows.map(line)].join("\n");
}

/** The whole document. */
export function architecturesDocument(): string {
  const rows = membersOf().map((member) => memberCosts(member));
  const v2 = memberCosts(standardMember("mobilenet_v2"), true);
  return `# Architectures

Generated from tools/weight-packer/architectures by \`npm run docs\`: do not edit.

    midge build --arch mobilenet_v3_small --alpha 0.75 --resolution 160 --classes 10 --seed 1 -o FILE.midge
    midge build --table [--arch NAME [--alpha A] [--resolution R] [--classes N]] [--layers] [--json]

The first line makes a packed model with random weights, for benchmarks, tests and plans of RAM (\`--input\`, \`--ram\` and
\`--report\` as with \`midge pack\`); the same seed gives the same bytes on every host. The second tells what members of the
family cost.

Architectures: ${ARCHITECTURE_NAMES.map((name) => `\`${name}\``).join(", ")}. Any width multiplier (\`--alpha\`, up to 8),
any resolution, up to 4095 classes. All take a square RGB image and end in a softmax.

## Channels

- V1: alpha times the table's channels, cut to a whole number, at least 8.
- V2, V3, V4: rounded to the nearest multiple of 8, at least 8, and up where rounding down would take more than a tenth.
- The widest layer at the end (V2: the last convolution; V3, V4: that behind the pool) is widened by alpha above 1 and not
  narrowed below.
- Expansions are ratios of the scaled channels, V3's too: at 0.75 that gives the paper's 155 M and 4.0 M for Large.
- Keras' MobileNetV3 keeps 16 channels in the first layer at every width; here, as in the authors' code, it scales.
  At 0.75 and 1.0 that is the same.

## Values

Weights are bell-shaped bytes. Each channel is scaled so that its sums have a fixed deviation, given the mean and variance
of its inputs, and its bias centres it; the range of each tensor follows from what its activation makes of that. So values
spread over int8: in no layer are they dead or clamped, and outputs tell images apart. They recognise nothing.

## Costs

MACs of convolutions and dense layers; parameters as trained: weights, biases, and scale and offset of each batch
normalised channel (a packed file holds one number less for each of those). "Published" are the figures of papers and of their
authors' code, each held against what is counted in its own way of counting (V1's code saves means and variances but no
scales, V2's figures leave normalisation out). The tests hold V1, V2 and V3 against Keras' applications, layer by layer.

${markdown(MEMBER_COLUMNS, memberRows(rows))}

(!) differs from what its own block table gives:

${misprintLines(rows)
  .map((line) => `- ${line}`)
  .join("\n")}

## What a depthwise separable layer costs

V1's paper derives that a k x k depthwise and a pointwise layer of N channels cost 1/N + 1/k^2 of the plain convolution. So
they do, pair by pair. A block of V2, V3 or V4 is more than that pair: its expansion is counted in the last column, all of
its MACs over those of one k x k convolution from its input to its output. \`--table --layers\` prints that for every
architecture; V2 1.0 at 224:

${markdown(RATIO_COLUMNS, ratioRows(v2))}
`;
}
