// Interpretations of a circuit: every consistent Boolean reading of its neurons (paper, section 2).
//
// They are listed by their separators, and counted beyond: a reading whose neurons see patterns of
// parent bits that no input reaches has as many interpretations as there are ways to fill them.
// The order is that of `identifiability.circuits.interpretations.list_interpretations`.

import { activations, type Edges, type Neuron, roundHalfEven, type Single } from "./network";

/** How an interpretation reads one neuron. */
export interface NeuronReading {
  neuron: Neuron;
  /** Larger activations are 1, smaller ones 0. */
  separator: number;
  /** Bit per input row. */
  bits: number[];
  /** Neurons of the layer below that it depends on; in the first hidden layer all inputs. */
  parents: number[];
  /** Bit per pattern of parent bits, first parent most significant. */
  gate: number[];
  /** Whether each pattern is reached by an input. */
  reached: boolean[];
}

export type Interpretation = NeuronReading[];

interface Separator {
  value: number;
  bits: number[];
}

/** A neuron's reading before its free patterns are filled. */
interface Open {
  neuron: Neuron;
  separator: Separator;
  parents: number[];
  /** Bit per pattern, null where it is free. */
  wanted: Array<number | null>;
  completions: bigint;
}

const BARRED = new Set(["0110", "1001"]);

export class Interpretations {
  /** Interpretations that differ on a pattern that an input reaches. */
  readonly reachable: number;
  readonly total: bigint;
  private readonly readings: Open[][] = [];
  /** Interpretations before each reading. */
  private readonly before: bigint[] = [];

  constructor(network: Single, edges: Edges, tieTolerance: number) {
    const values = activations(network, edges);
    const separators = values.slice(1).map((rows, layer) =>
      edges[layer].map((digits, neuron) => {
        const own = rows.map((row) => row[neuron]);
        const read = layer === edges.length - 1 ? own.map(roundHalfEven) : own;
        return digits.includes("1") ? separatorsOf(read, tieTolerance) : [];
      }),
    );
    let total = 0n;
    const extend = (layer: number, below: Array<Separator | null>, found: Open[][]) => {
      if (layer === edges.length) {
        const flat = found.flat();
        this.readings.push(flat);
        this.before.push(total);
        total += flat.reduce((product, reading) => product * reading.completions, 1n);
        return;
      }
      const kept = edges[layer].flatMap((digits, i) => (digits.includes("1") ? [i] : []));
      const options = kept.map((index) =>
        separators[layer][index].flatMap((separator) => {
          const reading = open([layer + 1, index], separator, edges[layer][index], below);
          return reading ? [reading] : [];
        }),
      );
      for (const choice of product(options)) {
        const here: Array<Separator | null> = Array(edges[layer].length).fill(null);
        for (const reading of choice) {
          here[reading.neuron[1]] = reading.separator;
        }
        extend(layer + 1, here, [...found, choice]);
      }
    };
    const inputs = network.rows[0].map((_, i) => ({
      value: 0.5,
      bits: network.rows.map((row) => row[i]),
    }));
    extend(0, inputs, []);
    this.reachable = this.readings.length;
    this.total = total;
  }

  /** The interpretation at a position from 0. */
  at(position: bigint): Interpretation {
    let low = 0;
    let high = this.readings.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.before[middle] <= position) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    const reading = this.readings[low];
    let rest = position - this.before[low];
    const gates = new Map<Open, number[]>();
    // The gates of the first layer turn fastest, and within a layer those of its last neuron.
    const layers = new Map<number, Open[]>();
    for (const one of reading) {
      layers.set(one.neuron[0], [...(layers.get(one.neuron[0]) ?? []), one]);
    }
    for (const layer of [...layers.keys()].sort((a, b) => a - b)) {
      for (const one of (layers.get(layer) ?? []).reverse()) {
        gates.set(one, completed(one, rest % one.completions));
        rest /= one.completions;
      }
    }
    return reading.map((one) => ({
      neuron: one.neuron,
      separator: one.separator.value,
      bits: one.separator.bits,
      parents: one.parents,
      gate: gates.get(one) ?? [],
      reached: one.wanted.map((bit) => bit !== null),
    }));
  }

  /** The number of the reading, from 0, that an interpretation belongs to. */
  readingOf(position: bigint): number {
    const after = this.before.findIndex((first) => first > position);
    return (after < 0 ? this.before.length : after) - 1;
  }

  /** The first interpretation of a reading. */
  firstOf(reading: number): bigint {
    return this.before[reading];
  }
}

/** The midpoints between neighbouring distinct values, ascending. */
function separatorsOf(values: number[], tieTolerance: number): Separator[] {
  const ordered = [...values].sort((a, b) => a - b);
  return ordered.slice(1).flatMap((above, i) => {
    if (!(above - ordered[i] > tieTolerance)) {
      return [];
    }
    const middle = (ordered[i] + above) / 2;
    return [{ value: middle, bits: values.map((value) => Number(value > middle)) }];
  });
}

/** A neuron's reading over its parents; null if it contradicts them or is barred. */
function open(
  neuron: Neuron,
  separator: Separator,
  digits: string,
  below: Array<Separator | null>,
): Open | null {
  const first = neuron[0] === 1;
  // In the first hidden layer a gate is over all inputs, whatever edges are kept.
  const parents = below.flatMap((parent, i) =>
    parent && (first || digits[i] === "1") ? [i] : [],
  );
  const wanted: Array<number | null> = Array(2 ** parents.length).fill(null);
  for (const [row, bit] of separator.bits.entries()) {
    const pattern = parents.reduce((sum, p) => 2 * sum + (below[p]?.bits[row] ?? 0), 0);
    if ((wanted[pattern] ?? bit) !== bit) {
      return null;
    }
    wanted[pattern] = bit;
  }
  const free = wanted.filter((bit) => bit === null).length;
  const barred = wanted.length === 4 ? fillings(wanted).length - admissible(wanted).length : 0;
  const completions = 2n ** BigInt(free) - BigInt(barred);
  return completions ? { neuron, separator, parents, wanted, completions } : null;
}

/** Every way to fill the free patterns of a gate of two parents, 0 before 1. */
function fillings(wanted: Array<number | null>): number[][] {
  return [...product(wanted.map((bit) => (bit === null ? [0, 1] : [bit])))];
}

const admissible = (wanted: Array<number | null>) =>
  fillings(wanted).filter((gate) => !BARRED.has(gate.join("")));

/** The gate at a position among the completions of a reading. */
function completed(reading: Open, position: bigint): number[] {
  if (reading.wanted.length === 4) {
    return admissible(reading.wanted)[Number(position)];
  }
  let rest = position;
  const gate: number[] = [];
  for (let pattern = reading.wanted.length - 1; pattern >= 0; pattern--) {
    const bit = reading.wanted[pattern];
    if (bit !== null) {
      gate[pattern] = bit;
    } else {
      gate[pattern] = Number(rest % 2n);
      rest /= 2n;
    }
  }
  return gate;
}

/** All ways to choose one of each list, the last list turning fastest. */
function* product<T>(lists: T[][]): Generator<T[]> {
  if (lists.some((list) => list.length === 0)) {
    return;
  }
  const at = lists.map(() => 0);
  while (true) {
    yield lists.map((list, i) => list[at[i]]);
    let turning = lists.length - 1;
    while (turning >= 0 && ++at[turning] === lists[turning].length) {
      at[turning--] = 0;
    }
    if (turning < 0) {
      return;
    }
  }
}
