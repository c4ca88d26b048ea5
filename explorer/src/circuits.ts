// The perfect circuits of a network: what they keep, and which protocol counts them.

import type { Detail, Family, Protocol } from "./data";
import type { Edges } from "./network";

export interface Circuit {
  /** As in the artifact `circuits`. */
  id: string;
  edges: Edges;
  nHidden: number;
  nEdges: number;
  interpretations: bigint;
  /** Those that differ on a row that an input reaches. */
  reachable: bigint;
  /** The protocols, of those whose circuits are listed, that count it. */
  countedUnder: ReadonlySet<string>;
}

/** Circuits that are alike for every protocol, of which not all need be listed. */
export interface Cell {
  circuits: number;
  countedUnder: ReadonlySet<string>;
}

/** Which protocols count circuits of which so much is kept and so much holds. */
function countingProtocols(family: Family, protocols: Protocol[], detail: Detail) {
  const own = protocols
    .filter((p) => p.listed && p.inputs === "clean")
    .map((p) => {
      const admitted = new Set(family.admitted[p.name]?.map(String) ?? []);
      const counts = (nHidden: number, nEdges: number, flags: number) =>
        (flags & p.needs) === p.needs && admitted.has(`${nHidden},${nEdges}`);
      const edges = detail.cells
        .filter(([nHidden, nEdges, flags]) => counts(nHidden, nEdges, flags))
        .map(([, nEdges]) => nEdges);
      return { name: p.name, counts, most: p.sparsest ? Math.min(...edges) : Infinity };
    });
  return (nHidden: number, nEdges: number, flags: number): ReadonlySet<string> =>
    new Set(
      own.filter((p) => nEdges <= p.most && p.counts(nHidden, nEdges, flags)).map((p) => p.name),
    );
}

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

const idOf = (edges: Edges) => edges.map((layer) => layer.join(",")).join("|");

/** The entries of a list in a data file. */
const entries = (text: string) => (text ? text.split(" ") : []);

export function circuitsOf(detail: Detail, family: Family, protocols: Protocol[]): Circuit[] {
  const counting = countingProtocols(family, protocols, detail);
  const interpretations = entries(detail.interpretations);
  const reachable = entries(detail.reachable);
  let code = 0n;
  return entries(detail.edges).map((difference, i) => {
    code += BigInt(difference);
    const edges = edgesOf(code, family.layer_sizes);
    const nHidden = edges
      .slice(0, -1)
      .reduce((sum, layer) => sum + layer.filter((digits) => digits.includes("1")).length, 0);
    const nEdges = edges
      .flat()
      .reduce((sum, digits) => sum + digits.replaceAll("0", "").length, 0);
    return {
      id: idOf(edges),
      edges,
      nHidden,
      nEdges,
      interpretations: BigInt(interpretations[i]),
      reachable: BigInt(reachable[i]),
      countedUnder: counting(
        nHidden,
        nEdges,
        Number.parseInt(detail.flags.slice(3 * i, 3 * i + 3), 16),
      ),
    };
  });
}

export function cellsOf(detail: Detail, family: Family, protocols: Protocol[]): Cell[] {
  const counting = countingProtocols(family, protocols, detail);
  return detail.cells.map(([nHidden, nEdges, flags, circuits]) => ({
    circuits,
    countedUnder: counting(nHidden, nEdges, flags),
  }));
}

/** How many circuits one protocol counts and another does not, or any that one counts. */
export const circuitsIn = (cells: Cell[], counting: string, not: string | null = null) =>
  cells
    .filter((c) => c.countedUnder.has(counting) && !(not && c.countedUnder.has(not)))
    .reduce((sum, c) => sum + c.circuits, 0);

export type Sorting = "sparse" | "dense" | "fewest" | "most";
export type Readable = "any" | "none" | "one" | "several";

interface Filter {
  sort: Sorting;
  hidden: number | null;
  edges: number | null;
  readable: Readable;
}

/** Compares whole numbers of any size, for sorting. */
export const inOrder = (a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0);

const COMPARE: Record<Sorting, (a: Circuit, b: Circuit) => number> = {
  sparse: (a, b) => a.nEdges - b.nEdges || a.nHidden - b.nHidden,
  dense: (a, b) => b.nEdges - a.nEdges || b.nHidden - a.nHidden,
  fewest: (a, b) => inOrder(a.interpretations, b.interpretations),
  most: (a, b) => inOrder(b.interpretations, a.interpretations),
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
