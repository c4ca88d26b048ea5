// Algorithms: printed formulas as trees, their intermediate variables, and what they compute.

import type { Protocol, Steps } from "./data";

export const INPUT_NAMES = "ABCD";

/** A formula under a protocol, with its minimal mappings. */
export interface Algorithm {
  protocol: Protocol;
  /** As in the artifact `formulas`. */
  id: number;
  text: string;
  /** One number for all formulas that De Morgan's laws make of one another. */
  twins: number;
  steps: Steps;
  /** A place per variable, per mapping. */
  mappings: number[][];
}

/** A node of a formula; a NOT is a mark on the node below it. */
export interface Node {
  op: string;
  children: [] | [Node, Node];
  negated: boolean;
  /** Position in pre-order, from the root. */
  number: number;
}

const OPERATORS: Record<string, string> = { "*": "∧", "+": "∨" };

/** A formula in the signs of logic. */
export const inSigns = (formula: string) =>
  formula.replace(/[*+]/g, (sign) => ` ${OPERATORS[sign]} `);

/** What stands in a node: its operator or input, with the NOT above it. */
export const signOf = (node: Node) => (node.negated ? "¬" : "") + (OPERATORS[node.op] ?? node.op);

/** Reads a printed formula: every binary node but the root stands in brackets. */
export function parse(text: string): Node {
  let at = 0;
  const child = (): Node => {
    let negated = false;
    if (text[at] === "¬") {
      negated = true;
      at++;
    }
    let node: Node;
    if (text[at] === "(") {
      at++;
      node = pair();
      at++;
    } else {
      node = { op: text[at++], children: [], negated: false, number: 0 };
    }
    return { ...node, negated: node.negated !== negated };
  };
  const pair = (): Node => {
    const left = child();
    if (text[at] !== "*" && text[at] !== "+") {
      return left;
    }
    const op = text[at++];
    return { op, children: [left, child()], negated: false, number: 0 };
  };
  const root = pair();
  if (at !== text.length) {
    throw new SyntaxError(`${text}: cannot read ${text.slice(at)}`);
  }
  preorder(root).forEach((node, number) => {
    node.number = number;
  });
  return root;
}

export function preorder(node: Node): Node[] {
  return [node, ...node.children.flatMap(preorder)];
}

/** A node and what lies below it, as printed. */
export function printed(node: Node): string {
  if (!node.children.length) {
    return (node.negated ? "¬" : "") + node.op;
  }
  const [left, right] = node.children.map((child) =>
    child.children.length && !child.negated ? `(${printed(child)})` : printed(child),
  );
  return node.negated ? `¬(${left}${node.op}${right})` : `${left}${node.op}${right}`;
}

/** The intermediate variables of a formula, in pre-order (paper, section 2). */
export function variablesOf(root: Node, rule: Protocol["variables"]): Node[] {
  return preorder(root).filter(
    (node) => node !== root && (node.children.length || (rule === "operators" && node.negated)),
  );
}

/** A formula's value on an input row, one of its nodes forced to a value perhaps. */
export function evaluate(
  node: Node,
  inputs: number[],
  forced: { node: Node; value: number } | null = null,
): number {
  if (forced?.node === node) {
    return forced.value;
  }
  const [left, right] = node.children.map((child) => evaluate(child, inputs, forced));
  const value =
    node.op === "*"
      ? left & right
      : node.op === "+"
        ? left | right
        : inputs[INPUT_NAMES.indexOf(node.op)];
  return node.negated ? 1 - value : value;
}

/** The formula's value per [base][source]: on the base, the variable as it is on the source. */
export function required(root: Node, variable: Node, rows: number[][]): number[][] {
  const values = rows.map((row) => evaluate(variable, row));
  return rows.map((base) =>
    values.map((value) => evaluate(root, base, { node: variable, value })),
  );
}

/** Whether an interchange intervention counts under a protocol (D04). */
export const isAsked = (protocol: Protocol, base: number, source: number) =>
  protocol.pairs === "all" || source < base;

/** Pairs of base and source that count, and those of them on which network and formula agree. */
export function agreement(
  protocol: Protocol,
  outputs: number[][],
  wanted: number[][],
): { agree: number; asked: number } {
  let agree = 0;
  let asked = 0;
  for (const [base, row] of outputs.entries()) {
    for (const [source, output] of row.entries()) {
      if (isAsked(protocol, base, source)) {
        asked++;
        agree += Number(Number(output > 0.5) === wanted[base][source]);
      }
    }
  }
  return { agree, asked };
}
