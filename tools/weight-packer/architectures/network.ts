/**
 * A network as the papers' tables describe it: layers with shapes, neither weights nor quantisation. The counts
 * (costs.ts) and the graph (graph.ts) are made of it.
 */

/** Height, width and channels. */
export type Extent = [height: number, width: number, channels: number];

/** "hard_sigmoid" is relu6(x + 3) / 6, what squeeze-excite gates with. */
export type LayerActivation = "none" | "relu" | "relu6" | "hard_swish" | "hard_sigmoid";

interface LayerBase {
  /** The layers that it reads, by index; -1 is the image. */
  inputs: number[];
  input: Extent;
  output: Extent;
  /** Layers of one residual or separable block share a number; 0 for what stands alone. */
  block: number;
}

/** Windows are square and padded so that the output is ceil(input / stride): SAME, the odd pixel right and below. */
export interface ConvolutionLayer extends LayerBase {
  kind: "convolution" | "depthwise" | "dense";
  kernel: number;
  stride: number;
  activation: LayerActivation;
  /** Trained with batch normalisation, without a bias then; folded into weights and bias before it is packed. */
  normalised: boolean;
}

/** Mean over the map, sum, product with a gate of one pixel (inputs: map, gate), softmax. */
export interface OtherLayer extends LayerBase {
  kind: "mean" | "add" | "multiply" | "softmax";
}

export type Layer = ConvolutionLayer | OtherLayer;

/** A layer's output while a network is described. */
export interface Feature {
  layer: number;
  extent: Extent;
}

/** What `Network.convolution` and `depthwise` may be told; the kernel is 1 and the stride 1 by default. */
export interface WindowOptions {
  kernel?: number;
  stride?: number;
  activation?: LayerActivation;
  normalised?: boolean;
}

/** Describes a network layer by layer. */
export class Network {
  readonly layers: Layer[] = [];
  readonly image: Feature;
  #block = 0;
  #blocks = 0;

  /** @param resolution height and width of the image, which has three channels */
  constructor(readonly resolution: number) {
    this.image = { layer: -1, extent: [resolution, resolution, 3] };
  }

  /** What `describe` adds is one block. */
  block<T>(describe: () => T): T {
    this.#block = ++this.#blocks;
    const result = describe();
    this.#block = 0;
    return result;
  }

  convolution(from: Feature, channels: number, options: WindowOptions = {}): Feature {
    return this.#window("convolution", from, channels, options);
  }

  depthwise(from: Feature, options: WindowOptions = {}): Feature {
    return this.#window("depthwise", from, from.extent[2], options);
  }

  /** Fully connected, with a bias. */
  dense(from: Feature, units: number): Feature {
    return this.#window("dense", from, units, { normalised: false });
  }

  mean(from: Feature): Feature {
    return this.#other("mean", [from], [1, 1, from.extent[2]]);
  }

  add(a: Feature, b: Feature): Feature {
    return this.#other("add", [a, b], a.extent);
  }

  /** @param gate one pixel of as many channels */
  multiply(map: Feature, gate: Feature): Feature {
    return this.#other("multiply", [map, gate], map.extent);
  }

  softmax(from: Feature): Feature {
    return this.#other("softmax", [from], from.extent);
  }

  #window(kind: ConvolutionLayer["kind"], from: Feature, channels: number, options: WindowOptions): Feature {
    const { kernel = 1, stride = 1, activation = "none", normalised = true } = options;
    const [height, width] = from.extent;
    const output: Extent = [Math.ceil(height / stride), Math.ceil(width / stride), channels];
    const base = { inputs: [from.layer], input: from.extent, output, block: this.#block };
    return this.#push({ ...base, kind, kernel, stride, activation, normalised });
  }

  #other(kind: OtherLayer["kind"], from: Feature[], output: Extent): Feature {
    const inputs = from.map(({ layer }) => layer);
    return this.#push({ kind, inputs, input: from[0]!.extent, output, block: this.#block });
  }

  #push(layer: Layer): Feature {
    return { layer: this.layers.push(layer) - 1, extent: layer.output };
  }
}
