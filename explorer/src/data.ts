// The data files beside the page, and how they are loaded.
//
// `data/index.js` says which families there are, `data/<family>.js` all that was found in one. They
// are scripts that call `identifiability(...)`, as a page opened from a disk may not fetch files.
// What they hold is described in workflow/schemas/explorer.schema.yaml.

/** The version of the data files that this page reads. */
const VERSION = 4;

export interface Protocol {
  name: string;
  /** Whether circuits and mappings are listed for it; else there are counts alone. */
  listed: boolean;
  /** The flags that a circuit must have. */
  needs: number;
  /** Whether only the circuits with the fewest edges count. */
  sparsest: boolean;
  inputs: "clean" | "noisy";
  pairs: "source_before_base" | "all";
  variables: "operators" | "binary";
  /** What it asks, criterion by criterion. */
  asks: Record<string, string>;
  colour: string | null;
  /** The marker of its points, as Matplotlib names it. */
  marker: string | null;
}

export interface FamilyEntry {
  family: string;
  gates: string[];
  hidden: number[];
  outputs: number;
}

export interface Index {
  version: number;
  kind: "index";
  start: string;
  families: FamilyEntry[];
  protocols: Protocol[];
  variable_colours: string[];
}

/** What a protocol counts in a network and target; null where it was not counted. */
export interface Counts {
  circuits: number | null;
  interpretations: string | null;
  reachable: string | null;
  how: "exact" | "estimate" | "not determined" | null;
  algorithms: number | null;
  mappings: number | null;
  /** How many of the mappings map nothing. */
  empty: number | null;
}

export interface Network {
  network_id: string;
  converged: boolean;
  /** Right on every input, whether or not it converged. */
  functional: boolean;
  epochs: number | null;
  loss: number | null;
  accuracy: number | null;
  weights: number[][][];
  biases: number[][];
  outputs: number[][];
  targets: string[];
  /** [output][protocol, in the order of the family's], as lists in the order of COUNTS. */
  counts: Array<Array<Array<number | string | null>>>;
}

/** Whether explanations are sought in a network. */
export const isSought = (network: Network) => network.converged || network.functional;

export type Steps = "inert" | "live" | "irredundant";

/** A printed formula, the class of its twins (one number for all protocols), and its steps. */
type Formula = [text: string, twins: number, steps: Steps];

export interface Family {
  version: number;
  kind: "family";
  family: string;
  layer_sizes: number[];
  activation: string;
  output_activation: string;
  negative_slope: number;
  /** What stands for false and for true at the inputs. */
  levels: [number, number];
  /** The readout: an output above it reads as 1, any other as 0; null rounds it. */
  above: number | null;
  tie_tolerance: number;
  n_networks: number;
  protocols: string[];
  n_candidates: Record<string, number>;
  /** By protocol, the pairs of hidden neurons and edges that its circuits may keep. */
  admitted: Record<string, Array<[number, number]>>;
  targets: Record<string, number[]>;
  /** By target and protocol. */
  formulas: Record<string, Record<string, Formula[]>>;
  networks: Network[];
  /** By network: a list with a `Detail` an output, as JSON, compressed, in base64. */
  details: Record<string, string>;
}

/** What was found in a network seen through one output. */
export interface Detail {
  /** The circuits' edges as numbers, ascending, each by its step from the one before. */
  edges: string;
  /** Three hexadecimal digits a circuit, the sum of what holds of it (explorer.schema.yaml). */
  flags: string;
  interpretations: string;
  reachable: string;
  /** How many circuits, listed or not, keep so many hidden neurons and edges, by their flags. */
  cells: Array<[nHidden: number, nEdges: number, flags: number, circuits: number]>;
  /** By protocol and formula: a place per variable for every minimal mapping. */
  mappings: Record<string, Record<string, number[][]>>;
}

type Received = Index | Family;

/** What is wrong with a data file, in a line for the reader. */
export class DataError extends Error {}

const AGAIN = "make it again with `snakemake --cores all explorer`";
const received = new Map<string, Received>();

declare global {
  interface Window {
    identifiability: (data: Received) => void;
  }
}

window.identifiability = (data) => {
  received.set(data.kind === "index" ? "index" : data.family, data);
};

function load(name: string): Promise<Received> {
  const file = `data/${name}.js`;
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = file;
    script.onerror = () => reject(new DataError(`${file} is missing beside this page; ${AGAIN}.`));
    script.onload = () => {
      const data = received.get(name);
      if (data === undefined) {
        reject(new DataError(`${file} cannot be read; ${AGAIN}.`));
      } else if (data.version !== VERSION) {
        const older = data.version < VERSION ? "an older" : "a newer";
        reject(
          new DataError(
            `${file} is of ${older} version (${data.version}) than this page reads ` +
              `(${VERSION}); make page and data together with \`snakemake --cores all explorer\`.`,
          ),
        );
      } else {
        resolve(data);
      }
    };
    document.head.append(script);
  });
}

export const loadIndex = () => load("index") as Promise<Index>;

const families = new Map<string, Promise<Family>>();

/** Loads a family's data when it is first asked for. */
export function loadFamily(name: string): Promise<Family> {
  let family = families.get(name);
  if (!family) {
    family = load(name) as Promise<Family>;
    families.set(name, family);
  }
  return family;
}

/** What was found in a network, one entry an output; none if it is not sought. */
export async function loadDetails(family: Family, network: Network): Promise<Detail[]> {
  const packed = family.details[network.network_id];
  if (packed === undefined) {
    return [];
  }
  if (!("DecompressionStream" in window)) {
    throw new DataError("This browser is too old for the page: it has no DecompressionStream.");
  }
  try {
    const bytes = Uint8Array.from(atob(packed), (sign) => sign.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return await new Response(stream).json();
  } catch {
    throw new DataError(`data/${family.family}.js is damaged at ${network.network_id}; ${AGAIN}.`);
  }
}

const COUNTS = [
  "circuits",
  "interpretations",
  "reachable",
  "how",
  "algorithms",
  "mappings",
  "empty",
] as const;

/** A network's counts under a protocol, seen through one output. */
export function countsOf(
  family: Family,
  network: Network,
  output: number,
  protocol: string,
): Counts | null {
  const row = network.counts[output]?.[family.protocols.indexOf(protocol)];
  if (!row) {
    return null;
  }
  return Object.fromEntries(COUNTS.map((name, i) => [name, row[i]])) as unknown as Counts;
}
