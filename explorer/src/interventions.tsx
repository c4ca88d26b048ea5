// The interchange interventions on one variable: at its place, pair by pair, and at all others.

import { useMemo } from "preact/hooks";
import { type Algorithm, agreement, evaluate, isAsked, type Node, required } from "./formulas";
import type { Place, Single } from "./network";
import { Scroll } from "./scroll";
import type { Go, State } from "./state";
import { decimal, placeName, rowName, variableName } from "./words";

interface Tried {
  place: Place;
  outputs: number[][];
}

const bitsOf = (place: Place) => `${place.layer}.${place.neurons.map((n) => n + 1).join(".")}`;

interface Props {
  algorithm: Algorithm;
  single: Single;
  state: State;
  go: Go;
  root: Node;
  node: Node;
  variable: number;
  fill: string;
  tried: Tried[];
  mapping: Place[] | undefined;
}

/** The interchange interventions on one variable at one place, pair by pair. */
export function Interventions(props: Props) {
  const { algorithm, single, root, node, variable, tried, mapping, state, go } = props;
  const { protocol } = algorithm;
  const wanted = useMemo(() => required(root, node, single.rows), [root, node, single]);
  const scored = tried.map((one) => ({ ...one, ...agreement(protocol, one.outputs, wanted) }));
  const best = scored.reduce((found, one) => (one.agree > found.agree ? one : found));
  // The place that is tried is one of the variable that was chosen, not of one pointed at.
  const named =
    variable === state.variable
      ? scored.find(({ place }) => bitsOf(place) === state.place)
      : undefined;
  const mapped =
    mapping && scored.find(({ place }) => bitsOf(place) === bitsOf(mapping[variable]));
  const shown = named ?? mapped ?? best;
  const rows = single.rows.map(rowName);
  const pair =
    state.base !== null && state.source !== null && rows[state.base] && rows[state.source]
      ? ([state.base, state.source] as const)
      : null;
  const perfect = scored.filter((one) => one.agree === one.asked).length;
  return (
    <>
      <h4>
        Interventions on{" "}
        <b class="swatch" style={{ background: props.fill }}>
          {variableName(variable)}
        </b>{" "}
        in {placeName(shown.place)}
      </h4>
      <p>
        Network and formula agree on {shown.agree} of {shown.asked} pairs: IIA{" "}
        <b data-iia={shown.agree / shown.asked}>{(shown.agree / shown.asked).toFixed(2)}</b>.
        {!named && !mapped && " No place of this variable does better."}
      </p>
      <Scroll label={`Interventions on ${variableName(variable)}`}>
        <table class="pairs">
          <caption>
            Rows: base, columns: source. In a cell the network’s output, and what the formula asks
            for.
          </caption>
          <thead>
            <tr>
              <th scope="col">
                base ↓<br />
                source →
              </th>
              {rows.map((row) => (
                <th key={row} scope="col">
                  {row}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((baseName, base) => (
              <tr key={baseName}>
                <th scope="row">{baseName}</th>
                {rows.map((sourceName, source) => {
                  const output = shown.outputs[base][source];
                  const agrees = Number(output > 0.5) === wanted[base][source];
                  const asked = isAsked(protocol, base, source);
                  return (
                    <td key={sourceName} class={asked ? "" : "unasked"}>
                      <button
                        type="button"
                        class={agrees ? "agrees" : "differs"}
                        aria-pressed={pair?.[0] === base && pair[1] === source}
                        onClick={() => go({ base, source }, true)}
                      >
                        <span class="hidden">
                          Base {baseName}, source {sourceName}:{" "}
                          {agrees ? "they agree" : "they differ"}
                          {!asked && `, not asked under ${protocol.name}`}.{" "}
                        </span>
                        <b aria-hidden="true">{agrees ? "✓" : "✗"}</b>
                        <small>
                          {decimal(output)} / {wanted[base][source]}
                        </small>
                      </button>
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      <p class="note" aria-live="polite">
        {pair
          ? explained(props, shown, wanted, pair)
          : protocol.pairs === "all"
            ? "Choose a cell to read what is done in it."
            : `Pale pairs are not asked under ${protocol.name}. Choose a cell to read what is done in it.`}
      </p>
      <details>
        <summary>
          Every place of {variableName(variable)}: {perfect} of {scored.length} with IIA 1
        </summary>
        <ul class="places">
          {scored.map(({ place, agree, asked }) => (
            <li key={bitsOf(place)}>
              <button
                type="button"
                class={agree === asked ? "chip perfect" : "chip"}
                aria-pressed={place === shown.place}
                title={placeName(place)}
                onClick={() =>
                  go({ formula: algorithm.text, variable, place: bitsOf(place) }, true)
                }
              >
                {place.neurons.map((n) => `h${place.layer}.${n + 1}`).join(" ")}{" "}
                <small>
                  {agree}/{asked}
                </small>
              </button>
            </li>
          ))}
        </ul>
      </details>
    </>
  );
}

/** What is done for one pair of inputs, in a sentence. */
function explained(
  { single, root, node, variable }: Props,
  { place, outputs }: Tried,
  wanted: number[][],
  [base, source]: readonly [number, number],
): string {
  const name = variableName(variable);
  const [b, s] = [single.rows[base], single.rows[source]];
  const output = outputs[base][source];
  const read = Number(output > 0.5);
  const asks = wanted[base][source];
  return (
    `On the source ${rowName(s)}, ${name} is ${evaluate(node, s)}. The formula on the base ` +
    `${rowName(b)} gives ${evaluate(root, b)}, and with ${name} forced to that value ${asks}. The ` +
    `network on the base, with ${placeName(place)} forced to what ${place.neurons.length > 1 ? "they are" : "it is"} on the source, gives ` +
    `${decimal(output)}, read as ${read}: they ${read === asks ? "agree" : "differ"}.`
  );
}
