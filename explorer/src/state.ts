// What is looked at, as the fragment of the page's address: every view has a link.

import { useEffect, useState } from "preact/hooks";
import type { Readable, Sorting } from "./circuits";

export type View = "circuits" | "algorithms";
/** Which circuits or algorithms are listed, where protocols are compared. */
type Shown = "counted" | "new" | "gone" | "tried";

export interface State {
  family: string;
  network: string;
  target: string;
  protocol: string;
  /** The protocol that this one is compared with. */
  from: string;
  view: View;
  show: Shown;
  page: number;
  sort: Sorting;
  hidden: number | null;
  edges: number | null;
  readable: Readable;
  circuit: string;
  interpretation: string;
  row: number | null;
  formula: string;
  mapping: number;
  variable: number;
  place: string;
  base: number | null;
  source: number | null;
}

/** What belongs to one circuit alone, as in a fresh page. */
export const OF_A_CIRCUIT = { circuit: "", interpretation: "0" };

/** What belongs to one algorithm alone, as in a fresh page. */
export const OF_AN_ALGORITHM = {
  formula: "",
  mapping: 0,
  variable: 0,
  place: "",
  base: null,
  source: null,
};

/** What belongs to one network alone, as in a fresh page. */
export const OF_A_NETWORK = {
  page: 0,
  ...OF_A_CIRCUIT,
  ...OF_AN_ALGORITHM,
};

const INITIAL: State = {
  family: "",
  network: "",
  target: "",
  protocol: "",
  from: "",
  view: "circuits",
  show: "counted",
  sort: "sparse",
  hidden: null,
  edges: null,
  readable: "any",
  row: null,
  ...OF_A_NETWORK,
};

// What an address may hold of keys that have few values.
const VALUES: Partial<Record<keyof State, readonly string[]>> = {
  view: ["circuits", "algorithms"],
  show: ["counted", "new", "gone", "tried"],
  sort: ["sparse", "dense", "fewest", "most"],
  readable: ["any", "none", "one", "several"],
};
const NUMBERS = ["page", "hidden", "edges", "row", "mapping", "variable", "base", "source"];
const KEYS = Object.keys(INITIAL) as Array<keyof State>;

// Signs that addresses would have to write as hexadecimal codes.
const PLAIN: Array<[string, string]> = [
  ["|", "-"],
  [",", "."],
  ["¬", "!"],
];

function encode(key: keyof State, value: string): string {
  const plain =
    key === "circuit" || key === "formula"
      ? PLAIN.reduce((text, [sign, instead]) => text.replaceAll(sign, instead), value)
      : value;
  return encodeURIComponent(plain)
    .replaceAll("%2F", "/")
    .replace(/[()']/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`);
}

function decode(key: keyof State, text: string): string {
  const value = decodeURIComponent(text);
  return key === "circuit" || key === "formula"
    ? PLAIN.reduce((found, [sign, instead]) => found.replaceAll(instead, sign), value)
    : value;
}

/** The fragment of a view; what is as in a fresh page is left out. */
export function fragment(state: State): string {
  const parts = KEYS.filter((key) => state[key] !== INITIAL[key]).map(
    (key) => `${key}=${encode(key, `${state[key]}`)}`,
  );
  return `#${parts.join("&")}`;
}

/** The view of a fragment; what cannot be read in it is left out. */
export function parse(text: string): State {
  const state: Record<string, unknown> = { ...INITIAL };
  for (const part of text.replace(/^#/, "").split("&")) {
    const [name, ...rest] = part.split("=");
    const key = name as keyof State;
    if (!KEYS.includes(key)) {
      continue;
    }
    let value: string;
    try {
      value = decode(key, rest.join("="));
    } catch {
      continue;
    }
    if (NUMBERS.includes(key)) {
      if (/^\d{1,9}$/.test(value)) {
        state[key] = Number(value);
      }
    } else if (
      key === "interpretation" ? /^\d+$/.test(value) : (VALUES[key]?.includes(value) ?? true)
    ) {
      state[key] = value;
    }
  }
  return state as unknown as State;
}

export type Go = (change: Partial<State>, replace?: boolean) => void;

/** The view in the page's address, and how to go to another. */
export function useAddress(): [State, Go] {
  const [state, setState] = useState(() => parse(location.hash));
  useEffect(() => {
    const changed = () => setState(parse(location.hash));
    addEventListener("hashchange", changed);
    return () => removeEventListener("hashchange", changed);
  }, []);
  const go: Go = (change, replace = false) => {
    const next = fragment({ ...parse(location.hash), ...change });
    if (replace) {
      location.replace(next);
    } else {
      location.hash = next;
    }
  };
  return [state, go];
}
