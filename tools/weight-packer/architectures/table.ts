/** What networks cost as counted here, beside what was published. */
import { type CostRatio, type Costs, costRatios, costs } from "./costs.js";
import { ARCHITECTURE_NAMES, describeMember, IMAGENET_CLASSES, type Member, memberName } from "./index.js";
import { agrees, type Figure, publishedMembers } from "./published.js";

/** A published figure, and whether it is what is counted, in the publication's own way of counting. */
export interface CheckedFigure extends Figure {
  agrees: boolean;
}

/** One publication's figures of a member. */
export interface CheckedFigures {
  publication: string;
  macs?: CheckedFigure;
  parameters?: CheckedFigure;
}

/** A row of the table: a member, its costs, and what was published of it. */
export interface MemberCosts extends Member, Costs {
  name: string;
  published: CheckedFigures[];
  /** Each depthwise separable pair's cost ratio, where asked for. */
  ratios?: CostRatio[];
}

/** The member that stands for an architecture: width 1 at its first published resolution. */
export function standardMember(architecture: Member["architecture"]): Member {
  const published = publishedMembers().filter((member) => member.architecture === architecture && member.alpha === 1);
  return { architecture, alpha: 1, resolution: published[0]!.resolution, classes: IMAGENET_CLASSES };
}

/** All published members of an architecture (default: of all), in the table's order. */
export function membersOf(architecture?: Member["architecture"]): Member[] {
  const names = architecture ? [architecture] : ARCHITECTURE_NAMES;
  const all = publishedMembers();
  return names.flatMap((name) =>
    all
      .filter((member) => member.architecture === name)
      .map(({ alpha, resolution }) => ({ architecture: name, alpha, resolution, classes: IMAGENET_CLASSES })),
  );
}

/** The parameters that a publication counts. */
function parametersAs(counted: Costs, normalisation: number): number {
  return counted.weights + counted.biases + normalisation * counted.normalised;
}

/** A member's row. @param ratios with the cost ratios of its layers */
export function memberCosts(member: Member, ratios = false): MemberCosts {
  const network = describeMember(member);
  const counted = costs(network);
  const check = (figure: Figure, count: number): CheckedFigure => ({ ...figure, agrees: agrees(figure, count) });
  const { architecture, alpha, resolution, classes } = member;
  const published = publishedMembers()
    .filter((p) => p.architecture === architecture && p.alpha === alpha && p.resolution === resolution)
    .flatMap(({ figures }) => (classes === IMAGENET_CLASSES ? figures : []))
    .map(({ publication, macs, parameters }) => ({
      publication: publication.title,
      ...(macs && { macs: check(macs, counted.macs) }),
      ...(parameters && { parameters: check(parameters, parametersAs(counted, publication.normalisation)) }),
    }));
  return {
    ...member,
    name: memberName(member),
    ...counted,
    published,
    ...(ratios && { ratios: costRatios(network) }),
  };
}
