// What, then where: algorithms, the neurons that carry their variables, and the interventions.

import type { ComponentChildren } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { Detail, Family, Formula, Protocol } from "./data";
import { LARGE, type Label, MEDIUM, NetworkDrawing, nodeText, TreeDrawing } from "./drawing";
import {
  agreement,
  evaluate,
  inSigns,
  isAsked,
  type Node,
  parse,
  printed,
  required,
  signOf,
  variablesOf,
} from "./formulas";
import { moveFocus } from "./keys";
import { intervene, type Neuron, type Place, placeOfBits, places, type Single } from "./network";
import { Saved } from "./save";
import type { Go, State } from "./state";
import { Stepper } from "./stepper";
import { Compared } from "./where";
import { count, counted, decimal, placeName, rowName, variableName } from "./words";

/** A formula under a protocol, with its minimal mappings. */
export interface Algorithm {
  protocol: Protocol;
  text: string;
  /** One number for all formulas that De Morgan's laws make of one another. */
  twins: number;
  /** A place per variable, per mapping. */
  mappings: number[][];
}

/** Every formula that a protocol tries on a target, in the order of enumeration. */
export function algorithmsOf(
  formulas: Formula[],
  mappings: Record<string, number[][]>,
  protocol: Protocol,
): Algorithm[] {
  return formulas.map(([text, twins], id) => ({
    protocol,
    text,
    twins,
    mappings: mappings[id] ?? [],
  }));
}

interface Props {
  family: Family;
  target: string;
  single: Single;
  name: string;
  detail: Detail;
  protocol: Protocol;
  from: Protocol | null;
  colours: string[];
  state: State;
  go: Go;
}

export function WhatThenWhere(props: Props) {
  const { family, target, detail, protocol, from, state, go } = props;
  const of = (one: Protocol) =>
    algorithmsOf(family.formulas[target][one.name] ?? [], detail.mappings[one.name] ?? {}, one);
  const lists = useMemo(() => {
    const own = of(protocol);
    const counted = own.filter((a) => a.mappings.length);
    const before = from ? of(from).filter((a) => a.mappings.length) : counted;
    const classes = (all: Algorithm[]) => new Set(all.map((a) => a.twins));
    const [here, there] = [classes(counted), classes(before)];
    return {
      counted,
      new: counted.filter((a) => !there.has(a.twins)),
      gone: before.filter((a) => !here.has(a.twins)),
      tried: own.filter((a) => !a.mappings.length),
    };
  }, [family, target, detail, protocol, from]);
  const listed = lists[state.show];
  const everything = [...lists.counted, ...lists.gone, ...lists.tried];
  const named = state.formula ? everything.find((a) => a.text === state.formula) : undefined;
  const open = named ?? listed[0];
  const nMappings = lists.counted.reduce((sum, a) => sum + a.mappings.length, 0);
  const nTried = lists.counted.length + lists.tried.length;
  return (
    <section class="view" aria-labelledby="what">
      <h2 id="what" class="hidden">
        What, then where
      </h2>
      <p>
        An algorithm is a formula; a mapping gives each of its intermediate variables neurons that
        carry it. {count(lists.counted.length)} of {counted(nTried, "formula")} tried under{" "}
        {protocol.name} {lists.counted.length === 1 ? "has" : "have"} a place:{" "}
        {counted(nMappings, "minimal mapping")}.
      </p>
      {state.formula && !named && (
        <p class="message">
          The link names a formula that is not tried under {protocol.name}:{" "}
          {inSigns(state.formula)}
        </p>
      )}
      {from && (
        <Compared
          from={from.name}
          to={protocol.name}
          noun="algorithm"
          numbers={[lists.new.length, lists.gone.length]}
          {...{ state, go }}
        />
      )}
      <div class="beside">
        <div class="list">
          <div class="filters">
            <label>
              Formulas
              <select
                value={state.show}
                onChange={(event) =>
                  go({ show: event.currentTarget.value as State["show"], formula: "", mapping: 0 })
                }
              >
                <option value="counted">with a place ({lists.counted.length})</option>
                <option value="tried">tried, without a place ({lists.tried.length})</option>
                {from && <option value="new">that appear ({lists.new.length})</option>}
                {from && <option value="gone">that disappear ({lists.gone.length})</option>}
              </select>
            </label>
          </div>
          <ul class="formulas" onKeyDown={moveFocus}>
            {listed.map((algorithm) => (
              <li key={algorithm.text}>
                <button
                  type="button"
                  class={lists.gone.includes(algorithm) ? "formula gone" : "formula"}
                  aria-pressed={algorithm === open}
                  data-formula={algorithm.text}
                  onClick={() =>
                    go({
                      formula: algorithm.text,
                      mapping: 0,
                      variable: 0,
                      place: "",
                      base: null,
                      source: null,
                    })
                  }
                >
                  <span>{inSigns(algorithm.text)}</span>
                  <small>
                    {from && state.show === "counted" && lists.new.includes(algorithm) && "+ "}
                    {lists.gone.includes(algorithm) && "− "}
                    {algorithm.mappings.length
                      ? counted(algorithm.mappings.length, "mapping")
                      : "no place"}
                  </small>
                </button>
              </li>
            ))}
          </ul>
        </div>
        {open ? (
          <OpenAlgorithm key={`${open.protocol.name} ${open.text}`} {...props} algorithm={open} />
        ) : (
          <p>No algorithm to draw.</p>
        )}
      </div>
    </section>
  );
}

interface Tried {
  place: Place;
  outputs: number[][];
}

const bitsOf = (place: Place) => `${place.layer}.${place.neurons.map((n) => n + 1).join(".")}`;

function OpenAlgorithm(props: Props & { algorithm: Algorithm }) {
  const { algorithm, single, colours, state, go, name } = props;
  const { protocol } = algorithm;
  const [pointedAt, pointAt] = useState<number | null>(null);
  const root = useMemo(() => parse(algorithm.text), [algorithm]);
  const variables = useMemo(() => variablesOf(root, protocol.variables), [root, protocol]);
  const tried = useMemo(
    () => places(single.layerSizes).map((place) => ({ place, outputs: intervene(single, place) })),
    [single],
  );
  const number = Math.min(state.mapping, Math.max(0, algorithm.mappings.length - 1));
  const mapping = algorithm.mappings[number]?.map((bits) => placeOfBits(bits, single.layerSizes));
  const variable = Math.min(pointedAt ?? state.variable, variables.length - 1);
  const carrierOf = ([layer, index]: Neuron) =>
    mapping?.findIndex((place) => place.layer === layer && place.neurons.includes(index)) ?? -1;
  const fill = (v: number) => colours[v % colours.length];
  const isOutput = ([layer]: Neuron) => layer === single.layerSizes.length - 1;
  const label = (neuron: Neuron): Label => {
    const carried = carrierOf(neuron);
    return carried >= 0
      ? { lines: [variableName(carried)], fill: fill(carried) }
      : { lines: isOutput(neuron) ? [signOf(root)] : [] };
  };
  // What points at a variable: by the mouse, by the keyboard, and chosen by a click.
  const around = (v: number, drawn: ComponentChildren) =>
    v < 0 ? (
      drawn
    ) : (
      // biome-ignore lint/a11y/noStaticElementInteractions: a shortcut; the buttons below do the same
      <g
        class={v === variable ? "carrier at" : "carrier"}
        onMouseEnter={() => pointAt(v)}
        onMouseLeave={() => pointAt(null)}
        onClick={() => go({ formula: algorithm.text, variable: v, place: "" }, true)}
      >
        {drawn}
      </g>
    );
  const file = `${name}-${protocol.name}-algorithm`;
  return (
    <div class="open" data-open={algorithm.text}>
      <h3>
        {inSigns(algorithm.text)} <small>under {protocol.name}</small>
      </h3>
      <div class="pair">
        <Saved name={`${file}-tree`}>
          <TreeDrawing
            root={root}
            says={`The formula ${inSigns(algorithm.text)} as a tree.`}
            label={(node) => {
              const v = variables.indexOf(node);
              return v < 0
                ? { text: signOf(node) }
                : { text: nodeText(node, variableName(v)), fill: fill(v) };
            }}
            around={(node, drawn) => around(variables.indexOf(node), drawn)}
          />
        </Saved>
        <Saved name={`${file}-mapping-${number + 1}`}>
          <NetworkDrawing
            network={single}
            scale={Math.max(...single.layerSizes) <= 3 ? LARGE : MEDIUM}
            says={
              mapping
                ? `The network; ${mapping.map((p, v) => `${variableName(v)} in ${placeName(p)}`).join("; ") || "the algorithm has no variables"}.`
                : "The network; no place carries every variable."
            }
            label={label}
            weighted={false}
            around={(neuron, drawn) => around(carrierOf(neuron), drawn)}
          />
        </Saved>
      </div>
      {algorithm.mappings.length > 0 && (
        <Stepper
          noun="Minimal mapping"
          position={BigInt(number)}
          total={BigInt(algorithm.mappings.length)}
          onStep={(to) => go({ formula: algorithm.text, mapping: Number(to), place: "" }, true)}
        />
      )}
      {variables.length === 0 ? (
        <p>
          One gate, without intermediate variables: there is nothing to place, so it always has
          exactly one mapping.
        </p>
      ) : (
        <>
          <ul class="variables" onKeyDown={moveFocus}>
            {variables.map((node, v) => (
              <li key={node.number}>
                <button
                  type="button"
                  aria-pressed={v === variable}
                  onMouseEnter={() => pointAt(v)}
                  onMouseLeave={() => pointAt(null)}
                  onFocus={() => pointAt(v)}
                  onBlur={() => pointAt(null)}
                  onClick={() => go({ formula: algorithm.text, variable: v, place: "" }, true)}
                >
                  <b class="swatch" style={{ background: fill(v) }}>
                    {variableName(v)}
                  </b>
                  <span>
                    {inSigns(printed(node))}
                    <small>{mapping ? placeName(mapping[v]) : "no mapping"}</small>
                  </span>
                </button>
              </li>
            ))}
          </ul>
          <Interventions
            {...props}
            {...{ root, variable, tried, mapping }}
            node={variables[variable]}
            fill={fill(variable)}
          />
        </>
      )}
    </div>
  );
}

interface InterventionProps extends Props {
  algorithm: Algorithm;
  root: Node;
  node: Node;
  variable: number;
  fill: string;
  tried: Tried[];
  mapping: Place[] | undefined;
}

/** The interchange interventions on one variable at one place, pair by pair. */
function Interventions(props: InterventionProps) {
  const { algorithm, single, root, node, variable, tried, mapping, state, go } = props;
  const { protocol } = algorithm;
  const wanted = useMemo(() => required(root, node, single.rows), [root, node, single]);
  const scored = tried.map((one) => ({ ...one, ...agreement(protocol, one.outputs, wanted) }));
  const best = scored.reduce((found, one) => (one.agree > found.agree ? one : found));
  const named = scored.find(({ place }) => bitsOf(place) === state.place);
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
      <div class="scroll">
        <table class="pairs">
          <caption>
            Rows: base, columns: source. In a cell the network’s output, and what the formula asks
            for.
          </caption>
          <thead>
            <tr>
              <th scope="col">base ↓ source →</th>
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
      </div>
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
  { single, root, node, variable }: InterventionProps,
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
    `network on the base, with ${placeName(place)} forced to what they are on the source, gives ` +
    `${decimal(output)}, read as ${read}: they ${read === asks ? "agree" : "differ"}.`
  );
}
