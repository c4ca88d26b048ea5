// A network's forward pass, whole or as a circuit, in 64-bit arithmetic on 32-bit weights.

import type { Family, Network } from "./data";

/** A network seen through one output. */
export interface Single {
  layerSizes: number[];
  /** [layer][to][from] */
  weights: number[][][];
  /** [layer][to] */
  biases: number[][];
  activate: (value: number, layer: number) => number;
  /** Boolean inputs, A-major. */
  rows: number[][];
  /** What stands for false and for true. */
  levels: [number, number];
}

/** A neuron as [layer, index]; layer 0 holds the inputs. */
export type Neuron = readonly [layer: number, index: number];

/** The edges kept: [layer][to], one digit per neuron below, as in the artifact's circuit_id. */
export type Edges = string[][];

const ACTIVATIONS: Record<string, (value: number, slope: number) => number> = {
  leaky_relu: (value, slope) => (value > 0 ? value : slope * value),
  relu: (value) => Math.max(value, 0),
  tanh: (value) => Math.tanh(value),
  sigmoid: (value) => 1 / (1 + Math.exp(-value)),
  identity: (value) => value,
};

export function inputRows(nInputs: number): number[][] {
  return Array.from({ length: 2 ** nInputs }, (_, row) =>
    Array.from({ length: nInputs }, (_, i) => (row >> (nInputs - 1 - i)) & 1),
  );
}

export function singleOutput(family: Family, network: Network, output: number): Single {
  const last = network.weights.length - 1;
  const one = <T>(layers: T[][]) => layers.map((l, i) => (i === last ? [l[output]] : l));
  const hidden = ACTIVATIONS[family.activation];
  const activated = ACTIVATIONS[family.output_activation];
  const { above } = family;
  const ending = (value: number, slope: number) =>
    above === null ? activated(value, slope) : Number(activated(value, slope) > above);
  return {
    layerSizes: family.layer_sizes,
    // As trained: decimals that stand for 32-bit numbers.
    weights: one(network.weights).map((layer) => layer.map((to) => to.map(Math.fround))),
    biases: one(network.biases).map((layer) => layer.map(Math.fround)),
    activate: (value, layer) => (layer === last ? ending : hidden)(value, family.negative_slope),
    rows: inputRows(family.layer_sizes[0]),
    levels: family.levels,
  };
}

/** Every edge of a network. */
export function allEdges(layerSizes: number[]): Edges {
  return layerSizes
    .slice(1)
    .map((width, layer) => Array<string>(width).fill("1".repeat(layerSizes[layer])));
}

export const isKept = (edges: Edges, [layer, index]: Neuron) =>
  layer === 0 || edges[layer - 1][index].includes("1");

/** The neurons of the layers above the inputs, layer by layer, the output last. */
export function neurons(layerSizes: number[]): Neuron[] {
  return layerSizes
    .slice(1)
    .flatMap((width, layer) => Array.from({ length: width }, (_, i) => [layer + 1, i] as const));
}

/** One layer's activations from those below; a neuron that is left out passes 0. */
function step(network: Single, edges: Edges, layer: number, below: number[]): number[] {
  return edges[layer].map((digits, to) => {
    if (!digits.includes("1")) {
      return 0;
    }
    let total = network.biases[layer][to];
    for (let from = 0; from < below.length; from++) {
      if (digits[from] === "1") {
        total += below[from] * network.weights[layer][to][from];
      }
    }
    return network.activate(total, layer);
  });
}

/** Activations of a circuit: [layer][row][neuron], inputs first. */
export function activations(network: Single, edges: Edges): number[][][] {
  const found = [network.rows.map((row) => row.map((bit) => network.levels[bit]))];
  for (let layer = 0; layer < edges.length; layer++) {
    found.push(found[layer].map((below) => step(network, edges, layer, below)));
  }
  return found;
}

/** Half goes to the even number, as everywhere in the pipeline. */
export function roundHalfEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  return rest < 0.5 || (rest === 0.5 && below % 2 === 0) ? below : below + 1;
}

/** A non-empty set of hidden neurons in one layer: where a variable may be. */
export interface Place {
  layer: number;
  neurons: number[];
}

export function places(layerSizes: number[]): Place[] {
  return layerSizes.slice(1, -1).flatMap((width, i) =>
    Array.from({ length: 2 ** width - 1 }, (_, set) => ({
      layer: i + 1,
      neurons: Array.from({ length: width }, (_, n) => n).filter((n) => ((set + 1) >> n) & 1),
    })),
  );
}

/** The place that the data files write as the bits of its neurons, layer by layer. */
export function placeOfBits(bits: number, layerSizes: number[]): Place {
  let offset = 0;
  for (let layer = 1; layer < layerSizes.length - 1; layer++) {
    const width = layerSizes[layer];
    // Not `>>`: there may be more than 32 hidden neurons.
    const here = Math.floor(bits / 2 ** offset) % 2 ** width;
    if (here) {
      return {
        layer,
        neurons: Array.from({ length: width }, (_, n) => n).filter((n) => (here >> n) & 1),
      };
    }
    offset += width;
  }
  throw new RangeError(`no place has the bits ${bits}`);
}

/**
 * Interchange interventions on one place (paper, section 2).
 *
 * @returns The network's output per [base][source]: run on the base, the place's neurons forced to
 *   the activations that they have on the source.
 */
export function intervene(network: Single, place: Place): number[][] {
  const edges = allEdges(network.layerSizes);
  const clean = activations(network, edges)[place.layer];
  return clean.map((base) =>
    clean.map((source) => {
      let values = base.map((value, n) => (place.neurons.includes(n) ? source[n] : value));
      for (let layer = place.layer; layer < edges.length; layer++) {
        values = step(network, edges, layer, values);
      }
      return values[0];
    }),
  );
}
