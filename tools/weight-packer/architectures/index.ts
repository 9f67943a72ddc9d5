/** The architectures that `midge build` knows. */
import { mobilenetV1 } from "./mobilenet-v1.js";
import { mobilenetV2 } from "./mobilenet-v2.js";
import * as v3 from "./mobilenet-v3.js";
import * as v4 from "./mobilenet-v4.js";
import type { Network } from "./network.js";

/** Describes a member of a family. */
type Describe = (alpha: number, resolution: number, classes: number) => Network;

/** By name. */
export const ARCHITECTURES = {
  mobilenet_v1: mobilenetV1,
  mobilenet_v2: mobilenetV2,
  mobilenet_v3_large: (...member) => v3.mobilenetV3(v3.LARGE, false, ...member),
  mobilenet_v3_small: (...member) => v3.mobilenetV3(v3.SMALL, false, ...member),
  mobilenet_v3_large_minimalistic: (...member) => v3.mobilenetV3(v3.LARGE, true, ...member),
  mobilenet_v3_small_minimalistic: (...member) => v3.mobilenetV3(v3.SMALL, true, ...member),
  mobilenet_v4_conv_small: (...member) => v4.mobilenetV4(v4.SMALL, ...member),
  mobilenet_v4_conv_medium: (...member) => v4.mobilenetV4(v4.MEDIUM, ...member),
  mobilenet_v4_conv_large: (...member) => v4.mobilenetV4(v4.LARGE, ...member),
} as const satisfies Record<string, Describe>;

export type ArchitectureName = keyof typeof ARCHITECTURES;

/** Names of all architectures. */
export const ARCHITECTURE_NAMES = Object.keys(ARCHITECTURES) as ArchitectureName[];

/** One network of a family. */
export interface Member {
  architecture: ArchitectureName;
  /** Width multiplier, above 0. */
  alpha: number;
  /** Height and width of the image. */
  resolution: number;
  classes: number;
}

/** Classes of ImageNet, which all published figures are for. */
export const IMAGENET_CLASSES = 1000;

/** Describes a member: its layers with their shapes. */
export function describeMember({ architecture, alpha, resolution, classes }: Member): Network {
  return ARCHITECTURES[architecture](alpha, resolution, classes);
}

/** A member's name, e.g. mobilenet_v2_1.0_224. */
export function memberName({ architecture, alpha, resolution }: Member): string {
  return `${architecture}_${Number.isInteger(alpha) ? alpha.toFixed(1) : alpha}_${resolution}`;
}
