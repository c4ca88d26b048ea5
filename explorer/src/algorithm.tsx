// One algorithm: its tree, and the neurons that carry each of its variables.

import type { ComponentChildren } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { Steps } from "./data";
import { LARGE, type Label, MEDIUM, NetworkDrawing, nodeText, TreeDrawing } from "./drawing";
import { type Algorithm, inSigns, parse, printed, signOf, variablesOf } from "./formulas";
import { Interventions } from "./interventions";
import { moveFocus } from "./lists";
import { intervene, type Neuron, placeOfBits, places, type Single } from "./network";
import { Saved } from "./save";
import type { Go, State } from "./state";
import { Stepper } from "./stepper";
import { placeName, variableName } from "./words";

interface Props {
  algorithm: Algorithm;
  single: Single;
  /** What files that are saved of the network are called. */
  name: string;
  colours: string[];
  state: State;
  go: Go;
}

const SAID: Record<Steps, string> = {
  inert: "At least one of its variables is inert: forcing it never changes what is computed.",
  live: "Forcing any of its variables can change what is computed, but one of them is a constant, an input, the output, another variable, or the complement of one of these.",
  irredundant: "Irredundant: every variable matters, and none is there twice.",
};

export function OpenAlgorithm(props: Props) {
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
  // What has the focus is chosen, wherever the mouse lies.
  const choose = (v: number, place = v === state.variable ? state.place : "") => {
    pointAt(null);
    go({ formula: algorithm.text, variable: v, place }, true);
  };
  const around = (v: number, drawn: ComponentChildren) =>
    v < 0 ? (
      drawn
    ) : (
      // biome-ignore lint/a11y/noStaticElementInteractions: a shortcut; the buttons below do the same
      <g
        class={v === variable ? "carrier at" : "carrier"}
        onMouseEnter={() => pointAt(v)}
        onMouseLeave={() => pointAt(null)}
        onClick={() => choose(v, "")}
      >
        {drawn}
      </g>
    );
  const file = `${name}-${protocol.name}-formula-${algorithm.id}`;
  return (
    <div class="open" data-open={algorithm.text}>
      <h3>
        {inSigns(algorithm.text)} <small>under {protocol.name}</small>
      </h3>
      <p class="note">{SAID[algorithm.steps]}</p>
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
          exactly one mapping, the empty one.
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
                  onFocus={() => choose(v)}
                  onClick={() => choose(v, "")}
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
            {...{ algorithm, single, state, go, root, variable, tried, mapping }}
            node={variables[variable]}
            fill={fill(variable)}
          />
        </>
      )}
    </div>
  );
}
