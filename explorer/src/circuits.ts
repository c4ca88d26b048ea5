// The perfect circuits of a network: what they keep, and which protocol counts them.

import type { Counts, Detail, Family, Protocol } from "./data";
import type { Edges } from "./network";

export interface Circuit {
  /** As in the artifact `circuits`. */
  id: string;
  edges: Edges;
  nHidden: number;
  nEdges: number;
  interpretations: bigint;
  reachable: bigint;
  /** The protocols, of those whose circuits are listed, that count it. */
  countedUnder: ReadonlySet<string>;
}

const FLAG = { target: 1, model: 2, sample: 4, minimal: 8 };

/** The edges that a number stands for, the first edge its most significant bit. */
function edgesOf(code: bigint, layerSizes: number[]): Edges {
  const nEdges = layerSizes.slice(1).reduce((sum, width, i) => sum + width * layerSizes[i], 0);
  const digits = code.toString(2).padStart(nEdges, "0");
  let at = 0;
  return layerSizes.slice(1).map((width, layer) =>
    Array.from({ length: width }, () => {
      const below = layerSizes[layer];
      at += below;
      return digits.slice(at - below, at);
    }),
  );
}

export const idOf = (edges: Edges) => edges.map((layer) => layer.join(",")).join("|");

/** The entries of a list in a data file. */
const entries = (text: string) => (text ? text.split(" ") : []);

export function circuitsOf(detail: Detail, family: Family, protocols: Protocol[]): Circuit[] {
  const own = protocols.filter((p) => p.listed && p.inputs === "clean");
  const admitted = new Map(
    own.map((p) => [p.name, new Set(family.admitted[p.name]?.map(String) ?? [])]),
  );
  const interpretations = entries(detail.interpretations);
  const reachable = entries(detail.reachable);
  let code = 0n;
  return entries(detail.edges).map((difference, i) => {
    code += BigInt(difference);
    const edges = edgesOf(code, family.layer_sizes);
    const flags = Number.parseInt(detail.flags[i], 16);
    const nHidden = edges
      .slice(0, -1)
      .reduce((sum, layer) => sum + layer.filter((digits) => digits.includes("1")).length, 0);
    const nEdges = edges
      .flat()
      .reduce((sum, digits) => sum + digits.replaceAll("0", "").length, 0);
    const counted = own.filter(
      (p) =>
        flags & FLAG[p.reference] &&
        (!p.minimal_only || flags & FLAG.minimal) &&
        admitted.get(p.name)?.has(`${nHidden},${nEdges}`),
    );
    return {
      id: idOf(edges),
      edges,
      nHidden,
      nEdges,
      interpretations: BigInt(interpretations[i]),
      reachable: BigInt(reachable[i]),
      countedUnder: new Set(counted.map((p) => p.name)),
    };
  });
}

export type Sorting = "sparse" | "dense" | "fewest" | "most";
export type Readable = "any" | "none" | "one" | "several";

export interface Filter {
  sort: Sorting;
  hidden: number | null;
  edges: number | null;
  readable: Readable;
}

const byNumber = (a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0);
const COMPARE: Record<Sorting, (a: Circuit, b: Circuit) => number> = {
  sparse: (a, b) => a.nEdges - b.nEdges || a.nHidden - b.nHidden,
  dense: (a, b) => b.nEdges - a.nEdges || b.nHidden - a.nHidden,
  fewest: (a, b) => byNumber(a.interpretations, b.interpretations),
  most: (a, b) => byNumber(b.interpretations, a.interpretations),
};

/** The circuits that a filter lets through, in its order; equal ones by their edges. */
export function chosen(circuits: Circuit[], filter: Filter): Circuit[] {
  const wanted: Record<Readable, (n: bigint) => boolean> = {
    any: () => true,
    none: (n) => n === 0n,
    one: (n) => n === 1n,
    several: (n) => n > 1n,
  };
  return circuits
    .filter(
      (c) =>
        (filter.hidden === null || c.nHidden === filter.hidden) &&
        (filter.edges === null || c.nEdges === filter.edges) &&
        wanted[filter.readable](c.interpretations),
    )
    .sort(COMPARE[filter.sort]);
}

/** Where a protocol's circuits are not all listed: how many of how many are. */
export function listedOf(
  circuits: Circuit[],
  counts: Counts | null,
  protocol: string,
): { listed: number; total: number } {
  const listed = circuits.filter((c) => c.countedUnder.has(protocol)).length;
  return { listed, total: counts?.circuits ?? listed };
}
