// Numbers, gates and names, as a reader sees them.

import type { Steps } from "./data";
import type { Place } from "./network";

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** A power of ten: 10⁷. */
export const power = (exponent: number) =>
  `10${[...`${exponent}`].map((digit) => SUPERSCRIPTS[Number(digit)]).join("")}`;

const EXACT_BELOW = 1_000_000n;

/** A count: 37,744 or 9.02×10⁷. */
export function count(value: bigint | number | string): string {
  const n = BigInt(value);
  if (n < EXACT_BELOW) {
    return n.toLocaleString("en");
  }
  let exponent = n.toString().length - 1;
  const unit = 10n ** BigInt(exponent - 2);
  let hundredths = (2n * n + unit) / (2n * unit);
  if (hundredths === 1000n) {
    exponent++;
    hundredths = 100n;
  }
  const digits = `${hundredths}`;
  return `${digits[0]}.${digits.slice(1)}×${power(exponent)}`;
}

/** All digits of a count. */
export const exactly = (value: bigint | number | string) => BigInt(value).toLocaleString("en");

/** A count with its noun: 1 circuit, 3 circuits. */
export const counted = (value: bigint | number | string, noun: string) =>
  `${count(value)} ${noun}${BigInt(value) === 1n ? "" : "s"}`;

/** A measured value with two decimals, and with a sign of the right length. */
export function decimal(value: number, plus = false): string {
  const text = Math.abs(value).toFixed(2);
  const zero = Number(text) === 0;
  return (value < 0 && !zero ? "−" : plus && !zero ? "+" : "") + text;
}

/** A measured value with the digits that tell it from others, however small. */
export function significant(value: number): string {
  if (value === 0 || Math.abs(value) >= 0.001) {
    return value.toPrecision(3).replace("-", "−");
  }
  const [digits, exponent] = value.toExponential(1).split("e-");
  return `${digits.replace("-", "−")}×10⁻${power(Number(exponent)).slice(2)}`;
}

export const rowName = (row: number[]) => row.join("");

/** What a variable is called in its tree and in the network. */
export const variableName = (variable: number) => `v${variable + 1}`;

/** What a formula's steps do, in a word or two. */
export const STEPS: Record<Steps, string> = {
  inert: "an inert step",
  live: "a redundant step",
  irredundant: "irredundant",
};

const LAYERS = ["input", "first", "second", "third", "fourth"];

/** A neuron's name: layer by layer from 1, from the top. */
export const neuronName = (layer: number, index: number, layerSizes: number[]) =>
  layer === layerSizes.length - 1 ? "out" : `h${layer}.${index + 1}`;

/** A place in words: neurons 1 and 3 of the first hidden layer. */
export function placeName(place: Place): string {
  const names = place.neurons.map((n) => n + 1);
  const listed =
    names.length > 1 ? `${names.slice(0, -1).join(", ")} and ${names.at(-1)}` : `${names[0]}`;
  return `neuron${names.length > 1 ? "s" : ""} ${listed} of the ${LAYERS[place.layer]} hidden layer`;
}

const GATES: Record<string, string> = {
  "0000": "FALSE",
  "1111": "TRUE",
  "0001": "AND",
  "0111": "OR",
  "0110": "XOR",
  "1001": "XNOR",
  "1110": "NAND",
  "1000": "NOR",
  "1101": "IMP",
  "0010": "NIMP",
  "1011": "IMP′",
  "0100": "NIMP′",
};

/**
 * A gate in few letters, in lines.
 *
 * A gate of one or two parents has its name, a prime marking that they are swapped; one of more
 * its truth table, in hexadecimal where it is long.
 */
export function gateLines(gate: number[], ofInputs: boolean): string[] {
  const names = ofInputs ? ["A", "B"] : ["p₁", "p₂"];
  const digits = gate.join("");
  if (gate.length === 2) {
    return [(digits === "01" ? "" : "¬") + names[0]];
  }
  if (gate.length === 4) {
    const ofOne = {
      "0011": names[0],
      "1100": `¬${names[0]}`,
      "0101": names[1],
      "1010": `¬${names[1]}`,
    };
    return [ofOne[digits as keyof typeof ofOne] ?? GATES[digits]];
  }
  const shown =
    gate.length > 8
      ? BigInt(`0b${digits}`)
          .toString(16)
          .toUpperCase()
          .padStart(gate.length / 4, "0")
      : digits;
  return shown.match(/.{1,4}/g) ?? [];
}
