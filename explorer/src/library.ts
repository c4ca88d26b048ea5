// What the page computes, without what it draws: for the tests (../call.mjs).

export { cellsOf, circuitsIn, circuitsOf } from "./circuits";
export { agreement, parse, printed, required, variablesOf } from "./formulas";
export { Interpretations } from "./interpretations";
export { intervene, placeOfBits, places, singleOutput } from "./network";
export { fragment, parse as parseFragment } from "./state";
export { count, gateLines } from "./words";
